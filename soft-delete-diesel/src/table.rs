//! The name of a table, taken from Diesel itself.

use std::fmt;

/// The SQL name of a table, with its schema where it has one.
///
/// ```
/// use soft_delete_diesel::TableName;
/// assert_eq!(TableName::new("leads").in_schema("crm").to_string(), "crm.leads");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct TableName {
    schema: Option<String>,
    name: String,
}

impl TableName {
    /// A table in the connection's default schema.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            name: name.into(),
        }
    }

    /// The same table in a schema.
    pub fn in_schema(self, schema: impl Into<String>) -> Self {
        Self {
            schema: Some(schema.into()),
            ..self
        }
    }

    /// The table's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The schema, if one is named.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The table of a name as [`Display`](fmt::Display) writes it.
    pub(crate) fn written(name: &str) -> Self {
        match name.split_once('.') {
            Some((schema, name)) => Self::new(name).in_schema(schema),
            None => Self::new(name),
        }
    }

    /// Whether both are one table, as far as their names tell: a catalogue names a schema only where it must be named, a
    /// model may name it always.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let schemas = (&self.schema, &other.schema);
        self.name == other.name && (schemas.0 == schemas.1 || schemas.0.is_none() || schemas.1.is_none())
    }

    // Diesel renders a table as one or two quoted identifiers joined by a dot, a quote inside doubled.
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    fn from_quoted(sql: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = sql.chars().peekable();
        while let Some(quote) = rest.next() {
            let mut part = String::new();
            while let Some(c) = rest.next() {
                if c != quote {
                    part.push(c);
                } else if rest.next_if_eq(&quote).is_some() {
                    part.push(quote);
                } else {
                    break;
                }
            }
            parts.push(part);
            rest.next_if_eq(&'.');
        }
        let name = parts.pop().unwrap_or_default();
        Self {
            schema: parts.pop(),
            name,
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A Diesel table that tells its SQL name; every table of `diesel::table!` does.
pub trait NamedTable {
    /// The SQL name, `#[sql_name]` and schema included.
    fn table_name() -> TableName;
}

// Any enabled backend will do: all of them quote the same two identifiers.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! named_by {
    ($backend:ty) => {
        impl<T> NamedTable for T
        where
            T: diesel::Table + Default + diesel::query_builder::QueryFragment<$backend>,
        {
            fn table_name() -> TableName {
                use diesel::query_builder::{QueryBuilder, QueryFragment};
                let mut sql = <$backend as diesel::backend::Backend>::QueryBuilder::default();
                // Writing identifiers into a string cannot fail; an empty name would be refused by every database.
                let written =
                    QueryFragment::<$backend>::to_sql(&T::default(), &mut sql, &<$backend>::default());
                TableName::from_quoted(&written.map(|()| sql.finish()).unwrap_or_default())
            }
        }
    };
}

#[cfg(feature = "sqlite")]
named_by!(diesel::sqlite::Sqlite);
#[cfg(all(feature = "postgres", not(feature = "sqlite")))]
named_by!(diesel::pg::Pg);
#[cfg(all(feature = "mysql", not(any(feature = "sqlite", feature = "postgres"))))]
named_by!(diesel::mysql::Mysql);

// Without a database nothing can run; the module of the table is the best name there is.
#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
impl<T: diesel::Table> NamedTable for T {
    fn table_name() -> TableName {
        TableName::new(std::any::type_name::<T>().rsplit("::").nth(1).unwrap_or_default())
    }
}

#[cfg(all(test, any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
mod tests {
    use super::*;

    mod hostile {
        diesel::table! {
            #[sql_name = "or`der \"of\" the.day"]
            orders (id) { id -> Integer, }
        }
        diesel::table! { crm.leads (id) { id -> Integer, } }
    }

    #[test]
    fn names_come_from_diesel_with_quotes_dots_and_schemas() {
        assert_eq!(
            hostile::orders::table::table_name(),
            TableName::new("or`der \"of\" the.day")
        );
        assert_eq!(
            hostile::leads::table::table_name(),
            TableName::new("leads").in_schema("crm")
        );
    }
}
