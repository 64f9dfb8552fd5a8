//! Codes of health checks, as the dumps print them, and what they say.

use crate::event::message::CheckStatus;

/// Number in `srv_check_status`, short code in `check_status`, meaning. 14 separates groups and is never reported.
///
/// Source: HAProxy `include/haproxy/check-t.h` and `src/check.c`, equal from 1.8 to 3.5.
const TABLE: [(u64, &str, CheckStatus); 20] = [
    (0, "UNK", CheckStatus::Unknown),
    (1, "INI", CheckStatus::Ini),
    (2, "START", CheckStatus::Start),
    (3, "CHECKED", CheckStatus::Checked),
    (4, "HANA", CheckStatus::Hana),
    (5, "SOCKERR", CheckStatus::SockErr),
    (6, "L4OK", CheckStatus::L4Ok),
    (7, "L4TOUT", CheckStatus::L4Tout),
    (8, "L4CON", CheckStatus::L4Con),
    (9, "L6OK", CheckStatus::L6Ok),
    (10, "L6TOUT", CheckStatus::L6Tout),
    (11, "L6RSP", CheckStatus::L6Rsp),
    (12, "L7TOUT", CheckStatus::L7Tout),
    (13, "L7RSP", CheckStatus::L7Rsp),
    (15, "L7OK", CheckStatus::L7Ok),
    (16, "L7OKC", CheckStatus::L7Okc),
    (17, "L7STS", CheckStatus::L7Sts),
    (18, "PROCERR", CheckStatus::ProcErr),
    (19, "PROCTOUT", CheckStatus::ProcTout),
    (20, "PROCOK", CheckStatus::ProcOk),
];

/// The status that `srv_check_status` of `show servers state` numbers; `None` for a number that HAProxy does not use.
pub fn check_status_from_number(number: u64) -> Option<CheckStatus> {
    TABLE
        .iter()
        .find(|(n, _, _)| *n == number)
        .map(|(_, _, status)| *status)
}

/// The status behind a short code of `show stat`, with or without the `* ` of a check that runs at this moment.
///
/// `None`: empty, or no code of HAProxy.
pub fn check_status_from_short(code: &str) -> Option<CheckStatus> {
    let code = code.trim().trim_start_matches('*').trim_start();
    TABLE
        .iter()
        .find(|(_, short, _)| code.eq_ignore_ascii_case(short))
        .map(|(_, _, status)| *status)
}

/// Whether a check with this status passed; `None` when the status is no verdict (none yet, or nothing changed).
pub fn check_passed(status: CheckStatus) -> Option<bool> {
    match status {
        CheckStatus::Unknown | CheckStatus::Ini | CheckStatus::Start | CheckStatus::Checked => None,
        CheckStatus::L4Ok
        | CheckStatus::L6Ok
        | CheckStatus::L7Ok
        | CheckStatus::L7Okc
        | CheckStatus::ProcOk => Some(true),
        CheckStatus::Hana
        | CheckStatus::SockErr
        | CheckStatus::L4Tout
        | CheckStatus::L4Con
        | CheckStatus::L6Tout
        | CheckStatus::L6Rsp
        | CheckStatus::L7Tout
        | CheckStatus::L7Rsp
        | CheckStatus::L7Sts
        | CheckStatus::ProcErr
        | CheckStatus::ProcTout => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_skip_the_separator() {
        assert_eq!(check_status_from_number(8), Some(CheckStatus::L4Con));
        assert_eq!(check_status_from_number(14), None);
        assert_eq!(check_status_from_number(15), Some(CheckStatus::L7Ok));
        assert_eq!(check_status_from_number(21), None);
    }

    #[test]
    fn a_running_check_keeps_its_last_code() {
        assert_eq!(check_status_from_short("* L4CON"), Some(CheckStatus::L4Con));
        assert_eq!(check_status_from_short("L7OKC"), Some(CheckStatus::L7Okc));
        assert_eq!(check_status_from_short(""), None);
        assert_eq!(check_status_from_short("LOK"), None);
    }

    #[test]
    fn only_verdicts_pass_or_fail() {
        assert_eq!(check_passed(CheckStatus::Ini), None);
        assert_eq!(check_passed(CheckStatus::L7Okc), Some(true));
        assert_eq!(check_passed(CheckStatus::Hana), Some(false));
    }
}
