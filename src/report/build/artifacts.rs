//! The list of artifacts: what each is, and what was read of it.

use crate::artifact::Kind;
use crate::capture::CaptureKind;
use crate::document::Raw;
use crate::dump::DumpKind;
use crate::evidence::Coverage;
use crate::evidence::Evidence;
use crate::evidence::Slots;
use crate::report::ArtifactLine;
use crate::report::BrokenLine;
use crate::report::build::Parts;
use crate::report::build::coverage;
use crate::report::build::evidence::line_of;
use crate::run::Found;

/// One artifact as it was read.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Number that citations name it by.
    pub source: u32,
    /// Path as the report shows it.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Carrier of a log; empty otherwise.
    pub carrier: &'static str,
    /// Size as given.
    pub n_bytes: u64,
    /// SHA-256 as given.
    pub sha256: Option<String>,
    /// Counts of a log, or of the log lines in a document.
    pub coverage: Option<Coverage>,
    /// Times with requests.
    pub slots: Vec<Slots>,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

/// Sorts what was gathered: the list of artifacts, and the documents that are parsed further.
pub fn shelve(artifacts: Vec<Found>, evidence: &Evidence) -> (Vec<Listed>, Vec<Raw>) {
    let mut artifacts = artifacts;
    artifacts.sort_by(|a, b| (&a.path, a.source).cmp(&(&b.path, b.source)));
    let (mut listed, mut raws) = (Vec::new(), Vec::new());
    for found in artifacts {
        let log = evidence.sources.get(&found.source);
        let coverage = log.map(|log| log.coverage.clone());
        let mut problems: Vec<String> = found
            .cut
            .iter()
            .map(|why| format!("read only in part: {why}"))
            .collect();
        problems.extend(found.notes.iter().cloned());
        match found.kind {
            Kind::Empty => problems.push("the file is empty".to_owned()),
            Kind::Binary => {
                problems.push("no text, and no container that is read: left out".to_owned())
            }
            _ => {}
        }
        listed.push(Listed {
            source: found.source,
            path: found.path.clone(),
            kind: found.kind,
            carrier: found.carrier,
            n_bytes: found.n_bytes,
            sha256: found.sha256,
            coverage,
            slots: log.map(|log| Slots::of(&log.traffic)).unwrap_or_default(),
            problems,
        });
        raws.push(Raw {
            source: found.source,
            path: found.path,
            kind: found.kind,
            bytes: found.document,
            modified: found.modified,
        });
    }
    (listed, raws)
}

pub(super) fn lines(parts: &Parts<'_>) -> Vec<ArtifactLine> {
    parts
        .artifacts
        .iter()
        .enumerate()
        .map(|(index, listed)| line(index, listed, parts))
        .collect()
}

fn line(index: usize, listed: &Listed, parts: &Parts<'_>) -> ArtifactLine {
    let notes = parts
        .bundle
        .documents
        .parts
        .get(&listed.source)
        .map_or(&[][..], Vec::as_slice);
    let mut line = ArtifactLine {
        id: format!("A{}", index + 1),
        path: crate::base::printable(listed.path.as_bytes()),
        kind: kind_name(listed.kind).to_owned(),
        carrier: (!listed.carrier.is_empty()).then(|| listed.carrier.to_owned()),
        host: None,
        bytes: listed.n_bytes,
        sha256: listed.sha256.clone(),
        records: notes.iter().map(|note| note.n_records).sum(),
        foreign: 0,
        broken: notes.iter().map(|note| note.n_broken).sum(),
        broken_examples: Vec::new(),
        problems: listed.problems.clone(),
        coverage: coverage::line(listed, parts),
    };
    for note in notes.iter().filter(|note| note.n_broken > 0).take(3) {
        if let Some(at) = note.first_broken {
            let cite = parts.bundle.documents.cite(listed.source, at);
            let why = if note.kind == Kind::Config {
                config_problem(listed.source, at, parts)
            } else {
                "damaged row".to_owned()
            };
            line.broken_examples.push(BrokenLine {
                line: u64::from(cite.span.line),
                why,
                text: cite.text.to_string(),
            });
        }
    }
    if let Some(coverage) = &listed.coverage {
        line.records += coverage.n_traffic + coverage.n_messages;
        line.foreign = coverage.n_foreign;
        line.broken += coverage.n_broken;
        line.host = coverage
            .haproxy_hosts
            .iter()
            .find(|host| !host.is_empty())
            .map(ToString::to_string);
        for broken in &coverage.broken {
            line.broken_examples.push(BrokenLine {
                line: line_of(parts.lines, broken.cite.span),
                why: broken.why.to_owned(),
                text: broken.cite.text.to_string(),
            });
        }
    }
    line
}

fn config_problem(source: u32, at: crate::base::Place, parts: &Parts<'_>) -> String {
    let doc = parts
        .bundle
        .documents
        .configs
        .iter()
        .find(|doc| doc.source == source);
    let problem = doc.and_then(|doc| {
        doc.config
            .problems
            .iter()
            .find(|p| p.at.offset == at.offset)
    });
    problem.map(|p| p.why.clone()).unwrap_or_default()
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Empty => "empty",
        Kind::Log => "log",
        Kind::Journal => "systemd-journal",
        Kind::Config => "haproxy-config",
        Kind::Map => "haproxy-map",
        Kind::Transcript => "terminal-transcript",
        Kind::UnknownText => "text",
        Kind::Binary => "binary",
        Kind::Dump(dump) => match dump {
            DumpKind::ServersState => "show-servers-state",
            DumpKind::StatCsv | DumpKind::StatTyped | DumpKind::StatJson | DumpKind::StatPage => {
                "show-stat"
            }
            DumpKind::Info => "show-info",
            DumpKind::Backend => "show-backend",
            DumpKind::Resolvers => "show-resolvers",
            DumpKind::Errors => "show-errors",
            DumpKind::Proc => "show-proc",
            DumpKind::Sess => "show-sess",
            DumpKind::Table => "show-table",
            DumpKind::ServersConn => "show-servers-conn",
            DumpKind::Other(other) => other.artifact_kind(),
        },
        Kind::Capture(capture) => match capture {
            CaptureKind::Curl => "curl",
            CaptureKind::Lookup => "dns-lookup",
            CaptureKind::ConfigCheck => "haproxy-config-check",
            CaptureKind::HaproxyVersion => "haproxy-version",
            CaptureKind::SystemctlStatus => "systemctl-status",
            CaptureKind::Listening => "listening-sockets",
            CaptureKind::SocketCommand => "socket-command",
        },
    }
}
