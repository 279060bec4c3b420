//! The pen of all statements.

use diesel::{
    query_builder::{AstPass, QueryFragment},
    result::{Error, QueryResult},
};

use soft_delete_core::chrono::NaiveDateTime;
use uuid::Uuid;

use crate::{
    Column, ColumnKind, Descriptor, Dialect, KeyBinds, Relation, TableName, dialect::Syntax,
    relation::Condition,
};

/// Writes pieces of SQL in the spelling of the database at hand.
pub(crate) struct Writer<'p, 'b, DB: Dialect> {
    out: AstPass<'p, 'b, DB>,
    syntax: &'static dyn Syntax,
}

/// A text that the database at hand cannot store; carried through Diesel's error.
#[derive(Debug)]
pub(crate) struct Unstorable {
    pub(crate) what: &'static str,
    pub(crate) database: &'static str,
}

impl std::fmt::Display for Unstorable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the {} contains a NUL character, which {} cannot store",
            self.what, self.database
        )
    }
}

impl std::error::Error for Unstorable {}

impl<'p, 'b, DB: Dialect> Writer<'p, 'b, DB> {
    pub(crate) fn new(out: AstPass<'p, 'b, DB>) -> Self {
        let syntax = out.backend().database().syntax();
        Self { out, syntax }
    }

    /// The spelling of the database at hand.
    pub(crate) fn syntax(&self) -> &'static dyn Syntax {
        self.syntax
    }

    /// The name of the database at hand.
    pub(crate) fn database(&self) -> crate::Database {
        self.out.backend().database()
    }

    /// Constant SQL.
    pub(crate) fn sql(&mut self, sql: &'static str) -> &mut Self {
        self.out.push_sql(sql);
        self
    }

    /// A statement whose text may not enter the cache, because it runs once in a lifetime.
    pub(crate) fn once(&mut self, sql: &str) {
        self.out.unsafe_to_cache_prepared();
        self.out.push_sql(sql);
    }

    /// Keeps the statement out of the cache, because its text will hardly be the same again.
    pub(crate) fn never_twice(&mut self) {
        self.out.unsafe_to_cache_prepared();
    }

    /// A quoted identifier.
    pub(crate) fn identifier(&mut self, name: &str) -> QueryResult<&mut Self> {
        self.out.push_identifier(name)?;
        Ok(self)
    }

    /// A quoted column, of the table or alias that is named.
    pub(crate) fn qualified(&mut self, of: Option<&str>, column: &str) -> QueryResult<&mut Self> {
        if let Some(of) = of {
            self.identifier(of)?.sql(".");
        }
        self.identifier(column)
    }

    /// Quoted columns with commas.
    pub(crate) fn list<S: AsRef<str>>(&mut self, of: Option<&str>, columns: &[S]) -> QueryResult<&mut Self> {
        for (number, column) in columns.iter().enumerate() {
            self.sql(if number > 0 { ", " } else { "" });
            self.qualified(of, column.as_ref())?;
        }
        Ok(self)
    }

    /// The key of a row as a value: `id`, or `(a, b)`.
    pub(crate) fn key(&mut self, model: &Descriptor, of: Option<&str>) -> QueryResult<&mut Self> {
        let columns: Vec<&str> = model.key.iter().map(Column::name).collect();
        self.tuple(of, &columns)
    }

    /// Columns as one value: `a`, or `(a, b)`.
    pub(crate) fn tuple<S: AsRef<str>>(&mut self, of: Option<&str>, columns: &[S]) -> QueryResult<&mut Self> {
        let (first, last) = if columns.len() > 1 { ("(", ")") } else { ("", "") };
        Ok(self.sql(first).list(of, columns)?.sql(last))
    }

    /// `a.x = b.y AND ..`, column by column.
    pub(crate) fn equal<A: AsRef<str>, B: AsRef<str>>(
        &mut self,
        left: Option<&str>,
        left_columns: &[A],
        right: Option<&str>,
        right_columns: &[B],
    ) -> QueryResult<&mut Self> {
        for (number, (a, b)) in left_columns.iter().zip(right_columns).enumerate() {
            self.sql(if number > 0 { " AND " } else { "" })
                .qualified(left, a.as_ref())?
                .sql(" = ")
                .qualified(right, b.as_ref())?;
        }
        Ok(self)
    }

    /// The first of these aliases whose value is not NULL.
    pub(crate) fn first_of(
        &mut self,
        aliases: &[String],
        value: impl Fn(&mut Self, &str) -> QueryResult<()>,
    ) -> QueryResult<&mut Self> {
        let several = aliases.len() > 1;
        self.sql(if several { "COALESCE(" } else { "" });
        for (number, alias) in aliases.iter().enumerate() {
            self.sql(if number > 0 { ", " } else { "" });
            value(self, alias)?;
        }
        Ok(self.sql(if several { ")" } else { "" }))
    }

    /// A number that is part of the statement.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.out.push_sql(&number.to_string());
        self
    }

    /// A quoted table, with its schema where it has one.
    pub(crate) fn table(&mut self, table: &TableName) -> QueryResult<&mut Self> {
        if let Some(schema) = table.schema() {
            self.identifier(schema)?.sql(".");
        }
        self.identifier(table.name())
    }

    /// A bound text.
    pub(crate) fn text(&mut self, text: &'b str) -> QueryResult<&mut Self> {
        DB::bind_text(&mut self.out, text)?;
        Ok(self)
    }

    /// A bound text or NULL.
    #[allow(clippy::ref_option_ref, reason = "Diesel keeps a reference to what is bound")]
    pub(crate) fn nullable_text(&mut self, text: &'b Option<&'b str>) -> QueryResult<&mut Self> {
        DB::bind_nullable_text(&mut self.out, text)?;
        Ok(self)
    }

    /// A text of the caller's, refused if this database cannot hold it unchanged.
    pub(crate) fn storable(&mut self, what: &'static str, text: &str) -> QueryResult<&mut Self> {
        if text.contains('\0') && !self.syntax.stores_nul() {
            let database = self.database().as_str();
            return Err(Error::QueryBuilderError(Box::new(Unstorable { what, database })));
        }
        Ok(self)
    }

    /// A bound text as a value of this kind.
    pub(crate) fn value(&mut self, kind: ColumnKind, text: &'b str) -> QueryResult<&mut Self> {
        let (before, after) = self.syntax.cast(kind);
        Ok(self.sql(before).text(text)?.sql(after))
    }

    /// A bound text that was read from a column of this kind, as the same value.
    pub(crate) fn stored(&mut self, kind: ColumnKind, text: &'b str) -> QueryResult<&mut Self> {
        let (before, after) = self.syntax.stored(kind);
        Ok(self.sql(before).text(text)?.sql(after))
    }

    /// The time of an act as a value of this kind.
    pub(crate) fn time(
        &mut self,
        kind: ColumnKind,
        at: &'b NaiveDateTime,
        text: &'b str,
    ) -> QueryResult<&mut Self> {
        match DB::bind_time(&mut self.out, kind == ColumnKind::ZonedTimestamp, at) {
            Some(bound) => bound.map(|()| self),
            None => self.value(kind, text),
        }
    }

    /// The identity of an operation as a value of this kind.
    pub(crate) fn operation(
        &mut self,
        kind: ColumnKind,
        id: &'b Uuid,
        text: &'b str,
    ) -> QueryResult<&mut Self> {
        let native = (kind == ColumnKind::Uuid)
            .then(|| DB::bind_uuid(&mut self.out, id))
            .flatten();
        match native {
            Some(bound) => bound.map(|()| self),
            None => self.value(kind, text),
        }
    }

    /// A column as text.
    pub(crate) fn column_text(&mut self, column: &Column) -> QueryResult<&mut Self> {
        let (before, after) = self.syntax.text(column.kind());
        Ok(self.sql(before).identifier(column.name())?.sql(after))
    }

    /// A column as text, or NULL where the model has no such column.
    pub(crate) fn optional_text(&mut self, column: Option<&Column>) -> QueryResult<&mut Self> {
        match column {
            Some(column) => self.column_text(column),
            None => Ok(self.sql("NULL")),
        }
    }

    /// `AND <column> = ?` for each condition of a relation, on rows of the child or of the alias that is named.
    pub(crate) fn meets(&mut self, relation: &'b Relation, of: Option<&str>) -> QueryResult<()> {
        for Condition { column, value } in relation.conditions() {
            self.sql(" AND ")
                .qualified(of, column.name())?
                .sql(" = ")
                .value(column.kind(), value)?;
        }
        Ok(())
    }

    /// A piece of SQL that Diesel writes.
    pub(crate) fn fragment(&mut self, fragment: &'b dyn QueryFragment<DB>) -> QueryResult<&mut Self> {
        fragment.walk_ast(self.out.reborrow())?;
        Ok(self)
    }

    /// `key = ?`, for every part of the key.
    pub(crate) fn key_is(&mut self, model: &Descriptor, key: &'b dyn KeyBinds<DB>) -> QueryResult<&mut Self> {
        for (part, column) in model.key.iter().enumerate() {
            if part > 0 {
                self.sql(" AND ");
            }
            self.identifier(column.name())?.sql(" = ");
            key.bind(part, self.out.reborrow())?;
        }
        Ok(self)
    }

    /// `key IN (?, ..)`, or an `OR` of every part of every key where there are several parts. How many there are is part of
    /// the text.
    pub(crate) fn key_is_one_of(
        &mut self,
        model: &Descriptor,
        keys: &'b [&'b dyn KeyBinds<DB>],
    ) -> QueryResult<()> {
        let columns: Vec<&str> = model.key.iter().map(Column::name).collect();
        self.are_one_of(None, &columns, keys)
    }

    /// The same of columns that hold a key, of the table or alias that is named.
    pub(crate) fn are_one_of<S: AsRef<str>>(
        &mut self,
        of: Option<&str>,
        columns: &[S],
        keys: &'b [&'b dyn KeyBinds<DB>],
    ) -> QueryResult<()> {
        self.are_among(of, columns, keys.len(), |out, key, part| {
            keys[key].bind(part, out.out.reborrow())
        })
    }

    /// The same of so many rows whose parts are written by the caller.
    pub(crate) fn are_among<S: AsRef<str>>(
        &mut self,
        of: Option<&str>,
        columns: &[S],
        rows: usize,
        mut write: impl FnMut(&mut Self, usize, usize) -> QueryResult<()>,
    ) -> QueryResult<()> {
        if columns.len() > 1 && !self.syntax.lists_rows() {
            self.sql("(");
            for row in 0..rows {
                self.sql(if row > 0 { " OR (" } else { "(" });
                for (part, column) in columns.iter().enumerate() {
                    self.sql(if part > 0 { " AND " } else { "" })
                        .qualified(of, column.as_ref())?
                        .sql(" = ");
                    write(self, row, part)?;
                }
                self.sql(")");
            }
            self.sql(")");
            return Ok(());
        }
        let (list, open, close) = if columns.len() > 1 {
            (" IN (VALUES ", "(", ")")
        } else {
            (" IN (", "", "")
        };
        self.tuple(of, columns)?.sql(list);
        for row in 0..rows {
            self.sql(if row > 0 { ", " } else { "" }).sql(open);
            for part in 0..columns.len() {
                self.sql(if part > 0 { ", " } else { "" });
                write(self, row, part)?;
            }
            self.sql(close);
        }
        self.sql(")");
        Ok(())
    }

    /// The key of the row at hand as one text: see [`Writer::joined`].
    pub(crate) fn key_text(&mut self, model: &Descriptor) -> QueryResult<&mut Self> {
        self.key_text_of(model, None)
    }

    /// The key of a row of the table or alias that is named, as one text.
    pub(crate) fn key_text_of(&mut self, model: &Descriptor, of: Option<&str>) -> QueryResult<&mut Self> {
        self.joined(model, |out, part| {
            out.qualified(of, model.key[part].name())?;
            Ok(())
        })
    }

    /// The bound key as the text that [`Writer::key_text`] makes of the row that has it.
    pub(crate) fn bound_key_text(
        &mut self,
        model: &Descriptor,
        key: &'b dyn KeyBinds<DB>,
    ) -> QueryResult<&mut Self> {
        self.joined(model, |out, part| key.bind(part, out.out.reborrow()))
    }

    // A single key is its text. The parts of a composite key are joined by commas, with `%` and `,` inside a text
    // escaped as in a URL, so that two different keys never have the same text.
    fn joined(
        &mut self,
        model: &Descriptor,
        mut part_of_key: impl FnMut(&mut Self, usize) -> QueryResult<()>,
    ) -> QueryResult<&mut Self> {
        let composite = model.key.len() > 1;
        let (first, between, last) = if composite {
            self.syntax.joined_by_comma()
        } else {
            ("", "", "")
        };
        self.sql(first);
        for (part, column) in model.key.iter().enumerate() {
            if part > 0 {
                self.sql(between);
            }
            let escaped = composite && column.kind().is_text();
            let (before, after) = self.syntax.text(column.kind());
            self.sql(if escaped { "REPLACE(REPLACE(" } else { "" })
                .sql(before);
            part_of_key(self, part)?;
            self.sql(after)
                .sql(if escaped { ", '%', '%25'), ',', '%2C')" } else { "" });
        }
        Ok(self.sql(last))
    }
}
