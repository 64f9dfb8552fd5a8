//! Which events could as well stand the other way round.
//!
//! A stamp in whole seconds says nothing about the order within its second, and a clock whose offset is only assumed says
//! nothing about the order against one that is known. Events of one log are in the order in which it was written.

use crate::report::chronicle::entry::Draft;
use crate::report::chronicle::entry::Track;

/// For each event of a list in order of time: its place among those of other sources is not decided.
pub(super) fn undecided(drafts: &[Draft]) -> Vec<bool> {
    let tied = drafts
        .iter()
        .any(|draft| draft.at.is_some() && !draft.untied);
    let mut marks: Vec<bool> = drafts
        .iter()
        .map(|draft| draft.at.is_none() || draft.untied && tied)
        .collect();
    // The two latest ends of different tracks among the events before: one of them is another track's than the event's.
    let mut latest = Latest::default();
    for (mark, draft) in marks.iter_mut().zip(drafts) {
        let Some((start, end)) = draft.span() else {
            continue;
        };
        *mark |= latest.of_others(draft.track).is_some_and(|end| end > start);
        latest.add(end, draft.track);
    }
    // And from the other side: the nearest later beginning of another track.
    let mut next = Latest::default();
    for (mark, draft) in marks.iter_mut().zip(drafts).rev() {
        let Some((start, end)) = draft.span() else {
            continue;
        };
        *mark |= next
            .of_others(draft.track)
            .is_some_and(|start| -start < end);
        next.add(-start, draft.track);
    }
    marks
}

/// The largest number of any track, and the largest of any other track than that.
#[derive(Default)]
struct Latest {
    first: Option<(i64, Track)>,
    second: Option<(i64, Track)>,
}

impl Latest {
    fn of_others(&self, track: Track) -> Option<i64> {
        let other = |found: &&(i64, Track)| found.1 != track;
        let found = self.first.as_ref().filter(other);
        found.or(self.second.as_ref().filter(other)).map(|f| f.0)
    }

    fn add(&mut self, number: i64, track: Track) {
        match self.first {
            Some((_, held)) if held == track => {
                self.first = self.first.max(Some((number, track)));
            }
            Some((largest, _)) if number < largest => {
                self.second = match self.second {
                    Some((n, _)) if n > number => self.second,
                    _ => Some((number, track)),
                };
            }
            _ => self.second = self.first.replace((number, track)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Precision;
    use crate::base::SECOND;

    fn marks(events: &[(i64, Precision, u32)]) -> Vec<bool> {
        let drafts: Vec<Draft> = events
            .iter()
            .map(|&(at, precision, source)| Draft {
                precision,
                ..Draft::new("x", Some(at), Track::Log(source))
            })
            .collect();
        undecided(&drafts)
    }

    #[test]
    fn whole_seconds_of_two_logs_decide_nothing_within_the_second() {
        use Precision::{Milli, Second};
        assert_eq!(
            marks(&[(0, Second, 1), (0, Second, 1), (SECOND, Second, 2)]),
            [false, false, false]
        );
        assert_eq!(
            marks(&[
                (0, Second, 1),
                (500_000, Milli, 2),
                (900_000, Milli, 2),
                (SECOND, Second, 1)
            ]),
            [true, true, true, false]
        );
        assert_eq!(
            marks(&[(0, Second, 1), (1000, Milli, 2), (SECOND, Milli, 2)]),
            [true, true, false]
        );
    }

    #[test]
    fn an_untied_clock_is_decided_only_among_its_own() {
        let untied = |at| Draft {
            untied: true,
            ..Draft::new("x", Some(at), Track::Log(1))
        };
        let known = Draft::new("x", Some(9 * SECOND), Track::Log(2));
        assert_eq!(undecided(&[untied(0), untied(5 * SECOND)]), [false; 2]);
        assert_eq!(undecided(&[untied(0), known]), [true, false]);
    }
}
