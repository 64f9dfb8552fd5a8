//! The formats of a bundle, and which of them a line is in.

use super::Format;
use super::WEIGHT_MIN;
use super::declared;
use super::known::Known;
use super::known::Told;
use crate::config::Config;
use crate::event::traffic::Decoded;
use crate::event::traffic::Names;
use crate::event::traffic::Source;
use crate::event::traffic::Traffic;
use crate::event::traffic::accept;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// `option httplog clf` and `option tcplog clf`, which the fast decoder does not read.
///
/// Source: configuration manual 3.2, "HTTP log format" (CLF), "TCP log format" (CLF).
const CLF: [&str; 2] = [
    r#"%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl"#,
    r#"%{+Q}o %{-Q}ci - - [%T] "TCP " 000 %B "" "" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- %ac %fc %bc %sc %rc %sq %bq "" """#,
];

/// `option httplog clf` up to 1.6: the date is that of the connection, the first and last timers are `%Tq` and `%Tt`.
const CLF_OLD: &str = r#"%{+Q}o %{-Q}ci - - [%T] %r %ST %B "" "" %cp %ms %ft %b %s %Tq %Tw %Tc %Tr %Tt %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl"#;

/// The set of a bundle that declares nothing.
pub(in crate::event::traffic) static BUILT_IN: LazyLock<Formats> =
    LazyLock::new(|| Formats::of(&[]));

/// Formats beside those of the fast decoder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formats {
    /// Those with most to tell first.
    list: Vec<Format>,
    /// Frontends that declare a format of their own which the fast decoder could mistake for a built-in one.
    own: BTreeSet<String>,
    /// What the configurations declare for each frontend.
    declared: BTreeMap<String, BTreeSet<Source>>,
    /// Names of all proxies.
    names: BTreeSet<String>,
    has_declared: bool,
    has_own: bool,
}

impl Formats {
    /// The formats of all configurations of a bundle, whatever their order.
    pub fn of(configs: &[&Config]) -> Formats {
        let mut formats = Formats::default();
        let mut by_text = BTreeMap::<(String, String), Format>::new();
        for found in configs.iter().flat_map(|config| declared::all(config)) {
            let name = found.frontend.clone();
            if let Some(name) = &name {
                let sources = formats.declared.entry(name.clone()).or_default();
                sources.insert(found.source);
            }
            let Some(text) = found.text else { continue };
            let format = by_text
                .entry((text.clone(), found.named.clone()))
                .or_insert_with(|| Format {
                    text,
                    ..Format::new(&found.named, Source::Declared)
                });
            if let Some(name) = name {
                formats.own.insert(name.clone());
                // Two users with two backends: the line does not tell which.
                format.backend = match (&format.backend, format.frontends.is_empty()) {
                    (_, true) => found.backend,
                    (before, false) => before.clone().filter(|b| Some(b) == found.backend.as_ref()),
                };
                format.frontends.insert(name);
            }
        }
        for config in configs {
            let names = config.proxies.iter().map(|p| p.name.clone());
            formats.names.extend(names);
        }
        formats.has_declared = !by_text.is_empty();
        formats.list.extend(by_text.into_values());
        formats.sort();
        // With two formats the same bytes might be two keys.
        if let [only] = formats.list.as_mut_slice() {
            only.is_keyed = only.program.has_names_together();
            if only.is_own && only.is_believed {
                only.leave_the_rest();
            }
        }
        let clf = [CLF[0], CLF_OLD, CLF[1]];
        formats
            .list
            .extend(clf.map(|text| Format::new(text, Source::BuiltIn)));
        for (number, format) in formats.list.iter_mut().enumerate() {
            format.number = number;
            format.only_frontend = match format.frontends.first() {
                Some(name) if format.frontends.len() == 1 => Some(name.clone()),
                _ => None,
            };
        }
        formats.has_own = formats.list.iter().any(|format| format.is_own);
        formats
    }

    /// With a format that was inferred from a log's lines, tried last.
    pub fn with(&self, inferred: Format) -> Formats {
        let mut formats = self.clone();
        let number = formats.list.len();
        formats.list.push(Format { number, ..inferred });
        formats
    }

    /// Formats of the configurations.
    pub fn declared(&self) -> impl Iterator<Item = &Format> {
        self.list.iter().filter(|f| f.source == Source::Declared)
    }

    /// There is a format whose lines do not begin as built-in ones do.
    pub fn has_own(&self) -> bool {
        self.has_own
    }

    /// No configuration declares a format of its own.
    pub fn is_built_in(&self) -> bool {
        !self.has_declared
    }

    fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            let key = |f: &Format| {
                (
                    f.is_telling(),
                    f.program.fields().count(),
                    f.program.n_literal(),
                )
            };
            key(b).cmp(&key(a)).then_with(|| a.text.cmp(&b.text))
        });
    }

    /// A line that the fast decoder took for a built-in one: its frontend may have a format of its own that only looks so.
    pub(in crate::event::traffic) fn confirm<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        line: &mut Option<Traffic<'a>>,
    ) -> Decoded {
        if self.has_declared {
            self.confirm_declared(body, dates, line)
        } else {
            Decoded::Traffic
        }
    }

    #[inline(never)]
    fn confirm_declared<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        line: &mut Option<Traffic<'a>>,
    ) -> Decoded {
        let frontend = line.as_ref().map_or(&b""[..], Traffic::frontend);
        let Some(name) = std::str::from_utf8(frontend)
            .ok()
            .filter(|name| self.own.contains(*name))
        else {
            return Decoded::Traffic;
        };
        // Beside a built-in format stands one for errors (`error-log-format`). One that ends in a sample has room there for all that
        // a whole stream's line says behind its frontend, so it is asked only when it would tell as much.
        let is_beside = self
            .declared
            .get(name)
            .is_some_and(|sources| sources.contains(&Source::BuiltIn));
        let mut own = self.declared().filter(|format| {
            format.frontends.contains(name)
                && (format.is_telling() || !is_beside)
                && format.may_read(body)
        });
        let read = own.find_map(|format| format.read_with(body, dates, line));
        read.unwrap_or_else(|| {
            if let Some(line) = line {
                line.undeclared = self.is_undeclared(line.frontend(), line.source);
            }
            Decoded::Traffic
        })
    }

    /// What [`Formats::read_own`] says of a line whose values are all like most, in the format that tells most; `None`: it is to
    /// be asked.
    #[inline(always)]
    pub(in crate::event::traffic) fn own_quickly<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
    ) -> Option<Traffic<'a>> {
        let format = self.list.first().filter(|format| format.is_own)?;
        let line = format.quickly(body, dates)?;
        let names = line.names();
        if format.is_of(names.frontend()) {
            return Some(line);
        }
        let told = self.told(format, known, &{ names });
        told.is_own.then_some(Traffic {
            undeclared: told.undeclared,
            ..line
        })
    }

    /// A line in a format that its frontend declares, whatever else could be seen in it; `false`: it is to be asked elsewhere.
    ///
    /// A format whose lines begin like built-in ones is left to the fast decoder and [`Formats::confirm`]: that one sees in the
    /// names which of the two it is.
    pub(in crate::event::traffic) fn read_own<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
        line: &mut Option<Traffic<'a>>,
    ) -> bool {
        self.has_own && self.read_any_own(body, dates, known, line)
    }

    #[inline(never)]
    fn read_any_own<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
        line: &mut Option<Traffic<'a>>,
    ) -> bool {
        for format in self.list.iter().filter(|format| format.may_read(body)) {
            if !format.is_own {
                return false;
            }
            let Some(decoded) = format.read_with(body, dates, line) else {
                continue;
            };
            if let Some(traffic) = line.as_mut().filter(|_| decoded == Decoded::Traffic)
                && (format.is_of(traffic.frontend()) || self.tell(format, known, traffic).is_own)
            {
                return true;
            }
            *line = None;
            return false;
        }
        false
    }

    /// A line that is in no format of the fast decoder.
    pub(in crate::event::traffic) fn read<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
        line: &mut Option<Traffic<'a>>,
    ) -> Option<Decoded> {
        // The best of what is read by a format whose names say nothing, and whether `line` still says what it read.
        let mut second = None::<(Decoded, &Format)>;
        let mut is_there = false;
        for format in self.list.iter().filter(|format| format.may_read(body)) {
            let Some(decoded) = format.read_with(body, dates, line) else {
                continue;
            };
            let Some(traffic) = line.as_mut().filter(|_| decoded == Decoded::Traffic) else {
                if format.weight >= WEIGHT_MIN {
                    second.get_or_insert((decoded, format));
                }
                continue;
            };
            let told = self.tell(format, known, traffic);
            if told.is_named || format.source != Source::Declared {
                return Some(decoded);
            }
            let is_first = second.is_none_or(|(decoded, _)| decoded != Decoded::Traffic);
            is_there = format.weight >= WEIGHT_MIN && is_first;
            if is_there {
                second = Some((decoded, format));
            }
        }
        let (decoded, format) = second?;
        if decoded != Decoded::Traffic {
            *line = None;
        } else if !is_there {
            format.read_with(body, dates, line);
            if let Some(traffic) = line {
                self.tell(format, known, traffic);
            }
        }
        Some(decoded)
    }

    /// What the configurations tell of the line's names.
    fn tell(&self, format: &Format, known: &mut Known, line: &mut Traffic<'_>) -> Told {
        let told = self.told(format, known, &line.names());
        line.undeclared = told.undeclared;
        told
    }

    #[inline(never)]
    fn told(&self, format: &Format, known: &mut Known, names: &Names<'_>) -> Told {
        let (frontend, backend) = (names.frontend(), names.backend());
        known.told([frontend, backend], format.number, || {
            self.ask(frontend, backend, format)
        })
    }

    /// What the configurations tell of a frontend, which a line may lack, and a backend.
    #[inline(never)]
    fn ask(&self, frontend: &[u8], backend: &[u8], format: &Format) -> Told {
        let is_among = |names: &BTreeSet<String>, name: &[u8]| {
            std::str::from_utf8(name).is_ok_and(|name| names.contains(name))
        };
        let is_known = |name: &[u8]| is_among(&self.names, name);
        let is_named = is_known(backend) && (frontend.is_empty() || is_known(frontend));
        // A backend may have its name from a request; then the line itself has to say whose it is.
        let is_believed = is_named || format.is_believed;
        Told {
            is_named,
            is_own: is_believed && is_among(&format.frontends, frontend),
            undeclared: self.is_undeclared(frontend, format.source),
        }
    }

    /// The configurations declare another format for this frontend.
    fn is_undeclared(&self, frontend: &[u8], source: Source) -> bool {
        let declared = std::str::from_utf8(frontend)
            .ok()
            .and_then(|name| self.declared.get(name));
        declared.is_some_and(|sources| !sources.contains(&source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::event::traffic::Memory;
    use crate::event::traffic::decode;
    use crate::testing;

    #[track_caller]
    fn check(format: &str, line: &str, frontend: &str, source: Source) {
        let text = format!(
            "frontend fe\n    bind :80\n    log-format \"{format}\"\n    default_backend be\nbackend be\n    server s 192.0.2.1:80\n"
        );
        let config = crate::config::parse(Text::new(text.as_bytes()));
        let formats = Formats::of(&[&config]);
        let mut traffic = None;
        let decoded = decode(line.as_bytes(), &mut Memory::with(&formats), &mut traffic);
        assert_eq!(decoded, Decoded::Traffic, "{line}");
        let traffic = traffic.unwrap();
        assert_eq!(traffic.frontend().escape_ascii().to_string(), frontend);
        assert_eq!(traffic.source, source);
    }

    const HEAD: &str = "src=%ci at=[%tr] fe=%f be=%b srv=%s Tw=%Tw Tr=%Tr Ta=%Ta st=%ST ts=%tsc";
    const HEAD_PRINTED: &str = "src=192.0.2.9 at=[22/Nov/2026:07:46:17.271] fe=fe be=be srv=s Tw=0 Tr=-1 Ta=3000 st=503 ts=SC--";

    fn configured(lines: &str) -> Formats {
        let text = format!(
            "frontend fe\n    bind :80\n{lines}    default_backend be\nbackend be\n    server s 192.0.2.1:80\n"
        );
        Formats::of(&[&crate::config::parse(Text::new(text.as_bytes()))])
    }

    #[test]
    fn what_stands_behind_the_outcome_is_looked_at_when_asked_for() {
        let formats = configured(&format!(
            "    log-format \"{HEAD} conn=%ac/%fc/%bc/%sc/%rc req=%{{+Q}}r\"\n"
        ));
        let whole = format!("{HEAD_PRINTED} conn=9/8/7/6/3 req=\"GET /a?b HTTP/1.1\"");
        let read = |line: &str| {
            let mut traffic = None;
            let mut memory = Memory::with(&formats);
            let decoded = decode(line.as_bytes(), &mut memory, &mut traffic);
            let tail = traffic.map(|t| (t.tail.counts(), t.tail.request().path.len()));
            (decoded, traffic.and_then(|t| t.status_code), tail)
        };
        let (decoded, status, tail) = read(&whole);
        assert_eq!((decoded, status), (Decoded::Traffic, Some(503)));
        let (counts, n_path) = tail.unwrap();
        assert_eq!((counts.retries, counts.actconn, n_path), (3, 9, 2));
        // Cut, or damaged: the outcome is known all the same, as that of a built-in line is; what is not there is not said.
        for end in [" conn=9/8/", " conn=9/8/7/6/x req=\"GET /a HTTP/1.1\""] {
            let (decoded, status, tail) = read(&format!("{HEAD_PRINTED}{end}"));
            assert_eq!((decoded, status), (Decoded::Traffic, Some(503)), "{end}");
            assert_eq!(tail.unwrap().0.retries, 0, "{end}");
        }
        // Before it, all has to be there.
        let (decoded, ..) = read(&whole.replace("st=503", "st=x"));
        assert_ne!(decoded, Decoded::Traffic);
    }

    #[test]
    fn formats_that_only_their_ends_tell_apart_are_read_to_the_end() {
        let formats = configured(&format!(
            "    log-format \"{HEAD} bytes=%B\"\n    error-log-format \"{HEAD} err=%[fc_err]\"\n"
        ));
        for (end, is_read) in [(" bytes=217", true), (" err=0", true), (" other=1", false)] {
            let mut traffic = None;
            let line = format!("{HEAD_PRINTED}{end}");
            let decoded = decode(line.as_bytes(), &mut Memory::with(&formats), &mut traffic);
            assert_eq!(decoded == Decoded::Traffic, is_read, "{end}");
            let bytes = traffic.and_then(|t| t.bytes_read());
            assert_eq!(bytes, (end == " bytes=217").then_some(217), "{end}");
        }
    }

    const BUILT_IN_LINE: &str = "192.0.2.7:1 [22/Nov/2026:07:46:17.271] web be/s 0/0/0/1/1 200 62 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"";

    #[test]
    fn a_built_in_line_that_a_client_sent_within_a_header_is_part_of_the_line() {
        let format = "at=%Ts src=%ci fe=%f be=%b srv=%s st=%ST ts=%ts agent=%[var(txn.agent)]";
        let line = format!(
            "at=1795333577 src=192.0.2.9 fe=fe be=be srv=s st=200 ts=-- agent={BUILT_IN_LINE}"
        );
        check(format, &line, "fe", Source::Declared);
        check(format, BUILT_IN_LINE, "web", Source::BuiltIn);
        // Another frontend does not declare the format.
        let other = line.replace("fe=fe ", "fe=other ");
        check(format, &other, "web", Source::BuiltIn);
    }

    #[test]
    fn a_format_that_begins_as_a_built_in_one_wins_for_its_frontend_only() {
        let format = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r %ms";
        check(format, BUILT_IN_LINE, "web", Source::BuiltIn);
        let line = BUILT_IN_LINE.replace("web", "fe~") + " 271";
        check(format, &line, "fe", Source::Declared);
    }

    const POOL: &str = "backend be_app\n server app1 192.0.2.9:80 check\n";
    const FRONT: &str =
        "defaults\n mode http\n option httplog\nfrontend fe_app\n default_backend be_app\n";

    fn http_503(setting: &str) -> Option<u64> {
        let config = format!("{}{POOL}", FRONT.replace(" option httplog", setting));
        let log = testing::nosrv(47);
        let report = testing::report(&[("haproxy.cfg", &config), ("a.log", &log)]);
        report.incidents.first().map(|found| found.impact.http_503)
    }

    #[test]
    fn a_format_for_errors_that_ends_in_a_sample_takes_no_line_of_a_stream() {
        let errors = " option httplog\n error-log-format \"%ci:%cp [%tr] %ft %[fc_err_str]\"";
        assert_eq!(http_503(errors), http_503(" option httplog"));
        assert!(http_503(errors) > Some(0));
    }

    #[test]
    fn a_format_of_its_own_that_tells_no_outcome_is_not_taken_for_a_built_in_one() {
        let own = " log-format \"%ci:%cp [%tr] %ft %[var(txn.note)]\"";
        assert_eq!(http_503(own), None);
    }
}
