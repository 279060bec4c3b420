//! What the derive tells about a type.

use soft_delete_core::{Retention, SoftDelete};

use crate::{Descriptor, Stamp};

/// A model whose rows say which operation deleted them; the derive implements it where there is a `deletion_id`.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` do not say which operation deleted them",
    label = "an operation on a set of rows needs a `deletion_id`",
    note = "add `pub deletion_id: Option<DeletionId>` to `{Self}` and the column to its table"
)]
pub trait InOperations: Model {}

/// A Diesel model that can be soft-deleted; `#[derive(SoftDelete)]` implements it.
///
/// The associated types serve the typed queries, the [`Descriptor`] serves the engine.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a soft-delete model",
    label = "`#[derive(SoftDelete)]` is missing on this type",
    note = "add `#[derive(soft_delete::SoftDelete)]` to `{Self}`"
)]
pub trait Model: SoftDelete + Sized + Send + 'static {
    /// The table, as `diesel::table!` made it.
    type Table: diesel::Table + Default;

    /// The column that marks a deletion.
    type DeletedAt: diesel::Column<Table = Self::Table, SqlType: diesel::sql_types::SingleValue> + Default;

    /// How deleted rows become due: [`DueByRetention`](crate::DueByRetention), or
    /// [`DueByPurgeAfter`](crate::DueByPurgeAfter) of the column with that role.
    type Due;

    /// The key's columns as a tuple.
    type KeyColumns;

    /// The key's parts bound for a query.
    type KeyBinds<'a>: Send;

    /// What the engine knows of the model.
    fn descriptor() -> &'static Descriptor;

    /// How long deleted rows stay, as the model declares it; [`SoftDelete::retention`] is what is in force.
    fn declared_retention() -> Retention {
        Retention::DEFAULT
    }

    /// The key of this row.
    fn key_binds(&self) -> Self::KeyBinds<'_>;

    /// Writes the deletion columns of this row in memory.
    fn set_stamp(&mut self, stamp: &Stamp);

    /// Whether the `deleted_by` field, if there is one, can hold this actor.
    fn actor_fits(actor: &str) -> bool {
        let _ = actor;
        true
    }
}
