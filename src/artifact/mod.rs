//! First bytes -> what it is; a pasted session -> its parts.

mod block;
mod command;
mod flow;
mod head;
mod kind;
mod log_line;
mod name;
mod prompt;
mod transcript;
mod words;

use crate::artifact::head::Head;
use crate::artifact::kind::Hint;
use crate::base::Place;
use crate::base::Stamp;
use crate::base::Text;
use crate::capture::CaptureKind;
use crate::dump::DumpKind;

/// Bytes that recognition looks at.
const HEAD_BYTES: usize = 64 << 10;

/// What an artifact is, decided by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing in it.
    Empty,
    /// Log lines in any carrier; which one is `carrier`'s business.
    Log,
    /// A native systemd journal file.
    Journal,
    /// haproxy.cfg.
    Config,
    /// A map or ACL file.
    Map,
    /// An output of the runtime socket.
    Dump(DumpKind),
    /// An output of another program.
    Capture(CaptureKind),
    /// Several prompts, commands and outputs in one file, or outputs of several kinds in a row.
    Transcript,
    /// Text of no known kind.
    UnknownText,
    /// Not text, and no container that is read.
    Binary,
}

/// One part of a transcript, or a whole artifact.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// What it is.
    pub kind: Kind,
    /// The command that the prompt shows; empty when there is none. Several outputs of one command repeat it.
    pub command: String,
    /// Host of the prompt; empty when it shows none.
    pub host: String,
    /// Time that the prompt shows; a prompt with a clock but no date gives a stamp on day 1970-01-01, `Zone::Local`.
    pub at: Option<Stamp>,
    /// Where the prompt stands, for citing the command; `None` without a prompt.
    pub prompt: Option<Place>,
    /// Its bytes: the output without the prompt. Empty when the command printed nothing.
    /// Of a [`CaptureKind::SocketCommand`] the prompt's line is part of it, because there the command is the fact.
    pub text: Text<'a>,
    /// The lines it had before they were run together into a paragraph; empty when its line breaks are its own.
    pub pieces: Vec<Text<'a>>,
    /// Lines of this part were wrapped, run together or snipped, as the text itself shows.
    pub damaged: bool,
}

impl<'a> Part<'a> {
    /// A whole artifact, or a part without a prompt.
    fn whole(kind: Kind, text: Text<'a>) -> Self {
        Part {
            kind,
            command: String::new(),
            host: String::new(),
            at: None,
            prompt: None,
            text,
            pieces: Vec::new(),
            damaged: false,
        }
    }
}

/// Recognizes an artifact by its first bytes (up to 64 KiB); the name is only a hint where content is silent.
pub fn recognize(head: &[u8], name: &str) -> Kind {
    let head = Head::new(head);
    kind::of_artifact(&head, hint(&head, name))
}

/// The bytes of a whole artifact that [`recognize`] looks at.
pub fn head(bytes: &[u8]) -> &[u8] {
    bytes.get(..HEAD_BYTES).unwrap_or(bytes)
}

/// Splits an artifact into its parts: one for most kinds, several for a transcript or for dumps in a row.
///
/// Every byte that is not blank belongs to exactly one part or to a prompt line.
pub fn split<'a>(kind: Kind, text: Text<'a>) -> Vec<Part<'a>> {
    let splits = match kind {
        Kind::Transcript | Kind::Capture(_) | Kind::Dump(_) | Kind::UnknownText => true,
        // a session may have one prompt only, and the text is of its kind then
        Kind::Log | Kind::Config | Kind::Map => !Head::new(text.bytes).prompts.is_empty(),
        Kind::Empty | Kind::Journal | Kind::Binary => false,
    };
    let parts = if splits {
        transcript::split(text)
    } else {
        Vec::new()
    };
    match parts.as_slice() {
        [] => vec![Part::whole(kind, text)],
        // the name had its say in `kind`, which the parts cannot know
        [part] if part.kind == Kind::UnknownText && part.prompt.is_none() => {
            vec![Part::whole(kind, text)]
        }
        _ => parts,
    }
}

/// Time that a file name carries: `show-stat.20260211T081424Z.csv`, `haproxy-2026-02-11_08-14-24.log`; `None` when none.
pub fn stamp_in_name(name: &str) -> Option<Stamp> {
    name::stamp(name)
}

/// What the commands of the prompts print, if all print the same; else what the name promises.
fn hint(head: &Head<'_>, name: &str) -> Hint {
    let mut expected = head
        .prompts
        .iter()
        .map(|prompt| command::expected(prompt.command));
    match expected.next() {
        Some(Some(kind)) if expected.all(|other| other == Some(kind)) => Hint::Command(kind),
        _ => name::hint(name).map_or(Hint::None, Hint::Name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::ProptestConfig;
    use proptest::prelude::any;
    use proptest::prelude::prop;

    #[track_caller]
    fn check(text: &str, name: &str, kind: Kind) {
        assert_eq!(recognize(text.as_bytes(), name), kind, "{text}");
    }

    #[test]
    fn logs_are_known_by_their_lines_whatever_the_name() {
        for text in [
            "Jun 05 21:53:47 app1 sshd[12]: session opened\nJun 05 21:53:48 app1 CRON[13]: x\n",
            "-- Logs begin at Fri 2026-06-05 00:00:00 UTC, end at Fri 2026-06-05 22:00:00 UTC. --\nJun 05 21:53:47 proxy01 kernel: x\n",
            "[WARNING]  (8) : Server be_app/app1 is DOWN, reason: Layer4 timeout\n",
            "Layer6 invalid response: certificate has expired\n",
            "haproxy:\nServer be_app/app1 is DOWN,\nreason: Layer4 connection problem\n",
            "192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n",
            "{\n\t\"__CURSOR\" : \"s=1\",\n\t\"MESSAGE\" : \"x\"\n}\n",
            "__CURSOR=s=1\nMESSAGE\n\u{3}\0\0\0\0\0\0\0abc\n\n",
            "Jun 05 21:53:47 proxy01 haproxy[17]: [ALERT]    (17) : config : Fatal errors found in configuration.\n",
        ] {
            check(text, "dump.csv", Kind::Log);
        }
        check("fe_app be_app/app1 200 GET 12 /x\n", "raw.log", Kind::Log);
        check(
            "fe_app be_app/app1 200 GET 12 /x\n",
            "raw.txt",
            Kind::UnknownText,
        );
    }

    #[test]
    fn configurations_are_known_whole_and_from_the_middle() {
        check(
            "global\n    daemon\n\nfrontend fe\n    bind :80\n",
            "x",
            Kind::Config,
        );
        check(
            "    server app1 10.0.10.11:80 check\n    server app2 10.0.10.12:80 check\n",
            "x",
            Kind::Config,
        );
        check(
            "# curl http://www.example.com/\n# systemctl reload haproxy\nbackend be\n  balance roundrobin\n",
            "x",
            Kind::Config,
        );
        check("user admin\n", "haproxy.cfg", Kind::Config);
    }

    #[test]
    fn dumps_are_known_with_and_without_their_header() {
        let state = Kind::Dump(DumpKind::ServersState);
        check("1\n# be_id be_name srv_id srv_name srv_addr\n", "x", state);
        check(
            "4 be 1 app1 10.0.10.11 2 0 1 1 5 15 3 4 6 0 0 0 - 80 -\n",
            "x",
            state,
        );
        let stat = Kind::Dump(DumpKind::StatCsv);
        check("# pxname,svname,qcur,\nfe,FRONTEND,,\n", "x.log", stat);
        check(
            "be,app1,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP 1/2,1,1\nbe,BACKEND,0,0\n",
            "x",
            stat,
        );
        check(
            "0.Name.1:POS:str:HAProxy\n",
            "x",
            Kind::Dump(DumpKind::Info),
        );
        check(
            "S.3.1.0.pxname.1:KNSV:str:be\n",
            "x",
            Kind::Dump(DumpKind::StatTyped),
        );
        check(
            "# name\nbe_app\nbe_api\n",
            "x",
            Kind::Dump(DumpKind::Backend),
        );
        check(
            "# table: st, type: ip, size:100, used:1\n0x1: key=192.0.2.1 use=0\n",
            "x.log",
            Kind::Dump(DumpKind::Table),
        );
    }

    #[test]
    fn captures_are_known_with_and_without_their_prompt() {
        let curl = Kind::Capture(CaptureKind::Curl);
        check(
            "HTTP/1.1 503 Service Unavailable\ncontent-length: 107\n",
            "x",
            curl,
        );
        check(
            "curl: (7) Failed to connect to 10.0.10.11 port 80\n",
            "x.log",
            curl,
        );
        check("$ curl http://10.0.10.11/\nok\n", "x", curl);
        check(
            "$ curl http://10.0.10.11/\nok\n$ curl http://10.0.10.12/\nok\n",
            "x",
            curl,
        );
        check("ok\n", "curl-app1.txt", curl);
        check(
            "root@11e42a406cdb:/tmp# dig app1.example.com\n\n; <<>> DiG 9.16.1 <<>>\n",
            "x",
            Kind::Capture(CaptureKind::Lookup),
        );
        check(
            "[NOTICE]   (1) : haproxy version is 2.6.12\n[ALERT]    (1) : config : Fatal errors found in configuration.\n",
            "x",
            Kind::Capture(CaptureKind::ConfigCheck),
        );
        check(
            "$ printf \"set server be/app1 state drain\\n\" | socat - /run/h.sock\n\n",
            "x",
            Kind::Capture(CaptureKind::SocketCommand),
        );
        check(
            "State   Recv-Q  Send-Q\nLISTEN  0  128  *:80  *:*\n",
            "x",
            Kind::Capture(CaptureKind::Listening),
        );
    }

    #[test]
    fn what_is_nothing_is_called_so() {
        check("", "haproxy.log", Kind::Empty);
        check("\n \n", "haproxy.cfg", Kind::Empty);
        check("LPKSHHRH\0\0", "x", Kind::Journal);
        check("PK\u{3}\u{4}\0\0", "x.log", Kind::Binary);
        check(
            "To whom it may concern, the shop is closed.\n",
            "x.log",
            Kind::UnknownText,
        );
        check(
            "www.example.com be_app\n/static be_static\n",
            "x",
            Kind::Map,
        );
        check("192.0.2.1\n192.0.2.2\n", "blocked.lst", Kind::Map);
    }

    #[test]
    fn outputs_of_several_kinds_are_a_transcript() {
        check(
            "$ curl http://10.0.10.11/\nok\n$ ss -tln\nState Recv-Q Send-Q\n",
            "x",
            Kind::Transcript,
        );
        check(
            "Name: HAProxy\nVersion: 3.2\n\n# pxname,svname,\nfe,FRONTEND,\n",
            "x",
            Kind::Transcript,
        );
        check(
            "\u{25cf} haproxy.service - HAProxy\n     Loaded: loaded (x)\n\nJun 05 21:53:47 proxy01 haproxy[3]: x\n",
            "x",
            Kind::Transcript,
        );
    }

    proptest::proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn parts_of_any_text_stay_within_it_in_order(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "$ curl -i http://h/ ", "HTTP/1.1 503 x ", "\n", "\r\n", "1\n", "# be_id be_name a\n", "### show stat\n",
                "# pxname,svname,\n", "fe,FRONTEND,\n", "Jun 05 21:53:47 h p[1]: x ", " $ sudo ls", "backend be ", "\\\n", "'", "\0",
                "[1", "@", "a@b:~# ", "> show ", "Name: HAProxy\n", "##### snipped ", "\u{25cf} a.service - b\n",
            ]), 0..40),
            noise in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut bytes = pieces.concat().into_bytes();
            bytes.extend(noise);
            let kind = recognize(&bytes, "x.cfg");
            let mut end = 0;
            for part in split(kind, Text::new(&bytes)) {
                let start = usize::try_from(part.text.first.offset).unwrap();
                proptest::prop_assert!(start >= end, "{:?}", part);
                end = start + part.text.bytes.len();
                proptest::prop_assert_eq!(&bytes[start..end], part.text.bytes);
                let line = bytes[..start].iter().filter(|b| **b == b'\n').count() as u64 + 1;
                let at_prompt = part.text.bytes.is_empty();
                proptest::prop_assert!(at_prompt || part.text.first.line == line, "{:?}", part);
            }
        }
    }
}
