//! The report's data: the keys of `nosrv.report/1`. Keys are only ever added.
//!
//! Times are RFC 3339 UTC with the precision of their source; `null` where nothing is known.

use crate::report::{AvoidableLine, ReplayLine};
use serde::Serialize;

/// One analysis.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// `nosrv.report/1`.
    pub schema: &'static str,
    /// Who made it.
    pub tool: Tool,
    /// `incident`, `no-incident` or `insufficient-evidence`.
    pub verdict: &'static str,
    /// One sentence a manager can read.
    pub summary: String,
    /// Most severe first.
    pub incidents: Vec<IncidentLine>,
    /// Every cited line, numbered `E1`, `E2` … in the order of first use.
    pub evidence: Vec<EvidenceLine>,
    /// Every artifact, numbered `A1`, `A2` … by path.
    pub artifacts: Vec<ArtifactLine>,
    /// What happened, in order.
    pub timeline: Vec<TimelineLine>,
    /// What would decide the rest.
    pub missing: Vec<MissingLine>,
    /// How times were read.
    pub clock: ClockLine,
    /// What the reader must know about the reading itself: limits hit, files left out, assumptions.
    pub warnings: Vec<String>,
    /// What was looked at, and what could hide an incident.
    pub looked_at: LookedAt,
    /// What the user asked for; absent: everything is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterLine>,
}

/// What the user asked for. The whole bundle was read and diagnosed; counts of an incident are whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FilterLine {
    /// Incidents that ended before are left out.
    pub since: Option<String>,
    /// Incidents that began after it are left out; a whole second is meant whole.
    pub until: Option<String>,
    /// Names or patterns of backends; empty: all.
    pub backends: Vec<String>,
    /// Names or patterns of frontends; empty: all.
    pub frontends: Vec<String>,
    /// Incidents that were found and are not in this report.
    pub incidents_left_out: u64,
    /// All of that in a few words.
    #[serde(skip)]
    pub words: String,
}

/// Program and version.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tool {
    /// `nosrv`.
    pub name: &'static str,
    /// As in Cargo.toml.
    pub version: &'static str,
}

/// One incident of one backend.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IncidentLine {
    /// `I1`, `I2` …
    pub id: String,
    /// Incidents with the same fault share it: `F1`; absent when the fault hit one backend only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Host of HAProxy.
    pub host: Option<String>,
    /// The frontend with most failures.
    pub frontend: Option<String>,
    /// The backend; equals the frontend where no backend was chosen.
    pub backend: Option<String>,
    /// When.
    pub window: Window,
    /// How much.
    pub impact: Impact,
    /// `haproxy`, `server` or `unknown`: who wrote the 503.
    pub answered_by: &'static str,
    /// What made HAProxy answer 503.
    pub cause: CauseLine,
    /// How many failures fall in a time without a usable server; absent: no message tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<ReplayLine>,
    /// Each server that failed or matters, in order of name.
    pub servers: Vec<ServerLine>,
    /// What set it off.
    pub trigger: Option<TriggerLine>,
    /// What made it worse, longer or likelier.
    pub factors: Vec<FactorLine>,
    /// What it was not.
    pub ruled_out: Vec<RuledOutLine>,
    /// Causes that the evidence does not separate; only with cause `insufficient-evidence`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<PossibleLine>,
    /// What contradicts the conclusion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<RuledOutLine>,
    /// What to do.
    pub fix: FixLine,
    /// It is over; `null`: cannot be told.
    pub recovered: Option<bool>,
    /// How it ended.
    pub recovery: Option<Recovery>,
    /// Other backends that the same fault hit, without a failed request to show for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<AlsoLine>,
    /// Its kind, free of names, addresses, times and numbers.
    pub fingerprint: FingerprintLine,
    /// Archived incidents that it looks like, the most alike first; only when they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<SimilarLine>,
}

/// When an incident was.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Window {
    /// Accept time of the first failing request (or the first sign of failure).
    pub start: Option<String>,
    /// Accept time of the last failing request plus its total time (or the last sign).
    pub end: Option<String>,
    /// Accept time of the last request before it that a server answered well.
    pub last_good: Option<String>,
    /// Failures go on to the end of what was captured.
    pub ongoing: bool,
}

/// What clients saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Impact {
    /// Requests of the backend in the window, good ones included.
    pub requests: u64,
    /// 503 lines of the backend in the window.
    pub http_503: u64,
    /// Those of them with `<NOSRV>`.
    pub nosrv: u64,
    /// TCP streams that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_sessions: Option<u64>,
    /// Distinct client addresses that failed.
    pub clients: u64,
    /// `clients` is an estimate: there were more than are counted exactly.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clients_estimated: bool,
    /// Failing routes, most failures first.
    pub routes: Vec<Route>,
    /// There were more routes than are listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub routes_cut: bool,
}

/// One failing route.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Route {
    /// `Host`, when it was captured or part of the request line.
    pub host: Option<String>,
    /// Path without query.
    pub path: String,
    /// Failures.
    pub http_503: u64,
}

/// The conclusion.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CauseLine {
    /// Id of the catalogue.
    pub id: String,
    /// 0 to 1, two digits.
    pub confidence: f64,
    /// A few words.
    pub title: String,
    /// A paragraph with this incident's names and numbers.
    pub explanation: String,
    /// Ids of the cited lines.
    pub evidence: Vec<String>,
}

/// One server's story.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ServerLine {
    /// Name on the `server` line.
    pub name: String,
    /// Address and port.
    pub address: Option<String>,
    /// Its own cause; `null`: it did not fail, or nothing says why.
    pub cause: Option<String>,
    /// Its changes of state, in order.
    pub transitions: Vec<TransitionLine>,
}

/// One change of a server's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TransitionLine {
    /// When; `null`: the carrier has no time.
    pub at: Option<String>,
    /// State before: `UP`, `DOWN`, `MAINT`, `DRAIN`, `STOPPING`; `null`: unknown.
    pub from: Option<String>,
    /// State after.
    pub to: String,
    /// Why, in HAProxy's words.
    pub reason: String,
    /// The line that says so.
    pub evidence: String,
}

/// What set the incident off.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TriggerLine {
    /// Id of the catalogue.
    pub id: String,
    /// 0 to 1, two digits.
    pub confidence: f64,
    /// When.
    pub at: Option<String>,
    /// A sentence.
    pub explanation: String,
    /// Ids of the cited lines.
    pub evidence: Vec<String>,
}

/// What made it worse, longer or likelier.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FactorLine {
    /// Id of the catalogue.
    pub id: String,
    /// A sentence with numbers.
    pub explanation: String,
    /// Ids of the cited lines.
    pub evidence: Vec<String>,
    /// What would have avoided failures, one alternative each: they do not add up. Absent: the artifacts do not tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub avoidable: Vec<AvoidableLine>,
}

/// A cause that it was not, or a contradiction.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RuledOutLine {
    /// Id of the catalogue.
    pub id: String,
    /// The evidence against it.
    pub why: String,
    /// Ids of the cited lines.
    pub evidence: Vec<String>,
}

/// Another backend that lost its servers in the same fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AlsoLine {
    /// Its name.
    pub backend: String,
    /// Its own cause.
    pub cause: String,
    /// When its first server went; `null`: unknown.
    pub at: Option<String>,
    /// Lines that show it.
    pub evidence: Vec<String>,
}

/// The kind of an incident: equal for incidents of one kind, whatever their names, times and numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FingerprintLine {
    /// Hash of the features.
    pub id: String,
    /// Cause, trigger, factors, steps of failure, reasons of losses, order of events; sorted.
    pub features: Vec<String>,
}

/// An archived incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SimilarLine {
    /// Path of the archived incident.
    pub name: String,
    /// Id of the incident in its report.
    pub incident: String,
    /// 0 to 1: every feature is the same.
    pub likeness: f64,
    /// Features of both.
    pub common: Vec<String>,
    /// Features of the new one only.
    pub only_new: Vec<String>,
    /// Features of the archived one only.
    pub only_archived: Vec<String>,
}

/// A cause that remains possible.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PossibleLine {
    /// Id of the catalogue.
    pub id: String,
    /// What speaks for it, and what is missing.
    pub why: String,
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FixLine {
    /// The smallest change to test, step by step.
    pub steps: Vec<String>,
    /// Commands that show whether it worked, with this incident's names and addresses.
    pub verify: Vec<String>,
    /// What not to do, and what to wait for.
    pub cautions: Vec<String>,
    /// The fix touches HAProxy's configuration.
    pub reload_needed: bool,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Recovery {
    /// When the backend had a usable server again, or the first good request after the window.
    pub at: Option<String>,
    /// Usable servers at the end of what was captured; `null`: unknown.
    pub usable_servers: Option<u32>,
    /// Servers that were still out at the end.
    pub still_down: Vec<String>,
}

/// A cited line.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EvidenceLine {
    /// `E1`, `E2` …
    pub id: String,
    /// `A1`, `A2` …
    pub artifact: String,
    /// 1-based line, or the record's number.
    pub line: u64,
    /// Byte offset in the uncompressed artifact.
    pub offset: u64,
    /// When; `null`: the line has no time.
    pub at: Option<String>,
    /// The line, printable.
    pub text: String,
}

/// One artifact and what was read of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ArtifactLine {
    /// `A1`, `A2` …
    pub id: String,
    /// Relative to the argument it came from.
    pub path: String,
    /// What it is: `haproxy-config`, `log`, `show-servers-state`, `curl` …
    pub kind: String,
    /// Carrier of a log; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Host whose lines it holds.
    pub host: Option<String>,
    /// Size as given.
    pub bytes: u64,
    /// As given; `null`: over 16 MiB.
    pub sha256: Option<String>,
    /// Records, rows or directives understood.
    pub records: u64,
    /// Log lines of other programs.
    pub foreign: u64,
    /// Damaged lines or rows.
    pub broken: u64,
    /// The first few of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken_examples: Vec<BrokenLine>,
    /// What is wrong with it, in sentences.
    pub problems: Vec<String>,
    /// What a log reaches over, and what is missing in it; absent when the artifact holds no line of a log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageLine>,
}

/// What one log reaches over, and what is missing in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CoverageLine {
    /// Time of the earliest record; `null`: its records have none.
    pub first: Option<String>,
    /// Time of the latest record.
    pub last: Option<String>,
    /// Traffic lines.
    pub requests: u64,
    /// Messages of HAProxy.
    pub messages: u64,
    /// Times without a request that are too long for this log to be chance, in order.
    pub holes: Vec<HoleLine>,
    /// Where it is cut, in sentences.
    pub cuts: Vec<String>,
    /// Messages that a log daemon or HAProxy says it left out, in order.
    pub suppressed: Vec<SuppressedLine>,
}

/// A time without a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct HoleLine {
    /// End of the last second with a request before it.
    pub from: String,
    /// First second with a request after it.
    pub to: String,
}

/// Messages that were left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SuppressedLine {
    /// When it was said; `null`: unknown.
    pub at: Option<String>,
    /// How many; `null`: the message does not say.
    pub messages: Option<u64>,
    /// Unit or process that wrote them; `null`: the message does not say.
    pub of: Option<String>,
    /// Line that says so, 1-based.
    pub line: u64,
}

/// What was looked at in all, and what could hide an incident: why a report that found nothing found nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LookedAt {
    /// Traffic lines.
    pub requests: u64,
    /// Of those, answered 503, and TCP streams that failed.
    pub failed: u64,
    /// Of those, answered with another 5xx.
    pub other_5xx: u64,
    /// Accept date of the first request; `null`: no dated traffic line.
    pub first: Option<String>,
    /// Accept date of the last request.
    pub last: Option<String>,
    /// Backends with requests, by name, at most 50.
    pub backends: Vec<String>,
    /// Backends with requests.
    pub n_backends: u64,
    /// Messages about servers, backends and processes of HAProxy.
    pub messages: u64,
    /// What could hide an incident, in sentences.
    pub could_hide: Vec<String>,
}

/// A damaged line.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BrokenLine {
    /// 1-based line.
    pub line: u64,
    /// What is wrong.
    pub why: String,
    /// The line, printable.
    pub text: String,
}

/// One thing that happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TimelineLine {
    /// When; `null`: unknown.
    pub at: Option<String>,
    /// `server-down`, `server-up`, `no-server`, `first-503`, `last-503`, `unit-stopped`, `reload` …
    pub kind: String,
    /// Backend, when it concerns one.
    pub backend: Option<String>,
    /// Server, when it concerns one.
    pub server: Option<String>,
    /// A sentence.
    pub text: String,
    /// The line that says so.
    pub evidence: Option<String>,
}

/// An artifact that would decide something.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MissingLine {
    /// What to capture.
    pub artifact: String,
    /// What it would decide.
    pub would_decide: String,
    /// The exact command.
    pub capture: String,
}

/// How times were read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClockLine {
    /// Offset of HAProxy's local time, `+02:00`; `null`: unknown, taken as UTC.
    pub haproxy_offset: Option<String>,
    /// From what it was found, or what was assumed.
    pub how: String,
}
