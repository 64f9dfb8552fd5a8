//! Copies of one event become one: the same line in a journal and a file, on stderr and in syslog, in overlapping pieces.
//!
//! Two copies say the same of the same host within two seconds, and stand in different artifacts; a line that one artifact
//! holds twice is two events. What HAProxy writes to several targets of one log is joined before (`incident::timeline`).

use crate::base::SECOND;
use crate::report::chronicle::entry::Draft;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Clocks of carriers differ by up to this: their precision, and the time a line takes to its collector.
const COPY_WITHIN: i64 = 2 * SECOND;

/// The events, each once; of copies the one with the most precise time.
pub(super) fn joined(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut kept: Vec<(Draft, BTreeSet<u32>)> = Vec::with_capacity(drafts.len());
    let mut latest = BTreeMap::<(&'static str, String), Vec<usize>>::new();
    for draft in drafts {
        let Some(source) = draft.cite.as_ref().map(|cite| cite.span.source) else {
            kept.push((draft, BTreeSet::new()));
            continue;
        };
        let known = latest.entry((draft.kind, draft.text.clone())).or_default();
        // Only what is near in time can be a copy, so what is far is forgotten.
        known.retain(|&index| kept.get(index).is_some_and(|(k, _)| near(k, &draft)));
        let original = known.iter().copied().find(|&index| {
            kept.get(index)
                .is_some_and(|(k, sources)| !sources.contains(&source) && same_host(k, &draft))
        });
        match original.and_then(|index| kept.get_mut(index)) {
            Some((original, sources)) => {
                sources.insert(source);
                join(original, draft);
            }
            None => {
                known.push(kept.len());
                kept.push((draft, BTreeSet::from([source])));
            }
        }
    }
    kept.into_iter().map(|(draft, _)| draft).collect()
}

fn near(original: &Draft, copy: &Draft) -> bool {
    match (original.at, copy.at) {
        (Some(a), Some(b)) => (b - a).abs() <= COPY_WITHIN,
        (None, None) => true,
        _ => false,
    }
}

fn same_host(original: &Draft, copy: &Draft) -> bool {
    original.host == copy.host || original.host.is_empty() || copy.host.is_empty()
}

fn join(original: &mut Draft, copy: Draft) {
    let copies = original.copies + copy.copies;
    let better = (original.assumed && !copy.assumed)
        || (original.assumed == copy.assumed && copy.precision > original.precision);
    if better {
        let host = std::mem::take(&mut original.host);
        *original = copy;
        if original.host.is_empty() {
            original.host = host;
        }
    } else if original.host.is_empty() {
        original.host = copy.host;
    }
    original.copies = copies;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Cite;
    use crate::base::Precision;
    use crate::base::Span;
    use crate::report::chronicle::entry::Track;

    fn event(source: u32, offset: u64, at: i64, precision: Precision) -> Draft {
        let span = Span {
            source,
            offset,
            ..Span::default()
        };
        Draft {
            precision,
            text: "Stopped app.service".to_owned(),
            cite: Some(Cite::new(span, b"line")),
            ..Draft::new("unit-stopped", Some(at), Track::Log(source))
        }
    }

    #[test]
    fn a_copy_in_another_artifact_is_joined_and_the_finer_stamp_wins() {
        let all = joined(vec![
            event(1, 0, 5 * SECOND, Precision::Second),
            event(2, 9, 5 * SECOND + 400_123, Precision::Micro),
        ]);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].at, all[0].copies), (Some(5 * SECOND + 400_123), 2));
    }

    #[test]
    fn a_repetition_in_one_artifact_and_its_copy_stay_two() {
        let mut all = Vec::new();
        for source in [1, 2] {
            all.push(event(source, 0, 0, Precision::Second));
            all.push(event(source, 9, SECOND, Precision::Second));
        }
        let all = joined(all);
        let copies: Vec<u32> = all.iter().map(|draft| draft.copies).collect();
        assert_eq!(copies, [2, 2]);
    }
}
