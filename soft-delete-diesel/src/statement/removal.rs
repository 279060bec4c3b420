//! What goes with rows that are removed for good.

use diesel::result::QueryResult;

use super::{
    Act, Rows, Statement, Writer,
    references::{Children, compare_with_row, compares_by_parent},
};
use crate::{ColumnKind, Descriptor, Dialect, KeyBinds, Relation};

/// `DELETE FROM c WHERE <foreign key> IN (SELECT <what it refers to> FROM t WHERE <rows>) AND <conditions>`: rows that are owned by rows of a model.
pub(crate) struct RemoveOwned<'a, DB: Dialect> {
    pub(crate) owner: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for RemoveOwned<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("DELETE FROM ")
            .table(self.relation.child_table())?
            .sql(" WHERE ");
        refers_to(self.relation, self.owner, self.rows, out)
    }
}

/// How many rows of a child refer to rows of a model, whatever their state.
pub(crate) struct Referring<'a, DB: Dialect> {
    pub(crate) parent: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for Referring<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT ")
            .sql(before)
            .sql("COUNT(*)")
            .sql(after)
            .sql(" FROM ");
        out.table(self.relation.child_table())?.sql(" WHERE ");
        refers_to(self.relation, self.parent, self.rows, out)
    }
}

fn refers_to<'b, DB: Dialect>(
    relation: &'static Relation,
    parent: &'static Descriptor,
    rows: &'b Rows<'b, DB>,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    let referred = relation.parent_columns(parent);
    if compares_by_parent(relation, parent, out) {
        let children = Children {
            table: relation.child_table(),
            foreign_key: relation.foreign_key(),
            parent,
            referred: &referred,
        };
        children.by_foreign_key(|out| rows.in_state(parent, true, out), out)?;
        return out.meets(relation, None);
    }
    out.sql("(")
        .list(None, relation.foreign_key())?
        .sql(") IN (SELECT ");
    out.list(None, &referred)?
        .sql(" FROM ")
        .table(&parent.table)?
        .sql(" WHERE ");
    rows.in_state(parent, true, out)?;
    out.sql(")");
    out.meets(relation, None)
}

impl Relation {
    /// `<foreign key> IN (?, ..) AND <conditions>`: the child's rows that belong to these owners. Where the foreign key refers to
    /// other columns than the owner's key, or compares otherwise than with a value, the owners are looked up:
    /// `<foreign key> IN (SELECT .. FROM t WHERE <key> IN (?, ..))`.
    pub(super) fn are_of<'b, DB: Dialect>(
        &'b self,
        owner: &'b Descriptor,
        owners: &'b [&'b dyn KeyBinds<DB>],
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let referred = self.parent_columns(owner);
        if compares_by_parent(self, owner, out) {
            let children = Children {
                table: self.child_table(),
                foreign_key: self.foreign_key(),
                parent: owner,
                referred: &referred,
            };
            children.by_foreign_key(|out| out.key_is_one_of(owner, owners), out)?;
        } else if self.is_to_other_columns(owner) || compare_with_row(owner, out) {
            out.tuple(None, self.foreign_key())?.sql(" IN (SELECT ");
            out.list(None, &referred)?
                .sql(" FROM ")
                .table(&owner.table)?
                .sql(" WHERE ");
            out.key_is_one_of(owner, owners)?;
            out.sql(")");
        } else {
            out.are_one_of(None, self.foreign_key(), owners)?;
        }
        out.meets(self, None)
    }
}

/// Takes deleted rows over into the operation that removes them: `UPDATE t SET deleted_at = <now>, deletion_id = ? WHERE <rows>`
///
/// In a circle rows are found by way of each other; with one mark on all of them they can be removed one model after another.
pub(crate) struct TakeOver<'a, DB: Dialect> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for TakeOver<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, model) = (self.act, self.act.model);
        out.sql("UPDATE ").table(&model.table)?;
        let by_join = out.syntax().changes_by_join();
        if by_join {
            self.rows.join(model, act, out)?;
        }
        out.sql(" SET ").identifier(model.deleted_at.name())?.sql(" = ");
        out.time(model.deleted_at.kind(), &act.time, &act.time_text)?;
        if let Some(column) = &model.deletion_id {
            out.sql(", ").identifier(column.name())?.sql(" = ");
            out.operation(column.kind(), act.operation.uuid(), &act.operation_text)?;
        }
        if by_join {
            return Ok(());
        }
        self.rows.that_can_change(act, out)
    }
}

/// `UPDATE c SET <columns> = NULL WHERE <rows> AND <one of the columns is not NULL>`: rows that are about to be removed refer to each
/// other no longer.
pub(crate) struct SetNull<'a, DB: Dialect> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) columns: &'a [String],
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for SetNull<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, model) = (self.act, self.act.model);
        let table = model.table.name();
        out.sql("UPDATE ").table(&model.table)?;
        let by_join = out.syntax().changes_by_join();
        if by_join {
            self.rows.join(model, act, out)?;
        }
        for (number, column) in self.columns.iter().enumerate() {
            out.sql(if number > 0 { ", " } else { " SET " });
            // PostgreSQL and SQLite name the column alone here.
            out.qualified(by_join.then_some(table), column)?.sql(" = NULL");
        }
        if by_join {
            out.sql(" WHERE (");
        } else {
            self.rows.that_can_change(act, out)?;
            out.sql(" AND (");
        }
        for (number, column) in self.columns.iter().enumerate() {
            out.sql(if number > 0 { " OR " } else { "" });
            out.qualified(Some(table), column)?.sql(" IS NOT NULL");
        }
        out.sql(")");
        Ok(())
    }
}
