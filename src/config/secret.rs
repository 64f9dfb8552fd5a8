//! Passwords, keys and tokens of a config line, replaced by `…` before anything is kept or quoted.
//!
//! Known gap: a secret under a name that says nothing (`acl a hdr(x-foo) s3cr3t`) cannot be told from other text.

use crate::base::printable;
use crate::config::environment::Environment;
use crate::config::word::HIDDEN;
use crate::config::word::Word;
use crate::config::word::split;

/// Parts of names (of headers, variables, parameters) whose values are secrets; compared without `-`, `_` and case.
const SECRET_NAME_PARTS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "authkey",
    "accesskey",
    "privatekey",
    "credential",
    "authorization",
    "signature",
    "sessionkey",
];

/// Functions (converters, fetches) whose arguments may be keys.
const KEYED_FUNCTIONS: [&[u8]; 4] = [b"hmac(", b"aes_", b"jwt_verify(", b"secure_memcmp("];

/// Most bytes of a line that are looked at and quoted; a report quotes fewer.
const QUOTE_BYTES_MAX: usize = 8 << 10;

/// A config line as a report may quote it: secret arguments are `…`, in its comment too; the rest is as written.
///
/// A line of more than 8 KiB is cut, and says so with `…`.
pub fn secrets_hidden(line: &[u8]) -> String {
    match line.get(..QUOTE_BYTES_MAX) {
        Some(head) if head.len() < line.len() => format!("{}…", hidden_in(head)),
        _ => hidden_in(line),
    }
}

/// Whether a word, by the names in it, reads or sets something secret: `req.hdr(x-api-key)`, `set-var(txn.token)`.
pub fn names_secret(word: &str) -> bool {
    is_secret_name(word.as_bytes())
}

fn hidden_in(line: &[u8]) -> String {
    let environment = Environment::default();
    let mut out = String::new();
    let mut rest = line;
    loop {
        let cut = split(rest, &environment);
        let mut words = cut.words;
        let before: Vec<Vec<u8>> = words.iter().map(|w| w.bytes.clone()).collect();
        hide(&mut words);
        if cut.problem.is_some() {
            hide_damaged(&mut words);
        }
        let mut at = 0;
        for (word, before) in words.iter().zip(&before) {
            out.push_str(&printable(rest.get(at..word.start).unwrap_or_default()));
            if word.bytes == *before {
                out.push_str(&printable(
                    rest.get(word.start..word.end).unwrap_or_default(),
                ));
            } else {
                out.push_str(&printable(&word.bytes));
            }
            at = word.end;
        }
        let Some(comment) = cut.comment else {
            // After a lexical error the tail was not cut into words: it is not known to be harmless.
            let tail = rest.get(at..).unwrap_or_default();
            match cut.problem {
                Some(_) if !tail.is_empty() => out.push_str(" …"),
                _ => out.push_str(&printable(tail)),
            }
            return out;
        };
        let text = rest.get(comment..).unwrap_or_default();
        let n_marks = text.iter().take_while(|c| **c == b'#').count();
        out.push_str(&printable(
            rest.get(at..comment + n_marks).unwrap_or_default(),
        ));
        rest = text.get(n_marks..).unwrap_or_default();
    }
}

/// Whether a value of that name is a secret.
pub(super) fn is_secret_name(name: &[u8]) -> bool {
    let plain: Vec<u8> = name
        .iter()
        .filter(|c| !matches!(c, b'-' | b'_' | b'\\'))
        .map(u8::to_ascii_lowercase)
        .collect();
    SECRET_NAME_PARTS
        .iter()
        .any(|part| memchr::memmem::find(&plain, part.as_bytes()).is_some())
}

/// Replaces every secret of one directive by `…`.
pub(super) fn hide(words: &mut [Word]) {
    let after_negation = usize::from(words.first().is_some_and(|w| w.bytes == b"no"));
    let Some(words) = words.get_mut(after_negation..) else {
        return;
    };
    hide_by_keyword(words);
    hide_by_name(words);
    hide_patterns(words);
    let sends = words.first().is_some_and(|w| {
        w.bytes == b"tcp-check" || w.bytes == b"send" || w.bytes == b"send-binary"
    });
    for word in words.iter_mut() {
        if let Some(bytes) = without_secrets(&word.bytes, sends) {
            word.bytes = bytes;
            word.assumed = None;
        }
    }
}

/// Hides the last word of a line with a lexical error when it may hold a secret: it was not cut where it should.
pub(super) fn hide_damaged(words: &mut [Word]) {
    if let Some(word) = words.last_mut() {
        let lower = word.bytes.to_ascii_lowercase();
        if is_secret_name(&lower) || memchr::memmem::find(&lower, b"auth").is_some() {
            mask(Some(word));
        }
    }
}

fn mask(word: Option<&mut Word>) {
    if let Some(word) = word {
        word.bytes = HIDDEN.into();
        word.assumed = None;
    }
}

/// Directives whose argument is a secret by definition.
fn hide_by_keyword(words: &mut [Word]) {
    let is = |index: usize, text: &[u8]| words.get(index).is_some_and(|w| w.bytes == text);
    let first = if is(0, b"stats") && is(1, b"auth") {
        Some(2)
    } else if is(0, b"dynamic-cookie-key") || is(0, b"acme-vars") || is(0, b"challenge-vars") {
        Some(1)
    } else if (is(0, b"setenv") || is(0, b"presetenv"))
        && words.get(1).is_some_and(|w| is_secret_name(&w.bytes))
    {
        Some(2)
    } else {
        None
    };
    if let Some(first) = first {
        for word in words.iter_mut().skip(first) {
            mask(Some(word));
        }
    }
}

/// `password X`, `set-header Authorization X`, `hdr X-Api-Key X`, `set-var(txn.token) X`.
fn hide_by_name(words: &mut [Word]) {
    let is_acl = words.first().is_some_and(|w| w.bytes == b"acl");
    for index in 0..words.len() {
        let n_values = match words.get(index..) {
            Some([action, name, ..]) if is_header_action(&action.bytes) => {
                let n = 1 + usize::from(action.bytes.starts_with(b"replace"));
                if is_secret_name(&name.bytes) { n } else { 0 }
            }
            Some([name, ..]) if is_setter(&name.bytes) && is_secret_name(&name.bytes) => 1,
            Some([name, ..]) if index > usize::from(is_acl) && announces_secret(&name.bytes) => 1,
            Some([name, ..]) if labels_secret(&name.bytes) => 1,
            _ => 0,
        };
        let skip = match words.get(index) {
            Some(w) if is_header_action(&w.bytes) => 2,
            _ => 1,
        };
        for offset in 0..n_values {
            mask(words.get_mut(index + skip + offset));
        }
    }
}

fn is_header_action(word: &[u8]) -> bool {
    matches!(
        word,
        b"set-header" | b"add-header" | b"replace-header" | b"replace-value" | b"hdr" | b"hdr-lf"
    )
}

fn is_setter(word: &[u8]) -> bool {
    word.starts_with(b"set-var(") || word.starts_with(b"set-var-fmt(")
}

/// The word before a secret: `password`, `insecure-password`, `token`.
fn announces_secret(word: &[u8]) -> bool {
    matches!(
        word,
        b"password"
            | b"insecure-password"
            | b"passwd"
            | b"passphrase"
            | b"secret"
            | b"token"
            | b"ssl-passphrase"
    )
}

/// `anything-secret:`, as in comments and in header lines with a space that was not escaped.
fn labels_secret(word: &[u8]) -> bool {
    word.strip_suffix(b":")
        .is_some_and(|name| !name.contains(&b' ') && is_secret_name(name))
}

/// Patterns of an ACL, named or in braces, whose criterion reads something secret: `hdr(x-api-key) -m str X`.
fn hide_patterns(words: &mut [Word]) {
    let is_acl = words.first().is_some_and(|w| w.bytes == b"acl");
    let mut secret = false;
    let mut criterion_next = false;
    let mut flag_value_next = false;
    for (index, word) in words.iter_mut().enumerate() {
        match word.bytes.as_slice() {
            b"{" => criterion_next = true,
            b"}" => secret = false,
            _ if criterion_next || (is_acl && index == 2) => {
                secret = is_secret_name(&word.bytes);
                criterion_next = false;
            }
            b"-m" | b"-f" | b"-u" if secret => flag_value_next = true,
            [b'-', ..] if secret => {}
            _ if flag_value_next => flag_value_next = false,
            _ if secret => mask(Some(word)),
            _ => {}
        }
    }
}

/// Secrets inside one word; `None` when there is none.
fn without_secrets(bytes: &[u8], sends: bool) -> Option<Vec<u8>> {
    if !sends && !bytes.iter().any(|c| b"=:( ".contains(c)) {
        return None;
    }
    let mut out = bytes.to_vec();
    let mut changed = false;
    for function in KEYED_FUNCTIONS {
        changed |= cut_after(&mut out, function, |c| c == b')');
    }
    changed |= cut_after(&mut out, b"bearer ", |c| matches!(c, b'"' | b'\r' | b'\n'));
    changed |= cut_after(&mut out, b"basic ", |c| matches!(c, b'"' | b'\r' | b'\n'));
    if sends {
        changed |= cut_after(&mut out, b"auth ", |c| matches!(c, b'\r' | b'\n'));
        changed |= cut_after(&mut out, b"41555448", |_| false);
    }
    changed |= hide_headers(&mut out);
    changed |= hide_parameters(&mut out);
    changed |= hide_userinfo(&mut out);
    changed.then_some(out)
}

/// Replaces what stands between `start` (any case) and the first byte that ends it; the first occurrence counts.
fn cut_after(text: &mut Vec<u8>, start: &[u8], ends: impl Fn(u8) -> bool) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some(at) = memchr::memmem::find(&lower, start) else {
        return false;
    };
    let from = at + start.len();
    let length = text.iter().skip(from).take_while(|c| !ends(**c)).count();
    replace(text, from, from + length)
}

fn replace(text: &mut Vec<u8>, from: usize, to: usize) -> bool {
    let old = text.get(from..to).unwrap_or_default();
    if old.is_empty() || old == HIDDEN.as_bytes() {
        return false;
    }
    text.splice(from..to, HIDDEN.bytes());
    true
}

/// Header lines inside a word (`Authorization: Basic …`, after `\r\n` or at the start).
fn hide_headers(text: &mut Vec<u8>) -> bool {
    let mut changed = false;
    let mut out = Vec::with_capacity(text.len());
    for (index, line) in text.split(|c| *c == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        let colon = memchr::memchr(b':', line).and_then(|at| line.split_at_checked(at + 1));
        match colon {
            Some((name, value)) if is_header_name(name) && !value.trim_ascii().is_empty() => {
                changed = true;
                out.extend_from_slice(name);
                out.extend_from_slice(HIDDEN.as_bytes());
                if line.ends_with(b"\r") {
                    out.push(b'\r');
                }
            }
            _ => out.extend_from_slice(line),
        }
    }
    if changed {
        *text = out;
    }
    changed
}

fn is_header_name(name: &[u8]) -> bool {
    is_secret_name(name)
        && name
            .iter()
            .all(|c| c.is_ascii_alphanumeric() || b"-_^\\():".contains(c))
}

/// `token=X` in a query, a cookie or an assignment.
fn hide_parameters(text: &mut Vec<u8>) -> bool {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_slice();
    let mut changed = false;
    while let Some((head, value)) =
        memchr::memchr(b'=', rest).and_then(|at| rest.split_at_checked(at + 1))
    {
        out.extend_from_slice(head);
        rest = value;
        let name = head
            .strip_suffix(b"=")
            .and_then(|h| h.rsplit(|c| !is_name_byte(*c)).next())
            .unwrap_or_default();
        if is_secret_name(name) {
            let is_end = |c: &u8| matches!(c, b'&' | b' ' | b'"' | b';' | b'\r' | b'\n');
            let length = rest.iter().position(is_end).unwrap_or(rest.len());
            if length > 0 {
                changed = true;
                out.extend_from_slice(HIDDEN.as_bytes());
                rest = rest.get(length..).unwrap_or_default();
            }
        }
    }
    if changed {
        out.extend_from_slice(rest);
        *text = out;
    }
    changed
}

fn is_name_byte(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.')
}

/// `scheme://user:password@host`.
fn hide_userinfo(text: &mut Vec<u8>) -> bool {
    let Some(at) = memchr::memmem::find(text, b"://") else {
        return false;
    };
    let from = at + 3;
    let authority = text
        .iter()
        .skip(from)
        .take_while(|c| !matches!(c, b'/' | b' ' | b'?' | b'"'));
    let sign = authority.enumerate().filter(|(_, c)| **c == b'@').last();
    match sign {
        Some((length, _)) => replace(text, from, from + length),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::secrets_hidden;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(secrets_hidden(line.as_bytes()), expected);
    }

    #[test]
    fn harmless_lines_stay_as_they_are() {
        for line in [
            "    server app1 192.0.2.1:8080 check inter 2s  # the \"first\" one",
            "acl ok hdr(host) -i app.example.com",
            "http-request auth realm Private unless { http_auth(users) }",
            "option httpchk GET \"/health check\" HTTP/1.1\\r\\nHost:\\ app.example.com",
            "bind :443 ssl crt /etc/haproxy/site.pem",
            "# don't touch",
            "http-request deny deny_status 503 if { urlp(token) -m found }",
            "cookie SRV insert indirect nocache",
        ] {
            check(line, line);
        }
    }

    #[test]
    fn secret_arguments_are_hidden() {
        check("stats auth admin:hunter2", "stats auth …");
        check(
            "  user a insecure-password \"x y\" groups g",
            "  user a insecure-password … groups g",
        );
        check("user a password $6$abc$def", "user a password …");
        check("dynamic-cookie-key abc", "dynamic-cookie-key …");
        check("setenv DB_PASSWORD abc", "setenv DB_PASSWORD …");
        check("setenv COLOR blue", "setenv COLOR blue");
        check(
            "http-request set-header Authorization \"Basic abc\" if x",
            "http-request set-header Authorization … if x",
        );
        check(
            "http-check send meth GET hdr X-Api-Key abc hdr Host a",
            "http-check send meth GET hdr X-Api-Key … hdr Host a",
        );
        check(
            "acl k req.hdr(X-API-Key) -m str abc def",
            "acl k req.hdr(X-API-Key) -m str … …",
        );
        check(
            "use_backend b if { hdr(x-auth-token) -i abc } ok",
            "use_backend b if { hdr(x-auth-token) -i … } ok",
        );
        check(
            "tcp-check send AUTH\\ hunter2\\r\\n",
            "tcp-check send AUTH …\\x0D\\x0A",
        );
        check(
            "option httpchk GET /h?token=abc&x=1",
            "option httpchk GET /h?token=…&x=1",
        );
        check(
            "option httpchk GET / HTTP/1.1\\r\\nAuthorization:\\ Basic\\ abc",
            "option httpchk GET / HTTP/1.1\\x0D\\x0AAuthorization:…",
        );
        check(
            "reqadd Authorization:\\ Basic\\ abc",
            "reqadd Authorization:…",
        );
        check(
            "redirect location https://u:p@app.example.com/x",
            "redirect location https://…@app.example.com/x",
        );
        check(
            "http-request set-var(txn.token) str(abc)",
            "http-request set-var(txn.token) …",
        );
        check(
            "http-request set-var(txn.x) req.body,hmac(sha256,abc),hex",
            "http-request set-var(txn.x) req.body,hmac(…),hex",
        );
    }

    #[test]
    fn comments_and_damaged_lines_hide_too() {
        check("# stats auth admin:hunter2", "# stats auth …");
        check(
            "log x # password: hunter2 # stats auth a:b",
            "log x # password: … # stats auth …",
        );
        check("stats auth \"admin:hunter2", "stats auth …");
        check("stats auth \\x4 a b", "stats … …");
        check(&"#".repeat(5), "#####");
        check(&"# ".repeat(3), "# # # ");
    }
}
