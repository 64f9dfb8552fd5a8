//! Administrative state lines: maintenance and drain, entered, left, or kept for another cause.

use crate::base::printable;
use crate::event::message::AdminChange;
use crate::event::message::AdminState;
use crate::event::message::AdminWhy;
use crate::event::message::Message;
use crate::event::message::OpState;
use crate::event::message::state::subject;
use crate::event::message::text::contains;
use crate::event::message::text::left;
use crate::event::message::text::split_once;
use crate::event::message::text::starts_with_any;
use crate::event::message::text::via;

/// Shortest piece of a phrase that is completed at the end of a cut line, in bytes: ` enters drain` is unmistakable.
const CUT_BYTES_MIN: usize = 13;

/// Who keeps or ends the state when the text carries no cause in parentheses.
#[derive(Clone, Copy)]
enum Usual {
    Forced,
    Inherited,
    Dns(&'static str),
    Other(&'static str),
}

/// State after the message, operational state that it names, and the cause.
type Found = (AdminState, Option<OpState>, AdminWhy);

/// A line about maintenance or drain of one server.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    let subject = subject(text)?;
    let rest = without_host(subject.rest);
    let (to, op, why) = phrase(rest).or_else(|| leaving(rest))?;
    Some(Message::Admin(AdminChange {
        name: subject.name()?,
        backup: subject.backup,
        to,
        op,
        why,
        left: left(rest),
    }))
}

/// ` ('app.example.org')` of a server whose name is resolved.
fn without_host(rest: &[u8]) -> &[u8] {
    match rest.strip_prefix(b" ('").and_then(|r| split_once(r, b"')")) {
        Some((_, after)) => after,
        None => rest,
    }
}

fn phrase(rest: &[u8]) -> Option<Found> {
    use AdminState::{Drain, Maint, Ready};
    const DOWN: Option<OpState> = Some(OpState::Down);
    const PHRASES: [(&[u8], AdminState, Option<OpState>, Usual); 12] = [
        (
            b" was DOWN and now enters maintenance",
            Maint,
            DOWN,
            Usual::Forced,
        ),
        (
            b" is going DOWN for maintenance",
            Maint,
            None,
            Usual::Forced,
        ),
        // Up to 1.4.
        (b" is DOWN for maintenance", Maint, None, Usual::Forced),
        (b" enters drain state", Drain, None, Usual::Forced),
        (
            b" is leaving forced maintenance but remains in maintenance",
            Maint,
            None,
            Usual::Inherited,
        ),
        (
            b" resolves again but remains in maintenance",
            Maint,
            None,
            Usual::Other("resolves again"),
        ),
        (
            b" remains in forced maintenance",
            Maint,
            None,
            Usual::Forced,
        ),
        (
            b" is leaving forced drain but remains in drain mode",
            Drain,
            None,
            Usual::Inherited,
        ),
        (b" remains in forced drain mode", Drain, None, Usual::Forced),
        (b" remains in drain mode", Drain, None, Usual::Inherited),
        (b" remains in maintenance", Maint, None, Usual::Inherited),
        (
            b" administratively READY thanks to valid DNS answer",
            Ready,
            None,
            Usual::Dns("valid DNS answer"),
        ),
    ];
    let whole = PHRASES.iter().find_map(|(words, to, op, usual)| {
        let after = rest.strip_prefix(*words)?;
        let follows = matches!(after, [] | [b'.', ..] | [b' ', b'(', ..])
            || after.starts_with(b" via ")
            || b" via ".starts_with(after);
        follows.then(|| (*to, *op, cause(after, *usual)))
    });
    if whole.is_some() || rest.len() < CUT_BYTES_MIN {
        return whole;
    }
    let mut cut = PHRASES.iter().filter(|entry| entry.0.starts_with(rest));
    match (cut.next(), cut.next()) {
        (Some((_, to, op, usual)), None) => Some((*to, *op, cause(&[], *usual))),
        _ => None,
    }
}

/// `[ (text)][ via b/s].` behind a phrase.
fn cause(after: &[u8], usual: Usual) -> AdminWhy {
    let (text, after) = match after.strip_prefix(b" (") {
        Some(inner) => split_once(inner, b")").unwrap_or((inner, &[])),
        None => (&[][..], after),
    };
    if after.starts_with(b" via ") {
        return AdminWhy::Tracked(via(after));
    }
    match (text.trim_ascii(), usual) {
        ([], Usual::Forced) => AdminWhy::Forced,
        ([], Usual::Inherited) => AdminWhy::Tracked(None),
        ([], Usual::Dns(text)) => AdminWhy::Dns(text.to_owned()),
        ([], Usual::Other(text)) => AdminWhy::Other(text.to_owned()),
        (text, _) => spelled(text),
    }
}

fn spelled(text: &[u8]) -> AdminWhy {
    const DNS: [&[u8]; 4] = [
        b"No IP for",
        b"DNS",
        b"entry removed from",
        b"unspecified DNS",
    ];
    if starts_with_any(text, &DNS) || text.starts_with(b"resolves") {
        AdminWhy::Dns(printable(text))
    } else if contains(text, b"stats page") {
        AdminWhy::StatsPage
    } else {
        AdminWhy::Other(printable(text))
    }
}

/// ` is UP/READY (leaving forced maintenance).`, ` is DOWN (leaving drain) via b/s.` and the like.
fn leaving(rest: &[u8]) -> Option<Found> {
    let rest = rest.strip_prefix(b" is ")?;
    let (op, rest) = match rest.strip_prefix(b"UP") {
        Some(rest) => (OpState::Up, rest),
        None => (OpState::Down, rest.strip_prefix(b"DOWN")?),
    };
    let (combined, to, rest) = if let Some(rest) = rest.strip_prefix(b"/READY") {
        (true, AdminState::Ready, rest)
    } else if let Some(rest) = rest.strip_prefix(b"/DRAIN") {
        (true, AdminState::Drain, rest)
    } else {
        (false, AdminState::Ready, rest)
    };
    let Some(inner) = rest.strip_prefix(b" (") else {
        // Cut behind the states; without the second one this is an operational line.
        let cut = matches!(rest, [] | [b'.' | b' ', ..]);
        return (combined && cut).then_some((to, Some(op), AdminWhy::Forced));
    };
    let (text, after) = split_once(inner, b")").unwrap_or((inner, &[]));
    let why = match text {
        b"leaving forced maintenance" | b"leaving forced drain" => AdminWhy::Forced,
        // Up to 1.4 the only wording, without the second state.
        b"leaving maintenance" if !combined => AdminWhy::Forced,
        b"leaving maintenance" | b"leaving drain" => AdminWhy::Tracked(via(after)),
        _ if b"leaving ".starts_with(text) || text.starts_with(b"leaving ") => AdminWhy::Forced,
        _ if combined => spelled(text),
        _ => return None,
    };
    Some((to, Some(op), why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;
    use crate::event::message::tests::counts;
    use crate::event::message::tests::name;
    use crate::event::message::tests::text;

    /// With and without `Backup `, without and with counts.
    #[track_caller]
    fn check_admin(words: &str, to: AdminState, op: Option<OpState>, why: &AdminWhy) {
        for backup in [false, true] {
            let head = if backup { "Backup Server" } else { "Server" };
            let body = format!("{head} be/s1 {words}");
            let change = AdminChange {
                name: name("be/s1"),
                backup,
                to,
                op,
                why: why.clone(),
                left: None,
            };
            check(&body, &Message::Admin(change.clone()));
            if words.ends_with('.') {
                let body = format!("[WARNING]  (9) : {body} 2 active and 1 backup servers left.");
                let left = counts(2, 1);
                check(&body, &Message::Admin(AdminChange { left, ..change }));
            }
        }
    }

    fn dns(cause: &str) -> AdminWhy {
        AdminWhy::Dns(text(cause))
    }

    fn tracked() -> AdminWhy {
        AdminWhy::Tracked(Some(name("be/t")))
    }

    #[test]
    fn maintenance_is_entered_for_every_cause() {
        let rows = [
            (".", AdminWhy::Forced),
            ("", AdminWhy::Forced),
            (" via be/t.", tracked()),
            (" (No IP for server ).", dns("No IP for server")),
            (" (DNS NX status).", dns("DNS NX status")),
            (" (DNS timeout status).", dns("DNS timeout status")),
            (" (DNS refused status).", dns("DNS refused status")),
            (" (unspecified DNS error).", dns("unspecified DNS error")),
            (
                " (entry removed from SRV record).",
                dns("entry removed from SRV record"),
            ),
            (" ('disable' on stats page).", AdminWhy::StatsPage),
            (" ('stop' on stats page).", AdminWhy::StatsPage),
            (" (moon).", AdminWhy::Other(text("moon"))),
        ];
        for (cause, why) in rows {
            let was = format!("was DOWN and now enters maintenance{cause}");
            check_admin(&was, AdminState::Maint, Some(OpState::Down), &why);
            let goes = format!("is going DOWN for maintenance{cause}");
            check_admin(&goes, AdminState::Maint, None, &why);
            let drains = format!("enters drain state{cause}");
            check_admin(&drains, AdminState::Drain, None, &why);
        }
        for old_or_cut in ["is DOWN for maintenance.", "is going DOWN for maint"] {
            check_admin(old_or_cut, AdminState::Maint, None, &AdminWhy::Forced);
        }
    }

    #[test]
    fn maintenance_and_drain_remain_for_another_cause() {
        use AdminState::{Drain, Maint};
        let again = AdminWhy::Other(text("resolves again"));
        let inherited = AdminWhy::Tracked(None);
        let rows = [
            (
                "is leaving forced maintenance but remains in maintenance via be/t.",
                (Maint, tracked()),
            ),
            (
                "is leaving forced maintenance but remains in maintenance.",
                (Maint, inherited.clone()),
            ),
            (
                "('app.example.org') resolves again but remains in maintenance.",
                (Maint, again),
            ),
            ("remains in forced maintenance.", (Maint, AdminWhy::Forced)),
            (
                "is leaving forced drain but remains in drain mode via be/t.",
                (Drain, tracked()),
            ),
            ("remains in drain mode via be/t.", (Drain, tracked())),
            ("remains in drain mode.", (Drain, inherited)),
            ("remains in forced drain mode.", (Drain, AdminWhy::Forced)),
        ];
        for (words, (to, why)) in rows {
            check_admin(words, to, None, &why);
        }
    }

    #[test]
    fn maintenance_and_drain_end() {
        use AdminState::{Drain, Ready};
        let inherited = AdminWhy::Tracked(None);
        let rows = [
            (
                "/READY (leaving forced maintenance).",
                Ready,
                AdminWhy::Forced,
            ),
            (
                "/DRAIN (leaving forced maintenance).",
                Drain,
                AdminWhy::Forced,
            ),
            ("/READY (leaving maintenance).", Ready, inherited.clone()),
            ("/READY (resolves again).", Ready, dns("resolves again")),
            ("/READY", Ready, AdminWhy::Forced),
            (" (leaving maintenance).", Ready, AdminWhy::Forced),
            (" (leaving forced drain).", Ready, AdminWhy::Forced),
            (" (leaving drain).", Ready, inherited),
            (" (leaving drain) via be/t.", Ready, tracked()),
        ];
        for (words, to, why) in rows {
            check_admin(&format!("is UP{words}"), to, Some(OpState::Up), &why);
            let named = format!("('app.example.org') is DOWN{words}");
            check_admin(&named, to, Some(OpState::Down), &why);
        }
        let answered = "administratively READY thanks to valid DNS answer.";
        check_admin(answered, Ready, None, &dns("valid DNS answer"));
    }
}
