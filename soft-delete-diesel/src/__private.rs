//! What the derive may name. Not part of the public interface.

pub use std::sync::LazyLock;

pub use diesel;
pub use soft_delete_core::{Retention, SoftDelete, chrono};

use diesel::Column as DieselColumn;
use soft_delete_core::AuditHook;

pub use crate::{
    Active, ActorField, BindKey, DeletionId, DeletionIdField, Descriptor, DueByPurgeAfter, DueByRetention,
    FlagField, InOperations, KeyOf, Model, PurgeAfterField, ReasonField, Scopes, Stamp, TimeField,
};
use crate::{
    ActorColumn, Column, ColumnKind, DeletedAtColumn, DeletionIdColumn, FlagColumn, KeyColumn, NamedTable,
    PurgeAfterColumn, ReasonColumn,
};

/// A retention of seconds that the derive read from the attribute; it refused zero and less.
pub const fn retention_of(seconds: i64) -> Retention {
    match chrono::TimeDelta::try_seconds(seconds) {
        Some(length) => Retention::For(length),
        None => Retention::Forever,
    }
}

/// The descriptor of the model whose deletions this column marks.
pub fn describe<C>() -> Descriptor
where
    C: DieselColumn<SqlType: DeletedAtColumn, Table: NamedTable>,
{
    Descriptor::of::<C::Table>(Column::new(C::NAME, <C::SqlType as DeletedAtColumn>::KIND))
}

// Free functions with the column as a type parameter: a column of the wrong SQL type is an error at the user's field.

/// Adds a key column.
pub fn key<C: DieselColumn<SqlType: KeyColumn>>(model: Descriptor) -> Descriptor {
    model.key(Column::new(C::NAME, <C::SqlType as KeyColumn>::KIND))
}

/// Gives the column the `deleted_by` role.
pub fn deleted_by<C: DieselColumn<SqlType: ActorColumn>>(model: Descriptor) -> Descriptor {
    model.deleted_by(Column::new(C::NAME, <C::SqlType as ActorColumn>::KIND))
}

/// Gives the column the `deletion_reason` role.
pub fn deletion_reason<C: DieselColumn<SqlType: ReasonColumn>>(model: Descriptor) -> Descriptor {
    model.deletion_reason(Column::new(C::NAME, ColumnKind::Text))
}

/// Gives the column the `deletion_id` role.
pub fn deletion_id<C: DieselColumn<SqlType: DeletionIdColumn>>(model: Descriptor) -> Descriptor {
    model.deletion_id(Column::new(C::NAME, <C::SqlType as DeletionIdColumn>::KIND))
}

/// Gives the column the `purge_after` role.
pub fn purge_after<C: DieselColumn<SqlType: PurgeAfterColumn>>(model: Descriptor) -> Descriptor {
    model.purge_after(Column::new(C::NAME, <C::SqlType as PurgeAfterColumn>::KIND))
}

/// Gives the column the `is_deleted` role.
pub fn is_deleted<C: DieselColumn<SqlType: FlagColumn>>(model: Descriptor) -> Descriptor {
    model.is_deleted(Column::new(C::NAME, ColumnKind::Bool))
}

/// Names rows by this column.
pub fn label<C: DieselColumn>(model: Descriptor) -> Descriptor {
    model.label(C::NAME)
}

/// The SQL name of a column.
pub fn name<C: DieselColumn>() -> &'static str {
    C::NAME
}

/// Declares columns to be unique among active rows.
pub fn unique(model: Descriptor, columns: &[&str]) -> Descriptor {
    model.unique(columns)
}

/// Calls the hook around each act.
pub fn hooks<H: AuditHook + Default + 'static>(model: Descriptor) -> Descriptor {
    model.hooks(H::default())
}

/// Sets how long deleted rows stay.
pub fn retention(model: Descriptor, retention: Retention) -> Descriptor {
    model.retention(retention)
}

/// Refuses a deletion without a reason.
pub fn reason_required(model: Descriptor) -> Descriptor {
    model.reason_required()
}

/// Writes no audit rows.
pub fn without_audit(model: Descriptor) -> Descriptor {
    model.without_audit()
}

/// The table of models that did not compile; see the derive's fallback.
pub use inert_table::inert;

#[allow(missing_docs, unreachable_pub)]
mod inert_table {
    diesel::table! {
        inert (id) {
            id -> Integer,
            deleted_at -> Nullable<Timestamp>,
        }
    }
}
