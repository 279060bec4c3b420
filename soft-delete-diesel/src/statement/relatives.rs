//! Looking at rows that have a say in what happens to others: those they hang on, those that hang on them.

use diesel::result::QueryResult;

use super::{
    OperationRef, Reach, Rows, Statement, Writer,
    references::{Children, compares_by_parent},
};
use crate::{Column, ColumnKind, Descriptor, Dialect, Relation, foreign_key::ForeignKey};

/// How many rows an act would change, which stay locked until the transaction ends:
/// `SELECT COUNT(*) FROM (SELECT 1 FROM t WHERE <rows> FOR UPDATE)`
pub(crate) struct LockRows<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) deleted: bool,
}

impl<DB: Dialect> Statement<DB> for LockRows<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let locked = out.syntax().locked();
        count(out, |out| {
            out.sql("(SELECT 1 AS one FROM ")
                .table(&self.model.table)?
                .sql(" WHERE ");
            self.rows.in_state(self.model, self.deleted, out)?;
            out.sql(locked).sql(") ").identifier("locked")?;
            Ok(())
        })
    }
}

/// The operations that deleted these rows: `SELECT DISTINCT deletion_id FROM t WHERE <rows> LIMIT ..`
pub(crate) struct OperationsOf<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) limit: u64,
}

impl<DB: Dialect> Statement<DB> for OperationsOf<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT DISTINCT ")
            .optional_text(self.model.deletion_id.as_ref())?;
        out.sql(" FROM ").table(&self.model.table)?.sql(" WHERE ");
        self.rows.in_state(self.model, true, out)?;
        out.sql(" LIMIT ").number(self.limit);
        Ok(())
    }
}

// `SELECT <COUNT(*) as text> FROM ..`
fn count<'b, DB: Dialect>(
    out: &mut Writer<'_, 'b, DB>,
    from: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
) -> QueryResult<()> {
    let (before, after) = out.syntax().text(ColumnKind::BigInt);
    out.sql("SELECT ")
        .sql(before)
        .sql("COUNT(*)")
        .sql(after)
        .sql(" FROM ");
    from(out)
}

/// How many of these rows are deleted, or are not.
pub(crate) struct CountRows<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) deleted: bool,
}

impl<DB: Dialect> Statement<DB> for CountRows<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        count(out, |out| {
            out.table(&self.model.table)?.sql(" WHERE ");
            self.rows.in_state(self.model, self.deleted, out)
        })
    }
}

/// How many of these deleted rows are active by their own flag, or do not say: `.. AND (<flag> = <deleted>) IS NOT TRUE`
pub(crate) struct CountFlaggedActive<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) flag: &'static Column,
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for CountFlaggedActive<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        count(out, |out| {
            out.table(&self.model.table)?.sql(" WHERE ");
            self.rows.in_state(self.model, true, out)?;
            out.sql(" AND (").identifier(self.flag.name())?.sql(" = ");
            out.sql(self.model.flag.deleted).sql(") IS NOT TRUE");
            Ok(())
        })
    }
}

/// How many rows of a child refer to rows of a model by a foreign key, but for rows that are removed as well:
/// `SELECT COUNT(*) FROM (SELECT <referenced columns> FROM t WHERE <rows>) AS removed INNER JOIN c ON <removed> = <foreign key>`
///
/// The parent's columns stand on the left, so that SQLite compares by their collation, as its foreign keys do.
pub(crate) struct CountReferring<'a, DB: Dialect> {
    pub(crate) parent: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) key: &'a ForeignKey,
    /// The child and its rows that are removed.
    pub(crate) except: Option<(&'static Descriptor, &'a Rows<'a, DB>)>,
}

impl<DB: Dialect> Statement<DB> for CountReferring<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        const REMOVED: &str = "removed";
        let latest = out.syntax().latest();
        let names: Vec<String> = (0..self.key.columns.len())
            .map(|part| format!("removed_{part}"))
            .collect();
        count(out, |out| {
            for (number, (column, name)) in self.key.parent_columns.iter().zip(&names).enumerate() {
                out.sql(if number > 0 { ", " } else { "(SELECT " })
                    .identifier(column)?
                    .sql(" AS ")
                    .identifier(name)?;
            }
            out.sql(" FROM ").table(&self.parent.table)?.sql(" WHERE ");
            self.rows.in_state(self.parent, true, out)?;
            out.sql(") AS ").identifier(REMOVED)?.sql(" INNER JOIN ");
            out.table(&self.key.child)?.sql(" ON ");
            out.equal(
                Some(REMOVED),
                &names,
                Some(self.key.child.name()),
                &self.key.columns,
            )?;
            if let Some((child, rows)) = self.except {
                // Not plainly NOT: what is unknown of a row keeps the others.
                out.sql(" WHERE CASE WHEN ");
                rows.in_state(child, true, out)?;
                out.sql(" THEN 0 ELSE 1 END = 1");
            }
            out.sql(latest);
            Ok(())
        })
    }
}

/// How many active rows hang on rows that an operation has just deleted. Where the parent does not tell the operation, `rows` are
/// those that were asked for, and the time of their deletion tells them from others.
pub(crate) struct ActiveChildren<'a, DB: Dialect> {
    pub(crate) parent: &'static Descriptor,
    pub(crate) child: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    pub(crate) operation: &'a OperationRef,
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for ActiveChildren<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (parent, child) = (self.parent, self.child);
        let latest = out.syntax().latest();
        count(out, |out| {
            out.table(&child.table)?.sql(" WHERE ");
            out.identifier(child.deleted_at.name())?.sql(" IS NULL AND ");
            let foreign_key = self.relation.foreign_key();
            let referred = self.relation.parent_columns(parent);
            if compares_by_parent(self.relation, parent, out) {
                let children = Children {
                    table: &child.table,
                    foreign_key,
                    parent,
                    referred: &referred,
                };
                return children.by_key(child, None, |out| self.deleted_parents(out), out);
            }
            out.sql("(").list(None, foreign_key)?.sql(") IN (SELECT ");
            out.list(None, &referred)?
                .sql(" FROM ")
                .table(&parent.table)?
                .sql(" WHERE ");
            self.deleted_parents(out)?;
            out.sql(")").sql(latest);
            Ok(())
        })
    }
}

impl<DB: Dialect> ActiveChildren<'_, DB> {
    fn deleted_parents<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        if self.parent.is_in_operations() {
            return self.operation.rows(self.parent, out);
        }
        self.rows.keys(self.parent, out)?;
        self.operation.time(self.parent, out)
    }
}

/// The key of a deleted row that rows to be restored hang on, if there is one.
pub(crate) struct DeletedParent<'a, DB: Dialect> {
    pub(crate) parent: &'static Descriptor,
    pub(crate) child: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    /// The rows of the child.
    pub(crate) rows: &'a Rows<'a, DB>,
    /// Whether the child's rows are still deleted.
    pub(crate) deleted: bool,
    /// Rows of the parent that come back as well.
    pub(crate) except: Option<&'a Rows<'a, DB>>,
    /// Whether the other parents must stay as they are until the transaction ends.
    pub(crate) locks: bool,
}

impl<DB: Dialect> Statement<DB> for DeletedParent<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (parent, child) = (self.parent, self.child);
        let shared = if self.locks { out.syntax().shared() } else { "" };
        let key: Vec<&str> = parent.key.iter().map(Column::name).collect();
        out.sql("SELECT MIN(CASE WHEN ")
            .identifier(parent.deleted_at.name())?
            .sql(" IS NOT NULL THEN ");
        out.key_text(parent)?
            .sql(" END) FROM (SELECT ")
            .list(None, &key)?
            .sql(", ");
        out.identifier(parent.deleted_at.name())?
            .sql(" FROM ")
            .table(&parent.table)?;
        out.sql(" WHERE ")
            .tuple(None, &self.relation.parent_columns(parent))?
            .sql(" IN (SELECT ");
        out.list(None, self.relation.foreign_key())?
            .sql(" FROM ")
            .table(&child.table)?
            .sql(" WHERE ");
        self.rows.in_state(child, self.deleted, out)?;
        out.sql(")");
        if let Some(except) = &self.except {
            // Not plainly NOT: a row of which this is unknown does not come back.
            out.sql(" AND CASE WHEN ");
            except.in_state(parent, true, out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        out.sql(shared).sql(") ").identifier("parents")?;
        Ok(())
    }
}

impl<'a, DB: Dialect> Reach<'a, DB> {
    /// The rows of this model that come back with those that were asked for, if any can.
    pub(crate) fn coming_back(&'a self, model: &Descriptor) -> Option<Rows<'a, DB>> {
        let mut models = self.family.models.iter();
        models
            .position(|known| known.name() == model.name())
            .map(|member| Rows::Along(self, member))
    }
}
