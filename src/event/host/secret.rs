//! Command lines without their passwords, tokens and keys.

use crate::event::host::scan::has;
use crate::event::host::scan::has_any;

/// Stands for each value that was taken out.
const MASK: &[u8] = b"***";

/// Words that announce a secret when they are part of an option's or variable's name.
const TELLING: &[&[u8]] = &[
    b"pass",
    b"pwd",
    b"secret",
    b"token",
    b"apikey",
    b"api-key",
    b"api_key",
    b"auth",
    b"credential",
    b"bearer",
    b"cookie",
    b"private",
];

/// `text` with values of telling options, `-u user:password`, `-psecret` of mysql, and `user:password@` of URLs replaced.
///
/// Works on words between blanks: a quoted value with blanks in it loses all its words up to the closing quote.
pub(super) fn masked(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut hidden = Hidden::Nothing;
    // elsewhere `-p` is a port, a protocol, a path
    let has_password_option = has_any(text, &[b"mysql", b"mariadb", b"sshpass"]);
    for (index, word) in text.split(|b| *b == b' ').enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        hidden = match hidden {
            Hidden::Nothing => push(&mut out, word, has_password_option),
            Hidden::Login if !word.contains(&b':') => push(&mut out, word, has_password_option),
            Hidden::Next if matches!(word, b"Basic" | b"Bearer" | b"basic" | b"bearer" | b"") => {
                out.extend_from_slice(word);
                Hidden::Next
            }
            Hidden::Next | Hidden::Login => {
                out.extend_from_slice(MASK);
                quoted(word)
            }
            Hidden::Until(quote) => {
                out.extend_from_slice(MASK);
                if word.contains(&quote) {
                    Hidden::Nothing
                } else {
                    Hidden::Until(quote)
                }
            }
        };
    }
    out
}

/// What of the following words is part of a secret.
enum Hidden {
    Nothing,
    /// The next word.
    Next,
    /// The next word, if it is `user:password`.
    Login,
    /// All up to this quote.
    Until(u8),
}

/// Writes one word, and says what it announces.
fn push(out: &mut Vec<u8>, word: &[u8], has_password_option: bool) -> Hidden {
    let name_ends = word.iter().position(|b| matches!(b, b'=' | b':'));
    let (name, value) = match name_ends.and_then(|at| word.split_at_checked(at + 1)) {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    if let Some(value) = value
        && tells(name)
        && !value.starts_with(b"//")
    {
        out.extend_from_slice(name);
        if value.is_empty() {
            return match quoted(name) {
                Hidden::Nothing => Hidden::Next,
                quote => quote,
            };
        }
        out.extend_from_slice(MASK);
        return quoted(value);
    }
    if let Some(rest) = user_info(word) {
        out.extend_from_slice(rest.0);
        out.extend_from_slice(MASK);
        out.extend_from_slice(rest.1);
        return Hidden::Nothing;
    }
    if has_password_option && word.len() > 2 && word.starts_with(b"-p") {
        out.extend_from_slice(b"-p");
        out.extend_from_slice(MASK);
        return Hidden::Nothing;
    }
    out.extend_from_slice(word);
    let option = word.starts_with(b"-") && tells(word);
    match word {
        b"-u" | b"--user" => Hidden::Login,
        b"-p" if has_password_option => Hidden::Next,
        _ if option => Hidden::Next,
        _ => Hidden::Nothing,
    }
}

/// A value that opens a quote and does not close it goes on in the next word.
fn quoted(value: &[u8]) -> Hidden {
    for quote in *b"\"'" {
        if value.iter().filter(|b| **b == quote).count() % 2 == 1 {
            return Hidden::Until(quote);
        }
    }
    Hidden::Nothing
}

fn tells(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    TELLING.iter().any(|word| has(&lower, word))
}

/// `https://user:password@host/` in two parts around what must go.
fn user_info(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let scheme = memchr::memmem::find(word, b"://")? + 3;
    let (head, rest) = word.split_at_checked(scheme)?;
    let authority = rest.split(|b| *b == b'/').next()?;
    let at = memchr::memrchr(b'@', authority)?;
    Some((head, rest.get(at..)?))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[track_caller]
    fn check(command: &str, shown: &str) {
        assert_eq!(masked(command.as_bytes()), shown.as_bytes());
    }

    #[test]
    fn secrets_of_command_lines_are_replaced() {
        check("mysql --password=geheim -e x", "mysql --password=*** -e x");
        check("deploy --token geheim app", "deploy --token *** app");
        check("curl -u ops:geheim http://x/", "curl -u *** http://x/");
        check("curl https://ops:geheim@x/y", "curl https://***@x/y");
        check("mysql -pgeheim db", "mysql -p*** db");
        check(
            "curl -H \"Authorization: Bearer geheim x\" y",
            "curl -H \"Authorization: *** *** *** y",
        );
        check("env DB_PASS='ge heim' app", "env DB_PASS=*** *** app");
        check("PGPASSWORD=geheim psql", "PGPASSWORD=*** psql");
    }

    #[test]
    fn ordinary_commands_stay_as_they_are() {
        for command in [
            "systemctl restart app.service",
            "socat stdio /run/haproxy/admin.sock",
            "nft -f /etc/nftables.conf",
            "iptables -A INPUT -p tcp -j DROP",
            "journalctl -u haproxy",
        ] {
            check(command, command);
        }
    }
}
