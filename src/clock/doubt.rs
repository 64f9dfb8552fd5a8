//! What the reader of a report must know about its times.

/// One doubt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// The log that it is about; `None`: about all.
    pub source: Option<u32>,
    /// What it is, a clause that follows the log's name.
    pub text: String,
}
