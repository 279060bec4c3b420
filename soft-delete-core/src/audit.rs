//! What happened, in the words of the audit trail.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An act that the audit trail records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Action {
    /// A row was marked deleted.
    SoftDelete,
    /// A deleted row was brought back.
    Restore,
    /// An expired row was removed for good.
    Purge,
    /// A deleted row was removed for good before its time.
    ForceDelete,
    /// A row was protected from removal.
    Hold,
    /// A protection was lifted.
    Release,
    /// A row that had been removed for good was put back from an archive, deleted as it was.
    Load,
}

impl Action {
    /// All of them that this version knows.
    pub const ALL: &'static [Self] = &[
        Self::SoftDelete,
        Self::Restore,
        Self::Purge,
        Self::ForceDelete,
        Self::Hold,
        Self::Release,
        Self::Load,
    ];

    /// The word in the audit table: `soft_delete`, `restore`, `purge`, `force_delete`, `hold`, `release` or `load`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SoftDelete => "soft_delete",
            Self::Restore => "restore",
            Self::Purge => "purge",
            Self::ForceDelete => "force_delete",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Load => "load",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is not an [`Action`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown audit action {0:?}: was the row written by a newer version of soft-delete?")]
pub struct UnknownAction(pub String);

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.as_str() == word)
            .ok_or_else(|| UnknownAction(word.to_owned()))
    }
}

/// What an [`AuditHook`](crate::AuditHook) is shown: one act on one or more rows of one model.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
#[must_use = "an event is for a hook"]
pub struct AuditEvent<'a> {
    /// The act.
    pub action: Action,
    /// The operation that the act belongs to; all its audit rows carry it.
    pub operation_id: Uuid,
    /// The SQL table of the rows.
    pub model: &'a str,
    /// The keys of the rows, as text.
    pub record_ids: &'a [String],
    /// Who acts.
    pub actor: &'a str,
    /// Why, if it was said.
    pub reason: Option<&'a str>,
    /// When, in UTC with microseconds.
    pub at: DateTime<Utc>,
}

impl<'a> AuditEvent<'a> {
    /// An event as the engine shows it to hooks; also for calling a hook in a test.
    pub fn new(
        action: Action,
        operation_id: Uuid,
        model: &'a str,
        record_ids: &'a [String],
        actor: &'a str,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            action,
            operation_id,
            model,
            record_ids,
            actor,
            reason: None,
            at,
        }
    }

    /// The same event with a reason.
    pub fn because(self, reason: Option<&'a str>) -> Self {
        Self { reason, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_back_from_its_word() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
        }
        assert_eq!("purged".parse::<Action>(), Err(UnknownAction("purged".into())));
    }
}
