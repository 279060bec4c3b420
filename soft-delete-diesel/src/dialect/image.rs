//! Values as an archive keeps them: how each database reads any of them as text, and writes it again.

use super::{mysql::Mysql, postgres::Postgres, sqlite::Sqlite, syntax::Around};
use crate::archive::line::Value;

/// How a bound text becomes a value of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cast {
    /// With SQL around it.
    Around(Around),
    /// By `CAST(? AS <the column's type>)`.
    ToColumnType,
}

/// How one database takes images of values.
pub(crate) trait Image: Sync {
    /// SQL before, between and after mentions of a column of this type, which together are its value as one text.
    fn read(&self, type_name: &str) -> &'static [&'static str];

    /// The value that such a text stands for.
    fn value(&self, type_name: &str, text: String) -> Value;

    /// How the value is written into a column of this type.
    fn write(&self, type_name: &str, value: &Value) -> Cast;

    /// Settings of the session on which the text of a value depends.
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The same where a statement remembers what they were, and another one puts it back.
    fn session(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Between the columns and the values of an `INSERT`, so that a key is what is given.
    fn own_keys(&self) -> &'static str {
        ""
    }
}

impl Image for Postgres {
    fn read(&self, _: &str) -> &'static [&'static str] {
        &["CAST(", " AS TEXT)"]
    }

    fn value(&self, _: &str, text: String) -> Value {
        Value::Text(text)
    }

    fn write(&self, _: &str, _: &Value) -> Cast {
        Cast::ToColumnType
    }

    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("DateStyle", "ISO, YMD"),
            ("IntervalStyle", "postgres"),
            ("TimeZone", "UTC"),
            ("bytea_output", "hex"),
            ("extra_float_digits", "1"),
        ]
    }

    fn own_keys(&self) -> &'static str {
        " OVERRIDING SYSTEM VALUE"
    }
}

impl Image for Mysql {
    fn read(&self, type_name: &str) -> &'static [&'static str] {
        match Kind::of(type_name) {
            Kind::Bytes => &["LOWER(HEX(", "))"],
            // Bits are a number, and a short number with a point is shown with six digits unless it is a long one.
            Kind::Bits => &["CONVERT(", " + 0 USING utf8mb4)"],
            Kind::Float => &["CONVERT(", " + 0e0 USING utf8mb4)"],
            Kind::Other => &["CONVERT(", " USING utf8mb4)"],
        }
    }

    fn value(&self, type_name: &str, text: String) -> Value {
        match Kind::of(type_name) {
            Kind::Bytes => Value::Hex { hex: text },
            _ => Value::Text(text),
        }
    }

    fn write(&self, type_name: &str, value: &Value) -> Cast {
        Cast::Around(match (value, Kind::of(type_name)) {
            (Value::Hex { .. }, _) => ("UNHEX(", ")"),
            (_, Kind::Bits) => ("CAST(", " AS UNSIGNED)"),
            _ => ("", ""),
        })
    }

    fn session(&self) -> Option<(&'static str, &'static str)> {
        Some((
            "SET @soft_delete_time_zone = @@SESSION.time_zone, @soft_delete_sql_mode = @@SESSION.sql_mode, SESSION time_zone = '+00:00', SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
            "SET SESSION time_zone = @soft_delete_time_zone, SESSION sql_mode = @soft_delete_sql_mode",
        ))
    }
}

/// The types of MySQL whose values are not simply texts.
#[derive(PartialEq, Eq)]
enum Kind {
    Bytes,
    Bits,
    Float,
    Other,
}

impl Kind {
    fn of(type_name: &str) -> Self {
        const GEOMETRY: [&str; 8] = [
            "geometry",
            "geometrycollection",
            "linestring",
            "multilinestring",
            "multipoint",
            "multipolygon",
            "point",
            "polygon",
        ];
        let name = type_name
            .split(|end: char| !end.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        match name.as_str() {
            "bit" => Self::Bits,
            "float" => Self::Float,
            "binary" | "varbinary" => Self::Bytes,
            name if name.ends_with("blob") || GEOMETRY.contains(&name) => Self::Bytes,
            _ => Self::Other,
        }
    }
}

impl Image for Sqlite {
    // A column holds values of any type; the first letter tells which.
    fn read(&self, _: &str) -> &'static [&'static str] {
        &[
            "CASE typeof(",
            ") WHEN 'integer' THEN 'i' || ",
            " WHEN 'real' THEN 'r' || printf('%!.17g', ",
            ") WHEN 'blob' THEN 'x' || lower(hex(",
            ")) WHEN 'text' THEN 't' || ",
            " END",
        ]
    }

    fn value(&self, _: &str, mut text: String) -> Value {
        if text.is_empty() {
            return Value::Null;
        }
        let rest = text.split_off(1);
        match (text.as_str(), rest.parse()) {
            ("i", Ok(number)) => Value::Integer(number),
            ("r", _) => Value::Real { real: rest },
            ("x", _) => Value::Hex { hex: rest },
            _ => Value::Text(rest),
        }
    }

    fn write(&self, _: &str, value: &Value) -> Cast {
        Cast::Around(match value {
            Value::Integer(_) => ("CAST(", " AS INTEGER)"),
            // What has no digits is infinite, which a number that is too large becomes.
            Value::Real { real } if real.ends_with("Inf") => ("CAST(replace(", ", 'Inf', '9e999') AS REAL)"),
            Value::Real { .. } => ("CAST(", " AS REAL)"),
            Value::Hex { .. } => ("unhex(", ")"),
            Value::Text(_) | Value::Null => ("", ""),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_mysql_are_told_by_their_first_word() {
        for (name, kind) in [
            ("varbinary(16)", Kind::Bytes),
            ("longblob", Kind::Bytes),
            ("point", Kind::Bytes),
            ("bit(1)", Kind::Bits),
            ("float unsigned", Kind::Float),
            ("float(7,2)", Kind::Float),
            ("double", Kind::Other),
            ("varchar(20)", Kind::Other),
            ("enum('blob')", Kind::Other),
        ] {
            assert!(Kind::of(name) == kind, "{name}");
        }
    }

    #[test]
    fn values_of_sqlite_are_told_by_their_first_letter() {
        for (text, value) in [
            ("i-7", Value::Integer(-7)),
            ("r0.5", Value::Real { real: "0.5".into() }),
            ("x00ff", Value::Hex { hex: "00ff".into() }),
            ("t", Value::Text(String::new())),
            ("tï", Value::Text("ï".into())),
        ] {
            assert_eq!(Sqlite.value("", text.to_owned()), value);
        }
    }
}
