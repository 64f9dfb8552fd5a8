//! Shell and socket prompts: `$ cmd`, `[19:02:09] ops@proxy01:~$ cmd`, `[root@proxy01 ~]# cmd`, `> show stat`, `C:\>cmd`.

use crate::artifact::command;
use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::kind;
use crate::artifact::words::clock;
use crate::artifact::words::date;
use crate::artifact::words::first_word;
use crate::artifact::words::has;
use crate::artifact::words::starts_with_any;
use crate::base::DAY;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::days_from_civil;

/// Lines after a doubtful prompt that must look like the command's output.
const CONFIRMING_LINES: usize = 20;

/// A prompt and the command typed at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prompt<'a> {
    /// Host that it shows; empty when none.
    pub(super) host: &'a [u8],
    /// Its clock; without a date the day is 1970-01-01.
    pub(super) at: Option<Stamp>,
    /// The command; empty for a prompt at which nothing was typed.
    pub(super) command: &'a [u8],
    /// It may as well be a comment or a heading: only what follows tells.
    pub(super) doubtful: bool,
}

/// The prompts among `lines` by index. Doubtful ones count once the output of one of them was seen.
pub(super) fn find<'a>(lines: &[&'a [u8]]) -> Vec<(usize, Prompt<'a>)> {
    let mut found: Vec<(usize, Prompt<'a>)> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| Some((index, parse(line)?)))
        .collect();
    let confirmed = found
        .iter()
        .any(|(index, prompt)| prompt.doubtful && is_answered(prompt, lines.get(index + 1..)));
    found.retain(|(_, prompt)| confirmed || !prompt.doubtful);
    found
}

/// A line as a prompt; `None` when it is none.
pub(super) fn parse(line: &[u8]) -> Option<Prompt<'_>> {
    let line = line.trim_ascii();
    let (at, rest) = stamp(line);
    let (host, command) = bracketed(rest)
        .or_else(|| user_at_host(rest))
        .or_else(|| plain_shell(rest))
        .or_else(|| windows(rest))
        .or_else(|| socket(rest))
        .unwrap_or_default();
    if !host.is_empty() || !command.is_empty() {
        let doubtful = false;
        return Some(Prompt {
            host,
            at,
            command,
            doubtful,
        });
    }
    heading(rest).map(|command| Prompt {
        host: b"",
        at,
        command,
        doubtful: true,
    })
}

/// What follows a doubtful prompt is what its command prints.
fn is_answered(prompt: &Prompt<'_>, after: Option<&[&[u8]]>) -> bool {
    let (Some(expected), Some(after)) = (command::expected(prompt.command), after) else {
        return false;
    };
    let lines: Vec<&[u8]> = after
        .iter()
        .copied()
        .filter(|line| !line.trim_ascii().is_empty())
        .take(CONFIRMING_LINES)
        .take_while(|line| parse(line).is_none())
        .collect();
    let head = Head {
        bytes: lines.first().copied().unwrap_or_default(),
        lines,
        prompts: Vec::new(),
    };
    kind::score(expected, &head) >= LIKELY
}

/// `[19:02:09] `, `19:02:09 `, `[2026-02-11 19:02:09] ` before the prompt.
fn stamp(line: &[u8]) -> (Option<Stamp>, &[u8]) {
    let inner = line.strip_prefix(b"[");
    let bare = inner.unwrap_or(line);
    let (day, after_date) = match date(bare) {
        Some(((year, month, day), [b' ' | b'T', rest @ ..])) => {
            (days_from_civil(year, month, day), rest)
        }
        _ => (0, bare),
    };
    let Some((of_day, rest)) = clock(after_date) else {
        return (None, line);
    };
    let rest = if inner.is_some() {
        rest.strip_prefix(b"]")
    } else {
        Some(rest)
    };
    match rest {
        Some([b' ', rest @ ..]) => {
            let stamp = Stamp::local(day * DAY + of_day, Precision::Second);
            (Some(stamp), rest.trim_ascii_start())
        }
        _ => (None, line),
    }
}

/// `[root@proxy01 ~]# cmd`: host and command.
fn bracketed(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = line.strip_prefix(b"[")?;
    let end = inner.iter().position(|b| *b == b']')?;
    let (inside, after) = inner.split_at_checked(end)?;
    let host = host_of(first_word(inside))?;
    match after {
        [b']', b'$' | b'#', command @ ..] => Some((host, typed(command)?)),
        _ => None,
    }
}

/// `ops@proxy01:~$ cmd`, `root@proxy01 ~ # cmd`, `(venv) ops@proxy01:~$ cmd`.
fn user_at_host(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = match line.strip_prefix(b"(") {
        Some(named) => {
            let end = named.iter().position(|b| *b == b')')?;
            named.get(end + 1..)?.trim_ascii_start()
        }
        None => line,
    };
    let host = host_of(first_word(line))?;
    // `user@host:path$`, or `user@host path $` with at most one more word
    let mut from = 0;
    for _ in 0..3 {
        let rest = line.get(from..)?;
        let word_start = from + rest.iter().position(|b| !b.is_ascii_whitespace())?;
        let tail = line.get(word_start..)?;
        let length = tail
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(tail.len());
        let end = word_start + length;
        if let Some([.., b'$' | b'#' | b'%' | b'>']) = line.get(word_start..end) {
            return Some((host, typed(line.get(end..)?)?));
        }
        from = end;
    }
    None
}

/// `$ cmd`, `% curl`, `bash-5.1$ cmd`, `/ # cmd`, `proxy01:~ # cmd`.
fn plain_shell(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(command) = line.strip_prefix(b"$ ") {
        let command = command.trim_ascii_start();
        let plausible = command
            .first()
            .is_some_and(|b| b.is_ascii_alphabetic() || b"/._~(".contains(b));
        return plausible.then_some((b"", command));
    }
    let shells = ["bash-", "-bash-", "sh-", "/ #", "~ #", "~ $", "/ $", "% "];
    let first = first_word(line);
    let named = first
        .iter()
        .position(|b| *b == b':')
        .and_then(|at| first.get(..at))
        .filter(|host| is_host(host));
    if named.is_none() && !starts_with_any(line, &shells) {
        return None;
    }
    let at = line
        .windows(2)
        .take(80)
        .position(|pair| matches!(pair, [b'$' | b'#' | b'%', b' ']))?;
    let before = line.get(..at)?;
    let command = line.get(at + 1..)?.trim_ascii_start();
    let few_words = before.split(|b| *b == b' ').count() <= 2;
    (few_words && command::is_program(first_word(command)))
        .then_some((named.unwrap_or_default(), command))
}

/// `C:\>cmd`, `PS C:\Users\ops> cmd`.
fn windows(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let path = line.strip_prefix(b"PS ").unwrap_or(line);
    let [drive, b':', b'\\', ..] = path else {
        return None;
    };
    let end = path.iter().position(|b| *b == b'>')?;
    let command = path.get(end + 1..)?.trim_ascii_start();
    (drive.is_ascii_alphabetic() && !command.is_empty()).then_some((b"", command))
}

/// `> show stat`, `master> show proc`, `12593> show info`.
fn socket(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = line.iter().take(24).position(|b| *b == b'>')?;
    let name = line.get(..at)?;
    let named = name.is_empty() || name == b"master" || name.iter().all(u8::is_ascii_digit);
    let command = line.get(at + 1..)?.strip_prefix(b" ")?;
    (named && command::is_socket_command(command)).then_some((b"", command))
}

/// `# curl …`, `### show stat`, `=== show servers state ===`: a prompt of root's, or what a script wrote before each output.
fn heading(line: &[u8]) -> Option<&[u8]> {
    let marks = line.iter().take_while(|b| b"#=-*+".contains(b)).count();
    let rest = line.get(marks..).filter(|_| marks > 0)?;
    let first = rest.first()?;
    if !(first.is_ascii_whitespace() || marks >= 3) {
        return None;
    }
    let command = rest.trim_ascii();
    let end = command
        .iter()
        .rposition(|b| !b"#=-*+ :".contains(b))
        .map_or(0, |at| at + 1);
    let command = command.get(..end)?;
    let word = first_word(command);
    let shows = word == b"show" && command::expected(command).is_some();
    let runs = command::is_program(word) && has(command, " ");
    (shows || runs).then_some(command)
}

/// The host of `user@host` or `user@host:path$`.
fn host_of(word: &[u8]) -> Option<&[u8]> {
    let at = word.iter().position(|b| *b == b'@')?;
    let user = word.get(..at)?;
    let rest = word.get(at + 1..)?;
    let end = rest
        .iter()
        .position(|b| b":$#%>".contains(b))
        .unwrap_or(rest.len());
    let host = rest.get(..end)?;
    (is_host(user) && is_host(host)).then_some(host)
}

fn is_host(name: &[u8]) -> bool {
    !name.is_empty()
        && name.iter().any(u8::is_ascii_alphanumeric)
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

/// What was typed: a blank and the command, or nothing at all.
fn typed(after: &[u8]) -> Option<&[u8]> {
    match after {
        [] => Some(b""),
        [b' ' | b'\t', ..] => Some(after.trim_ascii()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, host: &str, command: &str) {
        let prompt = parse(line.as_bytes()).unwrap_or_else(|| panic!("no prompt: {line}"));
        assert_eq!(prompt.host, host.as_bytes(), "{line}");
        assert_eq!(prompt.command, command.as_bytes(), "{line}");
        assert!(!prompt.doubtful, "{line}");
    }

    #[test]
    fn prompts_of_many_shells_are_read() {
        check(
            "$ curl -i http://www.example.com/",
            "",
            "curl -i http://www.example.com/",
        );
        check("ops@proxy01:~$ ss -tln", "proxy01", "ss -tln");
        check(
            "root@11e42a406cdb:/tmp# dig app1.example.com",
            "11e42a406cdb",
            "dig app1.example.com",
        );
        check(
            "[root@proxy01 haproxy]# systemctl status haproxy",
            "proxy01",
            "systemctl status haproxy",
        );
        check(
            "[19:02:09] ops@proxy01:~$ curl http://10.0.10.11/",
            "proxy01",
            "curl http://10.0.10.11/",
        );
        check("> show stat", "", "show stat");
        check("master> show proc", "", "show proc");
        check(
            "C:\\>curl http://www.example.com/",
            "",
            "curl http://www.example.com/",
        );
        check(
            "bash-5.1$ curl http://10.0.10.11/",
            "",
            "curl http://10.0.10.11/",
        );
        check("/ # curl http://10.0.10.11/", "", "curl http://10.0.10.11/");
        check(
            "proxy01:~ # journalctl -u haproxy",
            "proxy01",
            "journalctl -u haproxy",
        );
        check(
            "ops@proxy01 ~ % curl http://10.0.10.11/",
            "proxy01",
            "curl http://10.0.10.11/",
        );
        check("ops@proxy01:~$", "proxy01", "");
    }

    #[test]
    fn the_clock_of_a_prompt_is_local_time_without_a_date() {
        let prompt = parse(b"[19:02:09] ops@proxy01:~$ ss").unwrap();
        assert_eq!(prompt.at.unwrap().to_string(), "1970-01-01T19:02:09");
        let prompt = parse(b"[2026-02-11 19:02:09] ops@proxy01:~$ ss").unwrap();
        assert_eq!(prompt.at.unwrap().to_string(), "2026-02-11T19:02:09");
    }

    #[test]
    fn headers_comments_and_traces_are_no_prompts() {
        for line in [
            "# pxname,svname,qcur",
            "# be_id be_name srv_id",
            "# the servers of the shop",
            "> GET / HTTP/1.1",
            "> Host: www.example.com",
            "#<PID>          <type>",
            "[WARNING] 155/215347 (8) : x",
            "postmaster@example.com is told",
        ] {
            assert!(parse(line.as_bytes()).is_none(), "{line}");
        }
    }

    #[test]
    fn a_commented_command_counts_only_with_its_output() {
        let comment: Vec<&[u8]> = vec![b"# haproxy -c -f haproxy.cfg", b"global", b"  daemon"];
        assert!(find(&comment).is_empty());
        let session: Vec<&[u8]> = vec![
            b"# haproxy -c -f haproxy.cfg",
            b"Configuration file is valid",
        ];
        assert_eq!(find(&session).len(), 1);
        let script: Vec<&[u8]> = vec![b"### show stat", b"# pxname,svname,qcur,", b"fe,FRONTEND,,"];
        assert_eq!(find(&script).len(), 1);
    }
}
