//! Enums of connections, as `#[derive(MultiConnection)]` makes them.

/// Lets the enum of a `#[derive(diesel::MultiConnection)]` be used like any other connection.
///
/// Put it below the enum, with the enum's name and its variants:
///
/// ```
/// use diesel::{Connection, SqliteConnection};
///
/// // Usually with more than one: `Pg(PgConnection)`, `Mysql(MysqlConnection)`.
/// #[derive(diesel::MultiConnection)]
/// pub enum AnyConnection {
///     Sqlite(SqliteConnection),
/// }
/// soft_delete_diesel::multi_connection!(AnyConnection { Sqlite });
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let mut conn = AnyConnection::establish(":memory:")?;
///     assert_eq!(soft_delete_diesel::migrations::run(&mut conn)?, ["0001_audit", "0002_holds", "0003_runs"]);
///     Ok(())
/// }
/// ```
///
/// Diesel's enum maps times to `Timestamp` with `NaiveDateTime`, so that is what a model's `deleted_at` is there, and
/// `deletion_id` is `Text`.
#[macro_export]
macro_rules! multi_connection {
    ($connection:ident { $($variant:ident),+ $(,)? }) => {
        const _: () = {
            type __Backend = <$connection as $crate::diesel::Connection>::Backend;

            impl $crate::Dialect for __Backend {
                const DATABASE: ::core::option::Option<$crate::Database> = ::core::option::Option::None;

                fn database(&self) -> $crate::Database {
                    match self {
                        $(Self::$variant(backend) => $crate::Dialect::database(backend),)+
                    }
                }

                $crate::__dialect_texts!();
            }

            // Diesel's enum knows a fixed list of Rust types; these two are ours.
            impl $crate::diesel::serialize::ToSql<$crate::diesel::sql_types::Timestamp, __Backend> for $crate::Moment {
                fn to_sql<'b>(
                    &'b self,
                    out: &mut $crate::diesel::serialize::Output<'b, '_, __Backend>,
                ) -> $crate::diesel::serialize::Result {
                    out.set_value(($crate::diesel::sql_types::Timestamp, self));
                    ::core::result::Result::Ok($crate::diesel::serialize::IsNull::No)
                }
            }

            impl $crate::diesel::serialize::ToSql<$crate::diesel::sql_types::Text, __Backend> for $crate::DeletionId {
                fn to_sql<'b>(
                    &'b self,
                    out: &mut $crate::diesel::serialize::Output<'b, '_, __Backend>,
                ) -> $crate::diesel::serialize::Result {
                    out.set_value(($crate::diesel::sql_types::Text, self));
                    ::core::result::Result::Ok($crate::diesel::serialize::IsNull::No)
                }
            }
        };
    };
}
