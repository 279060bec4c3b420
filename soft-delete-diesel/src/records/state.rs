//! How the row of a key stands.

use std::fmt;

use soft_delete_core::chrono::{DateTime, Utc};

/// How the row of a key stands, as [`Records::state`](super::Records::state) finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "state", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum RecordState {
    /// It is there and not deleted.
    Active,
    /// It is deleted, and no hold protects it.
    Deleted,
    /// It is deleted, and a hold protects it.
    Held,
    /// It was removed for good, as the audit log tells.
    Purged {
        /// When, in UTC.
        at: DateTime<Utc>,
        /// By whom.
        by: String,
    },
    /// There is no such row, or this user may not see it.
    Missing,
}

impl fmt::Display for RecordState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => f.write_str("active"),
            Self::Deleted => f.write_str("deleted"),
            Self::Held => f.write_str("deleted and held"),
            Self::Purged { at, by } => {
                write!(
                    f,
                    "removed for good at {} by {by}",
                    at.format("%Y-%m-%d %H:%M UTC")
                )
            }
            Self::Missing => f.write_str("not there"),
        }
    }
}
