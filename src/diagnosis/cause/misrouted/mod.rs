//! A rule sent requests to another backend than the one meant for them, and that one could not serve them.
//!
//! HAProxy compares what the client wrote, byte by byte unless `-i` is given: `WWW.Example.com`, `www.example.com:8080` and
//! `/Shop` are other values than `www.example.com` and `/shop`. A request that no rule recognizes falls to `default_backend`.
//! Looks alike: a pool that lost its servers while it served these requests; there the servers are what changed.
//! Known gap: of two rules in the wrong order only a narrower one below a wider one is told; two that merely overlap are not.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::Place;
use crate::base::thousands;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Lack;
use crate::diagnosis::Missing;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::case::ratio;
use crate::diagnosis::intended::Intended;
use crate::diagnosis::intended::ROUTES_MAX;
use crate::diagnosis::intended::intended;
use crate::diagnosis::leftover;
use crate::diagnosis::standing::Standing;
use crate::diagnosis::standing::standing;
use crate::evidence::Step;

pub(super) const CAUSE: Cause = Cause {
    id: "misrouted",
    title: "a rule sent the requests to another backend than the one meant for them",
    why: "`use_backend` rules compare the Host header and the path as the client wrote them: case counts without `-i`, a port in \
          the Host counts, `www.` counts. A request that misses its rule goes on to the next one or to `default_backend`, and \
          gets 503 when that backend has no usable server, although the pool that was meant is healthy.",
    fix: "correct the ACL (case, port, `www.`) or the order of the rules",
    evidence: "the logged request traced through the configuration leads to the failing backend, and the same request in its plain \
               spelling to another one, which serves well; the failing backend had not served for long",
    source: "configuration manual 3.2, \"use_backend\", \"Using ACLs and fetching samples\"; HAProxy src/pattern.c",
    blames: None,
    examine,
    advise,
};

/// Steps at which a request fails in a backend that cannot serve it.
const STEPS: [Step; 4] = [
    Step::NoServer,
    Step::Refused,
    Step::ConnectTimeout,
    Step::DisabledBackend,
];
/// The pool that was meant is taken to serve when it answered well this long before the first failure, or later.
const MEANWHILE: i64 = 10 * MINUTE;

/// The routes meant for another backend, what they tell, and how sure that is; `None`: nothing that counts.
struct Assessment<'a> {
    best: &'a Intended,
    /// Failed requests that were meant for it.
    n: u64,
    /// Share of all failures.
    share: f64,
    /// Requests that it answered well meanwhile.
    n_served: u64,
    standing: Standing,
    weight: Weight,
}

fn assess<'a>(case: &'a Case<'_>) -> Option<Assessment<'a>> {
    let all = intended(case);
    let best = all.first()?;
    let standing = standing(case);
    let n_served = served(case, &best.backend);
    let same = best.spelling.is_same();
    let weight = match (&standing, same) {
        (Standing::Served | Standing::JustLost(..), _) => return None,
        _ if n_served == 0 => Weight::Weak,
        (Standing::Empty(..) | Standing::NeverServed(Some(_)), true) if best.by_default => {
            Weight::Decisive
        }
        (_, true) => Weight::Strong,
        (Standing::Empty(..), false) if best.by_default => Weight::Strong,
        (_, false) => Weight::Weak,
    };
    let of_best = all.iter().filter(|one| one.backend == best.backend);
    let n: u64 = of_best.map(|one| one.n).sum();
    let total: u64 = case
        .incident
        .routes
        .iter()
        .take(ROUTES_MAX)
        .map(|(_, n)| n)
        .sum();
    Some(Assessment {
        best,
        n,
        share: ratio(n, total) * case.share(&STEPS),
        n_served,
        standing,
        weight,
    })
}

/// Requests that a backend answered well from some minutes before the first failure on.
fn served(case: &Case<'_>, backend: &str) -> u64 {
    let Some(load) = case.bundle.loads.get(backend) else {
        return 0;
    };
    let (from, to) = match (case.incident.window.start, case.incident.window.end) {
        (Some(start), Some(end)) => (start - MEANWHILE, end + MEANWHILE),
        _ => (i64::MIN / 2, i64::MAX / 2),
    };
    load.between(from, to).n_good
}

/// Speaks against every cause that blames the failing backend's servers: the requests were not meant for them.
pub(in crate::diagnosis) fn against_loss(case: &Case<'_>) -> Option<Sign> {
    let Some(found) = assess(case) else {
        return leftover::against_loss(case);
    };
    if found.weight > Weight::Strong || found.share < 0.5 {
        return None;
    }
    let best = found.best;
    let text = format!(
        "the requests were meant for {}, which serves: {} (line {})",
        best.backend,
        best.spelling.words(),
        best.rule.line
    );
    Some(Sign::new(
        Weight::Contradicting,
        text,
        lines(case, &[Some(best.rule)]),
    ))
}

fn lines(case: &Case<'_>, places: &[Option<Place>]) -> Vec<Cite> {
    let known = places.iter().flatten();
    known
        .filter_map(|at| case.bundle.config_cite(*at))
        .collect()
}

fn examine(case: &Case<'_>) -> Verdict {
    let name = &case.incident.backend;
    let Some(step) = case.dominant() else {
        return Verdict::against(
            "no failed request is in the artifacts whose way could be traced",
            Vec::new(),
        );
    };
    if case.share(&STEPS) <= 0.0 {
        return Verdict::against(
            "no failed request ended in a backend that could not serve it",
            case.examples(step, 1),
        );
    }
    if let Some(found) = assess(case) {
        return Verdict::Found(finding(case, &found));
    }
    match standing(case) {
        Standing::Served => Verdict::against(
            format!(
                "{name} answered such requests well shortly before, or meanwhile: they belong there"
            ),
            case.examples(step, 1),
        ),
        Standing::JustLost(server, cite) => Verdict::against(
            format!(
                "{server} of {name} had been usable and went before the requests failed: the servers are what changed"
            ),
            vec![cite],
        ),
        Standing::Empty(since, _) => Verdict::CannotTell(Lack {
            why: format!(
                "{name} had been without a usable server for {} min when the first request failed: what changed is which \
                 requests came there",
                thousands(u64::try_from(since / MINUTE).unwrap_or(0))
            ),
            missing: missing(case),
        }),
        Standing::NeverServed(_) if case.bundle.config().is_some() && !intended_unknown(case) => {
            Verdict::against(
                format!("the rules lead these requests to {name} in other spellings too"),
                case.examples(step, 1),
            )
        }
        Standing::NeverServed(_) => Verdict::CannotTell(Lack {
            why: String::new(),
            missing: missing(case),
        }),
    }
}

/// The host of the failed requests is not known: whether a rule should have matched it cannot be told.
fn intended_unknown(case: &Case<'_>) -> bool {
    let routes = &case.incident.routes;
    routes.is_empty()
        || routes
            .iter()
            .any(|(route, _)| crate::diagnosis::host_of(case, route).is_none())
}

fn missing(case: &Case<'_>) -> Missing {
    if case.bundle.config().is_none() {
        return Missing {
            artifact: "haproxy.cfg".to_owned(),
            would_decide: format!("which rule led the requests to {}", case.incident.backend),
            capture: "sudo cat /etc/haproxy/haproxy.cfg > haproxy.cfg".to_owned(),
        };
    }
    Missing {
        artifact: "the Host header of the failed requests (`capture request header Host len 64` in the frontend)".to_owned(),
        would_decide: format!("whether a rule for another backend than {} should have matched them", case.incident.backend),
        capture: "add the line to the frontend, reload, and save the log again; or curl -i with the Host that clients use".to_owned(),
    }
}

fn finding(case: &Case<'_>, found: &Assessment<'_>) -> Finding {
    let (name, best) = (&case.incident.backend, found.best);
    let how = missed(best);
    let clause = best.clause.as_ref().map(|clause| clause.at);
    let mut signs = vec![Sign::new(
        found.weight,
        how.clone(),
        lines(
            case,
            &[
                Some(best.rule),
                clause.filter(|at| *at != best.rule),
                best.taken,
            ],
        ),
    )];
    signs.push(Sign::new(
        Weight::Weak,
        format!("{} failed requests are written so", thousands(found.n)),
        case.dominant()
            .map(|step| case.examples(step, 1))
            .unwrap_or_default(),
    ));
    let before = match &found.standing {
        Standing::Empty(since, cite) => {
            let minutes = thousands(u64::try_from(since / MINUTE).unwrap_or(0));
            let text = format!(
                "{name} had been without a usable server for {minutes} min when the first of them came"
            );
            signs.push(Sign::new(Weight::Weak, text.clone(), vec![cite.clone()]));
            text
        }
        Standing::NeverServed(cite) => {
            let text = format!(
                "{name} answered no request well in the whole log, and no server of it was seen usable"
            );
            signs.push(Sign::new(
                Weight::Weak,
                text.clone(),
                cite.iter().cloned().collect(),
            ));
            text
        }
        Standing::Served | Standing::JustLost(..) => String::new(),
    };
    let meant = &best.backend;
    let serves = if found.n_served > 0 {
        format!(
            "{meant} answered {} requests well at that time",
            thousands(found.n_served)
        )
    } else {
        format!("whether {meant} could have served them is not known")
    };
    signs.push(Sign::new(Weight::Weak, serves.clone(), Vec::new()));
    let by = match (best.by_default, best.taken) {
        (true, Some(at)) => format!("`default_backend` (line {})", at.line),
        (false, Some(at)) => format!("the rule of line {}", at.line),
        (_, None) => "the configuration".to_owned(),
    };
    let explanation = format!(
        "Requests meant for {meant} were sent to {name} by {by}: {how}. {before}; {serves}."
    );
    Finding {
        share: found.share,
        signs,
        servers: Vec::new(),
        explanation,
    }
}

/// Which rule did not match, and why not.
pub(super) fn missed(best: &Intended) -> String {
    let rule = format!("line {} `{}`", best.rule.line, best.text.trim());
    let saw = best.clause.as_ref().and_then(|clause| {
        let seen = clause.seen.as_ref()?;
        Some(format!(
            "`{}` (line {}) saw `{seen}`",
            clause.text, clause.at.line
        ))
    });
    let spelling = best.spelling.words();
    match saw {
        Some(saw) => format!("{rule} did not match: {saw}; {spelling}"),
        None => format!("{rule} did not choose {}: {spelling}", best.backend),
    }
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.reload_needed();
    let Some(best) = intended(case).first() else {
        advice.step(CAUSE.fix);
        return;
    };
    correct(best, advice);
    advice.caution(format!(
        "the servers of {} may be down for another reason; bringing them up would hide the wrong route, not repair it",
        case.incident.backend
    ));
}

/// The rule to correct, and how.
pub(super) fn correct(best: &Intended, advice: &mut Advice) {
    let at = best.clause.as_ref().map_or(best.rule, |clause| clause.at);
    advice.step(format!(
        "correct line {} of the configuration so that these requests reach {}: {}",
        at.line,
        best.backend,
        best.spelling.cure()
    ));
}

#[cfg(test)]
mod tests;
