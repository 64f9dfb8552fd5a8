//! Which archived incidents a new one looks like, by their fingerprints.

use crate::report::SimilarLine;
use std::collections::BTreeSet;

/// Likeness from which on an archived incident is named.
const ALIKE_MIN: f64 = 0.4;
/// How many are named per incident.
const NAMED: usize = 5;

/// The archived incidents that are most like a new one, the most alike first.
pub fn rank(
    features: &[String],
    archive: impl IntoIterator<Item = (String, String, Vec<String>)>,
) -> Vec<SimilarLine> {
    let new: BTreeSet<&String> = features.iter().collect();
    let mut all: Vec<SimilarLine> = archive
        .into_iter()
        .map(|(name, incident, old)| {
            let old: BTreeSet<&String> = old.iter().collect();
            let names = |of: Vec<&&String>| of.into_iter().map(|f| (*f).clone()).collect();
            let weigh =
                |set: &mut dyn Iterator<Item = &&String>| -> f64 { set.map(|f| weight(f)).sum() };
            let both = weigh(&mut new.intersection(&old));
            let any = weigh(&mut new.union(&old));
            SimilarLine {
                name,
                incident,
                likeness: if any > 0.0 {
                    (both / any * 100.0).round() / 100.0
                } else {
                    0.0
                },
                common: names(new.intersection(&old).collect()),
                only_new: names(new.difference(&old).collect()),
                only_archived: names(old.difference(&new).collect()),
            }
        })
        .filter(|alike| alike.likeness >= ALIKE_MIN)
        .collect();
    all.sort_by(|a, b| {
        b.likeness
            .total_cmp(&a.likeness)
            .then_with(|| (&a.name, &a.incident).cmp(&(&b.name, &b.incident)))
    });
    all.truncate(NAMED);
    all
}

/// The mechanism counts most: the cause and how servers were lost; then what set it off; then the rest.
fn weight(feature: &str) -> f64 {
    match feature.split(':').next() {
        Some("cause") => 4.0,
        Some("lost" | "trigger" | "step") => 2.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_same_mechanism_comes_first_and_another_one_not_at_all() {
        let new = features("cause:listener-refused lost:L4CON:all order:lost>failed end:recovered");
        let archive = [
            (
                "b",
                "cause:listener-refused lost:L4CON:all order:lost>failed end:ongoing",
            ),
            (
                "a",
                "cause:listener-refused lost:L4CON:some order:failed>lost end:ongoing",
            ),
            (
                "c",
                "cause:queue-timeout step:QueueTimeout:all order:failed end:recovered",
            ),
            (
                "d",
                "cause:listener-refused lost:L4CON:all order:lost>failed end:recovered",
            ),
        ];
        let archive = archive.map(|(name, of)| (name.to_owned(), "I1".to_owned(), features(of)));
        let ranked = rank(&new, archive);
        let names: Vec<(&str, f64)> = ranked.iter().map(|a| (&*a.name, a.likeness)).collect();
        assert_eq!(names, [("d", 1.0), ("b", 0.78)]);
        assert_eq!(ranked[1].only_new, ["end:recovered"]);
        assert_eq!(ranked[1].only_archived, ["end:ongoing"]);
    }
}
