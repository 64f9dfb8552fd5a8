//! What the variables of `log-format` mean: one row each, and the sample expressions that mean the same.
//!
//! Source: configuration manual 1.8 to 3.2, "Custom log format"; the names of 1.4 and 1.5 are there too.

use super::date::DateShape;

/// What a field of a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    // Numbers that every line is asked for.
    AcceptMs,
    Bytes,
    RequestHeader,
    Queue,
    Connect,
    Response,
    Active,
    User,
    Total,
    Handshake,
    Idle,
    UntilRequest,
    // Its bytes are asked for, too.
    Status,
    // Other numbers.
    ActConn,
    FeConn,
    BeConn,
    SrvConn,
    SrvQueue,
    BackendQueue,
    // Its bytes are asked for, too.
    Retries,
    // Dates.
    AcceptDate,
    RequestDate,
    LogDate,
    // Texts that every line is asked for.
    Client,
    Frontend,
    Backend,
    Server,
    State,
    Origin,
    // Other texts.
    RequestCaptures,
    ResponseCaptures,
    Request,
    Method,
    Uri,
    Path,
    Host,
}

/// Number of slots for numbers, which come first.
pub(super) const N_NUMBERS: usize = Slot::Retries as usize + 1;
/// How many of them every line is asked for; those come first.
pub(super) const N_NUMBERS_ASKED: usize = Slot::Status as usize + 1;
/// Number of slots for dates, which come next.
pub(super) const N_DATES: usize = Slot::LogDate as usize + 1 - N_NUMBERS;
/// Number of slots for texts, the last ones, and of the two numbers whose bytes are asked for.
pub(super) const N_TEXTS: usize = Slot::Host as usize - Slot::LogDate as usize + 2;
/// How many of them every line is asked for.
pub(super) const N_TEXTS_ASKED: usize = Slot::Origin as usize - Slot::LogDate as usize + 1;

/// How a field looks, so that its end is found and a wrong one is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits, with `+` or `-` before them; `-` alone: absent.
    Number,
    /// Hexadecimal digits.
    Hex,
    /// `503`, `-1`.
    Status,
    /// So many letters or dashes.
    State(usize),
    /// An address, `unix`, `-`.
    Address,
    /// A name without blanks.
    Name,
    /// A request line.
    Request,
    /// A date.
    Date(DateShape),
    /// `{a|b}`, or nothing at all.
    Braces,
    /// Captures one by one, or nothing at all.
    List,
    /// Anything up to the next literal.
    Text,
    /// Nothing is printed.
    Nothing,
}

/// Whether `%{+Q}` puts quotes around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Yes,
    No,
}

/// One variable.
pub(super) struct Variable {
    /// What follows the `%`.
    pub(super) name: &'static str,
    /// What it tells; `None`: nothing that is asked for.
    pub(super) slot: Option<Slot>,
    pub(super) shape: Shape,
    pub(super) quotes: Quotes,
}

const fn row(name: &'static str, slot: Slot, shape: Shape, quotes: Quotes) -> Variable {
    Variable {
        name,
        slot: Some(slot),
        shape,
        quotes,
    }
}

const fn other(name: &'static str, shape: Shape, quotes: Quotes) -> Variable {
    Variable {
        name,
        slot: None,
        shape,
        quotes,
    }
}

/// The table of variables.
pub(super) static VARIABLES: [Variable; 76] = [
    row("ci", Slot::Client, Shape::Address, Quotes::Yes),
    row("Ci", Slot::Client, Shape::Address, Quotes::Yes),
    other("cp", Shape::Number, Quotes::No),
    other("Cp", Shape::Number, Quotes::No),
    other("fi", Shape::Address, Quotes::Yes),
    other("Fi", Shape::Address, Quotes::Yes),
    other("fp", Shape::Number, Quotes::No),
    other("Fp", Shape::Number, Quotes::No),
    other("bi", Shape::Address, Quotes::Yes),
    other("Bi", Shape::Address, Quotes::Yes),
    other("bp", Shape::Number, Quotes::No),
    other("Bp", Shape::Number, Quotes::No),
    other("si", Shape::Address, Quotes::Yes),
    other("Si", Shape::Address, Quotes::Yes),
    other("sp", Shape::Number, Quotes::No),
    other("Sp", Shape::Number, Quotes::No),
    row(
        "t",
        Slot::AcceptDate,
        Shape::Date(DateShape::Local),
        Quotes::No,
    ),
    row(
        "T",
        Slot::AcceptDate,
        Shape::Date(DateShape::Zone),
        Quotes::No,
    ),
    row(
        "Tl",
        Slot::AcceptDate,
        Shape::Date(DateShape::Zone),
        Quotes::No,
    ),
    row(
        "Ts",
        Slot::AcceptDate,
        Shape::Date(DateShape::Seconds),
        Quotes::No,
    ),
    row("ms", Slot::AcceptMs, Shape::Number, Quotes::No),
    row(
        "tr",
        Slot::RequestDate,
        Shape::Date(DateShape::Local),
        Quotes::No,
    ),
    row(
        "trg",
        Slot::RequestDate,
        Shape::Date(DateShape::Zone),
        Quotes::No,
    ),
    row(
        "trl",
        Slot::RequestDate,
        Shape::Date(DateShape::Zone),
        Quotes::No,
    ),
    row("f", Slot::Frontend, Shape::Name, Quotes::Yes),
    row("ft", Slot::Frontend, Shape::Name, Quotes::Yes),
    row("b", Slot::Backend, Shape::Name, Quotes::Yes),
    row("s", Slot::Server, Shape::Name, Quotes::Yes),
    row("ST", Slot::Status, Shape::Status, Quotes::No),
    row("st", Slot::Status, Shape::Status, Quotes::No),
    row("B", Slot::Bytes, Shape::Number, Quotes::No),
    other("U", Shape::Number, Quotes::No),
    row("ts", Slot::State, Shape::State(2), Quotes::No),
    row("tsc", Slot::State, Shape::State(4), Quotes::No),
    row("TR", Slot::RequestHeader, Shape::Number, Quotes::No),
    row("Tw", Slot::Queue, Shape::Number, Quotes::No),
    row("Tc", Slot::Connect, Shape::Number, Quotes::No),
    row("Tr", Slot::Response, Shape::Number, Quotes::No),
    row("Ta", Slot::Active, Shape::Number, Quotes::No),
    row("Tu", Slot::User, Shape::Number, Quotes::No),
    row("Tt", Slot::Total, Shape::Number, Quotes::No),
    row("Th", Slot::Handshake, Shape::Number, Quotes::No),
    row("Ti", Slot::Idle, Shape::Number, Quotes::No),
    row("Tq", Slot::UntilRequest, Shape::Number, Quotes::No),
    other("Td", Shape::Number, Quotes::No),
    row("ac", Slot::ActConn, Shape::Number, Quotes::No),
    row("fc", Slot::FeConn, Shape::Number, Quotes::No),
    row("bc", Slot::BeConn, Shape::Number, Quotes::No),
    row("sc", Slot::SrvConn, Shape::Number, Quotes::No),
    row("rc", Slot::Retries, Shape::Number, Quotes::No),
    row("sq", Slot::SrvQueue, Shape::Number, Quotes::No),
    row("bq", Slot::BackendQueue, Shape::Number, Quotes::No),
    row("hr", Slot::RequestCaptures, Shape::Braces, Quotes::Yes),
    row("hs", Slot::ResponseCaptures, Shape::Braces, Quotes::Yes),
    row("hrl", Slot::RequestCaptures, Shape::List, Quotes::No),
    row("hsl", Slot::ResponseCaptures, Shape::List, Quotes::No),
    row("r", Slot::Request, Shape::Request, Quotes::Yes),
    row("HM", Slot::Method, Shape::Name, Quotes::Yes),
    row("HU", Slot::Uri, Shape::Text, Quotes::Yes),
    row("HP", Slot::Path, Shape::Text, Quotes::Yes),
    row("HPO", Slot::Path, Shape::Text, Quotes::Yes),
    other("HQ", Shape::Text, Quotes::Yes),
    other("HV", Shape::Name, Quotes::Yes),
    other("CC", Shape::Text, Quotes::Yes),
    other("CS", Shape::Text, Quotes::Yes),
    other("cc", Shape::Text, Quotes::Yes),
    other("cs", Shape::Text, Quotes::Yes),
    other("H", Shape::Name, Quotes::Yes),
    other("ID", Shape::Text, Quotes::Yes),
    other("lc", Shape::Number, Quotes::No),
    other("rt", Shape::Number, Quotes::No),
    other("pid", Shape::Number, Quotes::No),
    other("sslc", Shape::Name, Quotes::Yes),
    other("sslv", Shape::Name, Quotes::Yes),
    row("OG", Slot::Origin, Shape::Name, Quotes::Yes),
    other("o", Shape::Nothing, Quotes::No),
];

/// Sample expressions (blanks left out) that print the same as a variable.
///
/// Source: configuration manual 3.2, table of "Custom log format" (the column of sample fetches), "Fetching samples".
pub(super) const SAMPLES: [(&str, &str); 44] = [
    ("src", "ci"),
    ("fc_src", "ci"),
    ("src_port", "cp"),
    ("dst", "fi"),
    ("dst_port", "fp"),
    ("bc_src", "bi"),
    ("bc_dst", "si"),
    ("fe_name", "f"),
    ("be_name", "b"),
    ("srv_name", "s"),
    ("txn.status", "ST"),
    ("txn.sess_term_state", "ts"),
    ("txn.conn_retries", "rc"),
    ("txn.id32", "rt"),
    ("txn.timer.total", "Ta"),
    ("txn.timer.user", "Tu"),
    ("req.timer.queue", "Tw"),
    ("req.timer.hdr", "TR"),
    ("req.timer.idle", "Ti"),
    ("req.timer.tq", "Tq"),
    ("bc.timer.connect", "Tc"),
    ("res.timer.hdr", "Tr"),
    ("res.timer.data", "Td"),
    ("fc.timer.total", "Tt"),
    ("fc.timer.handshake", "Th"),
    ("res.bytes_in", "B"),
    ("req.bytes_in", "U"),
    ("bytes_out", "B"),
    ("bytes_in", "U"),
    ("bc_be_queue", "bq"),
    ("bc_srv_queue", "sq"),
    ("fe_conn", "fc"),
    ("act_conn", "ac"),
    ("unique-id", "ID"),
    ("pid", "pid"),
    ("hostname", "H"),
    ("method", "HM"),
    ("capture.req.method", "HM"),
    ("path", "HP"),
    ("capture.req.uri", "HU"),
    ("url", "HU"),
    ("capture.req.ver", "HV"),
    ("ssl_fc_protocol", "sslv"),
    ("ssl_fc_cipher", "sslc"),
];

/// The variable of that name.
pub(super) fn variable(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|v| v.name == name)
}

/// What a sample expression tells, and its shape; an unknown one is text.
pub(super) fn sample(expression: &str) -> (Option<Slot>, Shape) {
    let bare: String = expression.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some((_, name)) = SAMPLES.iter().find(|(sample, _)| *sample == bare)
        && let Some(v) = variable(name)
    {
        return (v.slot, v.shape.clone());
    }
    let (fetch, converters) = fetch_and_converters(&bare);
    if let Some(shape) = super::date::of_sample(fetch, converters) {
        return shape;
    }
    let lower = bare.to_ascii_lowercase();
    match lower.as_str() {
        "status" => (Some(Slot::Status), Shape::Status),
        "req.hdr(host)" | "hdr(host)" | "req.fhdr(host)" => (Some(Slot::Host), Shape::Text),
        "capture.req.hdr(0)" => (Some(Slot::RequestCaptures), Shape::Text),
        _ => (None, Shape::Text),
    }
}

/// Cuts at the first comma outside any parentheses.
fn fetch_and_converters(expression: &str) -> (&str, &str) {
    let mut depth = 0_u32;
    let comma = expression.char_indices().find(|(_, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *c == ',' && depth == 0
    });
    comma
        .and_then(|(at, _)| Some((expression.get(..at)?, expression.get(at + 1..)?)))
        .unwrap_or((expression, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_once_and_samples_name_a_variable() {
        for (index, v) in VARIABLES.iter().enumerate() {
            let first = VARIABLES.iter().position(|other| other.name == v.name);
            assert_eq!(first, Some(index), "{}", v.name);
        }
        for (sample, name) in SAMPLES {
            assert!(variable(name).is_some(), "{sample}");
        }
    }

    #[test]
    fn a_sample_with_blanks_or_in_other_letters_is_the_same() {
        assert_eq!(sample("req.hdr(Host)").0, Some(Slot::Host));
        assert_eq!(sample(" src ").0, Some(Slot::Client));
        assert_eq!(sample("src,ipmask(24)"), (None, Shape::Text));
        assert_eq!(sample("var(txn.x)"), (None, Shape::Text));
    }
}
