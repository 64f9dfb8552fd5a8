//! Lines about certificates: renewals of ACME clients, and any program that met an expired one.
//!
//! A warning of the kind "will expire in 20 days" is no expiry yet: `None`.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::scan::after;
use crate::event::host::scan::event;
use crate::event::host::scan::first_word;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;

static CERTIFICATE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"ertificate"));

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    match line.program {
        b"certbot" | b"acme.sh" | b"acme" | b"lego" | b"dehydrated" | b"acmetool" | b"uacme" => {
            client(line.body)
        }
        b"" if line.body.starts_with(b"notAfter=") => None,
        _ => expired(line),
    }
}

/// What an ACME client did; `not yet due for renewal` is its daily no.
fn client(body: &[u8]) -> Option<HostEvent> {
    const NEWS: &[&[u8]] = &[
        b"Renewing an existing certificate",
        b"renewals succeeded",
        b"Successfully received certificate",
        b"Failed to renew certificate",
        b"All renewals failed",
        b"renewals failed",
        b"Cert success",
        b"Installing cert",
        b"Installing key",
        b"Run reload cmd",
        b"has expired",
        b"Server responded with a certificate",
        b"Requesting new certificate",
    ];
    if !has_any(body, NEWS) {
        return None;
    }
    let name = after(body, b"certificate for ")
        .or_else(|| after(body, b"renew certificate "))
        .map(first_word);
    event(HostKind::Certificate, name.unwrap_or_default())
}

/// `certificate has expired`, `x509: certificate has expired or is not yet valid`, `tlsv1 alert certificate expired`.
fn expired(line: &Line<'_>) -> Option<HostEvent> {
    const SIGNS: &[&[u8]] = &[
        b"ertificate has expired",
        b"ertificate expired",
        b"ertificate is expired",
        b"ertificate is not yet valid",
        b"ertificate not yet valid",
        b"ertificateExpiredException",
        // nginx does not start then.
        b"cannot load certificate \"",
        b"ertificateNotYetValidException",
    ];
    CERTIFICATE.find(line.body)?;
    let found = has_any(line.body, SIGNS) && !has(line.body, b"will expire");
    found
        .then(|| event(HostKind::Certificate, line.program))
        .flatten()
}
