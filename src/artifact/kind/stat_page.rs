//! The statistics page as a browser or curl saved it.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;
use crate::artifact::words::has;
use crate::artifact::words::is_one_of;
use crate::artifact::words::starts_with_any;

/// In the page's title and heading since 1.3 (HAProxy `src/stats.c`, `stats_dump_html_head`); a site may add a description.
const TITLE: &str = "Statistics Report for ";

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let markup = head
        .lines
        .iter()
        .take(8)
        .any(|line| starts_with_any(line.trim_ascii_start(), &["<!", "<html", "<HTML"]));
    // an answer that curl shows with its head is curl's
    let bare = !head.first().starts_with(b"HTTP/");
    if bare && markup && has(head.bytes, TITLE) && has(head.bytes, "HAProxy") {
        CERTAIN
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], next: &[u8]) -> bool {
    line.starts_with(b"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\"")
        && is_one_of(
            next.trim_ascii(),
            &["\"http://www.w3.org/TR/html4/loose.dtd\">"],
        )
}
