//! Local time of one host: its offset, and when that changes.

/// Offsets by when they begin to hold. Empty: unknown, taken as UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// UTC of the first moment at which the offset was seen, and the offset in microseconds east of UTC; in order.
    list: Vec<(i64, i64)>,
}

impl Pieces {
    /// One offset for all time.
    pub fn constant(offset: i64) -> Self {
        Pieces {
            list: vec![(i64::MIN, offset)],
        }
    }

    /// From this moment on another offset holds.
    pub fn push(&mut self, from: i64, offset: i64) {
        self.list.push((from, offset));
    }

    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The offsets, each with the moment at which it was first seen.
    pub fn changes(&self) -> impl Iterator<Item = (i64, i64)> {
        self.list.iter().copied()
    }

    /// Offset at a moment of UTC.
    pub fn at(&self, utc: i64) -> i64 {
        let before = self.list.iter().take_while(|(from, _)| *from <= utc);
        let found = before.last().or(self.list.first());
        found.map_or(0, |&(_, offset)| offset)
    }

    /// UTC of a local time. An hour that came twice is the first one; an hour that was left out counts as before the change.
    pub fn utc(&self, local: i64) -> i64 {
        let Some(&(_, first)) = self.list.first() else {
            return local;
        };
        let mut best = local.saturating_sub(first);
        for &(from, offset) in self.list.iter().skip(1) {
            let here = local.saturating_sub(offset);
            // Not yet: the piece before it still reaches that moment.
            if best < from {
                break;
            }
            best = here.max(from.min(best));
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::HOUR;
    use crate::base::MINUTE;

    #[test]
    fn a_time_before_between_and_after_a_change() {
        let mut back = Pieces::default();
        back.push(0, 2 * HOUR);
        back.push(10 * HOUR, HOUR);
        assert_eq!(back.utc(5 * HOUR), 3 * HOUR);
        assert_eq!(back.at(9 * HOUR), 2 * HOUR);
        assert_eq!(back.at(10 * HOUR), HOUR);
        assert_eq!(back.utc(14 * HOUR), 13 * HOUR);
        // 11:30 local came twice: at 09:30 and at 10:30 UTC.
        assert_eq!(back.utc(11 * HOUR + 30 * MINUTE), 9 * HOUR + 30 * MINUTE);
        assert_eq!(Pieces::default().utc(7), 7);
        assert_eq!(Pieces::constant(HOUR).utc(HOUR), 0);
    }

    #[test]
    fn an_hour_is_left_out_in_spring() {
        let mut spring = Pieces::default();
        spring.push(0, HOUR);
        spring.push(10 * HOUR, 2 * HOUR);
        assert_eq!(spring.utc(11 * HOUR - 1), 10 * HOUR - 1);
        assert_eq!(spring.utc(12 * HOUR), 10 * HOUR);
        assert_eq!(spring.utc(13 * HOUR), 11 * HOUR);
    }
}
