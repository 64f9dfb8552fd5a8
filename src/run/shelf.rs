//! Leaves -> documents alone: for questions about a configuration, which no log answers.

use crate::artifact;
use crate::artifact::Kind;
use crate::intake;
use crate::intake::Content;
use crate::intake::Item;
use crate::intake::Leaf;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::run::Found;

/// Reads every leaf and keeps what is text and small, whatever its kind; logs only when a leaf itself is one.
pub fn documents(leaves: &[Leaf], limits: &Limits) -> (Vec<Found>, Vec<Trouble>) {
    let (mut all, mut troubles) = (Vec::new(), Vec::new());
    for leaf in leaves {
        let mut each = |item: Item<'_>| all.extend(document(&leaf.name, item));
        troubles.extend(intake::visit(leaf, limits, &mut each));
    }
    (all, troubles)
}

fn document(leaf: &str, item: Item<'_>) -> Option<Found> {
    let Content::Whole(bytes) = item.content else {
        return None;
    };
    let kind = artifact::recognize(artifact::head(&bytes), &item.name);
    let kept = match kind {
        Kind::Binary | Kind::Journal => false,
        Kind::Log => item.name == leaf,
        _ => true,
    };
    kept.then_some(Found {
        source: 0,
        path: item.name,
        kind,
        carrier: "",
        n_bytes: item.n_bytes,
        sha256: item.sha256,
        modified: item.modified,
        document: bytes,
        cut: None,
        notes: item.note.into_iter().collect(),
    })
}
