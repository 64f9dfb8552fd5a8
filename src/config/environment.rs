//! Variables that the configuration itself sets, and the truth of `.if` conditions as far as they follow from it.

use std::collections::BTreeMap;

use crate::base::signed;
use crate::config::secret::is_secret_name;
use crate::config::word::Word;

/// Built-in formats that 2.8 and later offer as variables (configuration manual 3.2, "HTTP log format", "TCP log format").
const TCP_LOG_FMT: &str = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq";
const HTTP_LOG_FMT: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r";
const HTTPS_LOG_FMT: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

/// Longest value kept in bytes: every mention copies it.
const VALUE_BYTES_MAX: usize = 1024;

/// What is known of the environment at some line.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    values: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Environment {
    /// The environment before the first line.
    pub(super) fn initial() -> Self {
        let formats = [
            ("HAPROXY_TCP_LOG_FMT", TCP_LOG_FMT),
            ("HAPROXY_HTTP_LOG_FMT", HTTP_LOG_FMT),
            ("HAPROXY_HTTPS_LOG_FMT", HTTPS_LOG_FMT),
        ];
        let values = formats
            .into_iter()
            .map(|(name, text)| (name.into(), Some(text.into())))
            .collect();
        Environment { values }
    }

    /// `Some(Some(value))`: set by the configuration; `Some(None)`: unset by it; `None`: not known.
    pub(super) fn get(&self, name: &[u8]) -> Option<Option<&[u8]>> {
        self.values.get(name).map(|value| value.as_deref())
    }

    /// Applies `setenv`, `presetenv`, `unsetenv` and `resetenv`; a secret is never kept.
    pub(super) fn apply(&mut self, keyword: &[u8], words: &[Word]) {
        match (keyword, words) {
            (b"setenv", [name, value, ..]) => {
                let keep = !is_secret_name(&name.bytes)
                    && value.assumed.is_none()
                    && value.bytes.len() <= VALUE_BYTES_MAX;
                if keep {
                    let value = Some(value.bytes.clone());
                    self.values.insert(name.bytes.clone(), value);
                } else {
                    self.values.remove(&name.bytes);
                }
            }
            (b"unsetenv", names) => {
                for name in names {
                    self.values.insert(name.bytes.clone(), None);
                }
            }
            (b"resetenv", _) => self.values.clear(),
            _ => {}
        }
    }

    /// The truth of a `.if` condition; `None` when it depends on the process, its version or its environment.
    pub(super) fn truth(&self, words: &[Word]) -> Option<bool> {
        let bytes = words
            .iter()
            .map(|w| w.bytes.as_slice())
            .collect::<Vec<_>>()
            .join(&b' ');
        self.expression(&bytes)
    }

    fn expression(&self, text: &[u8]) -> Option<bool> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Some(false);
        }
        if let Some(number) = signed(text) {
            return Some(number != 0);
        }
        if has_operator(text) {
            return None;
        }
        match text.strip_prefix(b"!") {
            Some(rest) => self.term(rest.trim_ascii()).map(|truth| !truth),
            None => self.term(text),
        }
    }

    fn term(&self, text: &[u8]) -> Option<bool> {
        let open = memchr::memchr(b'(', text)?;
        let (name, arguments) = text.split_at_checked(open)?;
        let arguments = arguments.strip_prefix(b"(")?.strip_suffix(b")")?;
        let mut parts = arguments.split(|c| *c == b',').map(<[u8]>::trim_ascii);
        let (first, second) = (parts.next()?, parts.next());
        let literal = |part: &&[u8]| !part.contains(&b'$');
        match name {
            b"defined" => Some(self.get(first)?.is_some()),
            b"streq" => Some(Some(first).filter(literal)? == second.filter(literal)?),
            b"strneq" => Some(Some(first).filter(literal)? != second.filter(literal)?),
            _ => None,
        }
    }
}

fn has_operator(text: &[u8]) -> bool {
    text.windows(2)
        .any(|pair| matches!(pair, b"&&" | b"||" | b"!("))
        || text.starts_with(b"(")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::word::split;

    #[test]
    fn conditions_that_follow_from_the_text_alone_are_decided() {
        let mut environment = Environment::default();
        environment.apply(
            b"setenv",
            &split(b"MODE blue", &Environment::default()).words,
        );
        environment.apply(b"unsetenv", &split(b"GONE", &Environment::default()).words);
        let truth = |text: &str| {
            let words = split(text.as_bytes(), &environment).words;
            environment.truth(&words)
        };
        assert_eq!(truth(""), Some(false));
        assert_eq!(truth("1"), Some(true));
        assert_eq!(truth("defined(MODE)"), Some(true));
        assert_eq!(truth("!defined(GONE)"), Some(true));
        assert_eq!(truth("defined(OTHER)"), None);
        assert_eq!(truth("streq(\"$MODE\",blue)"), Some(true));
        assert_eq!(truth("streq(\"$OTHER\",blue)"), None);
        assert_eq!(truth("version_atleast(2.4)"), None);
        assert_eq!(truth("1 && 0"), None);
    }

    #[test]
    fn secrets_are_not_kept() {
        let mut environment = Environment::default();
        let line = split(b"API_TOKEN abc", &Environment::default());
        environment.apply(b"setenv", &line.words);
        assert_eq!(environment.get(b"API_TOKEN"), None);
    }
}
