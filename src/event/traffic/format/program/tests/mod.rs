//! Straight on and by trying again a line says the same: random formats, lines that they print, cut ones and changed ones.

mod quick;

use super::*;
use crate::base::decimal;
use crate::event::traffic::format::compile::compile;
use crate::event::traffic::format::fields::Values;
use crate::event::traffic::format::quick::Found;
use crate::event::traffic::format::variable::N_NUMBERS_ASKED;
use crate::event::traffic::timers::Number;
use proptest::prelude::*;

/// What a format may have, and what it prints; some of it holds what ends another field.
const ITEMS: [(&str, &[&str]); 30] = [
    (
        "%ci",
        &[
            "192.0.2.7",
            "2001:db8::7",
            "::ffff:198.51.100.9",
            "-",
            "unix",
            "unix:1",
            "abns@x:1",
        ],
    ),
    (
        "%ci:%cp",
        &[
            "192.0.2.7:1234",
            "2001:db8::7:33340",
            "2001:1:7:2:33",
            "unix:1",
            "unix:1:2",
            "-:-",
            "192.0.2.7:-",
        ],
    ),
    ("%cp", &["1", "65535", "0", "-"]),
    (
        "%tr",
        &[
            "22/Nov/2026:07:46:17.271",
            "05/Jun/2026:21:53:60.004",
            " 5/Jun/2026:21:53:40.004",
            "-",
        ],
    ),
    ("%T", &["22/Nov/2026:07:46:17 +0130"]),
    ("%Ts", &["1795333577", "503"]),
    (
        "%[date(0,ms),ms_utime(\"%F %T.%3N%z\")]",
        &["2026-11-22 07:46:17.271+0000"],
    ),
    (
        "%f",
        &[
            "fe", "fe_main~", "be:1", "-", "a/b", "with|bar", "a=b", "\x7f",
        ],
    ),
    (
        "%b",
        &["be_shop", "-", "be:1", "a_very_very_long_name_of_a_backend"],
    ),
    (
        "%{-M}s",
        &["app1", "<NOSRV>", "", "s]x", "s{x", "s!", "s\\"],
    ),
    ("%{+Q}s", &["\"app1\"", "\"<NOSRV>\"", "\"\"", "\"a b\""]),
    ("%b/%s", &["be/app1", "be/<NOSRV>", "b/c/d", "be/"]),
    ("%ST", &["200", "503", "-1", "0", "5031", "099", "-"]),
    ("%{+Q}ST", &["200", "\"503\""]),
    (
        "%B",
        &[
            "0",
            "1234567",
            "12345678",
            "12345678901",
            "+17",
            "-1",
            "-",
            "99999999999999999999",
        ],
    ),
    ("%ts", &["--", "SC", "sQ", "-"]),
    ("%tsc", &["----", "SC--", "sQ--", "S1--"]),
    (
        "%TR/%Tw/%Tc/%Tr/%Ta",
        &["0/0/-1/-1/0", "1/2/3/4/+5", "1/2/3/4/12345678"],
    ),
    ("%rc", &["0", "+3", "-"]),
    (
        "%[txn.redispatched,iif(+,)]%[txn.conn_retries]",
        &["0", "+3"],
    ),
    ("%hr", &["{a|b}", "", "{}", "{a", "{a}b}"]),
    ("%hrl", &["a b", "", "a", "a \"b"]),
    ("%{+Q}hr", &["\"{a}\"", "", "\"{a}b\""]),
    (
        "%{+Q}r",
        &[
            "\"GET / HTTP/1.1\"",
            "\"GET /a\" b\" HTTP/1.1\"",
            "\"<BADREQ>\"",
            "\"\"",
            "\"GET /\\\"",
        ],
    ),
    ("%r", &["GET / HTTP/1.1", "<BADREQ>", "-", "", "1 2"]),
    (
        "%{+Q,+E}[var(txn.a)]",
        &["\"a\\\"b\"", "\"a\\\\\"", "\"x\" y\""],
    ),
    (
        "%[var(txn.x)]",
        &["", "-", "a b", "a,b", "a\" b", "a|b", "a\tb"],
    ),
    ("%HM", &["GET", "-"]),
    ("%HP%HQ", &["/a?b", "/a b"]),
    ("%{+X}pid", &["7f3", "-", "g"]),
];

/// What may stand between two of them.
const GLUES: [&str; 12] = [
    " ",
    "|",
    " - ",
    "; ",
    "\t",
    ",",
    ":",
    "/",
    " k=",
    "\",\"longer_key\":\"",
    "]",
    "  ",
];

/// A format and a line that it may print.
fn printed(picked: &[(usize, usize, usize)]) -> (String, String) {
    let (mut format, mut line) = (String::new(), String::new());
    for (at, &(item, value, glue)) in picked.iter().enumerate() {
        let (text, values) = ITEMS[item];
        let glue = if at == 0 { "" } else { GLUES[glue] };
        format.push_str(&format!("{glue}{text}"));
        line.push_str(&format!("{glue}{}", values[value % values.len()]));
    }
    (format, line)
}

/// The same as an object.
fn printed_as_json(picked: &[(usize, usize, usize)]) -> (String, String) {
    let (mut format, mut line) = ("%{+json}o".to_owned(), "{".to_owned());
    for (at, &(item, value, glue)) in picked.iter().enumerate() {
        let (text, values) = ITEMS[item];
        let name = text
            .rsplit_once('}')
            .map_or(text, |(_, name)| name)
            .trim_start_matches('%');
        let name = name.split(['/', ':', '%']).next().unwrap_or_default();
        format.push_str(&format!("%(k{at}){name}"));
        let quote = if glue % 3 == 0 { "" } else { "\"" };
        let comma = if at == 0 { "" } else { ", " };
        let value = values[value % values.len()];
        line.push_str(&format!("{comma}\"k{at}\": {quote}{value}{quote}"));
    }
    line.push('}');
    (format, line)
}

const NUMBERS: [Slot; 20] = [
    Slot::AcceptMs,
    Slot::Status,
    Slot::Bytes,
    Slot::RequestHeader,
    Slot::Queue,
    Slot::Connect,
    Slot::Response,
    Slot::Active,
    Slot::User,
    Slot::Total,
    Slot::Handshake,
    Slot::Idle,
    Slot::UntilRequest,
    Slot::ActConn,
    Slot::FeConn,
    Slot::BeConn,
    Slot::SrvConn,
    Slot::Retries,
    Slot::SrvQueue,
    Slot::BackendQueue,
];
const DATES: [Slot; 3] = [Slot::AcceptDate, Slot::RequestDate, Slot::LogDate];
const TEXTS: [Slot; 13] = [
    Slot::Client,
    Slot::Frontend,
    Slot::Backend,
    Slot::Server,
    Slot::State,
    Slot::RequestCaptures,
    Slot::ResponseCaptures,
    Slot::Request,
    Slot::Method,
    Slot::Uri,
    Slot::Path,
    Slot::Host,
    Slot::Origin,
];

/// What every line is asked for.
fn said_to_all<'a>(fields: &impl Values<'a>) -> String {
    let numbers =
        NUMBERS.map(|slot| ((slot as usize) < N_NUMBERS_ASKED).then(|| fields.number(slot).get()));
    let dates = DATES.map(|slot| fields.date(slot));
    let asked = [
        Slot::Client,
        Slot::Frontend,
        Slot::Backend,
        Slot::Server,
        Slot::State,
        Slot::Origin,
    ];
    let texts = asked.map(|slot| fields.get(slot));
    let status = fields.status().map(Number::get);
    let names = fields.between(Slot::Frontend, Slot::Server);
    format!("{numbers:?} {dates:?} {texts:?} {status:?} {names:?}")
}

/// All that is asked of a line.
fn said(fields: &Fields<'_>) -> String {
    let numbers = NUMBERS.map(|slot| fields.number(slot).get());
    let dates = DATES.map(|slot| fields.date(slot));
    let texts = TEXTS.map(|slot| {
        fields
            .get(slot)
            .map(<[u8]>::escape_ascii)
            .map(|t| t.to_string())
    });
    let retries = fields.get(Slot::Retries);
    let redispatched = retries.is_some_and(|retries| retries.starts_with(b"+"));
    let status = fields.status().map(|status| status.get());
    format!(
        "{numbers:?} {dates:?} {texts:?} {status:?} {redispatched} {}",
        fields.is_cut
    )
}

#[track_caller]
fn check(text: &str, line: &[u8]) -> Result<(), TestCaseError> {
    let mut program = compile(text).program;
    let (mut straight, mut searched) = (Fields::all(line), Fields::all(line));
    let dates = accept::Memory::default;
    let is_read = program.run(&mut straight, &mut dates());
    let is_found = program.search(&mut searched, &mut dates()).is_some();
    let note = || format!("{text}\n{}", line.escape_ascii());
    prop_assert_eq!(is_read, is_found, "{}", note());
    prop_assert!(!is_read || program.may_read(line), "{}", note());
    if !is_read {
        return Ok(());
    }
    prop_assert_eq!(said(&straight), said(&searched), "{}", note());
    // What every line is asked for is the same when nothing else is.
    let mut asked = Fields::new(line);
    prop_assert!(program.run(&mut asked, &mut dates()), "{}", note());
    prop_assert_eq!(said_to_all(&asked), said_to_all(&straight), "{}", note());
    // Digits that were kept are those that stand there.
    for slot in NUMBERS {
        if let Some(bytes) = searched.get(slot) {
            let digits = bytes.strip_prefix(b"+").unwrap_or(bytes);
            let value = decimal(digits).map(|value| value.min(u64::MAX >> 2));
            prop_assert_eq!(searched.number(slot).get(), value, "{}", note());
        }
    }
    // A date is the same without a day that is known.
    for slot in DATES {
        if let (Some(Shape::Date(shape)), Some(bytes)) = (program.shape(slot), searched.get(slot)) {
            let date = shape.part_by_part(bytes).map(|(date, _)| date);
            prop_assert_eq!(searched.date(slot), date, "{}", note());
        }
    }
    // Where what few lines are asked for is left, the quick way says the same, if it says anything.
    program.n_needed = program.asked().len();
    let mut found = Found::new(line);
    if let Some(quick) = program.quick()
        && quick.read(&mut found, &mut dates())
    {
        let mut fields = Fields::new(line);
        prop_assert!(program.run(&mut fields, &mut dates()), "{}", note());
        prop_assert!(!fields.is_cut, "{}", note());
        prop_assert_eq!(said_to_all(&found), said_to_all(&fields), "{}", note());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn straight_on_and_by_trying_again_a_line_says_the_same(
        picked in prop::collection::vec((0..ITEMS.len(), 0_usize..9, 0..GLUES.len()), 1..9),
        json in prop::bool::weighted(0.2),
        kept in prop::option::weighted(0.3, 0_usize..200),
        changed in prop::collection::vec((0_usize..200, prop::sample::select(b" \t\":/-+]{}|,0a\xff".to_vec())), 0..3),
    ) {
        let (format, line) = if json { printed_as_json(&picked) } else { printed(&picked) };
        let mut line = line.into_bytes();
        for (at, byte) in changed {
            let at = at % line.len().max(1);
            if let Some(old) = line.get_mut(at) {
                *old = byte;
            }
        }
        line.truncate(kept.map_or(usize::MAX, |kept| kept % (line.len() + 1)));
        check(&format, &line)?;
    }
}

#[test]
fn what_was_tried_and_given_up_is_not_said() {
    let format =
        r#"%hrl  %rc:%[var(txn.x)]; %TR/%Tw/%Tc/%Tr/%Ta %[date(0,ms),ms_utime("%F %T.%3N%z")]"#;
    check(
        format,
        b"a b  0:-; 0/0/-1/-1/0 2026-11-22 07:46:17.271+0000",
    )
    .unwrap();
}
