//! The order in which a cleanup walks through a table, and how far it has come.

use diesel::result::QueryResult;

use super::{TextRow, Writer};
use crate::{Column, Descriptor, Dialect};

/// The columns by which rows follow each other; the key is among them, so no two rows share a place.
pub(crate) struct Order {
    model: &'static Descriptor,
    by_time: bool,
}

/// Where the last row stood: its values of the order's columns, as text.
#[derive(Debug, Clone)]
pub(crate) struct Place(Vec<String>);

impl Order {
    /// By the key: quickest where much of the table is to be removed.
    pub(crate) fn by_key(model: &'static Descriptor) -> Self {
        Self {
            model,
            by_time: false,
        }
    }

    /// By the time of the deletion, for which there is an index on deleted rows: quickest where little is.
    pub(crate) fn by_time(model: &'static Descriptor) -> Self {
        Self { model, by_time: true }
    }

    /// How many columns it has.
    pub(crate) fn len(&self) -> usize {
        self.model.key.len() + usize::from(self.by_time)
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        let time = self.by_time.then_some(&self.model.deleted_at);
        time.into_iter().chain(&self.model.key)
    }

    /// Takes a place from a row, beginning with this field; `None` if there is none.
    pub(crate) fn take(&self, row: &mut TextRow, first: usize) -> Option<Place> {
        (first..first + self.len())
            .map(|index| row.take(index))
            .collect::<Option<Vec<_>>>()
            .map(Place)
    }

    /// `t.deleted_at, t.id`
    pub(super) fn list<DB: Dialect>(&self, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        for (number, column) in self.columns().enumerate() {
            out.sql(if number > 0 { ", " } else { "" })
                .qualified(Some(self.model.table.name()), column.name())?;
        }
        Ok(())
    }

    /// `(deleted_at, id) > (?, ?)`, or part by part where the database finds no index for that.
    pub(super) fn compare<'b, DB: Dialect>(
        &self,
        how: Compared,
        place: &'b Place,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let parts: Vec<(&Column, &'b String)> = self.columns().zip(&place.0).collect();
        let (strict, wide) = match how {
            Compared::After => (" > ", " >= "),
            Compared::UpTo => (" < ", " <= "),
        };
        if out.syntax().compares_rows() || parts.len() == 1 {
            let names: Vec<&str> = parts.iter().map(|(column, _)| column.name()).collect();
            out.tuple(None, &names)?.sql(match how {
                Compared::After => strict,
                Compared::UpTo => wide,
            });
            out.sql(if parts.len() > 1 { "(" } else { "" });
            for (number, (column, value)) in parts.iter().enumerate() {
                out.sql(if number > 0 { ", " } else { "" })
                    .stored(column.kind(), value)?;
            }
            out.sql(if parts.len() > 1 { ")" } else { "" });
            return Ok(());
        }
        // The first part alone is a range of the index; the rest tells rows at its edge apart.
        let (column, value) = parts[0];
        out.identifier(column.name())?.sql(wide);
        out.stored(column.kind(), value)?.sql(" AND (");
        for last in 0..parts.len() {
            let is_last = last + 1 == parts.len();
            out.sql(if last > 0 { " OR (" } else { "(" });
            for (number, (column, value)) in parts.iter().take(last + 1).enumerate() {
                out.sql(if number > 0 { " AND " } else { "" })
                    .identifier(column.name())?;
                out.sql(match how {
                    _ if number < last => " = ",
                    Compared::UpTo if is_last => wide,
                    _ => strict,
                })
                .stored(column.kind(), value)?;
            }
            out.sql(")");
        }
        out.sql(")");
        Ok(())
    }
}

/// On which side of a place rows stand.
#[derive(Clone, Copy)]
pub(super) enum Compared {
    /// Behind it.
    After,
    /// Before it, or at it.
    UpTo,
}
