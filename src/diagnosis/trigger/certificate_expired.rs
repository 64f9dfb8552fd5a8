//! A certificate that the servers show, or that they must trust, ran out.
//!
//! Looks alike: TLS that fails for another reason (a plain port, another CA, another protocol version); an expired certificate
//! of the site itself, which clients meet and no check; a renewal that is due in days.
//! Known gap: up to 3.1 the check says `SSL handshake failure` alone; dates of an `openssl x509` capture are not read.

use crate::base::HOUR;
use crate::base::Precision;
use crate::capture::Capture;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::event::host::HostKind;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "certificate-expired",
    title: "a certificate expired",
    why: "With `verify required` the handshake fails from the second in which the certificate ends, on every server that shows it. \
          Renew and reload the application; watch end dates. Evidence: a curl from the proxy, the check's text or a log line \
          that says `certificate has expired`.",
    find,
};

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !["check-tls-failure", "unchecked-server-failed"].contains(&cause) {
        return None;
    }
    by_check(case)
        .or_else(|| by_curl(case))
        .or_else(|| by_host(case, cause))
}

fn says_expired(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("certificate has expired")
        || text.contains("certificate expired")
        || text.contains("certificate is expired")
}

fn by_check(case: &Case<'_>) -> Option<TriggerFinding> {
    let loss = case
        .losses
        .iter()
        .find(|loss| says_expired(&loss.reason.words()))?;
    Some(TriggerFinding {
        at: loss.at,
        precision: Precision::Second,
        tie: Tie::Named,
        explanation: format!(
            "the check of {} says that the certificate has expired",
            loss.server
        ),
        cites: vec![loss.cite.clone()],
    })
}

/// curl's own error 60 names the reason; the URL must be that of a failed server.
fn by_curl(case: &Case<'_>) -> Option<TriggerFinding> {
    let documents = &case.bundle.documents;
    documents.captures.iter().find_map(|doc| {
        let Capture::Curl(curl) = &doc.capture else {
            return None;
        };
        let (_, text) = curl.error.as_ref().filter(|(_, text)| says_expired(text))?;
        let authority = curl.url.split("://").last()?.split('/').next()?;
        let named = case.server_names().into_iter().find(|name| {
            case.address(name).is_some_and(|address| {
                address == authority || address.split(':').next() == Some(authority)
            })
        });
        Some(TriggerFinding {
            at: case.start(),
            precision: Precision::Second,
            tie: if named.is_some() {
                Tie::Named
            } else {
                Tie::Kind
            },
            explanation: format!(
                "a request made by hand to {} failed: {text}",
                named.unwrap_or(authority)
            ),
            cites: vec![documents.cite(doc.source, curl.at)],
        })
    })
}

/// A program of the proxy's or a server's host met it, or a client of a certificate authority renewed it during the incident.
fn by_host(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    let signs = before::signs(case);
    let (from, to) = before::span(&signs)?;
    let end = case.incident.window.end.unwrap_or(to).max(to);
    let mut events = before::host_events(case, &[HostKind::Certificate], (from - HOUR, end));
    let (_, event, host) = events.find(|(_, event, _)| {
        let role = before::role(case, &signs, &event.host);
        says_expired(&event.cite.text) && role != Role::Stranger
            || (cause == "check-tls-failure" && matches!(role, Role::Server(_)))
    })?;
    Some(TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie: Tie::Kind,
        explanation: format!(
            "{} reported an expired or renewed certificate",
            if host.subject.is_empty() {
                "a program"
            } else {
                &host.subject
            }
        ),
        cites: vec![event.cite.clone()],
    })
}

#[cfg(test)]
mod tests {
    use super::TRIGGER;
    use crate::testing;
    use crate::testing::{down, nosrv};

    const REASON: &str = "Layer6 invalid response, info: \"SSL handshake failure\"";
    const CONFIG: &str = "frontend fe_app\n    bind :80\n    default_backend be_app\nbackend be_app\n    server app1 192.0.2.11:8443 check ssl verify required ca-file ca.pem\n";

    fn found(error: &str) -> bool {
        let log = [down(41, "app1", REASON), nosrv(42)].concat();
        let curl = format!(
            "$ curl -i -sS --cacert ca.pem https://192.0.2.11:8443/healthz\ncurl: (60) {error}\n"
        );
        let files = [
            ("journal.txt", &*log),
            ("haproxy.cfg", CONFIG),
            ("curl.txt", &curl),
        ];
        testing::with_case(&files, |case| {
            (TRIGGER.find)(case, "check-tls-failure").is_some()
        })
    }

    #[test]
    fn curls_own_reason_is_found() {
        assert!(found("SSL certificate problem: certificate has expired"));
    }

    #[test]
    fn another_reason_is_none() {
        assert!(!found(
            "SSL certificate problem: self-signed certificate in certificate chain"
        ));
    }
}
