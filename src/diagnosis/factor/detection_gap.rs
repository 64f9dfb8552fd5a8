//! Requests were sent to a dead server before its checks had noticed.
//!
//! Looks alike: a server without a check, which nothing will ever notice (`checks-disabled`); failures after the DOWN message, by
//! persistence (`persistence-pinned`).

use crate::base::SECOND;
use crate::base::thousands;
use crate::config::Server;
use crate::config::Setting;
use crate::diagnosis::Avoidable;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::advice::span_words;
use crate::diagnosis::avoidable::answered_between;
use crate::diagnosis::avoidable::avoidable;
use crate::diagnosis::avoidable::first_failing;
use crate::diagnosis::avoidable::is_in_vain;
use crate::diagnosis::avoidable::last_good;
use crate::diagnosis::avoidable::n_taken;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::dead;
use crate::diagnosis::factor::found;
use crate::diagnosis::usable::Absence;
use crate::diagnosis::usable::Gap;
use crate::evidence::Step;
use crate::incident::Spell;

pub(super) const FACTOR: Factor = Factor {
    id: "detection-gap",
    title: "requests failed before the checks noticed",
    why: "Between the failure and the DOWN message lie up to `inter` plus `fall` - 1 further checks. Shorten `inter` or set `fastinter`, \
          let `option redispatch` carry requests over, or let traffic itself tell (`observe layer4`).",
    find,
};

/// Errors in a row after which `observe` acts: the default of `error-limit`.
const ERRORS: u64 = 10;
/// What is asked about: `inter 1s fall 2`.
const QUICK_INTER_MS: u64 = 1000;
const QUICK_FALL: u64 = 2;

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let gaps = dead(case).into_iter().filter_map(|(name, n)| {
        let loss = case.loss(&name)?;
        let gap = loss.at? - before::first_failure(case, &name)?;
        (gap > 0).then_some((gap, name, n, loss))
    });
    let (gap, name, n, loss) = gaps.max_by_key(|(gap, ..)| *gap)?;
    let tenths = gap * 10 / SECOND;
    let before = if tenths == 0 {
        "just".to_owned()
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    };
    let n = thousands(n);
    let mut cites = vec![loss.cite.clone()];
    // The line that sets how often the server is checked, or the server's own when nothing does.
    let line = case.server(&name);
    cites.extend(config_cites(
        case,
        line.map(|line| line.inter_ms.at.unwrap_or(line.at)),
    ));
    let takes = line.zip(case.proxy).map(|(line, proxy)| {
        let span = span_words(proxy.detection_ms(line));
        format!("; the checks need {span} to notice")
    });
    let alone = if has_no_other(case) {
        "; noticed sooner, they would have failed all the same: no other server answered"
    } else {
        ""
    };
    let factor = found(
        format!(
            "{n} requests failed on {name}, the first {before} before HAProxy marked it{}{alone}",
            takes.unwrap_or_default()
        ),
        cites,
    )?;
    Some(factor.avoiding(sooner(case)))
}

/// While requests failed on one server, every other one of the pool was dead as well: it answered none of them any more, and
/// its own loss came as soon as its checks can tell.
fn has_no_other(case: &Case<'_>) -> bool {
    let Some((usable, proxy)) = case.usable().zip(case.proxy) else {
        return false;
    };
    let is_dead = |spell: &Spell, server: &Server| {
        let noticed = before::detection(case, &server.name);
        let mut own = usable.absences.iter().filter(|a| a.server == server.name);
        own.any(|Absence { gap, .. }| {
            gap.from.saturating_sub(noticed) <= spell.first
                && spell.last < gap.to
                && !answered_between(case, &server.name, spell.first, gap.from)
        })
    };
    let in_vain = case.incident.spells.iter().filter(|s| is_in_vain(s));
    let mut in_vain = in_vain.peekable();
    in_vain.peek().is_some()
        && in_vain.all(|spell| {
            let mut others = proxy.servers.iter().filter(|s| !is_of(spell, &s.name));
            others.all(|server| is_dead(spell, server))
        })
}

/// Servers that failed requests before their loss, with that time: from the first failed request after the last good one to
/// the message.
fn gaps<'c>(case: &'c Case<'_>) -> Vec<(&'c str, Gap)> {
    let absences = case.usable().map_or(&[][..], |usable| &usable.absences);
    let mut gaps = Vec::new();
    for absence in absences {
        let to = absence.gap.from.saturating_add(absence.blur);
        let mine = case.incident.spells.iter();
        let mine = mine.filter(|spell| is_in_vain(spell) && is_of(spell, &absence.server));
        let from = match last_good(case, &absence.server, to) {
            // It came back within the slot: when it had died is not known.
            Some(good) if good >= to => None,
            Some(good) => mine
                .filter(|spell| spell.last > good)
                .map(|spell| match spell.first {
                    first if first >= good => first,
                    _ => first_failing(case, good, spell.last),
                })
                .min(),
            None => mine.map(|spell| spell.first).min(),
        };
        if let Some(from) = from.filter(|from| *from < to) {
            gaps.push((absence.server.as_str(), Gap { from, to }));
        }
    }
    gaps
}

fn is_of(spell: &Spell, server: &str) -> bool {
    *spell.key.server == *server.as_bytes()
}

/// What a quicker check, and what the failed requests themselves as a check, would have spared where another server answered.
fn sooner(case: &Case<'_>) -> Vec<Avoidable> {
    let (mut n_quick, mut n_observed) = (0, 0);
    for (name, gap) in gaps(case) {
        let Some(line) = case.server(name).filter(|line| line.check.is_some()) else {
            continue;
        };
        let taken = |within: Gap| {
            let spells = case.incident.spells.iter();
            let mine = spells.filter(|spell| is_in_vain(spell) && is_of(spell, name));
            mine.map(|spell| n_taken(case, spell, within)).sum::<u64>()
        };
        if let Some(takes) = quick(case, line, name) {
            let rest = Gap {
                from: gap.from.saturating_add(takes),
                to: gap.to,
            };
            n_quick += taken(rest);
        }
        if line.observe.is_none() {
            n_observed += taken(gap).saturating_sub(ERRORS);
        }
    }
    let taken = "the other servers had taken these requests";
    let quick = avoidable(
        case,
        n_quick,
        "`inter 1s fall 2`",
        format!("checks had failed as soon as requests did and {taken}"),
    );
    let observed = avoidable(
        case,
        n_observed,
        "`observe layer4` with `on-error mark-down`",
        taken,
    );
    [quick, observed].into_iter().flatten().collect()
}

/// Worst time that `inter 1s fall 2` takes to notice, microseconds; `None`: the checks of this server are as quick.
///
/// A refused check fails at once; one that nobody answers takes until its limit.
fn quick(case: &Case<'_>, line: &Server, name: &str) -> Option<i64> {
    let proxy = case.proxy?;
    let hangs = case.incident.spells.iter();
    let hangs = hangs
        .filter(|spell| is_of(spell, name))
        .any(|spell| spell.key.step == Step::ConnectTimeout);
    let quick = Server {
        inter_ms: Setting {
            value: QUICK_INTER_MS,
            ..line.inter_ms.clone()
        },
        fastinter_ms: None,
        fall: Setting {
            value: QUICK_FALL,
            ..line.fall.clone()
        },
        ..line.clone()
    };
    let worst = |line: &Server| {
        let span = proxy.detection_ms(line);
        if hangs {
            span.most
        } else {
            span.least.saturating_add(line.inter_ms.value)
        }
    };
    let takes = worst(&quick);
    let takes = (takes < worst(line)).then_some(takes)?;
    i64::try_from(takes).ok()?.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, avoids, finds, good, refused};
    use crate::testing;
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn a_refused_request_before_the_message_is_found_and_none_is_not() {
        let log = [refused(39, "app1"), down(41, "app1", REFUSED), nosrv(42)];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &log));
        let log = [down(41, "app1", REFUSED), nosrv(42)];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
        assert!(!finds(
            &FACTOR,
            "unchecked-server-failed",
            CONFIG,
            &[refused(39, "app1")]
        ));
    }

    /// Both servers serve, app1 refuses twelve requests over four seconds and is then taken out.
    fn taken_over() -> Vec<String> {
        let mut log = vec![good(32, "app2"), good(32, "app1")];
        for second in 33..37 {
            log.extend([refused(second, "app1"), refused(second, "app1")]);
            log.extend([refused(second, "app1"), good(second, "app2")]);
        }
        log.push(down(37, "app1", REFUSED).replace("0 active", "1 active"));
        log.push(good(38, "app2"));
        log
    }

    #[test]
    fn what_a_quicker_check_would_have_spared_is_counted() {
        // Two seconds after the first of them `inter 1s fall 2` has noticed: the last three of four seconds less a bit.
        assert_eq!(
            avoids(&FACTOR, "listener-refused", CONFIG, &taken_over()),
            [
                "`inter 1s fall 2`: 3 of 12 if checks had failed as soon as requests did and the other servers had taken these requests",
                "`observe layer4` with `on-error mark-down`: 2 of 12 if the other servers had taken these requests"
            ]
        );
        let quick = CONFIG.replace("check\n", "check inter 1s fall 2 observe layer4\n");
        assert!(finds(&FACTOR, "listener-refused", &quick, &taken_over()));
        assert!(avoids(&FACTOR, "listener-refused", &quick, &taken_over()).is_empty());
    }

    #[test]
    fn a_refused_request_before_its_last_good_answer_is_not_the_begin_of_its_end() {
        let mut log = vec![refused(20, "app1"), good(28, "app1"), good(28, "app2")];
        log.extend(taken_over().into_iter().skip(2));
        // Since its last good answer app1 refused for four seconds, not for seventeen.
        let found = avoids(&FACTOR, "listener-refused", CONFIG, &log);
        assert!(
            found[0].starts_with("`inter 1s fall 2`: 3 of 13 if"),
            "{found:?}"
        );
    }

    #[test]
    fn without_another_server_sooner_would_not_have_been_better() {
        let mut log = taken_over();
        log.retain(|line| !line.contains("app2"));
        assert!(avoids(&FACTOR, "listener-refused", CONFIG, &log).is_empty());
        let one = CONFIG.replace("    server app2 192.0.2.12:80 check\n", "");
        let files = [("journal.txt", &*log.concat()), ("haproxy.cfg", &*one)];
        let found = testing::with_case(&files, |case| (FACTOR.find)(case, "listener-refused"));
        let found = found.expect("a gap");
        assert!(
            found.explanation.ends_with("no other server answered"),
            "{}",
            found.explanation
        );
        assert_eq!(found.avoidable, []);
        // The other server served on for a while, and went for a reason of its own.
        let log = [taken_over(), vec![down(50, "app2", REFUSED)]].concat();
        let files = [("journal.txt", &*log.concat()), ("haproxy.cfg", CONFIG)];
        let found = testing::with_case(&files, |case| (FACTOR.find)(case, "listener-refused"));
        assert!(!found.expect("a gap").explanation.contains("all the same"));
    }
}
