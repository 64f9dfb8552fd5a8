//! A session, or outputs in a row -> one part per output.

use crate::artifact::Kind;
use crate::artifact::Part;
use crate::artifact::block::Block;
use crate::artifact::block::is_snipped;
use crate::artifact::flow;
use crate::artifact::flow::Join;
use crate::artifact::flow::Strip;
use crate::artifact::head::Head;
use crate::artifact::kind;
use crate::artifact::kind::Hint;
use crate::base::Place;
use crate::base::Text;
use crate::base::printable;
use crate::capture::CaptureKind;

/// Lines of a session that are read, a bound for memory: each costs some 300 bytes. A day's recording has a tenth.
const LINES_MAX: usize = 200_000;

/// The parts of a text, in order. What stands behind [`LINES_MAX`] lines is one damaged part of unknown text.
pub(super) fn split(text: Text<'_>) -> Vec<Part<'_>> {
    let Some(rest) = text.lines().nth(LINES_MAX) else {
        return parts(text);
    };
    let at = usize::try_from(rest.place.offset - text.first.offset).unwrap_or(text.bytes.len());
    let (read, left_out) = text.bytes.split_at_checked(at).unwrap_or((text.bytes, &[]));
    let mut parts = parts(Text::at(read, text.first));
    parts.push(Part {
        damaged: true,
        ..Part::whole(Kind::UnknownText, Text::at(left_out, rest.place))
    });
    parts
}

fn parts(text: Text<'_>) -> Vec<Part<'_>> {
    blocks(text)
        .into_iter()
        .filter_map(|block| part(block, text))
        .collect()
}

fn blocks(text: Text<'_>) -> Vec<Block<'_>> {
    let strips = flow::strips(text);
    let mut done = Vec::new();
    let mut block = Block::default();
    let mut after_blank = false;
    let nexts = strips
        .iter()
        .skip(1)
        .map(|strip| strip.bytes)
        .chain([&b""[..]]);
    for (strip, next) in strips.iter().zip(nexts) {
        if let Some(prompt) = &strip.prompt {
            done.push(std::mem::replace(&mut block, Block::typed(strip, prompt)));
            continue;
        }
        let blank = strip.bytes.trim_ascii().is_empty();
        match strip.join {
            Join::Continues => {
                block.type_more(strip);
                continue;
            }
            Join::Fresh => done.push(std::mem::take(&mut block)),
            Join::Breaks if block.filled => {
                let same = block.same_command();
                done.push(std::mem::replace(&mut block, same));
            }
            Join::Breaks | Join::Runs => {}
        }
        let opened = kind::opened(strip.bytes, next);
        if !blank && block.ends_before(strip.bytes, opened, after_blank) {
            let same = block.same_command();
            done.push(std::mem::replace(&mut block, same));
        }
        if !blank && !block.filled || opened.is_some() && opened == block.expected {
            block.opened = opened.or(block.opened);
        }
        block.filled |= !blank;
        block.in_quotes ^= memchr::memchr_iter(b'"', strip.bytes).count() % 2 == 1;
        block.strips.push(strip.clone());
        after_blank = blank;
    }
    done.push(block);
    done
}

fn part<'a>(block: Block<'a>, text: Text<'a>) -> Option<Part<'a>> {
    let change = Some(Kind::Capture(CaptureKind::SocketCommand));
    let output = block.strips.first().map(|first| (first.start, first.place));
    let output = output.filter(|_| block.filled);
    let typed = block.prompt.as_ref().filter(|_| !block.command.is_empty());
    let (start, place) = match typed {
        Some(prompt) if block.expected == change => (prompt.start, prompt.place),
        // nothing was printed: the place behind the prompt
        Some(prompt) => output.unwrap_or_else(|| behind(prompt, text)),
        None => output?,
    };
    let last = block.strips.last().or(block.prompt.as_ref())?;
    let bytes = text
        .bytes
        .get(start..last.end.max(start))
        .unwrap_or_default();
    let head = Head::of_output(bytes);
    let kind = match (block.expected, block.filled) {
        (expected, _) if expected == change => Kind::Capture(CaptureKind::SocketCommand),
        (_, false) => Kind::UnknownText,
        // a paragraph between the outputs
        (None, true) if block.is_prose() => Kind::UnknownText,
        (expected, true) => kind::of_output(&head, hint(expected, block.opened)),
    };
    let is_piece = block.strips.iter().any(|strip| strip.is_piece);
    let prompt = typed.and_then(|strip| strip.prompt);
    Some(Part {
        kind,
        command: printable(&block.command),
        host: prompt
            .map(|prompt| printable(prompt.host))
            .unwrap_or_default(),
        at: prompt.and_then(|prompt| prompt.at),
        prompt: typed.map(|strip| strip.place),
        text: Text::at(bytes, place),
        pieces: if is_piece {
            pieces(&block, text)
        } else {
            Vec::new()
        },
        damaged: is_piece || head.lines.iter().any(|line| is_snipped(line)),
    })
}

/// The place behind a prompt's line.
fn behind(prompt: &Strip<'_>, text: Text<'_>) -> (usize, Place) {
    let before = text.bytes.get(prompt.start..prompt.end).unwrap_or_default();
    let place = Place {
        line: prompt.place.line + u64::from(before.ends_with(b"\n")),
        offset: prompt.place.offset + before.len() as u64,
    };
    (prompt.end, place)
}

fn hint(expected: Option<Kind>, opened: Option<Kind>) -> Hint {
    expected.or(opened).map_or(Hint::None, Hint::Command)
}

fn pieces<'a>(block: &Block<'a>, text: Text<'a>) -> Vec<Text<'a>> {
    let pieces = block.strips.iter().filter_map(|strip| {
        let bytes = text.bytes.get(strip.start..strip.end)?;
        Some(Text::at(bytes.trim_ascii_end(), strip.place))
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::DumpKind;

    type Seen = (Kind, String, u64, String);

    #[track_caller]
    fn check(text: &str, expected: &[(Kind, &str, u64, &str)]) {
        let got: Vec<Seen> = split(Text::new(text.as_bytes()))
            .into_iter()
            .map(|part| {
                let first = part
                    .text
                    .lines()
                    .next()
                    .map(|line| printable(line.bytes.trim_ascii_end()));
                (
                    part.kind,
                    part.command,
                    part.text.first.line,
                    first.unwrap_or_default(),
                )
            })
            .collect();
        let expected: Vec<Seen> = expected
            .iter()
            .map(|(kind, command, line, first)| (*kind, (*command).into(), *line, (*first).into()))
            .collect();
        assert_eq!(got, expected);
    }

    const CURL: Kind = Kind::Capture(CaptureKind::Curl);
    const STATE: Kind = Kind::Dump(DumpKind::ServersState);
    const STAT: Kind = Kind::Dump(DumpKind::StatCsv);
    const CHANGE: Kind = Kind::Capture(CaptureKind::SocketCommand);

    #[test]
    fn each_prompt_of_a_session_is_a_part() {
        let text = "[19:02:09] ops@proxy01:~$ echo \"show stat\" | socat - /run/h.sock\n# pxname,svname,\nfe,FRONTEND,\n\n\
                    [19:02:17] ops@laptop:~$ curl \\\n  http://10.0.10.11/\nok\n\
                    [19:02:18] ops@proxy01:~$ echo \"disable server be/app1\" | socat - /run/h.sock\n\n\
                    [19:02:19] ops@proxy01:~$ sudo systemctl restart app\n";
        check(
            text,
            &[
                (
                    STAT,
                    "echo \"show stat\" | socat - /run/h.sock",
                    2,
                    "# pxname,svname,",
                ),
                (CURL, "curl http://10.0.10.11/", 7, "ok"),
                (
                    CHANGE,
                    "echo \"disable server be/app1\" | socat - /run/h.sock",
                    8,
                    "[19:02:18] ops@proxy01:~$ echo \"disable server be/app1\" | socat - /run/h.sock",
                ),
                (Kind::UnknownText, "sudo systemctl restart app", 11, ""),
            ],
        );
        let parts = split(Text::new(text.as_bytes()));
        assert_eq!(parts[1].host, "laptop");
        assert_eq!(parts[1].at.unwrap().to_string(), "1970-01-01T19:02:17");
        assert_eq!(parts[1].prompt.unwrap().line, 5);
    }

    #[test]
    fn dumps_in_a_row_are_cut_at_their_headers() {
        check(
            "1\n# be_id be_name srv_id\n1\n# be_id be_name srv_id\n\n# pxname,svname,\nfe,FRONTEND,\nJun 05 21:53:47 proxy01 haproxy[3]: x\n",
            &[
                (STATE, "", 1, "1"),
                (STATE, "", 3, "1"),
                (STAT, "", 6, "# pxname,svname,"),
                (Kind::Log, "", 8, "Jun 05 21:53:47 proxy01 haproxy[3]: x"),
            ],
        );
    }

    #[test]
    fn markers_of_a_script_are_its_commands() {
        check(
            "### show stat\n# pxname,svname,\nfe,FRONTEND,\n\n=== show servers state ===\n1\n# be_id be_name srv_id\n",
            &[
                (STAT, "show stat", 2, "# pxname,svname,"),
                (STATE, "show servers state", 6, "1"),
            ],
        );
    }

    #[test]
    fn the_command_tells_the_kind_where_the_output_does_not() {
        check(
            "$ curl http://10.0.10.11/a\n# pxname,svname,\n$ curl http://10.0.10.11/b\nall good\n$ sudo journalctl -u haproxy\nglobal\n  daemon\n",
            &[
                (STAT, "curl http://10.0.10.11/a", 2, "# pxname,svname,"),
                (CURL, "curl http://10.0.10.11/b", 4, "all good"),
                (Kind::Config, "sudo journalctl -u haproxy", 6, "global"),
            ],
        );
    }

    #[test]
    fn a_session_run_together_into_paragraphs_is_cut_within_its_lines() {
        check(
            "First ask the proxy, whether a server is DOWN. $ curl -i http://www.example.com/ HTTP/1.1 503 Service Unavailable content-type: text/html <html>\n\
             The frontend answered.\n\
             $ sudo journalctl -u haproxy ##### snipped Jun 05 21:53:47 proxy01 haproxy[3]: backend 'be' has no server available! Jun 05 21:53:48 proxy01 haproxy[3]: x\n\
             backend be option httpchk GET /h server app1 10.0.10.11:80 checkIf the request is routed, look here.\n\
             $ echo \"show servers state\" | socat - /run/h.sock 1 # be_id be_name srv_id 3 be 1 app1 10.0.10.11 0 ##### snipped 80\n",
            &[
                (
                    Kind::UnknownText,
                    "",
                    1,
                    "First ask the proxy, whether a server is DOWN.",
                ),
                (
                    CURL,
                    "curl -i http://www.example.com/",
                    1,
                    "HTTP/1.1 503 Service Unavailable content-type: text/html <html>",
                ),
                (Kind::UnknownText, "", 2, "The frontend answered."),
                (
                    Kind::UnknownText,
                    "sudo journalctl -u haproxy",
                    3,
                    "##### snipped",
                ),
                (
                    Kind::Log,
                    "sudo journalctl -u haproxy",
                    3,
                    "Jun 05 21:53:47 proxy01 haproxy[3]: backend 'be' has no server available!",
                ),
                (
                    Kind::Log,
                    "sudo journalctl -u haproxy",
                    3,
                    "Jun 05 21:53:48 proxy01 haproxy[3]: x",
                ),
                (
                    Kind::Config,
                    "",
                    4,
                    "backend be option httpchk GET /h server app1 10.0.10.11:80 check",
                ),
                (
                    Kind::UnknownText,
                    "",
                    4,
                    "If the request is routed, look here.",
                ),
                (
                    STATE,
                    "echo \"show servers state\" | socat - /run/h.sock",
                    5,
                    "1 # be_id be_name srv_id 3 be 1 app1 10.0.10.11 0 ##### snipped 80",
                ),
            ],
        );
    }

    #[test]
    fn pieces_are_the_lines_a_paragraph_had() {
        let text = "$ echo \"show servers state\" | socat - /run/h.sock 1 # be_id be_name srv_id 3 be 1 app1 10.0.10.11 0 ##### snipped 80\n";
        let parts = split(Text::new(text.as_bytes()));
        let pieces: Vec<String> = parts[0]
            .pieces
            .iter()
            .map(|piece| printable(piece.bytes))
            .collect();
        assert_eq!(
            pieces,
            [
                "1",
                "# be_id be_name srv_id",
                "3 be 1 app1 10.0.10.11 0 ##### snipped 80"
            ]
        );
        assert!(parts[0].damaged);
        let at = usize::try_from(parts[0].pieces[1].first.offset).unwrap();
        assert!(text.as_bytes()[at..].starts_with(b"# be_id"));
    }

    #[test]
    fn a_client_cannot_type_at_a_prompt() {
        let quoted = "$ tail /var/log/haproxy.log\nJun 05 21:53:47 proxy01 haproxy[3]: 192.0.2.1:1 [05/Jun/2026:21:53:47.987] fe be/app1 0/0/0/0/0 200 1 - - ---- 1/1/0/0/0 0/0 {x $ curl http://h/ HTTP/1.1 200 OK} \"GET / HTTP/1.1\"\n";
        assert_eq!(split(Text::new(quoted.as_bytes())).len(), 1);
    }
}
