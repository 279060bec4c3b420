//! What an operation on a set of rows did.

use soft_delete_core::chrono::{DateTime, Utc};

use crate::DeletionId;

/// One operation: everything that one call changed, under one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Operation {
    /// The identity that its rows and its audit rows carry; what `undo` takes.
    pub id: DeletionId,
    /// How many rows of each model it changed; models of which it changed none are left out.
    pub models: Vec<ModelRows>,
    /// Of [`undo`](crate::undo), rows of the operation that were removed for good before and did not come back; empty of all other
    /// operations, of which [`RestorePlan::gone`](crate::RestorePlan::gone) tells.
    #[cfg_attr(feature = "serde", serde(default))]
    pub gone: Vec<GoneRows>,
}

/// Rows of one model that an operation deleted and that were removed for good since, as the audit log tells.
///
/// ```
/// # use soft_delete_core::chrono::DateTime;
/// # use soft_delete_diesel::GoneRows;
/// let gone = GoneRows::new("callbacks", 2, DateTime::UNIX_EPOCH, "cron");
/// assert_eq!(gone.describe(), "2 rows of callbacks were removed for good, the last on 1970-01-01 by cron");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct GoneRows {
    /// The SQL table.
    pub model: String,
    /// Rows.
    pub rows: u64,
    /// When the last of them was removed, in UTC with microseconds.
    pub at: DateTime<Utc>,
    /// Who removed the last of them.
    pub by: String,
}

impl GoneRows {
    /// Rows of this SQL table, when the last of them was removed, and by whom.
    pub fn new(model: impl Into<String>, rows: u64, at: DateTime<Utc>, by: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            rows,
            at,
            by: by.into(),
        }
    }

    /// The same as a clause for people, without a full stop.
    pub fn describe(&self) -> String {
        let day = self.at.format("%Y-%m-%d");
        let by = if self.by.is_empty() {
            String::new()
        } else {
            format!(" by {}", self.by)
        };
        match self.rows {
            1 => format!("1 row of {} was removed for good on {day}{by}", self.model),
            rows => format!(
                "{rows} rows of {} were removed for good, the last on {day}{by}",
                self.model
            ),
        }
    }
}

/// How many rows of one model an operation changed, or a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ModelRows {
    /// The SQL table.
    pub model: String,
    /// Rows.
    pub rows: u64,
}

impl Operation {
    /// How many rows it changed in all.
    pub fn rows(&self) -> u64 {
        self.models.iter().map(|model| model.rows).sum()
    }

    /// Whether it changed anything.
    pub fn is_changed(&self) -> bool {
        self.rows() > 0
    }
}
