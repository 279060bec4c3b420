//! What an operation did.

/// What an operation on one row did.
///
/// Operations are idempotent: asking twice is no error, and the second answer is [`Outcome::Unchanged`].
///
/// ```
/// use soft_delete_core::Outcome;
/// assert!(Outcome::Changed.is_changed());
/// assert!(!Outcome::Unchanged.is_changed());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Outcome {
    /// The row changed, and an audit row was written.
    Changed,
    /// The row already was as asked for: nothing was written, and the first stamp stands.
    Unchanged,
}

impl Outcome {
    /// Whether the operation changed anything.
    pub const fn is_changed(self) -> bool {
        matches!(self, Self::Changed)
    }
}
