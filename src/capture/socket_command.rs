//! Commands given to the runtime socket.

use crate::base::Place;
use crate::base::Text;
use crate::capture::Capture;
use crate::capture::shell;

/// Words that commands of the runtime socket begin with, and a second word where the first alone is too common.
///
/// Source: management manual 3.2, "Unix Socket commands".
const VERBS: [&str; 16] = [
    "set server ",
    "set weight ",
    "set maxconn ",
    "set rate-limit ",
    "set map ",
    "set table ",
    "disable ",
    "enable ",
    "shutdown ",
    "add server ",
    "del server ",
    "add map ",
    "clear ",
    "show ",
    "reload",
    "hard-reload",
];

/// Shape: `echo "set server be_app/app1 state maint" | sudo socat stdio /run/haproxy/admin.sock`, or the bare command
/// at the socket's own prompt. Several commands in one line (`a; b`) give several captures.
pub(super) fn parse(command: &str, text: Text<'_>) -> Vec<Capture> {
    let lines = shell::lines(text);
    let mut captures = Vec::new();
    let is_answer = |line: &&shell::SessionLine| line.command.is_none() && !line.text.is_empty();
    let given = commands(command);
    if !given.is_empty() {
        let before_next = lines.iter().take_while(|l| l.command.is_none());
        let answer = before_next.filter(|l| !l.text.is_empty()).find(is_answer);
        push(&mut captures, given, text.first, answer);
    }
    for (index, line) in lines.iter().enumerate() {
        let typed = match &line.command {
            Some(typed) => typed.as_str(),
            None => match line.text.trim().strip_prefix("> ") {
                Some(typed) => typed,
                None => continue,
            },
        };
        let next = lines.get(index + 1).filter(is_answer);
        push(&mut captures, commands(typed), line.at, next);
    }
    if captures.is_empty() && command.is_empty() {
        for line in &lines {
            push(&mut captures, commands(&line.text), line.at, None);
        }
    }
    captures
}

fn push(
    captures: &mut Vec<Capture>,
    commands: Vec<String>,
    at: Place,
    answer: Option<&shell::SessionLine>,
) {
    let n_commands = commands.len();
    for (index, command) in commands.into_iter().enumerate() {
        let is_last = index + 1 == n_commands;
        let answer = answer.filter(|_| is_last).map(|line| line.text.trim());
        captures.push(Capture::SocketCommand {
            command,
            at,
            answer: answer.unwrap_or_default().to_owned(),
        });
    }
}

/// The socket commands in a shell's or the socket's command line.
fn commands(line: &str) -> Vec<String> {
    let quoted = ['"', '\''].iter().find_map(|quote| {
        let (_, rest) = line.split_once(*quote)?;
        let (inside, _) = rest.split_once(*quote)?;
        starts_with_verb(inside).then_some(inside)
    });
    let bare = || {
        let line = line.trim();
        let line = line.strip_prefix("echo ").unwrap_or(line).trim();
        let end = line.find('|').unwrap_or(line.len());
        let (head, _) = line.split_at(end);
        starts_with_verb(head).then_some(head)
    };
    let Some(all) = quoted.or_else(bare) else {
        return Vec::new();
    };
    all.replace("\\n", ";")
        .split(';')
        .map(str::trim)
        .filter(|command| starts_with_verb(command))
        .map(str::to_owned)
        .collect()
}

fn starts_with_verb(text: &str) -> bool {
    let text = text.trim_start();
    let text = match text.strip_prefix('@') {
        Some(relayed) => relayed.split_once(' ').map_or("", |(_, rest)| rest),
        None => text,
    };
    VERBS.iter().any(|verb| text.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, text: &str, expected: &[(&str, &str)]) {
        let captures = parse(command, Text::new(text.as_bytes()));
        let got: Vec<(&str, &str)> = captures
            .iter()
            .map(|c| match c {
                Capture::SocketCommand {
                    command, answer, ..
                } => (command.as_str(), answer.as_str()),
                _ => ("", ""),
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn commands_in_quotes_at_prompts_and_bare() {
        check(
            "printf \"set server be/app1 state maint\\n\" | sudo socat - UNIX-CONNECT:/run/haproxy.sock",
            "\n",
            &[("set server be/app1 state maint", "")],
        );
        check(
            "",
            "$ echo 'disable server be/x; disable server be/y' | nc -U /run/s\nNo such server.\n",
            &[
                ("disable server be/x", ""),
                ("disable server be/y", "No such server."),
            ],
        );
        check("", "> set weight be/a 0\n\n", &[("set weight be/a 0", "")]);
        check("systemctl reload haproxy", "", &[]);
    }
}
