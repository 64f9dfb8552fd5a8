//! What would have been avoided: failures counted over times that would have gone another way.
//!
//! Every number is at most the failures that were counted there. Lines are counted by slots of 16 seconds; where only a part
//! of a slot is asked for, the seconds of the traffic share it out, and a second that lies in it only in part does not count.

use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::usable::Gap;
use crate::evidence::Second;
use crate::evidence::Step;
use crate::incident::Basis;
use crate::incident::Spell;

/// Slots that are wider than this tell nothing of what happened beside a failure.
const SLOT_MAX: i64 = 60 * SECOND;
/// A server that answers this long after a failure was there when it happened.
const AFTER: i64 = 2 * SECOND;

/// Failures that something would have avoided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avoidable {
    /// What would have avoided them: `a backup server`.
    pub by: String,
    /// At most so many.
    pub requests: u64,
    /// Of so many failed requests or streams of the incident.
    pub of: u64,
    /// What is taken for granted; completes "if …".
    pub assuming: String,
}

/// So many of the incident's failures; `None`: none that is known.
pub(super) fn avoidable(
    case: &Case<'_>,
    requests: u64,
    by: impl Into<String>,
    assuming: impl Into<String>,
) -> Option<Avoidable> {
    let of = case.incident.n_failed();
    let is_known = case.incident.basis == Basis::Requests && requests > 0;
    is_known.then(|| Avoidable {
        by: by.into(),
        requests: requests.min(of),
        of,
        assuming: assuming.into(),
    })
}

/// Requests that found no usable server and were accepted in one of these times, which lie apart.
pub(super) fn n_nosrv_in(case: &Case<'_>, gaps: &[Gap]) -> u64 {
    let spells = case.incident.spells.iter();
    let nosrv = spells.filter(|spell| spell.key.step == Step::NoServer);
    nosrv.map(|spell| part(case, gaps, spell)).sum()
}

/// Failures of one spell that were accepted in one of these times.
pub(super) fn part(case: &Case<'_>, gaps: &[Gap], spell: &Spell) -> u64 {
    let Spell { first, last, .. } = *spell;
    if gaps.iter().any(|gap| gap.from <= first && last < gap.to) {
        return spell.n;
    }
    if !gaps.iter().any(|gap| gap.from <= last && first < gap.to) {
        return 0;
    }
    let Some(load) = case.bundle.loads.get(&case.incident.backend) else {
        return 0;
    };
    let (mut inside, mut all) = (0, 0);
    let near = load
        .seconds
        .partition_point(|(at, ..)| *at < first.saturating_sub(SLOT_MAX));
    let seconds = load.seconds.iter().skip(near);
    for (at, width, second) in seconds.take_while(|(at, ..)| *at <= last) {
        let end = at + width;
        if end <= first {
            continue;
        }
        if *width > SECOND {
            return 0;
        }
        let failed = n_failed(second);
        all += failed;
        // What lies beyond the spell needs not lie in the time.
        let (from, to) = ((*at).max(first), end.min(last + 1));
        if gaps.iter().any(|gap| gap.from <= from && to <= gap.to) {
            inside += failed;
        }
    }
    let share = u128::from(spell.n) * u128::from(inside) / u128::from(all.max(1));
    u64::try_from(share).unwrap_or(spell.n).min(spell.n)
}

/// The server that would have taken failed requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taker<'a> {
    /// Its name.
    pub name: &'a str,
    /// Until when it is known to have answered, while they failed.
    pub until: i64,
}

/// Another server that answered well while these requests failed, the one that did so longest.
///
/// After its last good answer, or its own first failure, it may have died of the same: a redispatch would have gone from one
/// dead server to the other.
pub(super) fn taker<'a>(case: &Case<'a>, spell: &Spell) -> Option<Taker<'a>> {
    let load = case.bundle.loads.get(&case.incident.backend)?;
    let others = load
        .servers
        .iter()
        .filter(|(name, _)| !name.starts_with('<') && *name.as_bytes() != *spell.key.server);
    let after = spell.last.saturating_add(AFTER);
    let spells = &case.incident.spells;
    let near = spells.partition_point(|own| own.first < spell.first.saturating_sub(SLOT_MAX));
    let beside = spells
        .iter()
        .skip(near)
        .take_while(|own| own.first <= spell.last)
        .filter(|own| own.last >= spell.first);
    let mut best: Option<Taker<'a>> = None;
    for (name, slots) in others {
        let near = slots.partition_point(|slot| slot.at < spell.first.saturating_sub(SLOT_MAX));
        let good = slots
            .iter()
            .skip(near)
            .take_while(|slot| slot.at <= after)
            .filter(|slot| slot.width <= SLOT_MAX && spell.first < slot.at + slot.width)
            .filter_map(|slot| slot.last_good);
        let own = beside
            .clone()
            .filter(|own| *own.key.server == *name.as_bytes());
        let failed = own.map(|own| own.first).min();
        let until = good
            .max()
            .unwrap_or(i64::MIN)
            .min(failed.unwrap_or(i64::MAX))
            .min(spell.last + 1);
        let is_out = case
            .usable()
            .is_some_and(|usable| usable.is_out(name, (spell.first, until)));
        let is_best = best.is_none_or(|best| best.until < until);
        if is_best && until > spell.first && !is_out {
            best = Some(Taker { name, until });
        }
    }
    best
}

/// Failures of the spell within a time that another server would have taken.
pub(super) fn n_taken(case: &Case<'_>, spell: &Spell, within: Gap) -> u64 {
    if within.to <= spell.first || spell.last < within.from {
        return 0;
    }
    let Some(taker) = taker(case, spell) else {
        return 0;
    };
    let taken = Gap {
        from: within.from.max(spell.first),
        to: within.to.min(taker.until),
    };
    part(case, &[taken], spell)
}

/// The server answered a request well that came in this time; a slot that reaches beyond it counts.
pub(super) fn answered_between(case: &Case<'_>, server: &str, from: i64, to: i64) -> bool {
    last_good(case, server, to).is_some_and(|at| at >= from)
}

/// When requests of the backend had begun to fail between two moments: the end of the first second that has one; the last of
/// the moments where no second tells.
pub(super) fn first_failing(case: &Case<'_>, from: i64, to: i64) -> i64 {
    let load = case.bundle.loads.get(&case.incident.backend);
    let seconds = load.map_or(&[][..], |load| &load.seconds);
    let near = seconds.partition_point(|(at, ..)| *at < from.saturating_sub(SLOT_MAX));
    let mut later = seconds.iter().skip(near).take_while(|(at, ..)| *at <= to);
    let first = later.find(|(at, width, second)| at + width > from && n_failed(second) > 0);
    first.map_or(to, |(at, width, _)| to.min(at + width))
}

fn n_failed(second: &Second) -> u64 {
    second.n.saturating_sub(second.n_good + second.n_other_5xx)
}

/// Accept date of the last request that the server answered well, of the slots that begin up to this time.
pub(super) fn last_good(case: &Case<'_>, server: &str, to: i64) -> Option<i64> {
    let load = case.bundle.loads.get(&case.incident.backend)?;
    let slots = load.servers.get(server)?.iter();
    let slots = slots.take_while(|slot| slot.at <= to);
    slots.filter_map(|slot| slot.last_good).max()
}

/// Requests that were sent to a server in vain.
pub(super) fn is_in_vain(spell: &Spell) -> bool {
    let in_vain = matches!(spell.key.step, Step::Refused | Step::ConnectTimeout);
    in_vain && !spell.key.server.starts_with(b"<")
}
