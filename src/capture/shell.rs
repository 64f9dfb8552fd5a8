//! Prompts and command lines of pasted sessions.

use crate::base::Place;
use crate::base::Text;
use crate::base::printable;

/// Longest prompt that is recognized, in characters: user, host and a deep folder.
const PROMPT_CHARS_MAX: usize = 100;

/// Part of a command line that tells its program, in characters.
const COMMAND_CHARS: usize = 120;

/// Words that stand before the program that a command line really runs.
const WRAPPERS: [&str; 9] = [
    "sudo", "time", "env", "exec", "command", "watch", "timeout", "do", "while",
];

/// A line of a session.
#[derive(Clone, Debug)]
pub(super) struct SessionLine {
    /// Where it stands.
    pub(super) at: Place,
    /// The text, with control sequences of a terminal taken out; leading blanks kept.
    pub(super) text: String,
    /// The command when the line is a prompt; empty at a prompt where nothing was typed.
    pub(super) command: Option<String>,
}

/// The lines of a capture. A command that goes on after `\` is one line; a line with several prompts becomes several.
pub(super) fn lines(text: Text<'_>) -> Vec<SessionLine> {
    let mut lines: Vec<SessionLine> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let plain = printable(&without_escapes(line.bytes));
        for piece in at_prompts(&plain) {
            if goes_on && let Some(command) = lines.last_mut().and_then(|l| l.command.as_mut()) {
                let more = piece.trim_start().trim_start_matches("> ");
                goes_on = push_command(command, more);
                continue;
            }
            let mut command = None;
            if let Some(typed) = prompt_command(piece) {
                let mut joined = String::new();
                goes_on = push_command(&mut joined, typed);
                command = Some(joined);
            }
            lines.push(SessionLine {
                at: line.place,
                text: piece.trim_end().to_owned(),
                command,
            });
        }
    }
    lines
}

/// The command of a prompt line; `None` when the line is none.
///
/// Shape: `$ cmd`, `ops@proxy01:~$ cmd`, `[root@h ~]# cmd`, `[19:02:09] ops@h:~$ cmd`, `bash-5.1$ cmd`, `+ cmd`. A lone
/// `# ` is a prompt only before a program that this room knows, as comments look alike.
pub(super) fn prompt_command(line: &str) -> Option<&str> {
    let line = line.trim();
    for mark in ["$ ", "% ", "+ "] {
        if let Some(command) = line.strip_prefix(mark) {
            return Some(command.trim());
        }
    }
    if let Some(command) = line.strip_prefix("# ") {
        return program(command).is_some().then_some(command.trim());
    }
    if is_prompt(line) {
        return Some("");
    }
    ["$ ", "# ", "% ", "> "].iter().find_map(|mark| {
        let (prompt, command) = line.split_once(mark)?;
        let whole = format!("{prompt}{}", mark.trim_end());
        is_prompt(&whole).then_some(command.trim())
    })
}

/// The known program that a command line runs, and the words after its name.
///
/// Looks behind `sudo`, `time`, `VAR=x`, `ssh host`, `docker exec name` and into loops (`for …; do curl …`).
pub(super) fn program(command: &str) -> Option<(Program, Vec<String>)> {
    let alone = known(&words(command));
    alone.or_else(|| {
        let mut parts = command.split([';', '|', '&']);
        parts.find_map(|part| known(&words(part)))
    })
}

fn known(words: &[String]) -> Option<(Program, Vec<String>)> {
    let mut rest = words.iter().enumerate();
    let mut remote = false;
    while let Some((index, word)) = rest.next() {
        let name = word.rsplit('/').next().unwrap_or_default();
        let program = match name {
            "curl" => Program::Curl,
            "dig" | "host" | "nslookup" | "getent" => Program::Lookup,
            "haproxy" if !remote => Program::Haproxy,
            "ssh" | "docker" | "podman" | "kubectl" | "oc" | "nsenter" | "ip" => {
                remote = true;
                continue;
            }
            "-u" => {
                rest.next();
                continue;
            }
            _ if remote || WRAPPERS.contains(&name) => continue,
            _ if word.contains('=') || word.starts_with(['-', '0', '1', '2', '3', '5']) => continue,
            _ => return None,
        };
        return Some((program, words.get(index + 1..).unwrap_or_default().to_vec()));
    }
    None
}

/// Programs whose command lines matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// `curl`.
    Curl,
    /// `dig`, `host`, `nslookup`, `getent`.
    Lookup,
    /// `haproxy`.
    Haproxy,
}

/// The words of a command line up to the first pipe, `;`, `&` or redirection, quotes and backslashes resolved.
pub(super) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"') | None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | ';' | '&' | '>' | '<') => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// A line as pieces that each start with a prompt of `$ `, as when a page lost its line breaks.
fn at_prompts(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let mut from = 0;
    while let Some(found) = rest.get(from..).and_then(|tail| tail.find(" $ ")) {
        let cut = from + found;
        let (head, tail) = rest.split_at(cut);
        let tail = tail.strip_prefix(' ').unwrap_or(tail);
        let typed: String = tail.chars().skip(2).take(COMMAND_CHARS).collect();
        let starts_known = program(&typed).is_some() || typed.starts_with("sudo ");
        if starts_known {
            pieces.push(head);
            rest = tail;
            from = 0;
        } else {
            from = cut + 1;
        }
    }
    pieces.push(rest);
    pieces
}

/// Adds what was typed; true when it ends with a backslash.
fn push_command(command: &mut String, typed: &str) -> bool {
    if !command.is_empty() {
        command.push(' ');
    }
    match typed.trim_end().strip_suffix('\\') {
        Some(head) => {
            command.push_str(head.trim_end());
            true
        }
        None => {
            command.push_str(typed.trim_end());
            false
        }
    }
}

/// The whole text is a prompt: it ends in `$`, `#`, `%` or `>` and names a user at a host, or a shell.
fn is_prompt(text: &str) -> bool {
    let Some(body) = text.trim_end().strip_suffix(['$', '#', '%', '>']) else {
        return false;
    };
    let is_shell = ["bash-", "sh-", "PS "].iter().any(|s| body.starts_with(s));
    let clean = !body.contains(['"', '\'', '<', '>', '{', '=', ',', ';']);
    let is_user = body.contains('@') && body.split_whitespace().count() <= 3;
    body.chars().count() <= PROMPT_CHARS_MAX && clean && (is_shell || is_user)
}

/// The bytes without colours and cursor movements (`ESC [ … letter`).
fn without_escapes(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == 0x1b && bytes.peek() == Some(&b'[') {
            bytes.next();
            while bytes.next().is_some_and(|b| !(0x40..=0x7e).contains(&b)) {}
        } else {
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_of_many_shells() {
        for line in [
            "$ curl x",
            "# curl x",
            "ops@proxy01:~$ curl x",
            "[root@h ~]# curl x",
            "[19:02:09] ops@proxy01:~$ curl x",
            "bash-5.1$ curl x",
            "root@h /etc/haproxy # curl x",
            "+ curl x",
        ] {
            assert_eq!(prompt_command(line), Some("curl x"), "{line}");
        }
        assert_eq!(prompt_command("[root@h ~]#"), Some(""));
        for line in [
            "curl: (7) Failed",
            "# a comment",
            "<p>mail a@b.example $ 5</p>",
            "x-a: b@c, d# e",
        ] {
            assert_eq!(prompt_command(line), None, "{line}");
        }
    }

    #[test]
    fn words_end_at_a_pipe() {
        assert_eq!(
            words(r#"curl -H 'Host: a b' -w "%{http_code}\n" x\ y | head"#),
            ["curl", "-H", "Host: a b", "-w", "%{http_code}n", "x y"]
        );
    }

    #[test]
    fn lines_go_on_after_a_backslash_and_split_at_prompts() {
        let got = lines(Text::new(
            b"$ curl -i \\\n> http://a/\nok $ sudo systemctl restart x $ curl b HTTP/1.1 200 OK",
        ));
        let commands: Vec<Option<&str>> = got.iter().map(|l| l.command.as_deref()).collect();
        assert_eq!(
            commands,
            [
                Some("curl -i http://a/"),
                None,
                Some("sudo systemctl restart x"),
                Some("curl b HTTP/1.1 200 OK")
            ]
        );
    }

    #[test]
    fn escapes_of_a_terminal_are_taken_out() {
        let got = lines(Text::new(b"\x1b[1mserver\x1b[0m: nginx"));
        assert_eq!(got[0].text, "server: nginx");
    }
}
