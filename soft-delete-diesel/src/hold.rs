//! Protection from removal: for a record, for what an operation deleted, for a whole model.

use soft_delete_core::chrono::{DateTime, Utc};

use crate::{
    DeletionId, Result,
    statement::{TextRow, parse_time, readable},
};

/// A hold: while it is in force nothing that it is on is removed for good.
///
/// A held row can still be deleted softly, and be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Hold {
    /// The identity of the hold; its audit row carries it as `operation_id`.
    pub id: DeletionId,
    /// What is held.
    pub on: HeldThing,
    /// Why.
    pub reason: String,
    /// Who placed it.
    pub actor: String,
    /// When, in UTC with microseconds.
    pub placed_at: DateTime<Utc>,
    /// When it ends by itself; `None` holds until it is released.
    pub ends_at: Option<DateTime<Utc>>,
}

/// What a hold is on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum HeldThing {
    /// One record, active or deleted.
    Record {
        /// The SQL table.
        model: String,
        /// The key as text.
        record_id: String,
    },
    /// Every row that an operation deleted, as long as it is deleted.
    Operation(DeletionId),
    /// Every row of a model; its SQL table.
    Model(String),
}

const TABLE: &str = "soft_delete_holds";

impl Hold {
    /// Whether it is in force at this instant.
    pub fn is_in_force_at(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// Reads a row of the `Holds` statement.
    pub(crate) fn read(mut row: TextRow) -> Result<Self> {
        let mut field = |index| row.take(index).unwrap_or_default();
        let (id, reason, actor, placed_at) = (field(0), field(4), field(5), field(6));
        let (model, record_id) = (row.take(1), row.take(2));
        let operation = row
            .take(3)
            .map(|id| readable(TABLE, "operation_id", id, str::parse));
        let on = match (operation.transpose()?, model, record_id) {
            (Some(operation), ..) => HeldThing::Operation(operation),
            (None, model, Some(record_id)) => HeldThing::Record {
                model: model.unwrap_or_default(),
                record_id,
            },
            (None, model, None) => HeldThing::Model(model.unwrap_or_default()),
        };
        // A hold whose end cannot be read is in force, here as in every removal; the doctor names it.
        let ends_at = row.take(7).and_then(|end| parse_time(&end).ok());
        Ok(Self {
            id: readable(TABLE, "id", id, str::parse)?,
            on,
            reason,
            actor,
            placed_at: readable(TABLE, "placed_at", placed_at, parse_time)?,
            ends_at,
        })
    }
}
