//! Codes of health checks, as the dumps print them, and what they say.

use crate::event::message::CheckStatus;

/// The status that `srv_check_status` of `show servers state` numbers; `None` for a number that HAProxy does not use.
pub fn check_status_from_number(number: u64) -> Option<CheckStatus> {
    CheckStatus::from_number(u32::try_from(number).ok()?)
}

/// The status behind a short code of `show stat`, with or without the `* ` of a check that runs at this moment.
///
/// `None`: empty, or no code of HAProxy.
pub fn check_status_from_short(code: &str) -> Option<CheckStatus> {
    CheckStatus::from_short(code)
}

/// Whether a check with this status passed; `None` when the status is no verdict (none yet, or nothing changed).
pub fn check_passed(status: CheckStatus) -> Option<bool> {
    (status.passed() || status.failed()).then(|| status.passed())
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
