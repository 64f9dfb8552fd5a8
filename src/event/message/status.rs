//! Names of check statuses: number, short form of statistics and dumps, description in messages.
//!
//! Source: HAProxy `src/check.c`, `check_statuses`; the same from 1.8 to 3.5.

use crate::event::message::CheckStatus;

/// Status, number, short form, description. Number 14 separates those with a code from those without, and is no status.
const TABLE: [(CheckStatus, u32, &str, &str); 20] = [
    (CheckStatus::Unknown, 0, "UNK", "Unknown"),
    (CheckStatus::Ini, 1, "INI", "Initializing"),
    (CheckStatus::Start, 2, "START", ""),
    (CheckStatus::Checked, 3, "CHECKED", "No status change"),
    (CheckStatus::Hana, 4, "HANA", "Health analyze"),
    (CheckStatus::SockErr, 5, "SOCKERR", "Socket error"),
    (CheckStatus::L4Ok, 6, "L4OK", "Layer4 check passed"),
    (CheckStatus::L4Tout, 7, "L4TOUT", "Layer4 timeout"),
    (CheckStatus::L4Con, 8, "L4CON", "Layer4 connection problem"),
    (CheckStatus::L6Ok, 9, "L6OK", "Layer6 check passed"),
    (CheckStatus::L6Tout, 10, "L6TOUT", "Layer6 timeout"),
    (CheckStatus::L6Rsp, 11, "L6RSP", "Layer6 invalid response"),
    (CheckStatus::L7Tout, 12, "L7TOUT", "Layer7 timeout"),
    (CheckStatus::L7Rsp, 13, "L7RSP", "Layer7 invalid response"),
    (CheckStatus::L7Ok, 15, "L7OK", "Layer7 check passed"),
    (
        CheckStatus::L7Okc,
        16,
        "L7OKC",
        "Layer7 check conditionally passed",
    ),
    (CheckStatus::L7Sts, 17, "L7STS", "Layer7 wrong status"),
    (CheckStatus::ProcErr, 18, "PROCERR", "External check error"),
    (
        CheckStatus::ProcTout,
        19,
        "PROCTOUT",
        "External check timeout",
    ),
    (CheckStatus::ProcOk, 20, "PROCOK", "External check passed"),
];

impl CheckStatus {
    /// The status with this `srv_check_status`; `None` for 14 (a separator) and beyond 20.
    pub fn from_number(number: u32) -> Option<Self> {
        find(|entry| entry.1 == number)
    }

    /// The status with this `check_status` of `show stat`; a leading `* ` (a check is running) is allowed.
    pub fn from_short(short: &str) -> Option<Self> {
        let short = short.trim();
        let short = short.trim_start_matches('*').trim_start();
        find(|entry| entry.2.eq_ignore_ascii_case(short))
    }

    /// The status with this description, as it stands behind `reason: `.
    pub fn from_description(description: &[u8]) -> Option<Self> {
        find(|entry| !entry.3.is_empty() && entry.3.as_bytes() == description)
    }

    /// The form of `show stat`, `L4CON`.
    pub fn short(self) -> &'static str {
        self.entry().map_or("UNK", |entry| entry.2)
    }

    /// The form of messages, `Layer4 connection problem`; empty for [`CheckStatus::Start`], which is never told.
    pub fn description(self) -> &'static str {
        self.entry().map_or("Unknown", |entry| entry.3)
    }

    /// The check found the server unfit, or could not be made.
    pub fn failed(self) -> bool {
        use CheckStatus as S;
        matches!(
            self,
            S::Hana
                | S::SockErr
                | S::L4Tout
                | S::L4Con
                | S::L6Tout
                | S::L6Rsp
                | S::L7Tout
                | S::L7Rsp
                | S::L7Sts
                | S::ProcErr
                | S::ProcTout
        )
    }

    /// The check found the server fit; conditionally passed (`L7OKC`, the server asks for no new sessions) counts.
    pub fn passed(self) -> bool {
        use CheckStatus as S;
        matches!(self, S::L4Ok | S::L6Ok | S::L7Ok | S::L7Okc | S::ProcOk)
    }

    fn entry(self) -> Option<&'static (CheckStatus, u32, &'static str, &'static str)> {
        TABLE.iter().find(|entry| entry.0 == self)
    }
}

/// The status whose description starts `text`, and what follows; a description cut at the end of the line counts while
/// only one can be meant.
pub(super) fn leading(text: &[u8]) -> Option<(CheckStatus, &[u8])> {
    let described = TABLE.iter().filter(|entry| !entry.3.is_empty());
    for (status, _, _, description) in described.clone() {
        match text.strip_prefix(description.as_bytes()) {
            Some([b, ..]) if b.is_ascii_alphanumeric() => {}
            Some(rest) => return Some((*status, rest)),
            None => {}
        }
    }
    let mut cut = described.filter(|entry| entry.3.as_bytes().starts_with(text));
    match (cut.next(), cut.next()) {
        (Some((status, ..)), None) if !text.is_empty() => Some((*status, &[])),
        _ => None,
    }
}

/// A description that was cut where several go on alike, `Layer4`.
pub(super) fn ambiguous(text: &[u8]) -> bool {
    let cut = TABLE
        .iter()
        .any(|entry| entry.3.as_bytes().starts_with(text));
    cut && leading(text).is_none()
}

/// The status whose description ends with the words before the first comma, when only one does; the head of the
/// description stands on the line before.
pub(super) fn trailing(text: &[u8]) -> Option<(CheckStatus, &[u8])> {
    let (words, rest) = text.split_at_checked(memchr::memchr(b',', text)?)?;
    let ends = |entry: &&(CheckStatus, u32, &str, &str)| {
        let head = entry.3.as_bytes().strip_suffix(words);
        head.is_some_and(|head| head.ends_with(b" "))
    };
    let mut described = TABLE.iter().filter(ends);
    let (status, ..) = described.next()?;
    match described.next() {
        None => Some((*status, rest)),
        Some(_) => Some((CheckStatus::Unknown, rest)),
    }
}

fn find(wanted: impl Fn(&(CheckStatus, u32, &str, &str)) -> bool) -> Option<CheckStatus> {
    TABLE
        .iter()
        .find(|entry| wanted(entry))
        .map(|entry| entry.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_leads_back() {
        for (status, number, short, description) in TABLE {
            assert_eq!(CheckStatus::from_number(number), Some(status));
            assert_eq!(CheckStatus::from_short(short), Some(status));
            assert_eq!(status.short(), short);
            assert_eq!(status.description(), description);
            if status != CheckStatus::Start {
                let described = CheckStatus::from_description(description.as_bytes());
                assert_eq!(described, Some(status));
            }
            assert!(!(status.failed() && status.passed()));
        }
        assert_eq!(CheckStatus::from_short("* L4CON"), Some(CheckStatus::L4Con));
        assert_eq!(CheckStatus::from_number(14), None);
        assert_eq!(CheckStatus::from_number(21), None);
        assert_eq!(CheckStatus::from_description(b""), None);
        assert_eq!(CheckStatus::from_short(""), None);
    }

    #[test]
    fn a_cut_description_counts_while_it_is_unique() {
        assert_eq!(
            leading(b"Layer4 connection pr"),
            Some((CheckStatus::L4Con, &b""[..]))
        );
        assert_eq!(leading(b"Layer4 c"), None);
        assert_eq!(leading(b""), None);
        assert_eq!(leading(b"Layer4 timeouts"), None);
        assert_eq!(
            leading(b"Layer4 timeout, x"),
            Some((CheckStatus::L4Tout, &b", x"[..]))
        );
    }
}
