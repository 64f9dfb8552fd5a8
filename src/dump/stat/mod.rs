//! `show stat` in its four forms, and readings of its rows.

mod columns;
mod csv;
mod json;
mod markup;
mod page;
mod record;
mod row;
mod typed;

pub(super) use csv::parse as csv;
pub(super) use json::parse as json;
pub(super) use page::parse as page;
pub(super) use typed::parse as typed;
