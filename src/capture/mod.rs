//! Outputs of other programs that an operator saved: curl, dig, ss, systemctl, `haproxy -c`, `haproxy -vv`.

mod config_check;
mod curl;
mod listening;
mod lookup;
mod page;
mod shell;
mod socket_command;
mod unit;
mod version;
mod when;

use crate::base::Place;
use crate::base::Stamp;
use crate::base::Text;

/// What one capture says.
#[derive(Clone, Debug)]
pub enum Capture {
    /// `curl`, with or without `-i`/`-v`.
    Curl(Curl),
    /// `dig`, `host`, `nslookup`, `getent`.
    Lookup(Lookup),
    /// `haproxy -c`.
    ConfigCheck(ConfigCheck),
    /// `haproxy -v`, `haproxy -vv`: the version.
    Version(String),
    /// `systemctl status`.
    Unit(Unit),
    /// `ss`, `netstat`: local addresses in LISTEN, with their line.
    Listening(Vec<(String, Place)>),
    /// A command on the runtime socket and what it answered (`set server … state drain`).
    SocketCommand {
        /// The command.
        command: String,
        /// Where it stands.
        at: Place,
        /// First line of the answer; empty when there was none, or it was empty (the socket's way to say it is done).
        answer: String,
    },
}

/// Who wrote an HTTP answer, as far as its bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Author {
    /// HAProxy's own page: the body is one of the built-in ones.
    Haproxy,
    /// Something else: `Server:` header, another body.
    Server,
    /// Cannot be told.
    Unknown,
}

/// One request made with curl and what came back.
#[derive(Clone, Debug)]
pub struct Curl {
    /// Where the answer starts (status line, error line, or the first line of the body).
    pub at: Place,
    /// The command line, as far as it is there; empty when not.
    pub command: String,
    /// URL of the command; empty when unknown.
    pub url: String,
    /// `Host` header that the command or a `-v` trace sets; empty: the URL's.
    pub host: String,
    /// Status of the last answer; `None`: no answer.
    pub status: Option<u16>,
    /// Response headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// curl's own error: number and text (`7`, `Failed to connect to …`).
    pub error: Option<(u32, String)>,
    /// Who wrote the answer.
    pub author: Author,
    /// `Date` header of the answer.
    pub date: Option<Stamp>,
}

/// A name lookup.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Where it starts.
    pub at: Place,
    /// The name asked for.
    pub name: String,
    /// `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `TIMEOUT` …; empty when unknown.
    pub status: String,
    /// Addresses of the answer.
    pub addresses: Vec<String>,
    /// `;; WHEN:` of the output.
    pub when: Option<Stamp>,
}

/// `haproxy -c -f …`.
#[derive(Clone, Debug)]
pub struct ConfigCheck {
    /// Where it starts.
    pub at: Place,
    /// `Some(true)`: `Configuration file is valid`; `Some(false)`: fatal errors; `None`: cannot be told.
    pub valid: Option<bool>,
    /// Error lines with their place.
    pub errors: Vec<(String, Place)>,
}

/// `systemctl status`.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Where it starts.
    pub at: Place,
    /// `haproxy.service`.
    pub name: String,
    /// `active (running)`, `failed (Result: exit-code)` …
    pub active: String,
    /// Stamp after `since`, with the zone as written applied when it is known.
    pub since: Option<Stamp>,
}

/// Which program produced a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "named as the program")]
pub enum CaptureKind {
    Curl,
    Lookup,
    ConfigCheck,
    HaproxyVersion,
    SystemctlStatus,
    Listening,
    SocketCommand,
}

/// Parses one capture. `command` is the command line that a transcript shows for it, empty when unknown.
///
/// A file may hold several captures of one kind in a row; each becomes one entry.
pub fn parse(kind: CaptureKind, command: &str, text: Text<'_>) -> Vec<Capture> {
    match kind {
        CaptureKind::Curl => curl::parse(command, text)
            .into_iter()
            .map(Capture::Curl)
            .collect(),
        CaptureKind::Lookup => lookup::parse(command, text)
            .into_iter()
            .map(Capture::Lookup)
            .collect(),
        CaptureKind::ConfigCheck => config_check::parse(command, text)
            .into_iter()
            .map(Capture::ConfigCheck)
            .collect(),
        CaptureKind::HaproxyVersion => version::parse(text)
            .into_iter()
            .map(Capture::Version)
            .collect(),
        CaptureKind::SystemctlStatus => unit::parse(text).into_iter().map(Capture::Unit).collect(),
        CaptureKind::Listening => vec![Capture::Listening(listening::parse(text))],
        CaptureKind::SocketCommand => socket_command::parse(command, text),
    }
}
