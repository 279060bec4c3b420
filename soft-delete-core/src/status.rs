//! The words for the state of a row.

use std::fmt;

/// Whether a row is in use, in the bin, or due for removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Status {
    /// Not deleted.
    Active,
    /// Deleted, and restorable for a while.
    Deleted,
    /// Deleted, and its retention is over: the next cleanup removes it.
    Expired,
}

impl Status {
    /// The status in one lower-case word: `active`, `deleted` or `expired`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleted => "deleted",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
