//! The catalogue as text: the list of all ids, and one entry in full. What it says stands in the entries themselves.

use crate::diagnosis::Cause;
use crate::diagnosis::Factor;
use crate::diagnosis::Trigger;
use crate::diagnosis::cause::CATALOGUE;
use crate::diagnosis::cause::NONE;
use crate::diagnosis::factor::FACTORS;
use crate::diagnosis::trigger::TRIGGERS;
use crate::report::format::Style;
use crate::report::format::text::page::{Ink, Page};

/// Column where the titles of the list begin: the longest id, its indent and a gap.
const TITLE: usize = 28;
/// Ids that are offered for a mistyped one.
const CLOSEST_MAX: usize = 3;

/// Every cause, trigger and factor with its title.
pub fn list(style: &Style) -> String {
    let mut page = Page::new(style);
    let causes = CATALOGUE.iter().map(|cause| (cause.id, cause.title));
    let none = NONE.iter().map(|&(id, title, _)| (id, title));
    group(&mut page, "Causes: a 503 because …", causes.chain(none));
    let triggers = TRIGGERS.iter().map(|trigger| (trigger.id, trigger.title));
    group(&mut page, "Triggers: what set it off", triggers);
    let factors = FACTORS.iter().map(|factor| (factor.id, factor.title));
    group(
        &mut page,
        "Factors: what made it worse, longer or likelier",
        factors,
    );
    page.finish()
}

/// One entry in full; `None`: the catalogue has no such id.
pub fn entry(id: &str, style: &Style) -> Option<String> {
    let mut page = Page::new(style);
    let found = CATALOGUE
        .iter()
        .find(|cause| cause.id == id)
        .map(|found| cause(&mut page, found))
        .or_else(|| none(&mut page, id))
        .or_else(|| {
            TRIGGERS
                .iter()
                .find(|t| t.id == id)
                .map(|found| trigger(&mut page, found))
        })
        .or_else(|| {
            FACTORS
                .iter()
                .find(|f| f.id == id)
                .map(|found| factor(&mut page, found))
        });
    found.map(|()| page.finish())
}

/// Every id, in the order of the list.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let causes = CATALOGUE.iter().map(|cause| cause.id);
    let none = NONE.iter().map(|(id, ..)| *id);
    let triggers = TRIGGERS.iter().map(|trigger| trigger.id);
    let factors = FACTORS.iter().map(|factor| factor.id);
    causes.chain(none).chain(triggers).chain(factors)
}

/// The ids that come closest to a mistyped one, best first; none when nothing is near.
pub fn closest(id: &str) -> Vec<&'static str> {
    let id = id.to_ascii_lowercase().replace(['_', ' '], "-");
    crate::report::closest(&id, ids(), CLOSEST_MAX)
}

fn group<'a>(page: &mut Page, title: &str, rows: impl Iterator<Item = (&'a str, &'a str)>) {
    page.heading(title);
    for (id, text) in rows {
        page.wrapped(
            &format!("  {id:<width$}", width = TITLE - 2),
            TITLE,
            text,
            Ink::Plain,
        );
    }
}

fn cause(page: &mut Page, cause: &Cause) {
    title(page, "cause", cause.id, cause.title);
    section(page, "What happens", cause.why);
    section(page, "What shows it", cause.evidence);
    section(page, "Smallest fix to test", cause.fix);
    section(page, "Source", cause.source);
}

fn none(page: &mut Page, id: &str) -> Option<()> {
    let (id, text, why) = NONE.iter().find(|(known, ..)| *known == id)?;
    title(page, "verdict", id, text);
    section(page, "What it means", why);
    Some(())
}

fn trigger(page: &mut Page, trigger: &Trigger) {
    title(page, "trigger", trigger.id, trigger.title);
    section(page, "What it does, and what shows it", trigger.why);
}

fn factor(page: &mut Page, factor: &Factor) {
    title(page, "factor", factor.id, factor.title);
    section(page, "What it does, and how to remove it", factor.why);
}

fn title(page: &mut Page, what: &str, id: &str, text: &str) {
    page.wrapped("", 0, &format!("{id} ({what}): {text}"), Ink::Strong);
}

fn section(page: &mut Page, title: &str, text: &str) {
    page.heading(title);
    page.wrapped("  ", 2, text, Ink::Plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_in_the_list_and_has_an_entry() {
        let list = list(&Style::default());
        for id in ids() {
            assert!(list.contains(&format!("\n  {id} ")), "{id}");
            assert!(id.len() + 4 <= TITLE, "{id} is too long for the list");
            let entry = entry(id, &Style::default()).expect(id);
            assert!(entry.starts_with(id), "{entry}");
        }
        assert_eq!(entry("nothing", &Style::default()), None);
    }

    #[test]
    fn ids_are_unique() {
        let mut all: Vec<_> = ids().collect();
        all.sort_unstable();
        let n = all.len();
        all.dedup();
        assert_eq!(all.len(), n);
    }

    #[test]
    fn a_mistyped_id_finds_its_neighbours() {
        assert_eq!(closest("listner-refused"), ["listener-refused"]);
        assert_eq!(closest("No_Route").first(), Some(&"no-route"));
        assert!(closest("check-time").contains(&"check-timeout"));
        assert!(closest("").is_empty());
        assert!(closest("xyzzy-plugh-quux").is_empty());
        assert!(closest(&"é".repeat(100_000)).is_empty());
    }
}
