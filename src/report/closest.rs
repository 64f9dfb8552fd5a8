//! The known names that come closest to a mistyped one.

/// Edits that a mistyped name may be away from the right one, as a share of its length: one in three characters.
const EDITS_PER: usize = 3;

/// The nearest of `known`, at most `n` of them, best first; none when nothing is near.
pub fn closest<'k>(name: &str, known: impl Iterator<Item = &'k str>, n: usize) -> Vec<&'k str> {
    let mut ranked: Vec<_> = known
        .filter_map(|known| {
            let away = away(name, known);
            (away * EDITS_PER <= known.len()).then_some((away, known))
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.truncate(n);
    ranked.into_iter().map(|(_, known)| known).collect()
}

/// All of `known`, the nearest first.
pub(super) fn by_closeness<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Vec<&'k str> {
    let mut ranked: Vec<_> = known.map(|known| (away(name, known), known)).collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().map(|(_, known)| known).collect()
}

/// How far two names are apart; one inside the other is as near as one edit.
fn away(name: &str, known: &str) -> usize {
    let inside = name.len() > 2 && (known.contains(name) || name.contains(known));
    if inside { 1 } else { edits(name, known) }
}

/// Edit distance of two short words: insertions, deletions, replacements. What is far longer than a name is far away.
fn edits(a: &str, b: &str) -> usize {
    if a.len() > 2 * b.len() {
        return a.len();
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, &above) in b.bytes().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "ab"), 2);
        assert_eq!(edits("ab", "ab"), 0);
    }

    #[test]
    fn the_nearest_names_come_first() {
        let known = || ["be_static", "be_app", "be_api"].into_iter();
        assert_eq!(closest("be_ap", known(), 2), ["be_api", "be_app"]);
        assert_eq!(by_closeness("be_stat", known()).first(), Some(&"be_static"));
        assert!(closest("xyzzy", known(), 3).is_empty());
    }
}
