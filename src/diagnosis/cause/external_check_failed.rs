//! The external-check program says that the server is unfit, or does not end in time.
//!
//! Looks alike: the agent (`agent-down`), which is asked over the network; a program that says "not the primary" by design.
//! Known gap: the exit code is the program's own language; what it tested is in the program.

use crate::base::thousands;
use crate::config::CheckKind;
use crate::config::Server;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::pool;
use crate::diagnosis::target;
use crate::diagnosis::target::Target;
use crate::event::message::CheckStatus;

pub(super) const CAUSE: Cause = Cause {
    id: "external-check-failed",
    title: "the external check program failed or ran out of time",
    why: "HAProxy starts a program for each check; any exit code but 0 is a failed check, and so is one that has not ended within \
          `inter` (it gets SIGTERM). After `fall` of them the server is DOWN, whether or not it serves. Inside a `chroot` \
          without the program it cannot start at all.",
    fix: "run the check program by hand as HAProxy's user and repair what it finds, or the program itself",
    evidence: "check status PROCERR with the exit code, or PROCTOUT",
    source: "HAProxy src/extcheck.c; configuration manual 3.2, \"option external-check\", \"external-check command\"",
    blames: Some(blames),
    examine,
    advise,
};

/// Exit codes by which shells and `execve` say that the program did not run.
const NOT_FOUND: [u32; 2] = [126, 127];

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss)
        .is_some_and(|report| matches!(report.status, CheckStatus::ProcErr | CheckStatus::ProcTout))
}

fn checks_by_program(case: &Case<'_>, server: &Server) -> bool {
    let external = case
        .proxy
        .is_some_and(|proxy| proxy.check.kind == CheckKind::External);
    server.healthcheck.is_some() || external
}

fn examine(case: &Case<'_>) -> Verdict {
    let report = pool::telling(case, blames).and_then(|loss| by_check(case, loss));
    let how = match report {
        Some(report) if report.status == CheckStatus::ProcTout => {
            let after = report
                .duration_ms
                .map(|ms| format!(" after {} ms", thousands(u64::from(ms))))
                .unwrap_or_default();
            format!("the external check program had not ended{after} and was stopped")
        }
        Some(report) => match report.code {
            Some(code) => format!("the external check program ended with code {code}"),
            None => "the external check program failed".to_owned(),
        },
        None => "the external check program failed".to_owned(),
    };
    let verdict = pool::examine(case, blames, &how);
    pool::unless_configured(
        case,
        verdict,
        checks_by_program,
        "is checked by an external program",
    )
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let Some(loss) = pool::telling(case, blames) else {
        return;
    };
    let report = by_check(case, loss);
    if report.is_some_and(|report| report.code.is_some_and(|code| NOT_FOUND.contains(&code))) {
        advice.step("codes 126 and 127 mean that the program (or one that it calls) could not be started: path, permissions, `external-check path`, `chroot`");
    }
    if report.is_some_and(|report| report.status == CheckStatus::ProcTout) {
        advice.step(
            "make the program end well within `inter`: give its own connections a shorter timeout",
        );
    }
    advice.step("run the program by hand as HAProxy's user, with the arguments that HAProxy gives it, and repair what it reports");
    let command = case
        .proxy
        .and_then(|proxy| proxy.check.external_command.as_ref())
        .map_or("<external-check command>", |command| command.value.as_str());
    if let Some(at) = Target::of(case, loss.server) {
        advice.verify(format!(
            "sudo -u haproxy {} NOT_USED NOT_USED {} {}; echo \"exit code $?\"",
            target::word(command),
            target::word(&at.host),
            at.port_word()
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    const CONFIG: &str = "backend be_app\n option external-check\n external-check command /usr/local/bin/check-app\n server app1 192.0.2.11:5432 check\n";

    #[test]
    fn a_program_that_fails_is_found_and_run_by_hand() {
        let log = lost_to("External check error, code: 1, check duration: 18ms");
        let incident = testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", CONFIG)],
            "external-check-failed",
        );
        assert!(incident.cause.explanation.contains("ended with code 1"));
        let command = "sudo -u haproxy /usr/local/bin/check-app NOT_USED NOT_USED 192.0.2.11 5432; echo \"exit code $?\"";
        assert_eq!(incident.fix.verify[0], command);
    }

    #[test]
    fn a_program_that_does_not_end_is_found() {
        let log = lost_to("External check timeout, code: 143, check duration: 2001ms");
        testing::concludes(&[("haproxy.log", &log)], "external-check-failed");
    }

    #[test]
    fn a_checks_own_timeout_is_another_cause() {
        let log = lost_to("Layer7 timeout, check duration: 2001ms");
        testing::rules_out(&[("haproxy.log", &log)], "external-check-failed");
    }

    #[test]
    fn without_a_reason_the_configuration_tells_whether_it_is_possible() {
        let incident =
            testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", CONFIG)]);
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "external-check-failed")
        );
        let plain = "backend be_app\n server app1 192.0.2.11:5432 check\n";
        let incident =
            testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", plain)]);
        assert!(
            incident
                .ruled_out
                .iter()
                .any(|r| r.id == "external-check-failed")
        );
    }
}
