//! Lines of time daemons that set the clock instead of slewing it: stamps before and after do not compare.

use crate::base::leading_decimal;
use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::scan::after;
use crate::event::host::scan::event;

pub(super) fn claims(program: &[u8]) -> bool {
    matches!(program, b"chronyd" | b"ntpd" | b"ntpdate")
}

/// `System clock was stepped by -3.141 seconds` (chronyd), `time reset +3.1 s` (ntpd), `step time server … offset 3.1 sec`.
///
/// Below one second nothing in a report would move: `None`.
pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let body = line.body;
    let step = after(body, b"clock was stepped by ")
        .or_else(|| after(body, b"time reset "))
        .or_else(|| after(body, b"time stepped by "))
        .or_else(|| after(body, b" offset ").filter(|_| body.starts_with(b"step time server")))?;
    let size = match step {
        [b'+' | b'-', size @ ..] => size,
        size => size,
    };
    let (seconds, _) = leading_decimal(size)?;
    (seconds > 0)
        .then(|| event(HostKind::TimeStep, b""))
        .flatten()
}
