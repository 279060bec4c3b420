//! The identity of one operation.

use std::{fmt, str::FromStr};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    sql_types::Text,
};
use soft_delete_core::chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// The operation that deleted a row: a UUID (version 7, so they sort by time).
///
/// Every row and every audit row of one operation carries the same one. As a column it is `uuid` on PostgreSQL and 36
/// characters of text elsewhere; a model's field may also be `Option<Uuid>` or `Option<String>`.
///
/// ```
/// use soft_delete_diesel::DeletionId;
/// let id: DeletionId = "018cc251-f400-7000-8000-000000000000".parse()?;
/// assert_eq!(id.to_string(), "018cc251-f400-7000-8000-000000000000");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
#[diesel(sql_type = Text)]
#[cfg_attr(feature = "postgres", diesel(sql_type = diesel::sql_types::Uuid))]
pub struct DeletionId(Uuid);

impl DeletionId {
    /// A fresh identity for an operation at this instant.
    pub(crate) fn at(instant: DateTime<Utc>) -> Self {
        // Before 1970 there is no version 7; such a clock still gets unique, if unsorted, identities.
        let seconds = u64::try_from(instant.timestamp()).unwrap_or(0);
        Self(Uuid::new_v7(Timestamp::from_unix(
            NoContext,
            seconds,
            instant.timestamp_subsec_nanos(),
        )))
    }

    /// What no operation since this instant comes before.
    pub(crate) fn first_at(instant: DateTime<Utc>) -> Self {
        let millis = u128::try_from(instant.timestamp_millis()).unwrap_or(0);
        // The version and the variant, and nothing random.
        Self(Uuid::from_u128((millis << 80) | (0x7 << 76) | (0x2 << 62)))
    }

    /// The UUID where it lies, to be bound.
    pub(crate) const fn uuid(&self) -> &Uuid {
        &self.0
    }

    /// The UUID itself.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for DeletionId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<DeletionId> for Uuid {
    fn from(id: DeletionId) -> Self {
        id.0
    }
}

impl From<DeletionId> for String {
    fn from(id: DeletionId) -> Self {
        id.to_string()
    }
}

impl FromStr for DeletionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for DeletionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl<DB> FromSql<Text, DB> for DeletionId
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(value)?.parse()?)
    }
}

#[cfg(feature = "sqlite")]
impl diesel::serialize::ToSql<Text, diesel::sqlite::Sqlite> for DeletionId {
    fn to_sql<'b>(
        &'b self,
        out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
    ) -> diesel::serialize::Result {
        out.set_value(self.to_string());
        Ok(diesel::serialize::IsNull::No)
    }
}

// The other two write into a buffer of the output, so they share their body.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! written_as_text {
    ($backend:ty) => {
        impl diesel::serialize::ToSql<Text, $backend> for DeletionId {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $backend>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.to_string().as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }
    };
}

#[cfg(feature = "mysql")]
written_as_text!(diesel::mysql::Mysql);

#[cfg(feature = "postgres")]
mod postgres {
    use diesel::{
        deserialize::{self, FromSql},
        pg::{Pg, PgValue},
        serialize::{self, Output, ToSql},
        sql_types::{Text, Uuid as SqlUuid},
    };
    use uuid::Uuid;

    use super::DeletionId;

    written_as_text!(Pg);

    impl FromSql<SqlUuid, Pg> for DeletionId {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
            <Uuid as FromSql<SqlUuid, Pg>>::from_sql(value).map(Self)
        }
    }

    impl ToSql<SqlUuid, Pg> for DeletionId {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            <Uuid as ToSql<SqlUuid, Pg>>::to_sql(&self.0, out)
        }
    }
}
