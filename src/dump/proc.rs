//! `show proc` of the master socket: its processes.

use crate::base::Place;
use crate::base::Text;
use crate::base::decimal;
use crate::base::printable;
use crate::dump::Proc;
use crate::dump::Tally;
use crate::dump::prompt;

/// Shape: `12593 master 1 [failed: 0] 0d00h00m04s 2.6.12`; up to 2.4 `12541 worker 1 0 0d00h00m04s 2.0.0`, where the
/// third column is the relative pid and an old worker has `[was: 1]` there.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<Proc> {
    let mut procs = Vec::new();
    let mut old = false;
    let mut relative_pid = false;
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = prompt::strip_prompt(&line_text);
        if let Some(heading) = entry.strip_prefix('#') {
            relative_pid |= heading.contains("relative PID");
            old = heading.trim().starts_with("old ");
        } else if !entry.is_empty() && !prompt::is_elision(entry) && !prompt::is_command(entry) {
            match row(entry, line.place, old, relative_pid) {
                Some(proc) => {
                    procs.push(proc);
                    tally.good();
                }
                None => tally.broken(line.place),
            }
        }
    }
    procs
}

fn row(entry: &str, at: Place, old: bool, relative_pid: bool) -> Option<Proc> {
    let (failed_reloads, entry) = without_bracket(entry);
    let mut words = entry.split_ascii_whitespace();
    let pid = u32::try_from(decimal(words.next()?.as_bytes())?).ok()?;
    let kind = words.next()?.to_owned();
    let mut words = words.peekable();
    let mut numbers = Vec::new();
    while let Some(number) = words.peek().and_then(|word| decimal(word.as_bytes())) {
        numbers.push(number);
        words.next();
    }
    let uptime = words.next()?.to_owned();
    let reloads = match numbers.as_slice() {
        [reloads] => Some(*reloads),
        [_, reloads] if relative_pid => Some(*reloads),
        _ => None,
    };
    uptime
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| Proc {
            at,
            pid,
            kind,
            old,
            reloads,
            failed_reloads,
            uptime,
            version: words.next().unwrap_or_default().to_owned(),
        })
}

/// Takes `[failed: 2]` or `[was: 1]` out of a row; the number is that of `failed`.
fn without_bracket(entry: &str) -> (Option<u64>, String) {
    let parts = entry
        .split_once('[')
        .and_then(|(before, rest)| Some((before, rest.split_once(']')?)));
    let Some((before, (inside, after))) = parts else {
        return (None, entry.to_owned());
    };
    let failed = inside
        .strip_prefix("failed:")
        .and_then(|n| decimal(n.trim().as_bytes()));
    (failed, format!("{before} {after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_old_and_new() {
        let mut tally = Tally::default();
        let text = b"#<PID>          <type>          <reloads>       <uptime>        <version>\n\
            12593           master          2 [failed: 1]   0d00h00m04s     2.6.12\n# workers\n\
            12595           worker          0               0d00h00m01s     2.6.12\n# old workers\n\
            12541           worker          1               0d00h00m03s     2.6.12\n# programs\n";
        let got = parse(Text::new(text), &mut tally);
        assert_eq!(tally.n_broken, 0);
        assert_eq!(got[0].failed_reloads, Some(1));
        assert_eq!(got[0].reloads, Some(2));
        assert_eq!((got[1].pid, got[1].old), (12595, false));
        assert_eq!((got[2].pid, got[2].old), (12541, true));
        assert_eq!(got[2].version, "2.6.12");
    }

    #[test]
    fn the_relative_pid_of_old_versions_is_no_reload() {
        let mut tally = Tally::default();
        let text = b"#<PID> <type> <relative PID> <reloads> <uptime> <version>\n\
            100 worker 1 0 0d00h00m04s 2.0.0\n# old workers\n90 worker [was: 1] 3 0d00h10m04s 2.0.0\nx y\n";
        let got = parse(Text::new(text), &mut tally);
        assert_eq!(got[0].reloads, Some(0));
        assert_eq!(got[1].reloads, Some(3));
        assert_eq!(tally.n_broken, 1);
    }
}
