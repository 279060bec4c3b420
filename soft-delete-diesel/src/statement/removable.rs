//! Which rows may be removed for good: due, not held, deleted by their own flag too, and with nothing that refers to them.

use diesel::result::QueryResult;

use super::{
    Due, Instant, Writer,
    hold::{is_among_held, is_held},
    references::refers_by_parent,
};
use crate::{Column, Descriptor, Dialect, foreign_key::ForeignKey};

/// The condition that a row may be removed, as a piece of a statement.
pub(crate) struct Removable<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) due: Due,
    /// The instant at which a hold is in force or over.
    pub(crate) now: Instant,
    /// Who must not refer to it.
    pub(crate) referring: Vec<Referrer<'a>>,
    /// What keeps rows of the same table below it, for saying beforehand what will be removed.
    pub(crate) kept_below: Option<Box<KeptBelow<'a>>>,
    /// Whether the index on deleted rows must not be taken.
    pub(crate) by_key: bool,
    /// Whether what is looked at in other tables stays as it is until the transaction ends.
    pub(crate) locks: bool,
}

/// Rows that refer to a row, and keep it from being removed.
pub(crate) struct Referrer<'a> {
    pub(crate) key: &'a ForeignKey,
    /// Not these, which are gone by then: for saying beforehand what will be removed.
    pub(crate) unless: Option<Box<Removable<'a>>>,
}

/// Rows of a tree that stay, because they or rows below them are held or referred to.
pub(crate) struct KeptBelow<'a> {
    /// What keeps a row by itself.
    pub(crate) removable: Removable<'a>,
    /// The foreign keys by which rows of the table hang on others of it.
    pub(crate) links: Vec<&'a ForeignKey>,
}

/// What of the condition is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it.
    All,
    /// That the row is due, for rows of which the rest is known and cannot have changed.
    Due,
    /// That it is due and held.
    Held,
    /// That it is due, not held, and something refers to it, or its own flag says that it is active.
    Blocked,
}

impl Removable<'_> {
    /// The condition on a row of the model's table. It stands in a statement whose nearest table that is.
    pub(super) fn condition<'b, DB: Dialect>(
        &'b self,
        asked: Asked,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let table = self.model.table.name();
        self.is_due(out)?;
        match asked {
            Asked::Due => return Ok(()),
            Asked::Held => {
                out.sql(" AND ");
                return is_among_held(self.model, &self.now, out);
            }
            Asked::All | Asked::Blocked => {}
        }
        out.sql(" AND ");
        self.is_not_held(table, out)?;
        if asked == Asked::All {
            self.is_flagged(out)?;
            return self.is_not_referred_to(table, 0, out);
        }
        out.sql(" AND (1 = 0");
        self.or_is_not_flagged(out)?;
        for referrer in &self.referring {
            out.sql(" OR ");
            referrer.exists(self.model, table, 0, "", out)?;
        }
        if let Some(kept) = &self.kept_below {
            out.sql(" OR ");
            kept.contains(table, out)?;
        }
        out.sql(")");
        Ok(())
    }

    fn latest<DB: Dialect>(&self, out: &Writer<'_, '_, DB>) -> &'static str {
        if self.locks { out.syntax().latest() } else { "" }
    }

    fn is_due<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        // `IS TRUE` keeps optimizers from an index that they would have to sort by the key.
        out.sql(if self.by_key { "(" } else { "" });
        self.due.condition(!self.by_key, out)?;
        out.sql(if self.by_key { ") IS TRUE" } else { "" });
        Ok(())
    }

    // Where there are no holds at all, which is asked once, no row is asked for.
    fn is_not_held<'b, DB: Dialect>(&'b self, row: &str, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let latest = self.latest(out);
        out.sql("(NOT EXISTS (SELECT 1 FROM soft_delete_holds")
            .sql(latest)
            .sql(") OR NOT ");
        is_held(self.model, row, &self.now, latest, out)?;
        out.sql(")");
        Ok(())
    }

    // An application may go by the flag alone: a row that it holds for active stays.
    fn is_flagged<DB: Dialect>(&self, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        if let Some(flag) = &self.model.is_deleted {
            out.sql(" AND ")
                .identifier(flag.name())?
                .sql(" = ")
                .sql(self.model.flag.deleted);
        }
        Ok(())
    }

    fn or_is_not_flagged<DB: Dialect>(&self, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        if let Some(flag) = &self.model.is_deleted {
            out.sql(" OR (")
                .identifier(flag.name())?
                .sql(" = ")
                .sql(self.model.flag.deleted)
                .sql(") IS NOT TRUE");
        }
        Ok(())
    }

    fn is_not_referred_to<'b, DB: Dialect>(
        &'b self,
        row: &str,
        depth: usize,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let latest = self.latest(out);
        for referrer in &self.referring {
            out.sql(" AND NOT ");
            referrer.exists(self.model, row, depth, latest, out)?;
        }
        if let Some(kept) = &self.kept_below {
            out.sql(" AND NOT ");
            kept.contains(row, out)?;
        }
        Ok(())
    }
}

impl KeptBelow<'_> {
    /// `<key> IN (SELECT .. FROM (WITH RECURSIVE kept AS (<rows that are kept by themselves> UNION <those that they hang on>) SELECT ..) AS rows_kept)`
    fn contains<'b, DB: Dialect>(&'b self, row: &str, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        const LINK: &str = "link";
        const KEPT: &str = "kept";
        let model = self.removable.model;
        let key: Vec<&str> = model.key.iter().map(Column::name).collect();
        let kept: Vec<String> = (0..key.len()).map(|part| format!("kept_{part}")).collect();
        let (below, above): (Vec<String>, Vec<String>) = (0..key.len())
            .map(|part| (format!("below_{part}"), format!("above_{part}")))
            .unzip();
        out.tuple(Some(row), &key)?.sql(" IN (SELECT ");
        out.list(None, &kept)?.sql(" FROM (WITH RECURSIVE kept (");
        out.list(None, &kept)?.sql(") AS (SELECT ");
        out.list(None, &key)?.sql(" FROM ").table(&model.table)?;
        out.sql(" WHERE ");
        self.removable.is_due(out)?;
        out.sql(" AND (NOT ");
        self.removable.is_not_held(model.table.name(), out)?;
        self.removable.or_is_not_flagged(out)?;
        for referrer in &self.removable.referring {
            out.sql(" OR ");
            referrer.exists(model, model.table.name(), 0, "", out)?;
        }
        out.sql(") UNION SELECT ").list(Some(LINK), &above)?;
        out.sql(" FROM kept INNER JOIN (");
        for (number, link) in self.links.iter().enumerate() {
            out.sql(if number > 0 {
                " UNION ALL SELECT "
            } else {
                "SELECT "
            });
            let columns = key.iter().copied().chain(link.columns.iter().map(String::as_str));
            for (place, (column, name)) in columns.zip(below.iter().chain(&above)).enumerate() {
                out.sql(if place > 0 { ", " } else { "" })
                    .identifier(column)?
                    .sql(" AS ")
                    .identifier(name)?;
            }
            out.sql(" FROM ").table(&model.table)?;
            for (part, column) in link.columns.iter().enumerate() {
                out.sql(if part > 0 { " AND " } else { " WHERE " })
                    .identifier(column)?
                    .sql(" IS NOT NULL");
            }
        }
        out.sql(") AS link ON ");
        out.equal(Some(LINK), &below, Some(KEPT), &kept)?.sql(") SELECT ");
        out.list(None, &kept)?.sql(" FROM kept) AS rows_kept)");
        Ok(())
    }
}

impl Referrer<'_> {
    /// `EXISTS (SELECT 1 FROM c AS referring WHERE referring.<foreign key> = t.<key>)`
    pub(super) fn exists<'b, DB: Dialect>(
        &'b self,
        parent: &Descriptor,
        row: &str,
        depth: usize,
        latest: &'static str,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let alias = format!("referring_{depth}");
        out.sql("EXISTS (SELECT 1 FROM ")
            .table(&self.key.child)?
            .sql(" AS ")
            .identifier(&alias)?
            .sql(" WHERE ");
        let (child_columns, parent_columns) = (&self.key.columns, &self.key.parent_columns);
        if refers_by_parent(parent, parent_columns, out) {
            out.equal(Some(row), parent_columns, Some(&alias), child_columns)?;
        } else {
            out.equal(Some(&alias), child_columns, Some(row), parent_columns)?;
        }
        if let Some(gone) = &self.unless {
            // Not plainly NOT: what is unknown of a row keeps it.
            out.sql(" AND CASE WHEN ");
            gone.is_due(out)?;
            out.sql(" AND ");
            gone.is_not_held(&alias, out)?;
            gone.is_flagged(out)?;
            gone.is_not_referred_to(&alias, depth + 1, out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        out.sql(latest).sql(")");
        Ok(())
    }
}
