//! Three values of a condition, and why one cannot be decided.

/// The value of a condition for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody can tell from what is known.
    Undecidable(Doubt),
}

/// Why something cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A field of the request that was not logged.
    NotLogged(String),
    /// Only the beginning of a field is known.
    CutShort(String),
    /// The content of a pattern file or map is not at hand.
    NoFile(String),
    /// State of the process at that time (tables, counters, usable servers).
    RunTime(String),
    /// A fetch, converter, pattern or action that this program does not evaluate.
    NotEvaluated(String),
}

impl Doubt {
    /// A clause that says why.
    pub fn words(&self) -> String {
        match self {
            Doubt::NotLogged(what) => format!("{what} is not known"),
            Doubt::CutShort(what) => format!("only the beginning of {what} is known"),
            Doubt::NoFile(what) => format!("the content of {what} is not at hand"),
            Doubt::RunTime(what) => format!("{what} depends on the moment"),
            Doubt::NotEvaluated(what) => format!("{what} is not evaluated here"),
        }
    }
}

impl Truth {
    /// Whether a decided condition holds.
    pub fn of(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }

    /// Both hold.
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::Undecidable(doubt), _) | (_, Truth::Undecidable(doubt)) => {
                Truth::Undecidable(doubt)
            }
            (Truth::True, Truth::True) => Truth::True,
        }
    }

    /// At least one holds.
    pub fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::True, _) | (_, Truth::True) => Truth::True,
            (Truth::Undecidable(doubt), _) | (_, Truth::Undecidable(doubt)) => {
                Truth::Undecidable(doubt)
            }
            (Truth::False, Truth::False) => Truth::False,
        }
    }

    /// The contrary.
    #[must_use]
    pub fn negated(self, negate: bool) -> Truth {
        match self {
            Truth::True if negate => Truth::False,
            Truth::False if negate => Truth::True,
            other => other,
        }
    }

    /// One of several holds; false of none.
    pub fn any(all: impl IntoIterator<Item = Truth>) -> Truth {
        let mut sum = Truth::False;
        for one in all {
            sum = sum.or(one);
            if sum == Truth::True {
                break;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown() -> Truth {
        Truth::Undecidable(Doubt::NotLogged("x".to_owned()))
    }

    #[test]
    fn an_unknown_decides_nothing_unless_the_other_side_does() {
        assert_eq!(unknown().and(Truth::False), Truth::False);
        assert_eq!(Truth::True.and(unknown()), unknown());
        assert_eq!(unknown().or(Truth::True), Truth::True);
        assert_eq!(Truth::False.or(unknown()), unknown());
        assert_eq!(unknown().negated(true), unknown());
        assert_eq!(Truth::any([]), Truth::False);
    }
}
