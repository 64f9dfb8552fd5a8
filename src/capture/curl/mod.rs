//! `curl`: the request, the last answer or error, and who wrote it.

mod answer;
mod request;

use crate::base::Place;
use crate::base::Text;
use crate::capture::Curl;
use crate::capture::curl::answer::Answer;
use crate::capture::shell;
use crate::capture::shell::Program;

/// Shape: an optional `$ curl -i …`, then `HTTP/1.1 503 Service Unavailable`, headers, an empty line, the body; with `-v`
/// each line led by `< `, `> ` or `* `; or `curl: (7) Failed to connect to …`; or a body alone.
///
/// One text may hold several, with or without their command lines. Of several answers to one request (`100 Continue`,
/// a proxy's answer to CONNECT, redirects that were followed) the last counts.
pub(super) fn parse(command: &str, text: Text<'_>) -> Vec<Curl> {
    let mut reader = Reader {
        answers: Vec::new(),
        open: false,
        foreign: false,
    };
    let given = matches!(shell::program(command), Some((Program::Curl, _)));
    let lines = shell::lines(text);
    let repeated = lines
        .first()
        .and_then(|line| line.command.as_deref())
        .is_some_and(|typed| typed == command.trim());
    if given && !repeated {
        reader.command(command, text.first);
    }
    for line in &lines {
        match &line.command {
            Some(command) => reader.command(command, line.at),
            None => reader.line(&line.text, line.at),
        }
    }
    reader.answers.into_iter().map(Answer::into_curl).collect()
}

struct Reader {
    answers: Vec<Answer>,
    /// The last answer still takes lines.
    open: bool,
    /// The lines that follow are another program's, whose prompt was seen.
    foreign: bool,
}

impl Reader {
    fn command(&mut self, command: &str, at: Place) {
        self.open = false;
        self.foreign = !matches!(shell::program(command), Some((Program::Curl, _)));
        if self.foreign {
            return;
        }
        // A page that lost its line breaks shows the answer behind the command.
        let flowed = [" HTTP/", " curl: ("]
            .iter()
            .filter_map(|mark| command.find(mark))
            .min();
        let (typed, flowed) = command.split_at(flowed.unwrap_or(command.len()));
        self.answers.push(Answer::new(typed, at));
        self.open = true;
        let flowed = flowed.trim_start();
        if answer::is_status_line(flowed) {
            if let Some(answer) = self.answers.last_mut() {
                answer.flowed(flowed);
            }
        } else if !flowed.is_empty() {
            self.line(flowed, at);
        }
    }

    fn line(&mut self, text: &str, at: Place) {
        let starts_new = match self.answers.last() {
            Some(answer) if self.open => answer.is_over_before(text),
            _ if self.foreign => answer::is_start(text),
            _ => !text.trim().is_empty(),
        };
        if starts_new {
            let command = match self.answers.last() {
                Some(last) if self.open && text.starts_with("> ") => last.command.clone(),
                _ => String::new(),
            };
            self.answers.push(Answer::new(&command, at));
            self.open = true;
        }
        if self.open
            && let Some(answer) = self.answers.last_mut()
        {
            answer.line(text, at);
        }
    }
}

#[cfg(test)]
mod tests;
