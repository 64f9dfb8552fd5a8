//! What to do: steps, commands that verify, cautions. The common part here, the rest from the cause's file.

use crate::capture::Capture;
use crate::config::Span;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::replay;
use crate::diagnosis::target;
use crate::incident::Basis;

/// Servers that get a verifying command of their own.
const SERVERS_MAX: usize = 4;

/// What ends by a word, and not by good checks: the server is used again in the same instant.
const AT_ONCE: [&str; 4] = [
    "agent-down",
    "admin-maintenance",
    "admin-drain",
    "dns-resolution-failed",
];

/// Advice for one incident.
#[derive(Clone, Debug, Default)]
pub struct Advice {
    /// The smallest change to test, step by step.
    pub steps: Vec<String>,
    /// Commands that show whether it worked.
    pub verify: Vec<String>,
    /// What not to do, and what to wait for.
    pub cautions: Vec<String>,
    /// The fix touches HAProxy's configuration.
    pub reload: bool,
}

impl Advice {
    /// Adds a step.
    pub fn step(&mut self, text: impl Into<String>) {
        push_new(&mut self.steps, text.into());
    }

    /// Adds a command.
    pub fn verify(&mut self, command: impl Into<String>) {
        push_new(&mut self.verify, command.into());
    }

    /// Adds a caution.
    pub fn caution(&mut self, text: impl Into<String>) {
        push_new(&mut self.cautions, text.into());
    }

    /// The fix changes the configuration.
    pub fn reload_needed(&mut self) {
        self.reload = true;
    }
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

/// Advice for a concluded cause.
pub(super) fn for_cause(case: &Case<'_>, cause: &Cause) -> Advice {
    let mut advice = Advice::default();
    (cause.advise)(case, &mut advice);
    if advice.steps.is_empty() {
        advice.step(cause.fix);
    }
    verify_servers(case, cause, &mut advice);
    verify_route(case, &mut advice);
    cautions(case, cause, &mut advice);
    advice
}

/// The check's own request, made by hand from the proxy's host, and the servers' states.
fn verify_servers(case: &Case<'_>, cause: &Cause, advice: &mut Advice) {
    if cause.blames.is_none() {
        return;
    }
    for loss in case.losses.iter().take(SERVERS_MAX) {
        if let Some(probe) = target::probe(case, loss.server) {
            advice.verify(probe);
        }
    }
    if !case.incident.backend.is_empty() {
        let backend = &case.incident.backend;
        advice.verify(format!(
            "printf \"show servers state {backend}\\n\" | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock    # srv_op_state 2 = up, 0 = down"
        ));
    }
}

/// The request that failed, again: the operator's own command when there is one, else the route with most failures.
fn verify_route(case: &Case<'_>, advice: &mut Advice) {
    const AGAIN: &str = "    # must not be 503";
    let captured = case
        .bundle
        .documents
        .captures
        .iter()
        .find_map(|doc| match &doc.capture {
            Capture::Curl(curl)
                if curl.status == Some(503) && curl.command.starts_with("curl ") =>
            {
                Some(&curl.command)
            }
            _ => None,
        });
    if let Some(command) = captured {
        advice.verify(format!("{command}{AGAIN}"));
        return;
    }
    let Some((route, _)) = case.incident.routes.first() else {
        return;
    };
    let host = host_of(case, route);
    let host = host.as_deref().unwrap_or("<host>");
    advice.verify(format!(
        "curl -i -sS --max-time 5 http://{host}{}{AGAIN}",
        route.path
    ));
}

/// `2.0 to 4.0 s`.
pub(super) fn span_words(span: Span) -> String {
    let seconds = |ms: u64| format!("{}.{}", ms / 1000, ms % 1000 / 100);
    format!("{} to {} s", seconds(span.least), seconds(span.most))
}

/// Host of a failing route: the authority of the request line, or the capture that the frontend declares for `Host`.
pub fn host_of(case: &Case<'_>, route: &crate::incident::RouteKey) -> Option<String> {
    if !route.authority.is_empty() {
        return Some(route.authority.clone());
    }
    let frontend = case.bundle.config()?.frontend(&case.incident.frontend)?;
    let requests = frontend
        .captures
        .iter()
        .filter(|rule| rule.words.iter().any(|word| word == "request"));
    let index = requests.clone().position(|rule| {
        rule.words
            .iter()
            .any(|word| word.eq_ignore_ascii_case("host"))
    })?;
    let inside = route.captures.strip_prefix('{')?.split('}').next()?;
    inside
        .split('|')
        .nth(index)
        .filter(|host| !host.is_empty())
        .map(str::to_owned)
}

fn cautions(case: &Case<'_>, cause: &Cause, advice: &mut Advice) {
    if cause.blames.is_some()
        && let Some(text) = replay::curl_works(case)
    {
        advice.caution(text);
    }
    if cause.blames.is_some() {
        advice.caution(
            "do not disable health checks or force a server up to hide the 503: HAProxy would send traffic to a server that is \
             still unreachable or not ready",
        );
    }
    if cause.blames.is_some() && !AT_ONCE.contains(&cause.id) {
        let lost = case.losses.iter().find_map(|loss| case.server(loss.server));
        let line = lost.or_else(|| case.proxy?.servers.first());
        let wait = match line.zip(case.proxy) {
            Some((line, proxy)) => {
                let span = proxy.recovery_ms(line);
                format!(
                    "after the repair wait for `rise` ({} good checks, {} here) before HAProxy uses the server again",
                    line.rise.value,
                    span_words(span)
                )
            }
            None => "after the repair wait for the configured `rise` count before HAProxy uses the server again".to_owned(),
        };
        advice.caution(wait);
    }
    if advice.reload {
        advice.caution(
            "validate before reloading: `sudo haproxy -c -V -f /etc/haproxy/haproxy.cfg`, and reload only when it passes \
             (`sudo systemctl reload haproxy`)",
        );
    } else if case.incident.basis != Basis::Process {
        advice.caution(
            "no reload of HAProxy is needed when only the application (or its host) came back",
        );
    }
}
