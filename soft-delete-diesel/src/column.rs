//! What a column of a model holds, and which SQL types may play which role.

use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, SmallInt, Text, Timestamp};

/// What a column holds, as far as the engine must know to write and read it as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text of any length.
    Text,
    /// A 16-bit integer.
    SmallInt,
    /// A 32-bit integer.
    Integer,
    /// A 64-bit integer.
    BigInt,
    /// A 32-bit integer without a sign, of MySQL and MariaDB.
    UnsignedInteger,
    /// A 64-bit integer without a sign, of MySQL and MariaDB.
    UnsignedBigInt,
    /// PostgreSQL's `uuid`.
    Uuid,
    /// Bytes.
    Binary,
    /// A truth value.
    Bool,
    /// A time without a zone, in UTC.
    Timestamp,
    /// A time with a zone.
    ZonedTimestamp,
    /// PostgreSQL's `citext`: text that is compared without regard to case.
    Citext,
}

impl ColumnKind {
    /// Whether the column holds text, which may be spelled in several ways that are equal.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Citext)
    }

    /// What the column holds, in words for an error message.
    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::Text | Self::Citext => "text",
            Self::SmallInt => "a 16-bit integer",
            Self::Integer => "a 32-bit integer",
            Self::BigInt => "a 64-bit integer",
            Self::UnsignedInteger => "a 32-bit integer without a sign",
            Self::UnsignedBigInt => "a 64-bit integer without a sign",
            Self::Uuid => "a UUID",
            Self::Binary => "bytes",
            Self::Bool => "a truth value",
            Self::Timestamp | Self::ZonedTimestamp => "a time",
        }
    }

    /// Whether it is a whole number, of any size.
    pub(crate) const fn is_integer(self) -> bool {
        matches!(
            self,
            Self::SmallInt | Self::Integer | Self::BigInt | Self::UnsignedInteger | Self::UnsignedBigInt
        )
    }

    /// Whether a column of this kind can be part of a key.
    pub(crate) const fn can_be_key(self) -> bool {
        matches!(self, Self::Text | Self::Citext | Self::Uuid | Self::Binary) || self.is_integer()
    }

    /// Whether a column of this kind can hold who deleted a row.
    pub(crate) const fn can_be_actor(self) -> bool {
        matches!(self, Self::Text | Self::Citext | Self::Uuid) || self.is_integer()
    }

    /// Whether this text can be cast to the column.
    pub(crate) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Text | Self::Citext => true,
            Self::SmallInt => text.parse::<i16>().is_ok(),
            Self::Integer => text.parse::<i32>().is_ok(),
            Self::BigInt => text.parse::<i64>().is_ok(),
            Self::UnsignedInteger => text.parse::<u32>().is_ok(),
            Self::UnsignedBigInt => text.parse::<u64>().is_ok(),
            Self::Uuid => text.parse::<uuid::Uuid>().is_ok(),
            Self::Binary | Self::Bool | Self::Timestamp | Self::ZonedTimestamp => false,
        }
    }
}

/// SQL types that can be part of a model's key.
#[diagnostic::on_unimplemented(
    message = "a key column of SQL type `{Self}` is not supported by soft-delete",
    note = "keys may be SmallInt, Integer, BigInt, Text, Binary and (PostgreSQL) Uuid, alone or in a composite"
)]
pub trait KeyColumn {
    /// How the engine reads it.
    const KIND: ColumnKind;
}

/// SQL types of the `deleted_at` role.
#[diagnostic::on_unimplemented(
    message = "the `deleted_at` column has SQL type `{Self}`, which cannot mark a deletion",
    note = "make it Nullable<Timestamp>, Nullable<Timestamptz> (PostgreSQL), Nullable<TimestamptzSqlite> (SQLite) or Nullable<Datetime> (MySQL): NULL means active"
)]
pub trait DeletedAtColumn {
    /// How the engine writes it.
    const KIND: ColumnKind;
}

/// SQL types of the `deleted_by` role.
#[diagnostic::on_unimplemented(
    message = "the `deleted_by` column has SQL type `{Self}`, which cannot hold an actor that is NULL while the row is active",
    note = "make it Nullable<Text>, Nullable<SmallInt>, Nullable<Integer>, Nullable<BigInt> or (PostgreSQL) Nullable<Uuid>"
)]
pub trait ActorColumn {
    /// How the engine writes it.
    const KIND: ColumnKind;
}

/// SQL types of the `deletion_reason` role.
#[diagnostic::on_unimplemented(
    message = "the `deletion_reason` column has SQL type `{Self}`, which cannot hold a reason that is NULL while the row is active",
    note = "make it Nullable<Text>"
)]
pub trait ReasonColumn {}

/// SQL types of the `deletion_id` role.
#[diagnostic::on_unimplemented(
    message = "the `deletion_id` column has SQL type `{Self}`, which cannot hold an operation's UUID that is NULL while the row is active",
    note = "make it Nullable<Uuid> on PostgreSQL, Nullable<Text> elsewhere"
)]
pub trait DeletionIdColumn {
    /// How the engine writes it.
    const KIND: ColumnKind;
}

/// SQL types of the `purge_after` role.
#[diagnostic::on_unimplemented(
    message = "the `purge_after` column has SQL type `{Self}`, which cannot hold a time that is NULL while the row is active",
    note = "make it Nullable<Timestamp>, Nullable<Timestamptz> (PostgreSQL), Nullable<TimestamptzSqlite> (SQLite) or Nullable<Datetime> (MySQL)"
)]
pub trait PurgeAfterColumn {
    /// How the engine writes it.
    const KIND: ColumnKind;
}

/// SQL types of the `is_deleted` role.
#[diagnostic::on_unimplemented(
    message = "the `is_deleted` column has SQL type `{Self}`, which is not a flag",
    note = "make it Bool, or SmallInt, Integer or BigInt, which hold 1 and 0; each may be Nullable"
)]
pub trait FlagColumn {
    /// How the engine writes it.
    const KIND: ColumnKind;
}

macro_rules! kinds {
    ($($role:ident: $($sql_type:ty => $kind:ident),+;)+) => {
        // The traits say in a note what may be written; a list of this macro's output would say it worse.
        $($(#[diagnostic::do_not_recommend] impl $role for $sql_type { const KIND: ColumnKind = ColumnKind::$kind; })+)+
    };
}

kinds! {
    KeyColumn: SmallInt => SmallInt, Integer => Integer, BigInt => BigInt, Text => Text, Binary => Binary;
    DeletedAtColumn: Nullable<Timestamp> => Timestamp;
    PurgeAfterColumn: Nullable<Timestamp> => Timestamp;
    ActorColumn: Nullable<Text> => Text, Nullable<SmallInt> => SmallInt, Nullable<Integer> => Integer, Nullable<BigInt> => BigInt;
    DeletionIdColumn: Nullable<Text> => Text;
    FlagColumn: Bool => Bool, SmallInt => SmallInt, Integer => Integer, BigInt => BigInt,
        Nullable<Bool> => Bool, Nullable<SmallInt> => SmallInt, Nullable<Integer> => Integer, Nullable<BigInt> => BigInt;
}

#[cfg(feature = "postgres")]
kinds! {
    KeyColumn: diesel::sql_types::Uuid => Uuid, diesel::sql_types::Citext => Citext;
    DeletedAtColumn: Nullable<diesel::sql_types::Timestamptz> => ZonedTimestamp;
    PurgeAfterColumn: Nullable<diesel::sql_types::Timestamptz> => ZonedTimestamp;
    ActorColumn: Nullable<diesel::sql_types::Uuid> => Uuid;
    DeletionIdColumn: Nullable<diesel::sql_types::Uuid> => Uuid;
}

#[cfg(feature = "sqlite")]
kinds! {
    DeletedAtColumn: Nullable<diesel::sql_types::TimestamptzSqlite> => ZonedTimestamp;
    PurgeAfterColumn: Nullable<diesel::sql_types::TimestamptzSqlite> => ZonedTimestamp;
}

#[cfg(feature = "mysql")]
kinds! {
    FlagColumn: diesel::sql_types::TinyInt => SmallInt, Nullable<diesel::sql_types::TinyInt> => SmallInt,
        diesel::sql_types::Unsigned<diesel::sql_types::TinyInt> => SmallInt, Nullable<diesel::sql_types::Unsigned<diesel::sql_types::TinyInt>> => SmallInt;
    KeyColumn: diesel::sql_types::Unsigned<Integer> => UnsignedInteger, diesel::sql_types::Unsigned<BigInt> => UnsignedBigInt;
    DeletedAtColumn: Nullable<diesel::sql_types::Datetime> => Timestamp;
    PurgeAfterColumn: Nullable<diesel::sql_types::Datetime> => Timestamp;
}

#[diagnostic::do_not_recommend]
impl ReasonColumn for Nullable<Text> {}

#[cfg(test)]
mod tests {
    use super::ColumnKind;

    #[test]
    fn an_actor_fits_a_column_or_does_not() {
        for (kind, text, fits) in [
            (ColumnKind::Text, "", true),
            (ColumnKind::SmallInt, "32767", true),
            (ColumnKind::SmallInt, "32768", false),
            (ColumnKind::Integer, "-2147483648", true),
            (ColumnKind::Integer, "2147483648", false),
            (ColumnKind::BigInt, "9223372036854775807", true),
            (ColumnKind::BigInt, "bob", false),
            (ColumnKind::UnsignedInteger, "4294967295", true),
            (ColumnKind::UnsignedInteger, "-1", false),
            (ColumnKind::UnsignedBigInt, "18446744073709551615", true),
            (ColumnKind::UnsignedBigInt, "-1", false),
            (ColumnKind::UnsignedBigInt, "18446744073709551616", false),
            (ColumnKind::Uuid, "018cc251-f400-7000-8000-000000000000", true),
            (ColumnKind::Uuid, "018cc251", false),
            (ColumnKind::Bool, "true", false),
        ] {
            assert_eq!(kind.accepts(text), fits, "{kind:?} {text:?}");
        }
    }
}
