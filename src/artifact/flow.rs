//! A pasted session -> its lines, also where they were run together into paragraphs.
//!
//! Web pages and tickets flow a session: prompt, command and output stand in one line, tables in another.
//! Only an artifact in which most prompts have their output in the same line is read so.

use crate::artifact::command;
use crate::artifact::kind;
use crate::artifact::log_line;
use crate::artifact::prompt;
use crate::artifact::prompt::Prompt;
use crate::artifact::words::all_digits;
use crate::artifact::words::first_word;
use crate::artifact::words::has;
use crate::artifact::words::is_one_of;
use crate::artifact::words::starts_with_any;
use crate::base::Place;
use crate::base::Text;

/// How a strip joins what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    /// It may run on.
    Runs,
    /// It is the next line of a wrapped command.
    Continues,
    /// It is another part, still of the same command.
    Breaks,
    /// It has nothing to do with it.
    Fresh,
}

/// A line of an artifact, or a piece of one.
#[derive(Clone, Debug)]
pub(super) struct Strip<'a> {
    /// Byte offset in the text.
    pub(super) start: usize,
    /// Byte offset behind it, line feed included.
    pub(super) end: usize,
    /// Its place in the artifact.
    pub(super) place: Place,
    /// Its bytes without line feed.
    pub(super) bytes: &'a [u8],
    /// It is a prompt.
    pub(super) prompt: Option<Prompt<'a>>,
    /// How it joins what stands before it.
    pub(super) join: Join,
    /// It was cut out of a line.
    pub(super) is_piece: bool,
}

/// The lines of a text, cut where they were run together.
pub(super) fn strips(text: Text<'_>) -> Vec<Strip<'_>> {
    let mut strips = lines(text);
    let bytes: Vec<&[u8]> = strips.iter().map(|strip| strip.bytes).collect();
    let found = prompt::find(&bytes);
    let answered = found
        .iter()
        .filter(|(_, prompt)| answer(prompt.command).is_some())
        .count();
    let flowed = answered > 0 && answered * 2 >= found.len();
    for (index, prompt) in found {
        if let Some(strip) = strips.get_mut(index) {
            strip.prompt = Some(prompt);
        }
    }
    if flowed {
        return strips.into_iter().flat_map(cut).collect();
    }
    let mut wrapped = false;
    for strip in &mut strips {
        if wrapped && strip.prompt.is_none() {
            strip.join = Join::Continues;
        }
        wrapped = (strip.prompt.is_some() || strip.join == Join::Continues)
            && strip.bytes.ends_with(b"\\");
    }
    strips
}

fn lines(text: Text<'_>) -> Vec<Strip<'_>> {
    let lines: Vec<_> = text.lines().collect();
    let offset =
        |place: Place| usize::try_from(place.offset - text.first.offset).unwrap_or(usize::MAX);
    let ends = lines
        .iter()
        .skip(1)
        .map(|line| offset(line.place))
        .chain([text.bytes.len()]);
    lines
        .iter()
        .zip(ends)
        .map(|(line, end)| Strip {
            start: offset(line.place),
            end,
            place: line.place,
            bytes: line.bytes,
            prompt: None,
            join: Join::Runs,
            is_piece: false,
        })
        .collect()
}

/// A paragraph into prompts, outputs and prose.
fn cut(line: Strip<'_>) -> Vec<Strip<'_>> {
    let mut cuts: Vec<(usize, Join)> = vec![(0, Join::Fresh)];
    for start in prompt_starts(line.bytes) {
        cuts.push((start, Join::Fresh));
    }
    let ends: Vec<usize> = cuts
        .iter()
        .skip(1)
        .map(|(start, _)| *start)
        .chain([line.bytes.len()])
        .collect();
    let mut inner = Vec::new();
    for ((start, _), end) in cuts.iter().zip(ends) {
        let Some(section) = line.bytes.get(*start..end) else {
            continue;
        };
        let typed = prompt::parse(section).filter(|prompt| !prompt.doubtful);
        let output = match typed {
            Some(prompt) => answer(prompt.command)
                .map(|at| section.trim_ascii_end().len() - prompt.command.len() + at),
            None => Some(0),
        };
        let Some(output) = output else {
            continue;
        };
        if output > 0 {
            inner.push((start + output, Join::Runs));
        }
        let body = section.get(output..).unwrap_or_default();
        inner.extend(
            pieces(body)
                .into_iter()
                .map(|(at, join)| (start + output + at, join)),
        );
    }
    cuts.extend(inner);
    cuts.sort_by_key(|(start, _)| *start);
    cuts.dedup_by_key(|(start, _)| *start);
    assemble(&line, &cuts)
}

fn assemble<'a>(line: &Strip<'a>, cuts: &[(usize, Join)]) -> Vec<Strip<'a>> {
    let ends = cuts
        .iter()
        .skip(1)
        .map(|(start, _)| (*start, line.start + start))
        .chain([(line.bytes.len(), line.end)]);
    cuts.iter()
        .zip(ends)
        .filter_map(|((start, join), (end, end_with_feed))| {
            let bytes = line.bytes.get(*start..end)?;
            let starts_prompt = *join == Join::Fresh;
            Some(Strip {
                start: line.start + start,
                end: end_with_feed,
                place: Place {
                    line: line.place.line,
                    offset: line.place.offset + *start as u64,
                },
                bytes: bytes.trim_ascii_end(),
                prompt: prompt::parse(bytes).filter(|prompt| starts_prompt && !prompt.doubtful),
                join: *join,
                is_piece: cuts.len() > 1,
            })
        })
        .collect()
}

/// Where ` $ program …` stands in the middle of a line, outside quotes. A log line quotes its clients: there is none in it.
fn prompt_starts(line: &[u8]) -> Vec<usize> {
    if log_line::carrier(line) || log_line::traffic(line) && !line.starts_with(b"$ ") {
        return Vec::new();
    }
    outside_quotes(line)
        .filter(|at| {
            let rest = line.get(at + 1..).unwrap_or_default();
            let command = rest.strip_prefix(b"$ ");
            command.is_some_and(|command| command::is_program(first_word(command)))
        })
        .map(|at| at + 1)
        .collect()
}

/// Where the output starts in a command that has it in the same line.
fn answer(command: &[u8]) -> Option<usize> {
    outside_quotes(command)
        .map(|at| at + 1)
        .find(|at| starts_output(command.get(*at..).unwrap_or_default()))
}

fn starts_output(rest: &[u8]) -> bool {
    let status_line = starts_with_any(rest, &["HTTP/1.", "HTTP/2 "])
        && rest
            .split(|b| *b == b' ')
            .nth(1)
            .is_some_and(|code| code.len() == 3 && all_digits(code));
    let known = [
        "curl: (",
        "<html",
        "<!DOCTYPE",
        "#####",
        "1 # be_id ",
        "# be_id ",
        "# pxname,",
        "Configuration file is valid",
        "; <<>> DiG",
        "● ",
        "Name: HAProxy",
        "Resolvers section ",
    ];
    status_line || starts_with_any(rest, &known) || log_line::syslog_start(rest)
}

/// Positions of the blanks that stand outside quotes.
fn outside_quotes(line: &[u8]) -> impl Iterator<Item = usize> {
    let mut quote = None;
    line.iter().enumerate().filter_map(move |(at, byte)| {
        match quote {
            None if b"\"'".contains(byte) && opens_quote(line, at) => quote = Some(*byte),
            Some(open) if open == *byte => quote = None,
            None | Some(_) => {}
        }
        (quote.is_none() && *byte == b' ').then_some(at)
    })
}

/// An apostrophe within a word (`doesn't`) opens nothing.
fn opens_quote(line: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| line.get(before));
    !before.is_some_and(u8::is_ascii_alphanumeric)
}

/// The lines that an output or an excerpt had.
fn pieces(body: &[u8]) -> Vec<(usize, Join)> {
    if kind::opens_config(body, b"") {
        return config_lines(body);
    }
    if starts_with_any(body, &["HTTP/1.", "HTTP/2 "]) {
        return runs(header_lines(body));
    }
    if has(body, "# be_id be_name ") {
        return runs(state_rows(body));
    }
    let stamps = outside_quotes(body)
        .map(|at| at + 1)
        .filter(|at| log_line::syslog_start(body.get(*at..).unwrap_or_default()));
    stamps.map(|at| (at, Join::Breaks)).collect()
}

fn runs(starts: Vec<usize>) -> Vec<(usize, Join)> {
    starts.into_iter().map(|at| (at, Join::Runs)).collect()
}

/// Words with their offsets.
fn spans(body: &[u8]) -> Vec<(usize, &[u8])> {
    let mut at = 0;
    let mut found = Vec::new();
    for word in body.split(|b| *b == b' ') {
        if !word.is_empty() {
            found.push((at, word));
        }
        at += word.len() + 1;
    }
    found
}

/// Starts of the format version, the header and the rows of `show servers state`.
fn state_rows(body: &[u8]) -> Vec<usize> {
    let spans = spans(body);
    let mut starts = Vec::new();
    for (index, (at, word)) in spans.iter().enumerate() {
        let after = |n: usize| spans.get(index + n).map_or(&b""[..], |(_, word)| *word);
        let header = *word == b"#" && after(1) == b"be_id";
        let address = after(4) == b"-" || after(4).iter().any(|b| b".:".contains(b));
        let row = all_digits(word)
            && all_digits(after(2))
            && !all_digits(after(3))
            && address
            && matches!(after(5), [b'0'..=b'3']);
        if header || row {
            starts.push(*at);
        }
    }
    starts
}

/// Starts of the header lines and of the body of an HTTP answer.
fn header_lines(body: &[u8]) -> Vec<usize> {
    let is_name = |word: &[u8]| {
        let name = word.strip_suffix(b":").unwrap_or_default();
        name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
            && name.first().is_some_and(u8::is_ascii_alphabetic)
    };
    let spans = spans(body);
    let mut starts = Vec::new();
    for (index, (at, word)) in spans.iter().enumerate() {
        if word.starts_with(b"<") {
            starts.push(*at);
            break;
        }
        if is_name(word) {
            starts.push(*at);
        }
        // of these headers it is known where the value ends
        let name = index.checked_sub(1).and_then(|before| spans.get(before));
        let ended = name.is_some_and(|(_, name)| {
            is_one_of(
                &name.to_ascii_lowercase(),
                &["content-type:", "content-length:"],
            )
        }) && !word.ends_with(b";");
        match spans.get(index + 1) {
            Some((next_at, next)) if ended && !is_name(next) => {
                starts.push(*next_at);
                break;
            }
            Some(_) | None => {}
        }
    }
    starts
}

/// Starts of the sections and directives of a configuration, and of the prose glued to its end.
fn config_lines(body: &[u8]) -> Vec<(usize, Join)> {
    // words after which the next one is an argument, whatever it is
    let governs = [
        "option",
        "timeout",
        "http-request",
        "http-response",
        "tcp-request",
        "tcp-response",
        "http-check",
        "tcp-check",
        "stick",
        "no",
        "default",
        "acl",
        "use_backend",
        "default_backend",
        "frontend",
        "backend",
        "listen",
    ];
    let spans = spans(body);
    let mut starts = Vec::new();
    for (index, (at, word)) in spans.iter().enumerate() {
        let after = |n: usize| spans.get(index + n).map_or(&b""[..], |(_, word)| *word);
        if let Some(end) = glued(word, after(1)) {
            starts.push((at + end, Join::Fresh));
            break;
        }
        let Some((_, before)) = index.checked_sub(1).and_then(|n| spans.get(n)) else {
            continue;
        };
        let section =
            is_one_of(word, &["frontend", "backend", "listen"]) && kind::is_directive(after(2));
        if !is_one_of(before, &governs) && (section || kind::is_directive(word)) {
            starts.push((*at, Join::Runs));
        }
    }
    starts
}

/// `checkIf the`: a setting and the first word of a sentence, without the line break between them.
fn glued(word: &[u8], next: &[u8]) -> Option<usize> {
    let at = word.iter().position(u8::is_ascii_uppercase)?;
    let (setting, sentence) = word.split_at_checked(at)?;
    let plain = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_lowercase);
    (plain(setting) && sentence.get(1..).is_some_and(plain) && plain(next)).then_some(at)
}
