//! What a type must be to stand in `cascade(..)`, `owns(..)` or `restrict(..)`; the derive makes the marks.

use diesel::{
    Column,
    associations::BelongsTo,
    sql_types::{SqlType, is_nullable},
};

use crate::{Descriptor, InOperations, Model, NamedTable};

/// A model whose rows refer to those of `P`, as its `belongs_to` or `child_of` says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know that its rows refer to those of `{P}`",
    label = "not a soft-delete model that belongs to `{P}`",
    note = "derive `SoftDelete` on it with `pub deletion_id: Option<DeletionId>`, and add `#[soft_delete(child_of({P}))]` to it"
)]
pub trait ChildOf<P>: Model {}

/// A model whose rows can go along with those of `P`, over the foreign key that Diesel knows.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` cannot go along with those of `{P}`",
    label = "not a soft-delete model with a `deletion_id` that belongs to `{P}`",
    note = "`{Self}` needs `#[derive(Associations, SoftDelete)]`, `#[diesel(belongs_to({P}))]` and `pub deletion_id: Option<DeletionId>`",
    note = "rows without deletion columns can be owned: `owns({Self})`",
    note = "where the foreign key is another one, name it: `cascade({Self}(table::column))`"
)]
pub trait CascadeChild<P>: InOperations {
    /// The column that refers to the parent's key.
    const FOREIGN_KEY: &'static str;
    /// Whether it may be NULL.
    const NULLABLE: bool;
}

/// A model whose active rows can keep those of `P` from being deleted, over the foreign key that Diesel knows.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` cannot keep those of `{P}` from being deleted",
    label = "not a soft-delete model that belongs to `{P}`",
    note = "`{Self}` needs `#[derive(Associations, SoftDelete)]` and `#[diesel(belongs_to({P}))]`",
    note = "where the foreign key is another one, name it: `restrict({Self}(table::column))`"
)]
pub trait RestrictChild<P>: Model {
    /// The column that refers to the parent's key.
    const FOREIGN_KEY: &'static str;
}

/// A type whose rows have no deletion columns and belong to those of `P`.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` do not belong to those of `{P}`",
    label = "no `#[diesel(belongs_to({P}))]` on this type",
    note = "add `#[derive(Associations)]` and `#[diesel(belongs_to({P}))]`, or name the foreign key: `owns({Self}(table::column))`"
)]
pub trait OwnedBy<P> {
    /// The column that refers to the parent's key.
    type ForeignKey: Column<Table: NamedTable>;
}

#[diagnostic::do_not_recommend]
impl<P, C> OwnedBy<P> for C
where
    C: BelongsTo<P, ForeignKeyColumn: Column<Table: NamedTable>>,
{
    type ForeignKey = C::ForeignKeyColumn;
}

/// Columns, as a tuple, that refer to a key of the type `K`, part by part.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not refer to this model's key",
    label = "name one column of the child's table for each part of the key, in its order",
    note = "each must have the SQL type of its part, or `Nullable` of it"
)]
pub trait RefersTo<K> {
    /// The table of the columns.
    type Table;
    /// The SQL names.
    fn names() -> Vec<&'static str>;
    /// Whether all of them may be NULL.
    fn are_nullable() -> bool;
}

/// Whether a SQL type has a NULL.
pub trait Nullability {
    /// It has.
    const NULLABLE: bool;
}
impl Nullability for is_nullable::NotNull {
    const NULLABLE: bool = false;
}
impl Nullability for is_nullable::IsNullable {
    const NULLABLE: bool = true;
}

/// SQL types that can hold a value of the type `K`.
pub trait Holds<K> {}
impl<K> Holds<K> for K {}
impl<K> Holds<K> for diesel::sql_types::Nullable<K> {}

macro_rules! foreign_keys {
    ($($key:ident $column:ident),+) => {
        #[diagnostic::do_not_recommend]
        impl<T, $($key, $column),+> RefersTo<($($key,)+)> for ($($column,)+)
        where
            $($key: Column,)+
            $($column: Column<Table = T, SqlType: Holds<$key::SqlType> + SqlType<IsNull: Nullability>>,)+
        {
            type Table = T;
            fn names() -> Vec<&'static str> {
                vec![$($column::NAME),+]
            }
            fn are_nullable() -> bool {
                $(<<$column::SqlType as SqlType>::IsNull as Nullability>::NULLABLE)&&+
            }
        }
    };
}

foreign_keys!(K1 C1);
foreign_keys!(K1 C1, K2 C2);
foreign_keys!(K1 C1, K2 C2, K3 C3);
foreign_keys!(K1 C1, K2 C2, K3 C3, K4 C4);
foreign_keys!(K1 C1, K2 C2, K3 C3, K4 C4, K5 C5);
foreign_keys!(K1 C1, K2 C2, K3 C3, K4 C4, K5 C5, K6 C6);

/// Tells whether a type is a model, where only its name is at hand.
pub struct Probe<T>(std::marker::PhantomData<T>);

// The constant of the type itself goes before that of a trait, wherever the type has one.
impl<T: Model> Probe<T> {
    /// The model's descriptor.
    pub const DESCRIPTOR: Option<fn() -> &'static Descriptor> = Some(T::descriptor);
}

/// What [`Probe`] tells of any other type.
pub trait NotAModel {
    /// None.
    const DESCRIPTOR: Option<fn() -> &'static Descriptor> = None;
}

impl<T> NotAModel for Probe<T> {}
