//! Publishing tables without their `table`, so that a query that has not said its scope does not compile.

/// Publishes all of a table's module but the table itself, so that queries have to begin at a model.
///
/// Written like the `use` that it stands in for, with the path of a module that the rest of the program cannot see:
///
/// ```
/// mod db {
///     mod schema {
///         diesel::table! {
///             leads (id) {
///                 id -> BigInt,
///                 deleted_at -> Nullable<Timestamp>,
///             }
///         }
///     }
///     soft_delete_diesel::scoped_tables! {
///         pub use schema::leads; // of several tables: `pub use schema::{leads, callbacks};`
///     }
///
///     #[derive(soft_delete_derive::SoftDelete)]
///     #[diesel(table_name = schema::leads)]
///     # #[soft_delete(crate = ::soft_delete_diesel)]
///     pub struct Lead {
///         pub id: i64,
///         pub deleted_at: Option<chrono::NaiveDateTime>,
///     }
/// }
///
/// // The rest of the program.
/// use db::{Lead, leads};
/// use diesel::prelude::*;
/// use soft_delete_diesel::Scopes;
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let mut conn = SqliteConnection::establish(":memory:")?;
/// #   use diesel::connection::SimpleConnection;
/// #   conn.batch_execute("CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP)")?;
///     diesel::insert_into(Lead::with_deleted()).values(leads::id.eq(1)).execute(&mut conn)?;
///     let newest = Lead::active().order(leads::id.desc()).select(leads::id).first(&mut conn);
///     assert_eq!(newest, Ok(1_i64));
///     // `leads::table.load(&mut conn)`: error, cannot find value `table` in module `leads`
///     Ok(())
/// }
/// ```
///
/// For each table this makes a module of its name with Diesel's `columns`, `all_columns`, `SqlType` and `BoxedQuery`, all
/// columns by name, and a `dsl` that has the columns only:
///
/// ```text
/// pub mod leads {
///     pub use self::columns::*;
///     pub use super::schema::leads::{BoxedQuery, SqlType, all_columns, columns};
///     pub mod dsl { pub use super::columns::*; }
/// }
/// ```
///
/// Several lines, attributes and any visibility are allowed: `#[cfg(feature = "crm")] pub(crate) use crate::db::schema::leads;`.
/// The macro stands in a module, not in a function, because a path like `schema::leads` is seen from there.
#[macro_export]
macro_rules! scoped_tables {
    ($($(#[$attr:meta])* $vis:vis use $($path:ident)::+ $(::{ $($table:ident),+ $(,)? })?;)+) => {
        $($crate::__scoped_tables! { each [$(#[$attr])* $vis] [$($path)+] $($($table)+)? })+
    };
}

/// One module for each table, in steps that are named by their first word. Not part of the public interface.
#[doc(hidden)]
#[macro_export]
macro_rules! __scoped_tables {
    // Without braces the last name of the path is the table.
    (each $head:tt [$($path:ident)+]) => {
        $crate::__scoped_tables! { last $head [] $($path)+ }
    };
    (each $head:tt $schema:tt $($table:ident)+) => {
        $($crate::__scoped_tables! { inside $head $schema $table })+
    };
    (last $head:tt $schema:tt $table:ident) => {
        $crate::__scoped_tables! { inside $head $schema $table }
    };
    (last $head:tt [$($schema:ident)*] $next:ident $($rest:ident)+) => {
        $crate::__scoped_tables! { last $head [$($schema)* $next] $($rest)+ }
    };
    // The module is one level deeper than the place where the path was written.
    (inside $head:tt [crate $($schema:ident)*] $table:ident) => {
        $crate::__scoped_tables! { module $head [crate $(::$schema)*] $table }
    };
    (inside $head:tt [self $($schema:ident)*] $table:ident) => {
        $crate::__scoped_tables! { module $head [super $(::$schema)*] $table }
    };
    (inside $head:tt [$($schema:ident)*] $table:ident) => {
        $crate::__scoped_tables! { module $head [super $(::$schema)*] $table }
    };
    (module [$(#[$attr:meta])* $vis:vis] [$($schema:tt)+] $table:ident) => {
        $(#[$attr])*
        #[doc = ::core::concat!("The columns of `", ::core::stringify!($table), "`; queries begin at its model.")]
        $vis mod $table {
            pub use self::columns::*;
            pub use $($schema)+::$table::{BoxedQuery, SqlType, all_columns, columns};

            /// The columns alone.
            pub mod dsl {
                pub use super::columns::*;
            }
        }
    };
}
