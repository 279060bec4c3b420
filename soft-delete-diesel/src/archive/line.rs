//! The lines of an archive, each a JSON document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use soft_delete_core::{
    Action,
    chrono::{DateTime, Utc},
};
use uuid::Uuid;

/// The version of the format that this crate writes. In version 1 each batch was a transaction of its own.
pub(crate) const VERSION: u32 = 2;

/// Whether this crate reads files of a version.
pub(crate) fn is_readable(version: u32) -> bool {
    (1..=VERSION).contains(&version)
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// The first: which run wrote the file.
    Archive(Header),
    /// A row of a model.
    Row(Row),
    /// A row that one of the batch's rows owned.
    Owned(OwnedRow),
    /// The end of a batch: what was read before it was in the database until the batch was committed.
    Batch(BatchEnd),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) version: u32,
    /// The kind of database whose values these are.
    pub(crate) database: String,
    pub(crate) run_id: Uuid,
    pub(crate) action: Action,
    pub(crate) actor: String,
    pub(crate) reason: Option<String>,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) model: String,
    pub(crate) id: String,
    pub(crate) values: Values,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OwnedRow {
    pub(crate) table: String,
    /// The row of the batch that owned it, by its `id`.
    pub(crate) owner: String,
    pub(crate) values: Values,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BatchEnd {
    pub(crate) model: String,
    pub(crate) rows: u64,
    pub(crate) owned: u64,
    /// Whether the next batch was removed in the same transaction, with rows of the same families.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) goes_on: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The values of a row by column; columns that the database computes are not among them.
pub(crate) type Values = BTreeMap<String, Value>;

/// A value as the database can be given it again. PostgreSQL and MySQL know the type by the column, SQLite by the value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Null,
    /// A whole number of SQLite's.
    Integer(i64),
    Text(String),
    /// A number of SQLite's with all its digits.
    Real {
        real: String,
    },
    /// Bytes in hexadecimal digits.
    Hex {
        hex: String,
    },
}

impl Value {
    /// What is bound.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Integer(number) => Some(number.to_string()),
            Self::Text(text) | Self::Real { real: text } | Self::Hex { hex: text } => Some(text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_same_after_writing_and_reading() {
        let values = [
            (Value::Null, "null"),
            (Value::Integer(i64::MIN), "-9223372036854775808"),
            (Value::Text("5".into()), r#""5""#),
            (
                Value::Real {
                    real: "0.10000000000000001".into(),
                },
                r#"{"real":"0.10000000000000001"}"#,
            ),
            (Value::Hex { hex: "00ff".into() }, r#"{"hex":"00ff"}"#),
        ];
        for (value, json) in values {
            assert_eq!(serde_json::to_string(&value).expect("JSON"), json);
            assert_eq!(serde_json::from_str::<Value>(json).expect("JSON"), value);
        }
    }
}
