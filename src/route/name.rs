//! Texts with `%[expression]`: names of backends, values of rewrites.
//!
//! Source: configuration manual 3.2, "Custom log format", "use_backend".

use crate::route::Doubt;
use crate::route::request::Piece;
use crate::route::sample::Value;
use crate::route::scene::Scene;

/// Longest text that HAProxy builds: one buffer (`tune.bufsize`). It also bounds what rules that double a text can cost.
pub(super) const BYTES_MAX: usize = 16_384;

/// Whether the text holds anything that is filled in per request.
pub(super) fn is_dynamic(text: &str) -> bool {
    text.contains('%')
}

/// The text with everything filled in; an expression without value leaves nothing.
pub(super) fn filled(scene: Scene<'_>, text: &str) -> Result<Piece, Doubt> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(tail) = after.strip_prefix('%') {
            out.push('%');
            rest = tail;
            continue;
        }
        // `%{+Q}[…]`: flags before the expression.
        let inside = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
            Some((_, tail)) => tail,
            None => after,
        };
        let Some((expression, tail)) = inside.strip_prefix('[').and_then(bracketed) else {
            return Err(Doubt::NotEvaluated(format!("`{text}`")));
        };
        match scene.values(expression, false)?.first().map(Value::as_text) {
            Some((value, true)) => out.push_str(&value),
            Some((value, false)) => {
                out.push_str(&value);
                return Ok((out, false));
            }
            None => {}
        }
        if out.len() > BYTES_MAX {
            return Err(Doubt::NotEvaluated(format!("`{text}`")));
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok((out, true))
}

/// Cuts at the `]` that closes the bracket.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1_u32;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (inside, tail) = text.split_at(at);
            return Some((inside, tail.strip_prefix(']').unwrap_or(tail)));
        }
    }
    None
}
