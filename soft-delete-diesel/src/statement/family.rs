//! The rows that are removed in one transaction with the rows of a batch.

use diesel::result::QueryResult;

use super::{
    Asked, Reach, Removable, Rows, Statement, Writer,
    membership::{operation_beside, same_operation},
};
use crate::{Column, ColumnKind, Descriptor, Dialect, Relation};

/// The keys of rows of a member that go along: `SELECT <key>, <key as text> FROM t WHERE <rows> ORDER BY <key> DESC`
///
/// The newest come first, so that rows of a tree mostly stand before those that they refer to.
pub(crate) struct KeysOf<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for KeysOf<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        key_texts(self.model, out)?;
        out.sql(" FROM ").table(&self.model.table)?.sql(" WHERE ");
        self.rows.in_state(self.model, true, out)?;
        for (part, column) in self.model.key.iter().enumerate() {
            out.sql(if part > 0 { ", " } else { " ORDER BY " })
                .qualified(Some(self.model.table.name()), column.name())?
                .sql(" DESC");
        }
        Ok(())
    }
}

/// How many rows of a member may not go, whatever becomes of the others:
/// `SELECT COUNT(*) FROM t WHERE <rows> AND CASE WHEN <the row itself may go> THEN 0 ELSE 1 END = 1`
pub(crate) struct CountKeptMembers<'a, DB: Dialect> {
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) removable: &'a Removable<'a>,
}

impl<DB: Dialect> Statement<DB> for CountKeptMembers<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.removable.model;
        // Not the transaction's snapshot: what came in while the rows were waited for counts.
        let latest = out.syntax().latest();
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT ").sql(before).sql("COUNT(*)").sql(after);
        out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
        self.rows.in_state(model, true, out)?;
        out.sql(" AND CASE WHEN ");
        self.removable.condition(Asked::Itself, out)?;
        out.sql(" THEN 0 ELSE 1 END = 1").sql(latest);
        Ok(())
    }
}

/// The rows of a parent that these rows would come back with, their heads:
/// `SELECT <key>, <key as text> FROM p WHERE (<key>, <operation>) IN (SELECT <foreign key>, <operation> FROM c WHERE <rows>) AND <not among those that are reached>`
pub(crate) struct HeadsOf<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) parent: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    /// Not those that go along here themselves.
    pub(crate) but_for: Option<&'a Reach<'a, DB>>,
}

impl<DB: Dialect> Statement<DB> for HeadsOf<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (model, parent) = (self.model, self.parent);
        // Not the transaction's snapshot: a row that came under a head meanwhile counts.
        let latest = out.syntax().latest();
        key_texts(parent, out)?;
        out.sql(" FROM ").table(&parent.table)?.sql(" WHERE ");
        out.identifier(parent.deleted_at.name())?
            .sql(" IS NOT NULL AND (");
        out.list(None, &self.relation.parent_columns(parent))?.sql(", ");
        operation_beside(parent, model, out)?;
        out.sql(") IN (SELECT ")
            .list(None, self.relation.foreign_key())?
            .sql(", ");
        operation_beside(model, parent, out)?;
        out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
        self.rows.in_state(model, true, out)?;
        out.sql(latest).sql(")");
        let reached = self
            .but_for
            .and_then(|reach| Some((reach, reach.member(parent)?)));
        if let Some((reach, member)) = reached {
            out.sql(" AND CASE WHEN ");
            reach.rows_of(member, out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        Ok(())
    }
}

/// How many of these rows would come back with rows of a parent that are not removed with them:
/// `SELECT COUNT(*) FROM t WHERE <rows> AND EXISTS (SELECT 1 FROM p AS head WHERE <t refers to it> AND <both went in one operation> AND ..)`
pub(crate) struct CountWithHead<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) parent: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    /// Rows of the parent that are removed as well, where it is the model itself.
    pub(crate) removed: Option<&'a Rows<'a, DB>>,
}

impl<DB: Dialect> Statement<DB> for CountWithHead<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        const HEAD: &str = "head";
        let (model, parent) = (self.model, self.parent);
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT ").sql(before).sql("COUNT(*)").sql(after);
        out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
        self.rows.in_state(model, true, out)?;
        out.sql(" AND EXISTS (SELECT 1 FROM ").table(&parent.table)?;
        out.sql(" AS ").identifier(HEAD)?.sql(" WHERE ");
        let (own, referred) = (model.table.name(), self.relation.parent_columns(parent));
        out.equal(Some(HEAD), &referred, Some(own), self.relation.foreign_key())?
            .sql(" AND ");
        same_operation((parent, HEAD), (model, own), out)?;
        if let Some(removed) = self.removed {
            let key: Vec<&str> = parent.key.iter().map(Column::name).collect();
            out.sql(" AND CASE WHEN ")
                .tuple(Some(HEAD), &key)?
                .sql(" IN (SELECT ");
            out.list(None, &key)?.sql(" FROM ").table(&parent.table)?;
            out.sql(" WHERE ");
            removed.in_state(parent, true, out)?;
            out.sql(") THEN 0 ELSE 1 END = 1");
        }
        out.sql(")");
        Ok(())
    }
}

// `SELECT <key>, <key as text>`
fn key_texts<DB: Dialect>(model: &Descriptor, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
    out.sql("SELECT ");
    for column in &model.key {
        out.column_text(column)?.sql(", ");
    }
    out.key_text(model).map(drop)
}
