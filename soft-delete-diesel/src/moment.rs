//! Instants as query parameters and as fields, alike on every database.

use diesel::{
    deserialize::{FromSql, FromSqlRow, Queryable},
    expression::AsExpression,
    sql_types::{Nullable, Timestamp},
};
use soft_delete_core::{
    chrono::{DateTime, NaiveDateTime, Utc},
    to_micros,
};

/// An instant as one end of a range in a query, in UTC with microseconds.
///
/// On SQLite times are text of differing lengths: `12:00:00` and `12:00:00.000000` are the same instant and different
/// texts. The lower end of a range is written as short as can be and the upper end as long as can be, so that both
/// include their own instant however it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Timestamp)]
#[cfg_attr(feature = "postgres", diesel(sql_type = diesel::sql_types::Timestamptz))]
#[cfg_attr(feature = "sqlite", diesel(sql_type = diesel::sql_types::TimestamptzSqlite))]
#[cfg_attr(feature = "mysql", diesel(sql_type = diesel::sql_types::Datetime))]
pub struct Moment {
    at: NaiveDateTime,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Lower,
    Upper,
}

impl Moment {
    /// The lower end of a range, itself included.
    pub fn at_least(instant: DateTime<Utc>) -> Self {
        Self {
            at: to_micros(instant).naive_utc(),
            end: End::Lower,
        }
    }

    /// The upper end of a range, itself included.
    pub fn at_most(instant: DateTime<Utc>) -> Self {
        Self {
            at: to_micros(instant).naive_utc(),
            end: End::Upper,
        }
    }

    pub(crate) fn time(self) -> NaiveDateTime {
        self.at
    }

    pub(crate) fn text(self) -> String {
        let text = self.at.format("%F %T%.6f").to_string();
        match self.end {
            End::Lower => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            End::Upper => text,
        }
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use diesel::{serialize, sql_types::TimestamptzSqlite, sqlite::Sqlite};

    use diesel::serialize::{IsNull, Output, ToSql};

    use super::{Moment, Timestamp};

    impl ToSql<Timestamp, Sqlite> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            out.set_value(self.text());
            Ok(IsNull::No)
        }
    }

    impl ToSql<TimestamptzSqlite, Sqlite> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            out.set_value(self.text() + "+00:00");
            Ok(IsNull::No)
        }
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use diesel::{pg::Pg, serialize, sql_types::Timestamptz};

    use diesel::serialize::{Output, ToSql};

    use super::{Moment, NaiveDateTime, Timestamp};

    impl ToSql<Timestamp, Pg> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            <NaiveDateTime as ToSql<Timestamp, Pg>>::to_sql(&self.at, out)
        }
    }

    impl ToSql<Timestamptz, Pg> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            <NaiveDateTime as ToSql<Timestamptz, Pg>>::to_sql(&self.at, out)
        }
    }
}

#[cfg(feature = "mysql")]
mod mysql {
    use diesel::{mysql::Mysql, serialize, sql_types::Datetime};

    use diesel::serialize::{Output, ToSql};

    use super::{Moment, NaiveDateTime, Timestamp};

    impl ToSql<Timestamp, Mysql> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Mysql>) -> serialize::Result {
            <NaiveDateTime as ToSql<Timestamp, Mysql>>::to_sql(&self.at, out)
        }
    }

    impl ToSql<Datetime, Mysql> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Mysql>) -> serialize::Result {
            <NaiveDateTime as ToSql<Datetime, Mysql>>::to_sql(&self.at, out)
        }
    }
}

/// Reads a nullable time without a zone into an `Option<DateTime<Utc>>` field.
///
/// Diesel maps `DateTime<Utc>` only to types with a zone, which MySQL and MariaDB do not have. There, write
/// `#[diesel(deserialize_as = soft_delete::UtcTimestamp)]` on the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtcTimestamp(Option<NaiveDateTime>);

impl<ST, DB> Queryable<Nullable<ST>, DB> for UtcTimestamp
where
    DB: diesel::backend::Backend,
    ST: diesel::sql_types::SqlType<IsNull = diesel::sql_types::is_nullable::NotNull>
        + diesel::sql_types::SingleValue,
    Option<NaiveDateTime>: FromSqlRow<Nullable<ST>, DB> + FromSql<Nullable<ST>, DB>,
{
    type Row = Option<NaiveDateTime>;

    fn build(row: Self::Row) -> diesel::deserialize::Result<Self> {
        Ok(Self(row))
    }
}

impl From<UtcTimestamp> for Option<DateTime<Utc>> {
    fn from(value: UtcTimestamp) -> Self {
        value.0.map(|time| time.and_utc())
    }
}
