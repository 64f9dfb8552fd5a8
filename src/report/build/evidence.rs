//! Numbers every cited line in the order of first use, and finds its artifact and line number.

use crate::base::Cite;
use crate::base::Precision;
use crate::base::Span;
use crate::base::rfc3339;
use crate::report::EvidenceLine;
use crate::report::build::Parts;
use std::collections::BTreeMap;

/// The citations of one report.
pub(super) struct Citations<'a> {
    parts_lines: &'a BTreeMap<u32, BTreeMap<u32, u32>>,
    artifacts: BTreeMap<u32, String>,
    times: BTreeMap<Span, (i64, Precision)>,
    known: BTreeMap<Span, usize>,
    lines: Vec<EvidenceLine>,
}

impl<'a> Citations<'a> {
    pub(super) fn new(parts: &Parts<'a>) -> Self {
        let artifacts = parts
            .artifacts
            .iter()
            .enumerate()
            .map(|(index, listed)| (listed.source, format!("A{}", index + 1)))
            .collect();
        let times = parts
            .bundle
            .timeline
            .events
            .iter()
            .filter_map(|e| Some((e.cite.span, (e.at?, e.precision))))
            .collect();
        Citations {
            parts_lines: parts.lines,
            artifacts,
            times,
            known: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    /// The number of a cited line, `E7`.
    pub(super) fn id(&mut self, cite: &Cite) -> String {
        if let Some(index) = self.known.get(&cite.span) {
            return format!("E{}", index + 1);
        }
        let index = self.lines.len();
        self.known.insert(cite.span, index);
        let at = self
            .times
            .get(&cite.span)
            .map(|&(at, precision)| rfc3339(at, precision));
        self.lines.push(EvidenceLine {
            id: format!("E{}", index + 1),
            artifact: self
                .artifacts
                .get(&cite.span.source)
                .cloned()
                .unwrap_or_default(),
            line: line_of(self.parts_lines, cite.span),
            offset: cite.span.offset,
            at,
            text: cite.text.to_string(),
        });
        format!("E{}", index + 1)
    }

    pub(super) fn ids(&mut self, cites: &[Cite]) -> Vec<String> {
        cites.iter().map(|cite| self.id(cite)).collect()
    }

    pub(super) fn lines(self) -> Vec<EvidenceLine> {
        self.lines
    }
}

/// The line's number in its artifact: lines of the blocks before it, plus the line within its block.
pub(in crate::report) fn line_of(lines: &BTreeMap<u32, BTreeMap<u32, u32>>, span: Span) -> u64 {
    let blocks = lines.get(&span.source);
    let before: u64 = blocks
        .into_iter()
        .flat_map(|blocks| blocks.range(..span.block))
        .map(|(_, &n)| u64::from(n))
        .sum();
    before + u64::from(span.line)
}
