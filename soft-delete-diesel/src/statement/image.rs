//! Whole rows: read for an archive, and put back from one.

use diesel::result::QueryResult;

use super::{Act, Statement, Writer, record::insert, references::compare_with_row};
use crate::{
    Column, Descriptor, Dialect, KeyBinds, Relation, TableName, archive::line::Value, dialect::Cast,
};

/// A column as the catalogue describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredColumn {
    pub(crate) name: String,
    pub(crate) type_name: String,
}

/// Rows with these keys, locked: `SELECT <key as text>, <each column as text> FROM t WHERE <key> IN (?, ..) FOR UPDATE`
pub(crate) struct ReadRows<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) columns: &'a [StoredColumn],
    pub(crate) keys: &'a [&'a dyn KeyBinds<DB>],
}

impl<DB: Dialect> Statement<DB> for ReadRows<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT ").key_text(self.model)?;
        values(None, self.columns, out)?;
        out.sql(" FROM ").table(&self.model.table)?.sql(" WHERE ");
        out.key_is_one_of(self.model, self.keys)?;
        let locked = out.syntax().locked();
        out.sql(locked);
        Ok(())
    }
}

/// The rows that they own, each with its owner:
/// `SELECT <owner's key as text>, <each column as text> FROM c AS owned INNER JOIN t ON <foreign key> WHERE owned.<foreign key> IN (?, ..) FOR UPDATE`
pub(crate) struct ReadOwnedRows<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    pub(crate) columns: &'a [StoredColumn],
    pub(crate) owners: &'a [&'a dyn KeyBinds<DB>],
}

impl<DB: Dialect> Statement<DB> for ReadOwnedRows<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        const OWNER: &str = "owner";
        const OWNED: &str = "owned";
        let referred = self.relation.parent_columns(self.model);
        let foreign_key = self.relation.foreign_key();
        out.sql("SELECT ").key_text_of(self.model, Some(OWNER))?;
        values(Some(OWNED), self.columns, out)?;
        out.sql(" FROM ")
            .table(self.relation.child_table())?
            .sql(" AS ")
            .identifier(OWNED)?
            .sql(" INNER JOIN ");
        out.table(&self.model.table)?
            .sql(" AS ")
            .identifier(OWNER)?
            .sql(" ON ");
        if compare_with_row(self.model, out) || self.relation.is_to_other_columns(self.model) {
            out.equal(Some(OWNER), &referred, Some(OWNED), foreign_key)?
                .sql(" WHERE ");
            let key: Vec<&str> = self.model.key.iter().map(Column::name).collect();
            out.are_one_of(Some(OWNER), &key, self.owners)?;
        } else {
            out.equal(Some(OWNED), foreign_key, Some(OWNER), &referred)?
                .sql(" WHERE ");
            out.are_one_of(Some(OWNED), foreign_key, self.owners)?;
        }
        out.meets(self.relation, Some(OWNED))?;
        let locked = out.syntax().locked();
        out.sql(locked);
        Ok(())
    }
}

fn values<DB: Dialect>(
    of: Option<&str>,
    columns: &[StoredColumn],
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let image = out.database().image();
    for column in columns {
        out.sql(", ");
        for (number, piece) in image.read(&column.type_name).iter().enumerate() {
            if number > 0 {
                out.qualified(of, &column.name)?;
            }
            out.sql(piece);
        }
    }
    Ok(())
}

/// A value that is about to be written into its column.
#[derive(Clone)]
pub(crate) struct NewValue {
    pub(crate) cast: Cast,
    pub(crate) type_name: String,
    /// What is bound; `None` is NULL.
    pub(crate) text: Option<String>,
}

impl NewValue {
    pub(crate) fn new(database: crate::Database, column: &StoredColumn, value: &Value) -> Self {
        Self {
            cast: database.image().write(&column.type_name, value),
            type_name: column.type_name.clone(),
            text: value.text(),
        }
    }

    fn write<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Some(text) = &self.text else {
            out.sql("NULL");
            return Ok(());
        };
        match self.cast {
            Cast::Around((before, after)) => {
                out.sql(before).text(text)?.sql(after);
            }
            Cast::ToColumnType => {
                out.sql("CAST(").text(text)?.sql(" AS ");
                // As the catalogue itself spells and quotes it.
                out.once(&self.type_name);
                out.sql(")");
            }
        }
        Ok(())
    }
}

/// `INSERT INTO t (..) VALUES (..), ..`
pub(crate) struct InsertRows<'a> {
    pub(crate) table: &'a TableName,
    pub(crate) columns: &'a [String],
    pub(crate) rows: Vec<&'a [NewValue]>,
}

impl<DB: Dialect> Statement<DB> for InsertRows<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        // NULL is not bound, so that hardly two of these are the same.
        out.never_twice();
        let own_keys = out.database().image().own_keys();
        out.sql("INSERT INTO ")
            .table(self.table)?
            .sql(" (")
            .list(None, self.columns)?
            .sql(")")
            .sql(own_keys)
            .sql(" VALUES ");
        for (number, row) in self.rows.iter().enumerate() {
            out.sql(if number > 0 { ", (" } else { "(" });
            for (number, value) in row.iter().enumerate() {
                out.sql(if number > 0 { ", " } else { "" });
                value.write(out)?;
            }
            out.sql(")");
        }
        Ok(())
    }
}

/// `UPDATE t SET c = ? WHERE <key> AND deleted_at = ? AND deletion_id = ? AND c IS NULL`: values that a row of an archive was put back
/// without.
pub(crate) struct FillRow<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) identity: &'a [(String, NewValue)],
    pub(crate) values: &'a [(String, NewValue)],
}

impl<DB: Dialect> Statement<DB> for FillRow<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("UPDATE ").table(&self.model.table)?;
        for (number, (column, value)) in self.values.iter().enumerate() {
            out.sql(if number > 0 { ", " } else { " SET " })
                .identifier(column)?
                .sql(" = ");
            value.write(out)?;
        }
        for (number, (column, value)) in self.identity.iter().enumerate() {
            out.sql(if number > 0 { " AND " } else { " WHERE " })
                .identifier(column)?;
            out.sql(if value.text.is_some() { " = " } else { " IS " });
            value.write(out)?;
        }
        for (column, _) in self.values {
            out.sql(" AND ").identifier(column)?.sql(" IS NULL");
        }
        Ok(())
    }
}

/// Rows of a model by the values of their keys.
pub(crate) struct KeyedRows<'a> {
    pub(crate) model: &'static Descriptor,
    /// The parts of each key.
    pub(crate) keys: Vec<Vec<&'a NewValue>>,
}

impl KeyedRows<'_> {
    fn condition<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.never_twice();
        let columns: Vec<&str> = self.model.key.iter().map(Column::name).collect();
        out.are_among(None, &columns, self.keys.len(), |out, row, part| {
            self.keys[row][part].write(out)
        })
    }
}

/// Which of them are there: `SELECT <key as text> FROM t WHERE <key> IN (..)`
impl<DB: Dialect> Statement<DB> for KeyedRows<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT ")
            .key_text(self.model)?
            .sql(" FROM ")
            .table(&self.model.table)?
            .sql(" WHERE ");
        self.condition(out)
    }
}

/// Their audit rows: `INSERT INTO soft_delete_audit SELECT .., <key as text>, .. FROM t WHERE <key> IN (..)`
pub(crate) struct RecordKeyed<'a> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) rows: &'a KeyedRows<'a>,
}

impl<DB: Dialect> Statement<DB> for RecordKeyed<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.act.model;
        insert(
            self.act,
            out,
            "SELECT ",
            |out| out.key_text(model).map(drop),
            |out| {
                out.sql("TRUE");
                Ok(())
            },
        )?;
        out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
        self.rows.condition(out)
    }
}
