//! Keys as query parameters: single, composite, newtype, of any type that Diesel can bind.

use diesel::{
    Expression,
    expression::AsExpression,
    query_builder::{AstPass, QueryFragment},
    result::QueryResult,
    sql_types::SqlType,
};

use crate::{Dialect, Model};

/// The parts of a key, each ready to be written into a statement for one database.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound as the key of this model",
    note = "pass what Diesel's `find` would take: the key's value, or a tuple of values for a composite key"
)]
pub trait KeyBinds<DB: Dialect>: Send + Sync {
    /// Writes the part with this index as a bind parameter.
    ///
    /// # Errors
    /// What Diesel says when the value cannot be bound.
    fn bind<'b>(&'b self, part: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

/// Values that can stand for the key of a model with these key columns, such as `7`, `&lead_id` or `(tenant, "slug")`.
#[diagnostic::on_unimplemented(
    message = "`{K}` is not a key of this model",
    note = "pass what Diesel's `find` would take: the key's value, or a tuple of values for a composite key"
)]
pub trait BindKey<K> {
    /// The bound parts.
    type Binds;
    /// Binds the parts to the types of their columns.
    fn bind_key(key: K) -> Self::Binds;
}

/// The bound parts of a key of the model `M` given as a `K`.
pub type KeyOf<M, K> = <<M as Model>::KeyColumns as BindKey<K>>::Binds;

#[diagnostic::do_not_recommend]
impl<A, K> BindKey<K> for (A,)
where
    A: Expression,
    A::SqlType: SqlType,
    K: AsExpression<A::SqlType>,
{
    type Binds = (K::Expression,);

    fn bind_key(key: K) -> Self::Binds {
        (key.as_expression(),)
    }
}

#[diagnostic::do_not_recommend]
impl<A, DB> KeyBinds<DB> for (A,)
where
    DB: Dialect,
    A: QueryFragment<DB> + Send + Sync,
{
    fn bind<'b>(&'b self, _: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

macro_rules! composite_keys {
    ($($column:ident $key:ident $index:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($column, $key),+> BindKey<($($key,)+)> for ($($column,)+)
        where
            $($column: Expression, $column::SqlType: SqlType, $key: AsExpression<$column::SqlType>,)+
        {
            type Binds = ($($key::Expression,)+);

            fn bind_key(key: ($($key,)+)) -> Self::Binds {
                ($(key.$index.as_expression(),)+)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<DB, $($column),+> KeyBinds<DB> for ($($column,)+)
        where
            DB: Dialect,
            $($column: QueryFragment<DB> + Send + Sync,)+
        {
            fn bind<'b>(&'b self, part: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                match part {
                    $($index => self.$index.walk_ast(out),)+
                    // The descriptor has as many key columns as this tuple has parts: both come from one derive.
                    _ => Err(diesel::result::Error::QueryBuilderError("the key has fewer parts than columns".into())),
                }
            }
        }
    };
}

composite_keys!(A K1 0, B K2 1);
composite_keys!(A K1 0, B K2 1, C K3 2);
composite_keys!(A K1 0, B K2 1, C K3 2, D K4 3);
composite_keys!(A K1 0, B K2 1, C K3 2, D K4 3, E K5 4);
composite_keys!(A K1 0, B K2 1, C K3 2, D K4 3, E K5 4, F K6 5);
