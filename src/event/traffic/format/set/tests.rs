//! Which format a line is in, by what the configurations declare and by what the line says.

use super::*;
use crate::base::Text;
use crate::event::traffic::BuiltIn;
use crate::event::traffic::Declared;
use crate::event::traffic::Memory;
use crate::event::traffic::Quick as _;
use crate::event::traffic::decode;
use crate::testing;

#[track_caller]
fn check(format: &str, line: &str, frontend: &str, source: Source) {
    let text = format!(
        "frontend fe\n    bind :80\n    log-format \"{format}\"\n    default_backend be\nbackend be\n    server s 192.0.2.1:80\n"
    );
    let config = crate::config::parse(Text::new(text.as_bytes()));
    let formats = Formats::of(&[&config]);
    let mut traffic = None;
    let decoded = decode(line.as_bytes(), &mut Memory::with(&formats), &mut traffic);
    assert_eq!(decoded, Decoded::Traffic, "{line}");
    let traffic = traffic.unwrap();
    assert_eq!(traffic.frontend().escape_ascii().to_string(), frontend);
    assert_eq!(traffic.source, source);
}

const HEAD: &str = "src=%ci at=[%tr] fe=%f be=%b srv=%s Tw=%Tw Tr=%Tr Ta=%Ta st=%ST ts=%tsc";
const HEAD_PRINTED: &str = "src=192.0.2.9 at=[22/Nov/2026:07:46:17.271] fe=fe be=be srv=s Tw=0 Tr=-1 Ta=3000 st=503 ts=SC--";

fn configured(lines: &str) -> Formats {
    let text = format!(
        "frontend fe\n    bind :80\n{lines}    default_backend be\nbackend be\n    server s 192.0.2.1:80\n"
    );
    Formats::of(&[&crate::config::parse(Text::new(text.as_bytes()))])
}

#[test]
fn what_stands_behind_the_outcome_is_looked_at_when_asked_for() {
    let formats = configured(&format!(
        "    log-format \"{HEAD} conn=%ac/%fc/%bc/%sc/%rc req=%{{+Q}}r\"\n"
    ));
    let whole = format!("{HEAD_PRINTED} conn=9/8/7/6/3 req=\"GET /a?b HTTP/1.1\"");
    let read = |line: &str| {
        let mut traffic = None;
        let mut memory = Memory::with(&formats);
        let decoded = decode(line.as_bytes(), &mut memory, &mut traffic);
        let tail = traffic.map(|t| (t.tail.counts(), t.tail.request().path.len()));
        (decoded, traffic.and_then(|t| t.status_code), tail)
    };
    let (decoded, status, tail) = read(&whole);
    assert_eq!((decoded, status), (Decoded::Traffic, Some(503)));
    let (counts, n_path) = tail.unwrap();
    assert_eq!((counts.retries, counts.actconn, n_path), (3, 9, 2));
    // Cut, or damaged: the outcome is known all the same, as that of a built-in line is; what is not there is not said.
    for end in [" conn=9/8/", " conn=9/8/7/6/x req=\"GET /a HTTP/1.1\""] {
        let (decoded, status, tail) = read(&format!("{HEAD_PRINTED}{end}"));
        assert_eq!((decoded, status), (Decoded::Traffic, Some(503)), "{end}");
        assert_eq!(tail.unwrap().0.retries, 0, "{end}");
    }
    // Before it, all has to be there.
    let (decoded, ..) = read(&whole.replace("st=503", "st=x"));
    assert_ne!(decoded, Decoded::Traffic);
}

#[test]
fn formats_that_only_their_ends_tell_apart_are_read_to_the_end() {
    let formats = configured(&format!(
        "    log-format \"{HEAD} bytes=%B\"\n    error-log-format \"{HEAD} err=%[fc_err]\"\n"
    ));
    for (end, is_read) in [(" bytes=217", true), (" err=0", true), (" other=1", false)] {
        let mut traffic = None;
        let line = format!("{HEAD_PRINTED}{end}");
        let decoded = decode(line.as_bytes(), &mut Memory::with(&formats), &mut traffic);
        assert_eq!(decoded == Decoded::Traffic, is_read, "{end}");
        let bytes = traffic.and_then(|t| t.bytes_read());
        assert_eq!(bytes, (end == " bytes=217").then_some(217), "{end}");
    }
}

const BUILT_IN_LINE: &str = "192.0.2.7:1 [22/Nov/2026:07:46:17.271] web be/s 0/0/0/1/1 200 62 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"";

#[test]
fn a_built_in_line_that_a_client_sent_within_a_header_is_part_of_the_line() {
    let format = "at=%Ts src=%ci fe=%f be=%b srv=%s st=%ST ts=%ts agent=%[var(txn.agent)]";
    let line =
        format!("at=1795333577 src=192.0.2.9 fe=fe be=be srv=s st=200 ts=-- agent={BUILT_IN_LINE}");
    check(format, &line, "fe", Source::Declared);
    check(format, BUILT_IN_LINE, "web", Source::BuiltIn);
    // Another frontend does not declare the format.
    let other = line.replace("fe=fe ", "fe=other ");
    check(format, &other, "web", Source::BuiltIn);
}

#[test]
fn a_format_that_begins_as_a_built_in_one_wins_for_its_frontend_only() {
    let format = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r %ms";
    check(format, BUILT_IN_LINE, "web", Source::BuiltIn);
    let line = BUILT_IN_LINE.replace("web", "fe~") + " 271";
    check(format, &line, "fe", Source::Declared);
}

const FORMAT: &str =
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r";

/// Takes both ways and compares them; says whether the quick one read the line, and what was read.
#[track_caller]
fn both(formats: &Formats, line: &str) -> (bool, Source, bool) {
    let mut whole = None;
    decode(line.as_bytes(), &mut Memory::with(formats), &mut whole);
    let whole = whole.unwrap();
    let quick = Declared::read(line.as_bytes(), &mut Memory::with(formats));
    let built_in = BuiltIn::read(line.as_bytes(), &mut Memory::with(formats));
    for quick in [quick, built_in].into_iter().flatten() {
        assert_eq!(format!("{quick:?}"), format!("{whole:?}"), "{line}");
    }
    if whole.source == Source::BuiltIn {
        assert_eq!(quick.is_some(), built_in.is_some(), "{line}");
    }
    (quick.is_some(), whole.source, whole.undeclared)
}

#[test]
fn built_in_lines_are_read_quickly_where_their_frontend_declares_nothing_else() {
    let of_fe = BUILT_IN_LINE.replace("web", "fe");
    let errors = "    option httplog\n    error-log-format \"%ci:%cp [%tr] %ft %[fc_err_str]\"\n";
    for (declared, of_web, fe) in [
        (
            format!("    log-format \"{FORMAT}\"\n"),
            true,
            (false, true),
        ),
        (format!("    log-format \"{HEAD}\"\n"), true, (false, true)),
        // Its lines might begin so.
        (
            "    log-format \"%ci %ft %b/%s %ST %tsc\"\n".to_owned(),
            false,
            (false, true),
        ),
        // The errors' format tells no outcome, so it is not asked; or it does, and is.
        (errors.to_owned(), true, (true, false)),
        (
            format!("    option httplog\n    error-log-format \"{FORMAT}\"\n"),
            true,
            (false, false),
        ),
    ] {
        let formats = configured(&declared);
        let quick = both(&formats, BUILT_IN_LINE);
        assert_eq!(quick, (of_web, Source::BuiltIn, false), "{declared}");
        let (is_quick, undeclared) = fe;
        let quick = both(&formats, &of_fe);
        assert_eq!(quick, (is_quick, Source::BuiltIn, undeclared), "{declared}");
    }
}

#[test]
fn lines_that_begin_as_built_in_ones_are_read_quickly_where_they_are_told_apart() {
    let formats = configured(&format!("    log-format \"{FORMAT}\"\n"));
    assert!(formats.is_quick());
    let built_in = BUILT_IN_LINE.replace("web", "fe");
    let own = built_in.replace(" - - ", " ");
    assert_eq!(both(&formats, &own), (true, Source::Declared, false));
    assert_eq!(both(&formats, &built_in), (false, Source::BuiltIn, true));
    // Of a frontend that declares nothing.
    let of_web = own.replace(" fe ", " web ");
    assert_eq!(both(&formats, &of_web), (false, Source::BuiltIn, false));
    // What tells no end of the request tells its status.
    let short = configured("    log-format \"%ci:%cp [%tr] %ft %b/%s %Ta %ST %{+Q}r\"\n");
    let line = "192.0.2.7:1 [22/Nov/2026:07:46:17.271] fe be/s 1 200 \"GET /index.html HTTP/1.1\"";
    assert_eq!(both(&short, line), (true, Source::Declared, false));
    let failed = line.replace(" 200 ", " 503 ");
    assert_eq!(both(&short, &failed), (false, Source::Declared, false));
    // What only the end tells apart is read to the end; and so is a format of errors beside a built-in one.
    for more in [
        "    log-format \"%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac\"\n"
            .to_owned(),
        format!("    option httplog\n    error-log-format \"{FORMAT}\"\n"),
        format!("    log-format \"{FORMAT}\"\n    error-log-format \"{FORMAT} %[fc_err]\"\n"),
    ] {
        assert!(!configured(&more).is_quick(), "{more}");
    }
}

const POOL: &str = "backend be_app\n server app1 192.0.2.9:80 check\n";
const FRONT: &str =
    "defaults\n mode http\n option httplog\nfrontend fe_app\n default_backend be_app\n";

fn http_503(setting: &str) -> Option<u64> {
    let config = format!("{}{POOL}", FRONT.replace(" option httplog", setting));
    let log = testing::nosrv(47);
    let report = testing::report(&[("haproxy.cfg", &config), ("a.log", &log)]);
    report.incidents.first().map(|found| found.impact.http_503)
}

#[test]
fn a_format_for_errors_that_ends_in_a_sample_takes_no_line_of_a_stream() {
    let errors = " option httplog\n error-log-format \"%ci:%cp [%tr] %ft %[fc_err_str]\"";
    assert_eq!(http_503(errors), http_503(" option httplog"));
    assert!(http_503(errors) > Some(0));
}

#[test]
fn a_format_of_its_own_that_tells_no_outcome_is_not_taken_for_a_built_in_one() {
    let own = " log-format \"%ci:%cp [%tr] %ft %[var(txn.note)]\"";
    assert_eq!(http_503(own), None);
}
