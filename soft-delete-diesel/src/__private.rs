//! What the derive may name. Not part of the public interface.

pub use std::sync::LazyLock;

pub use diesel;
pub use soft_delete_core::{Retention, SoftDelete, chrono};

use diesel::{Column as DieselColumn, Expression, associations::BelongsTo, sql_types::SqlType};
use soft_delete_core::AuditHook;

pub use crate::kinship::{CascadeChild, ChildOf, NotAModel, Probe, RestrictChild};
use crate::kinship::{Nullability, OwnedBy, RefersTo};
pub use crate::{
    Active, ActorField, BindKey, DeletionId, DeletionIdField, Descriptor, DueByPurgeAfter, DueByRetention,
    FlagField, InOperations, KeyOf, Model, PurgeAfterField, ReasonField, Scopes, Stamp, TimeField,
};
use crate::{
    ActorColumn, Column, ColumnKind, DeletedAtColumn, DeletionIdColumn, FlagColumn, KeyColumn, NamedTable,
    PurgeAfterColumn, ReasonColumn, Relation, RelationValue,
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
    model.is_deleted(Column::new(C::NAME, <C::SqlType as FlagColumn>::KIND))
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

/// The foreign key that Diesel knows of.
pub const fn foreign_key<C: BelongsTo<P>, P>() -> &'static str {
    <C::ForeignKeyColumn as DieselColumn>::NAME
}

/// Whether the foreign key that Diesel knows of may be NULL.
pub const fn is_nullable<C, P>() -> bool
where
    C: BelongsTo<P, ForeignKeyColumn: Expression<SqlType: SqlType<IsNull: Nullability>>>,
{
    <<<C::ForeignKeyColumn as Expression>::SqlType as SqlType>::IsNull as Nullability>::NULLABLE
}

/// Rows of `C` go along with those of `P`.
pub fn cascade<P: Model, C: CascadeChild<P>>(model: Descriptor) -> Descriptor {
    let relation = Relation::cascade(C::descriptor, [C::FOREIGN_KEY]);
    model.relation(if C::NULLABLE {
        relation
    } else {
        relation.not_nullable()
    })
}

/// Rows of `C` go along with those of `P`, over this foreign key.
pub fn cascade_by<P: Model, C: ChildOf<P> + InOperations, F>(model: Descriptor) -> Descriptor
where
    F: RefersTo<P::KeyColumns, Table = C::Table>,
{
    let relation = Relation::cascade(C::descriptor, F::names());
    model.relation(if F::are_nullable() {
        relation
    } else {
        relation.not_nullable()
    })
}

/// Rows of `C` keep those of `P` from being deleted.
pub fn restrict<P: Model, C: RestrictChild<P>>(model: Descriptor) -> Descriptor {
    model.relation(Relation::restrict(C::descriptor, [C::FOREIGN_KEY]))
}

/// Rows of `C` keep those of `P` from being deleted, over this foreign key.
pub fn restrict_by<P: Model, C: Model, F>(model: Descriptor) -> Descriptor
where
    F: RefersTo<P::KeyColumns, Table = C::Table>,
{
    model.relation(Relation::restrict(C::descriptor, F::names()))
}

/// Rows of `C` are removed with those of `P`.
pub fn owns<P: Model, C: OwnedBy<P>>(model: Descriptor) -> Descriptor {
    let table = <<C::ForeignKey as DieselColumn>::Table as NamedTable>::table_name();
    model.relation(Relation::owns(table, [<C::ForeignKey as DieselColumn>::NAME]))
}

/// Rows of `C` are removed with those of `P`, over this foreign key.
pub fn owns_by<P: Model, C, F>(model: Descriptor) -> Descriptor
where
    F: RefersTo<P::KeyColumns, Table: NamedTable>,
{
    model.relation(Relation::owns(F::Table::table_name(), F::names()))
}

/// Rows of the relation that was added last are removed when they are due themselves.
pub fn apart(mut model: Descriptor) -> Descriptor {
    match model.relations.pop() {
        Some(relation) => model.relation(relation.apart()),
        None => model,
    }
}

/// As [`cascade_by`], over a foreign key to these columns of `P`.
pub fn cascade_by_other<P: Model, C: ChildOf<P> + InOperations, F, K>(model: Descriptor) -> Descriptor
where
    F: RefersTo<K, Table = C::Table>,
    K: RefersTo<K, Table = P::Table>,
{
    let relation = Relation::cascade(C::descriptor, F::names()).references(K::names());
    model.relation(if F::are_nullable() {
        relation
    } else {
        relation.not_nullable()
    })
}

/// As [`restrict_by`], over a foreign key to these columns of `P`.
pub fn restrict_by_other<P: Model, C: Model, F, K>(model: Descriptor) -> Descriptor
where
    F: RefersTo<K, Table = C::Table>,
    K: RefersTo<K, Table = P::Table>,
{
    model.relation(Relation::restrict(C::descriptor, F::names()).references(K::names()))
}

/// As [`owns_by`], over a foreign key to these columns of `P`.
pub fn owns_by_other<P: Model, C, F, K>(model: Descriptor) -> Descriptor
where
    F: RefersTo<K, Table: NamedTable>,
    K: RefersTo<K, Table = P::Table>,
{
    model.relation(Relation::owns(F::Table::table_name(), F::names()).references(K::names()))
}

/// Narrows the relation that was added last to rows with this value.
pub fn only_where(mut model: Descriptor, column: &str, value: impl Into<RelationValue>) -> Descriptor {
    match model.relations.pop() {
        Some(relation) => model.relation(relation.only_where(column, value)),
        None => model,
    }
}

/// Names a model that rows of this one refer to, and the column that does so.
pub fn refers_to(
    model: Descriptor,
    probed: Option<fn() -> &'static Descriptor>,
    otherwise: Option<fn() -> &'static Descriptor>,
    foreign_key: &str,
) -> Descriptor {
    match probed.or(otherwise) {
        Some(parent) => model.refers_to(parent, [foreign_key]),
        None => model,
    }
}

/// Names a model that rows of this one refer to; whether the type is one was probed in two ways.
pub fn parent(
    model: Descriptor,
    probed: Option<fn() -> &'static Descriptor>,
    otherwise: Option<fn() -> &'static Descriptor>,
) -> Descriptor {
    match probed.or(otherwise) {
        Some(parent) => model.parent(parent),
        None => model,
    }
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
