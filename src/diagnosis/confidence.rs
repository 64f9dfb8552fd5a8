//! The one place where evidence becomes a number, the same way for every cause.
//!
//! The base values say what a conclusion with such a best sign is worth; they are rounded, because the archive of incidents
//! they were compared with is small. A share below one lowers them, a contradiction and a close rival do too.

use crate::diagnosis::Finding;
use crate::diagnosis::Weight;
use crate::incident::Basis;

/// Below this nothing is claimed: the answer is `insufficient-evidence` with what remains possible.
pub(super) const CLAIM: f64 = 0.5;

/// What a conclusion is worth by its best sign alone.
const DECISIVE: f64 = 0.97;
const STRONG: f64 = 0.86;
const WEAK: f64 = 0.55;
/// What each contradiction leaves of it.
const CONTRADICTED: f64 = 0.5;
/// What a claim keeps when no failed request was seen: messages and dumps tell what the servers did, not what clients got.
const WITHOUT_REQUESTS: f64 = 0.95;
/// A capture alone tells that it happened, hardly why.
const CAPTURE_ALONE: f64 = 0.7;

/// How sure a finding is, 0 to 1, before rivals are looked at.
pub(super) fn of(finding: &Finding, basis: Basis) -> f64 {
    let best = finding.signs.iter().map(|sign| sign.weight).min();
    let base = match best {
        Some(Weight::Decisive) => DECISIVE,
        Some(Weight::Strong) => STRONG,
        Some(Weight::Weak) => WEAK,
        Some(Weight::Contradicting) | None => return 0.0,
    };
    let n_against = finding
        .signs
        .iter()
        .filter(|sign| sign.weight == Weight::Contradicting)
        .count();
    let contradicted = CONTRADICTED.powi(i32::try_from(n_against).unwrap_or(i32::MAX));
    let basis = match basis {
        Basis::Requests | Basis::Process => 1.0,
        Basis::Messages | Basis::Dumps => WITHOUT_REQUESTS,
        Basis::Captures => CAPTURE_ALONE,
    };
    base * contradicted * basis * by_share(finding.share)
}

/// A cause that explains nearly all failures is worth its full value; one that explains few is a side effect.
fn by_share(share: f64) -> f64 {
    if share >= 0.9 {
        1.0
    } else if share >= 0.5 {
        0.85 + (share - 0.5) * 0.375
    } else {
        share * 1.7
    }
}

/// What a claim keeps when another cause explains the same failures nearly as well.
pub(super) fn beside_rival(best: f64, rival: f64) -> f64 {
    if rival < 0.8 * best {
        best
    } else {
        best * (1.0 - 0.4 * rival / best)
    }
}

/// Two digits, as the report prints it.
pub(super) fn rounded(value: f64) -> f64 {
    (value.clamp(0.0, 1.0) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Sign;

    fn finding(share: f64, weights: &[Weight]) -> Finding {
        let signs = weights
            .iter()
            .map(|&weight| Sign::new(weight, "", Vec::new()))
            .collect();
        Finding {
            share,
            signs,
            servers: Vec::new(),
            explanation: String::new(),
        }
    }

    #[test]
    fn more_evidence_never_lowers_and_contradictions_always_do() {
        let weak = of(&finding(1.0, &[Weight::Weak]), Basis::Requests);
        let both = of(
            &finding(1.0, &[Weight::Weak, Weight::Decisive]),
            Basis::Requests,
        );
        let against = of(
            &finding(1.0, &[Weight::Decisive, Weight::Contradicting]),
            Basis::Requests,
        );
        assert!(weak < both && against < both);
        assert!(weak >= CLAIM && against < CLAIM);
        assert!(of(&finding(0.0, &[Weight::Decisive]), Basis::Requests) < 0.01);
    }

    #[test]
    fn a_share_counts_steadily() {
        let mut last = -1.0;
        for hundredth in 0..=100 {
            let now = by_share(f64::from(hundredth) / 100.0);
            assert!(now >= last);
            last = now;
        }
        assert!((last - 1.0).abs() < 1e-9);
    }
}
