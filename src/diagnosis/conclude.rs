//! All causes on one case -> one conclusion, honestly graded.

use crate::base::Cite;
use crate::base::counted;
use crate::diagnosis::advice;
use crate::diagnosis::cause::CATALOGUE;
use crate::diagnosis::confidence;
use crate::diagnosis::confidence::CLAIM;
use crate::diagnosis::factor::FACTORS;
use crate::diagnosis::fold::fold;
use crate::diagnosis::remainder::replay;
use crate::diagnosis::trigger::TRIGGERS;
use crate::diagnosis::{
    Advice, Against, Also, Case, Cause, FactorFinding, Finding, Missing, Replay, Tie,
    TriggerFinding, Verdict, Weight,
};
use crate::evidence::Step;
use crate::incident::Basis;
use crate::incident::Bundle;
use crate::incident::Incident;
use std::collections::BTreeMap;

/// Lines cited for a conclusion.
const CITES_MAX: usize = 12;

/// What was concluded about one incident.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The cause.
    pub cause: Judged,
    /// Own cause of each server that failed.
    pub servers: BTreeMap<String, &'static str>,
    /// What it was not.
    pub ruled_out: Vec<(&'static str, Against)>,
    /// What remains possible; only when the cause is `insufficient-evidence`.
    pub possible: Vec<Possible>,
    /// What speaks against the conclusion.
    pub contradictions: Vec<Against>,
    /// What would decide the rest.
    pub missing: Vec<Missing>,
    /// What set it off, with how sure that is.
    pub trigger: Option<(&'static str, f64, TriggerFinding)>,
    /// What made it worse.
    pub factors: Vec<(&'static str, FactorFinding)>,
    /// The failures against the pool's usable servers over time; `None`: no message tells.
    pub replay: Option<Replay>,
    /// What to do.
    pub advice: Advice,
    /// Other pools that the same fault hit, without a failed request to show for it.
    pub also: Vec<Also>,
}

/// The cause with its grade.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Id of the catalogue.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// 0 to 1, two digits.
    pub confidence: f64,
    /// A paragraph.
    pub explanation: String,
    /// The lines that show it.
    pub cites: Vec<Cite>,
}

/// A cause that the evidence does not exclude.
#[derive(Clone, Debug)]
pub struct Possible {
    /// Id of the catalogue.
    pub id: &'static str,
    /// What speaks for it.
    pub why: String,
}

/// The conclusions on every incident of a bundle as they are told: most severe first, those of one cause in one.
pub fn together(
    bundle: &Bundle,
    mut all: Vec<(Incident, Conclusion)>,
) -> Vec<(Incident, Conclusion)> {
    // HAProxy's own absence first, then failed requests, most of them first; then what only messages or dumps show; time and name decide the rest.
    all.sort_by(|(a, by), (b, other)| {
        let weight = |incident: &Incident| std::cmp::Reverse(incident.n_failed());
        let unsure = |conclusion: &Conclusion| conclusion.cause.id == "insufficient-evidence";
        (
            rank(a.basis),
            weight(a),
            unsure(by),
            a.window.start,
            &a.backend,
            &a.host,
        )
            .cmp(&(
                rank(b.basis),
                weight(b),
                unsure(other),
                b.window.start,
                &b.backend,
                &b.host,
            ))
    });
    fold(bundle, all)
}

/// Nothing is worse than no HAProxy.
fn rank(basis: Basis) -> (bool, Basis) {
    (basis != Basis::Process, basis)
}

/// Judges every cause and concludes.
pub fn conclude(case: &Case<'_>) -> Conclusion {
    let verdicts: Vec<(&'static Cause, Verdict)> = CATALOGUE
        .iter()
        .map(|cause| (cause, (cause.examine)(case)))
        .collect();
    let mut found: Vec<(f64, &'static Cause, &Finding)> = verdicts
        .iter()
        .filter_map(|(cause, verdict)| match verdict {
            Verdict::Found(finding) => Some((
                confidence::of(finding, case.incident.basis),
                *cause,
                finding,
            )),
            Verdict::RuledOut(_) | Verdict::CannotTell(_) => None,
        })
        .collect();
    // The order of the catalogue decides between equals, so that the result never depends on anything else.
    found.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    let rival = found.get(1).map_or(0.0, |(confidence, ..)| *confidence);
    let best = found
        .first()
        .map(|&(own, cause, finding)| (confidence::beside_rival(own, rival), cause, finding));
    match best.filter(|(confidence, ..)| *confidence >= CLAIM) {
        Some((confidence, cause, finding)) => claim(case, &verdicts, confidence, cause, finding),
        None => decline(case, &verdicts, &found),
    }
}

fn claim(
    case: &Case<'_>,
    verdicts: &[(&'static Cause, Verdict)],
    confidence: f64,
    cause: &'static Cause,
    finding: &Finding,
) -> Conclusion {
    let for_it = finding
        .signs
        .iter()
        .filter(|sign| sign.weight != Weight::Contradicting);
    let mut cites: Vec<Cite> = for_it.flat_map(|sign| sign.cites.iter().cloned()).collect();
    dedup(&mut cites);
    cites.truncate(CITES_MAX);
    let against = finding
        .signs
        .iter()
        .filter(|sign| sign.weight == Weight::Contradicting);
    let mut ruled_out: Vec<(&'static str, Against)> = Vec::new();
    for (other, verdict) in verdicts.iter().filter(|(other, _)| other.id != cause.id) {
        match verdict {
            Verdict::RuledOut(against) => ruled_out.push((other.id, against.clone())),
            Verdict::Found(lesser) => {
                let cites = lesser
                    .signs
                    .iter()
                    .flat_map(|sign| sign.cites.iter().cloned())
                    .take(2)
                    .collect();
                let contradiction = lesser
                    .signs
                    .iter()
                    .find(|sign| sign.weight == Weight::Contradicting);
                let percent = (lesser.share * 100.0).round();
                let why = contradiction.map_or_else(
                    || {
                        format!(
                            "explains {percent} % of the failures at most; {} explains more",
                            cause.id
                        )
                    },
                    |sign| sign.text.clone(),
                );
                ruled_out.push((other.id, Against { why, cites }));
            }
            Verdict::CannotTell(_) => {}
        }
    }
    Conclusion {
        cause: Judged {
            id: cause.id,
            title: cause.title,
            confidence: confidence::rounded(confidence),
            explanation: finding.explanation.clone(),
            cites,
        },
        servers: server_causes(case, cause, finding),
        ruled_out,
        possible: Vec::new(),
        contradictions: against
            .map(|sign| Against {
                why: sign.text.clone(),
                cites: sign.cites.clone(),
            })
            .collect(),
        missing: missing(case, verdicts, true),
        trigger: trigger(case, cause.id),
        factors: factors(case, cause.id),
        replay: replayed(case, verdicts),
        advice: advice::for_cause(case, cause),
        also: Vec::new(),
    }
}

/// Each lost server's own cause, whatever the incident's; servers of the finding get the incident's.
fn server_causes(
    case: &Case<'_>,
    cause: &'static Cause,
    finding: &Finding,
) -> BTreeMap<String, &'static str> {
    let mut causes = own_causes(case);
    for server in &finding.servers {
        causes.insert(server.clone(), cause.id);
    }
    causes
}

fn own_causes(case: &Case<'_>) -> BTreeMap<String, &'static str> {
    let mut causes = BTreeMap::new();
    for loss in &case.losses {
        let own = CATALOGUE
            .iter()
            .find(|cause| cause.blames.is_some_and(|blames| blames(case, loss)));
        if let Some(own) = own {
            causes.insert(loss.server.to_owned(), own.id);
        }
    }
    causes
}

/// Something happened, and nothing says why.
fn decline(
    case: &Case<'_>,
    verdicts: &[(&'static Cause, Verdict)],
    found: &[(f64, &'static Cause, &Finding)],
) -> Conclusion {
    let mut possible: Vec<Possible> = found
        .iter()
        .map(|(_, cause, finding)| {
            let best = finding.signs.iter().min_by_key(|sign| sign.weight);
            Possible {
                id: cause.id,
                why: best.map(|sign| sign.text.clone()).unwrap_or_default(),
            }
        })
        .collect();
    for (cause, verdict) in verdicts {
        if let Verdict::CannotTell(lack) = verdict {
            let why = if lack.why.is_empty() {
                "nothing in the artifacts speaks against it"
            } else {
                &lack.why
            };
            possible.push(Possible {
                id: cause.id,
                why: why.to_owned(),
            });
        }
    }
    let ruled_out = verdicts
        .iter()
        .filter_map(|(cause, verdict)| match verdict {
            Verdict::RuledOut(against) => Some((cause.id, against.clone())),
            Verdict::Found(_) | Verdict::CannotTell(_) => None,
        });
    let mut advice = Advice::default();
    let missing = missing(case, verdicts, false);
    for lack in missing.iter().take(3) {
        advice.step(format!(
            "capture {}: it would tell {}",
            lack.artifact, lack.would_decide
        ));
    }
    let mut cites: Vec<Cite> = case
        .dominant()
        .map(|step| case.examples(step, 3))
        .unwrap_or_default();
    cites.extend(case.losses.iter().take(4).map(|loss| loss.cite.clone()));
    dedup(&mut cites);
    Conclusion {
        cause: Judged {
            id: "insufficient-evidence",
            title: "the artifacts cannot say why",
            confidence: confidence::rounded(1.0 - found.first().map_or(0.0, |(best, ..)| *best)),
            explanation: unexplained(case),
            cites,
        },
        servers: own_causes(case),
        ruled_out: ruled_out.collect(),
        possible,
        contradictions: Vec::new(),
        missing,
        trigger: None,
        factors: factors(case, "insufficient-evidence"),
        replay: replayed(case, verdicts),
        advice,
        also: Vec::new(),
    }
}

fn unexplained(case: &Case<'_>) -> String {
    let incident = case.incident;
    let name = if incident.backend.is_empty() {
        "the site"
    } else {
        &incident.backend
    };
    match case.dominant() {
        Some(Step::NoServer) => format!(
            "{} found no usable server in {name}, and nothing in the artifacts says why its servers were out.",
            counted(incident.n_step(Step::NoServer), "request")
        ),
        Some(_) => format!(
            "{} of {name} failed, and what the artifacts hold does not tell one cause from another.",
            counted(incident.n_failed(), "request")
        ),
        None => format!("{name} shows a failure, and nothing in the artifacts says why."),
    }
}

fn missing(case: &Case<'_>, verdicts: &[(&'static Cause, Verdict)], claimed: bool) -> Vec<Missing> {
    let mut all: Vec<Missing> = Vec::new();
    if !claimed {
        for (_, verdict) in verdicts {
            if let Verdict::CannotTell(lack) = verdict {
                all.push(lack.missing.clone());
            }
        }
    }
    if case.bundle.config().is_none() {
        all.push(Missing {
            artifact: "haproxy.cfg".to_owned(),
            would_decide: "which rule chose the backend, what the checks ask, and which timers and limits were in effect".to_owned(),
            capture: "sudo cat /etc/haproxy/haproxy.cfg > haproxy.cfg".to_owned(),
        });
    }
    if case.bundle.reach.n == 0 {
        all.push(Missing {
            artifact: "the traffic log (`option httplog`)".to_owned(),
            would_decide: "how many requests failed, which routes and clients were hit, and when it began and ended".to_owned(),
            capture: "sudo journalctl -u haproxy --no-pager -o short-iso-precise > haproxy.journal    # or the file that rsyslog writes".to_owned(),
        });
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|lack| seen.insert(lack.clone()));
    all
}

fn trigger(case: &Case<'_>, cause: &str) -> Option<(&'static str, f64, TriggerFinding)> {
    let start = case.start();
    let distance = |finding: &TriggerFinding| match (finding.at, start) {
        (Some(at), Some(start)) => (start - at).abs(),
        _ => i64::MAX,
    };
    let all = TRIGGERS
        .iter()
        .filter_map(|trigger| Some((trigger.id, (trigger.find)(case, cause)?)));
    let (id, finding) = all.min_by_key(|(_, finding)| (finding.tie, distance(finding)))?;
    let confidence = match finding.tie {
        Tie::Named => 0.9,
        Tie::Kind => 0.75,
        Tie::Time => 0.5,
    };
    Some((id, confidence, finding))
}

fn factors(case: &Case<'_>, cause: &str) -> Vec<(&'static str, FactorFinding)> {
    FACTORS
        .iter()
        .filter_map(|factor| Some((factor.id, (factor.find)(case, cause)?)))
        .collect()
}

fn replayed(case: &Case<'_>, verdicts: &[(&'static Cause, Verdict)]) -> Option<Replay> {
    let found = verdicts
        .iter()
        .filter_map(|(cause, verdict)| match verdict {
            Verdict::Found(finding) => {
                let mut weights = finding.signs.iter().map(|sign| sign.weight);
                let is_sound = weights.all(|weight| weight != Weight::Contradicting);
                is_sound.then_some((cause.id, finding.servers.as_slice()))
            }
            Verdict::RuledOut(_) | Verdict::CannotTell(_) => None,
        });
    replay(case, &found.collect::<Vec<_>>())
}

fn dedup(cites: &mut Vec<Cite>) {
    let mut seen = std::collections::BTreeSet::new();
    cites.retain(|cite| seen.insert(cite.span));
}
