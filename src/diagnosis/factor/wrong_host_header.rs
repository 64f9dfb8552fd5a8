//! The check's `Host` header is not one that the application answers to.
//!
//! Looks alike: an application that is not ready and answers 404 or 503 to every name. 421 is HTTP's own word for a name that is not
//! served here (RFC 9110, "421 Misdirected Request"); 400, 403 and 404 are believed only with a changed or missing name.

use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::difference;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::found;
use crate::event::message::CheckReport;
use crate::incident::Reason;

pub(super) const FACTOR: Factor = Factor {
    id: "wrong-host-header",
    title: "the check asks with a wrong Host header",
    why: "A virtual host answers to its own names only. Send one that it serves: `http-check send hdr Host app.example.com`.",
    find,
};

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    if cause != "check-http-status" {
        return None;
    }
    let (loss, code) = case.losses.iter().find_map(|loss| match loss.reason {
        Reason::Check(CheckReport {
            code: Some(code), ..
        }) if [400, 403, 404, 421].contains(code) => Some((loss, *code)),
        _ => None,
    })?;
    let check = &case.proxy?.check;
    let now = check.host.as_ref();
    let shown = now.map_or("none", |host| host.value.as_str());
    let other = difference::differences(case)
        .into_iter()
        .find_map(|difference| {
            let proxy = difference.other.config.backend(&case.incident.backend)?;
            let host = proxy.check.host.as_ref().map(|host| host.value.clone());
            (host.as_ref() != now.map(|host| &host.value)).then_some(host)
        });
    // HTTP/1.1 without a name is refused with 400 by the protocol itself.
    let nameless = now.is_none() && code == 400 && check.version.ends_with("1.1");
    let text = match other {
        Some(Some(other)) => format!(
            "the check's Host is {shown}, another captured configuration has {other}; the answer is {code}"
        ),
        Some(None) => format!(
            "the check's Host is {shown}, another captured configuration sends none; the answer is {code}"
        ),
        None if code == 421 || nameless => {
            format!("the answer to the check is {code}, its Host is {shown}")
        }
        None => return None,
    };
    let mut cites = vec![loss.cite.clone()];
    cites.extend(config_cites(
        case,
        now.and_then(|host| host.at).or(check.at),
    ));
    found(text, cites)
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::CONFIG;
    use crate::testing;
    use crate::testing::{down, nosrv};

    fn found(code: &str, before: &str) -> bool {
        let log = [
            down(41, "app1", &format!("Layer7 wrong status, {code}")),
            nosrv(42),
        ]
        .concat();
        let check = "    option httpchk\n    http-check send meth GET uri /ready ver HTTP/1.1 hdr Host NAME\n    server app1";
        let config = CONFIG.replace("    server app1", check);
        let (now, old) = (
            config.replace("NAME", "localhost"),
            config.replace("NAME", before),
        );
        let files = [
            ("journal.txt", &*log),
            ("haproxy.cfg", &now),
            ("haproxy.cfg.before", &old),
        ];
        testing::with_case(&files, |case| {
            (FACTOR.find)(case, "check-http-status").is_some()
        })
    }

    #[test]
    fn a_changed_name_or_421_is_found_and_an_unready_application_is_not() {
        assert!(found("code: 404, info: \"Not Found\"", "app.example.com"));
        assert!(found(
            "code: 421, info: \"Misdirected Request\"",
            "localhost"
        ));
        assert!(!found("code: 404, info: \"Not Found\"", "localhost"));
        assert!(!found(
            "code: 503, info: \"Service Unavailable\"",
            "app.example.com"
        ));
    }
}
