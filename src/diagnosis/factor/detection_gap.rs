//! Requests were sent to a dead server before its checks had noticed.
//!
//! Looks alike: a server without a check, which nothing will ever notice (`checks-disabled`); failures after the DOWN message, by
//! persistence (`persistence-pinned`).

use crate::base::SECOND;
use crate::base::thousands;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::advice::span_words;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::dead;
use crate::diagnosis::factor::found;

pub(super) const FACTOR: Factor = Factor {
    id: "detection-gap",
    title: "requests failed before the checks noticed",
    why: "Between the failure and the DOWN message lie up to `inter` plus `fall` - 1 further checks. Shorten `inter` or set `fastinter`, \
          let `option redispatch` carry requests over, or let traffic itself tell (`observe layer4`).",
    find,
};

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
    found(
        format!(
            "{n} requests failed on {name}, the first {before} before HAProxy marked it{}",
            takes.unwrap_or_default()
        ),
        cites,
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, refused};
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
}
