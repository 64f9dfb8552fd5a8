//! Durations as HAProxy writes them for people: `1d2h`, `23h59m`, `1m5s`, `3s`.

/// The duration in seconds, as far as it was written; `None`: it is none.
///
/// HAProxy writes at most two units (`src/tools.c`, `human_time`), so `1d2h` may be up to an hour more.
pub(super) fn seconds(text: &str) -> Option<u64> {
    units(text).map(|(seconds, _)| seconds)
}

/// The duration, only where no smaller unit was left out.
pub(super) fn exact_seconds(text: &str) -> Option<u64> {
    let (seconds, n_units) = units(text)?;
    (n_units < 2 || text.ends_with('s')).then_some(seconds)
}

fn units(text: &str) -> Option<(u64, usize)> {
    let mut seconds: u64 = 0;
    let mut number: Option<u64> = None;
    let mut n_units = 0;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            let next = number
                .unwrap_or(0)
                .checked_mul(10)?
                .checked_add(digit.into())?;
            number = Some(next);
            continue;
        }
        let unit = match c {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
        n_units += 1;
    }
    (number.is_none() && n_units > 0).then_some((seconds, n_units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_not_guessed() {
        assert_eq!(seconds("1d2h"), Some(93_600));
        assert_eq!(exact_seconds("1d2h"), None);
        assert_eq!(exact_seconds("1h"), Some(3_600));
        assert_eq!(exact_seconds("2m5s"), Some(125));
        for text in ["", "5", "x", "5x", "h", "99999999999999999999d"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
