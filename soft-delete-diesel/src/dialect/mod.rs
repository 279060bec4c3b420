//! The peculiarities of each database, and nothing else knows them.

mod catalogue;
mod facts;
mod guard;
#[cfg(feature = "archive")]
mod image;
mod mysql;
mod name;
mod postgres;
mod sqlite;
mod syntax;

use diesel::{backend::Backend, deserialize, query_builder::AstPass, result::QueryResult, row::NamedRow};
use soft_delete_core::chrono::NaiveDateTime;
use uuid::Uuid;

pub(crate) use catalogue::Catalogue;
pub(crate) use guard::{Belonging, Guard, Guards};
#[cfg(feature = "archive")]
pub(crate) use image::{Cast, Image};
pub(crate) use name::short_name;
pub(crate) use syntax::{Around, Index, IndexedRows, Syntax};

/// A database that the library speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Database {
    /// SQLite 3.35 or newer; 3.37 for a cleanup and the doctor.
    Sqlite,
    /// PostgreSQL, and what speaks its language.
    Postgres,
    /// MySQL 8 and MariaDB 10.6, or newer.
    Mysql,
}

impl Database {
    /// The name as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
        }
    }

    /// The database at the other end of a connection, which a `MultiConnection` only tells when it is asked.
    ///
    /// # Errors
    /// [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # use diesel::prelude::*;
    /// use soft_delete_diesel::Database;
    /// let mut conn = SqliteConnection::establish(":memory:").unwrap();
    /// assert_eq!(Database::of(&mut conn)?, Database::Sqlite);
    /// # Ok::<(), soft_delete_diesel::Error>(())
    /// ```
    pub fn of<C>(conn: &mut C) -> crate::Result<Self>
    where
        C: diesel::connection::LoadConnection<Backend: Dialect>,
    {
        crate::executor::run(crate::engine::database(&mut crate::executor::Blocking(conn)))
    }

    /// Sets the time zone of a connection's session to UTC, where it matters: MySQL and MariaDB read and write columns of the type
    /// `TIMESTAMP` in it. Call it where connections are made, as in the customizer of a pool; elsewhere it does nothing.
    ///
    /// It runs `SELECT @@session.time_zone`, and `SET time_zone = '+00:00'` if that is another one.
    ///
    /// # Errors
    /// [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # use diesel::prelude::*;
    /// use soft_delete_diesel::Database;
    /// let mut conn = SqliteConnection::establish(":memory:").unwrap();
    /// assert!(Database::use_utc(&mut conn).is_ok());
    /// ```
    pub fn use_utc<C>(conn: &mut C) -> crate::Result<()>
    where
        C: diesel::connection::LoadConnection<Backend: Dialect>,
    {
        crate::executor::run(crate::engine::use_utc(&mut crate::executor::Blocking(conn)))
    }

    pub(crate) fn syntax(self) -> &'static dyn Syntax {
        match self {
            Self::Sqlite => &sqlite::Sqlite,
            Self::Postgres => &postgres::Postgres,
            Self::Mysql => &mysql::Mysql,
        }
    }

    pub(crate) fn catalogue(self) -> &'static dyn Catalogue {
        match self {
            Self::Sqlite => &sqlite::Sqlite,
            Self::Postgres => &postgres::Postgres,
            Self::Mysql => &mysql::Mysql,
        }
    }

    #[cfg(feature = "archive")]
    pub(crate) fn image(self) -> &'static dyn Image {
        match self {
            Self::Sqlite => &sqlite::Sqlite,
            Self::Postgres => &postgres::Postgres,
            Self::Mysql => &mysql::Mysql,
        }
    }

    pub(crate) fn guards(self) -> &'static dyn Guards {
        match self {
            Self::Sqlite => &sqlite::Sqlite,
            Self::Postgres => &postgres::Postgres,
            Self::Mysql => &mysql::Mysql,
        }
    }
}

/// A Diesel backend that the engine can write statements for.
///
/// Implemented for the backends of the enabled features, and by [`multi_connection!`](crate::multi_connection) for the
/// backend of a `#[derive(MultiConnection)]` enum. Values are bound as text and cast in SQL, and read back as text, so that
/// one engine serves every column type of every backend; where a backend has a type of its own that is quicker, it may say
/// so.
#[diagnostic::on_unimplemented(
    message = "soft-delete does not speak to the backend `{Self}`",
    note = "enable the feature `sqlite`, `postgres` or `mysql` of soft-delete",
    note = "for the enum of a `#[derive(MultiConnection)]`, add `soft_delete::multi_connection!(AnyConnection {{ Pg, Sqlite }});`"
)]
pub trait Dialect: Backend + 'static {
    /// The database where the type alone tells it; `None` for the backend of a `MultiConnection`.
    const DATABASE: Option<Database>;

    /// The database behind this backend value.
    fn database(&self) -> Database;

    /// Binds a text.
    ///
    /// # Errors
    /// What Diesel says when the value cannot be bound.
    fn bind_text<'b>(out: &mut AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()>;

    /// Binds a text or NULL.
    ///
    /// # Errors
    /// What Diesel says when the value cannot be bound.
    #[allow(clippy::ref_option_ref, reason = "Diesel keeps a reference to what is bound")]
    fn bind_nullable_text<'b>(out: &mut AstPass<'_, 'b, Self>, text: &'b Option<&'b str>) -> QueryResult<()>;

    /// Binds a time natively, if this backend has a type for it; `None` lets the engine bind a text and cast it.
    fn bind_time<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        zoned: bool,
        time: &'b NaiveDateTime,
    ) -> Option<QueryResult<()>> {
        let _ = (out, zoned, time);
        None
    }

    /// Binds a UUID natively, if this backend has a type for it; `None` lets the engine bind a text and cast it.
    fn bind_uuid<'b>(out: &mut AstPass<'_, 'b, Self>, id: &'b Uuid) -> Option<QueryResult<()>> {
        let _ = (out, id);
        None
    }

    /// Reads every field of a row as text.
    ///
    /// # Errors
    /// What Diesel says when a field is not text.
    fn read_texts<'a>(row: &impl NamedRow<'a, Self>) -> deserialize::Result<Vec<Option<String>>>;
}

/// The methods of [`Dialect`] that are the same text for every backend but must be compiled for a concrete one.
#[doc(hidden)]
#[macro_export]
macro_rules! __dialect_texts {
    () => {
        fn bind_text<'b>(
            out: &mut $crate::diesel::query_builder::AstPass<'_, 'b, Self>,
            text: &'b str,
        ) -> $crate::diesel::QueryResult<()> {
            out.push_bind_param::<$crate::diesel::sql_types::Text, str>(text)
        }

        #[allow(clippy::ref_option_ref)]
        fn bind_nullable_text<'b>(
            out: &mut $crate::diesel::query_builder::AstPass<'_, 'b, Self>,
            text: &'b ::core::option::Option<&'b str>,
        ) -> $crate::diesel::QueryResult<()> {
            out.push_bind_param::<
                $crate::diesel::sql_types::Nullable<$crate::diesel::sql_types::Text>,
                ::core::option::Option<&'b str>,
            >(text)
        }

        fn read_texts<'a>(
            row: &impl $crate::diesel::row::NamedRow<'a, Self>,
        ) -> $crate::diesel::deserialize::Result<
            ::std::vec::Vec<::core::option::Option<::std::string::String>>,
        > {
            (0..$crate::diesel::row::Row::field_count(row))
                .map(|index| {
                    $crate::diesel::row::Row::get_value::<
                        $crate::diesel::sql_types::Nullable<$crate::diesel::sql_types::Text>,
                        ::core::option::Option<::std::string::String>,
                        usize,
                    >(row, index)
                })
                .collect()
        }
    };
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! dialect {
    ($backend:ty, $database:expr $(, $native:item)*) => {
        impl Dialect for $backend {
            $($native)*

            const DATABASE: Option<Database> = Some($database);

            fn database(&self) -> Database {
                $database
            }

            $crate::__dialect_texts!();
        }
    };
}

#[cfg(feature = "sqlite")]
dialect!(diesel::sqlite::Sqlite, Database::Sqlite);
#[cfg(feature = "postgres")]
dialect!(
    diesel::pg::Pg,
    Database::Postgres,
    fn bind_time<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        zoned: bool,
        time: &'b NaiveDateTime,
    ) -> Option<QueryResult<()>> {
        use diesel::sql_types::{Timestamp, Timestamptz};
        Some(if zoned {
            out.push_bind_param::<Timestamptz, _>(time)
        } else {
            out.push_bind_param::<Timestamp, _>(time)
        })
    },
    fn bind_uuid<'b>(out: &mut AstPass<'_, 'b, Self>, id: &'b Uuid) -> Option<QueryResult<()>> {
        Some(out.push_bind_param::<diesel::sql_types::Uuid, _>(id))
    }
);
#[cfg(feature = "mysql")]
dialect!(
    diesel::mysql::Mysql,
    Database::Mysql,
    // A bound text is read anew for every row of an `INSERT .. SELECT`.
    fn bind_time<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        _zoned: bool,
        time: &'b NaiveDateTime,
    ) -> Option<QueryResult<()>> {
        Some(out.push_bind_param::<diesel::sql_types::Datetime, _>(time))
    }
);
