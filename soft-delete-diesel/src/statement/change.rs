//! Marking a row deleted, and taking the mark away.

use diesel::result::QueryResult;
use soft_delete_core::Action;

use super::{Act, OperationRef, Rows, Statement, Writer, record::insert};
use crate::{Descriptor, Dialect, family::Link};

/// `UPDATE t SET <deletion columns> WHERE <rows> AND deleted_at IS [NOT] NULL`, or `DELETE FROM t WHERE ..`
///
/// The last condition makes it a compare-and-set: of many that try at once, one changes a row.
pub(crate) struct Change<'a, DB: Dialect> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) rows: &'a Rows<'a, DB>,
    /// A restored row still says which operation it went in, or now says this one, until [`Forget`] is run.
    pub(crate) keeps_operation: bool,
}

impl<DB: Dialect> Statement<DB> for Change<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.act.model;
        let by_join = matches!(self.rows, Rows::Along(..)) && out.syntax().changes_by_join();
        let removes = matches!(self.act.action, Action::Purge | Action::ForceDelete);
        out.sql(if removes { "DELETE " } else { "UPDATE " });
        if removes && by_join {
            out.table(&model.table)?;
        }
        out.sql(if removes { " FROM " } else { "" }).table(&model.table)?;
        if by_join {
            self.join(out)?;
        }
        match self.act.action {
            _ if removes => {}
            Action::SoftDelete => mark(self.act, out.sql(" SET "))?,
            _ => unmark(self.act, self.keeps_operation, out.sql(" SET "))?,
        }
        if by_join {
            return Ok(());
        }
        self.rows.that_can_change(self.act, out)
    }
}

impl<DB: Dialect> Change<'_, DB> {
    fn join<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        if let Rows::Along(reach, member) = self.rows {
            if let Some((link, operation)) = reach.only_link_from_marked(*member) {
                return self.join_marked(reach.family.models[link.parent], link, operation, out);
            }
        }
        self.rows.join(self.act.model, self.act, out)
    }

    // Straight to the rows that carry the mark, without a table of the rows to be changed in between.
    fn join_marked<'b>(
        &'b self,
        parent: &'static Descriptor,
        link: &Link,
        operation: &'b OperationRef,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let model = self.act.model;
        let own = Some(model.table.name());
        let referred = link.relation.parent_columns(parent);
        let parts: Vec<String> = (0..referred.len()).map(|part| format!("key_{part}")).collect();
        out.sql(" INNER JOIN (SELECT ");
        for (number, (column, part)) in referred.iter().zip(&parts).enumerate() {
            // Named so that no column of the table that is updated has to be told from them.
            out.sql(if number > 0 { ", " } else { "" })
                .identifier(column)?
                .sql(" AS ")
                .identifier(part)?;
        }
        out.sql(" FROM ").table(&parent.table)?.sql(" WHERE ");
        operation.rows(parent, out)?;
        out.sql(") ").identifier(MARKED)?.sql(" ON ");
        out.equal(own, link.foreign_key, Some(MARKED), &parts)?
            .sql(" AND ")
            .qualified(own, model.deleted_at.name())?
            .sql(" IS NULL");
        Ok(())
    }
}

// The rows that lead to them.
const MARKED: &str = "marked";

fn mark<'b, DB: Dialect>(act: &'b Act<'_>, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
    let model = act.model;
    let deleted_at = &model.deleted_at;
    out.identifier(deleted_at.name())?
        .sql(" = ")
        .time(deleted_at.kind(), &act.time, &act.time_text)?;
    if let Some(column) = &model.deleted_by {
        out.storable("actor", act.actor)?;
        out.sql(", ").identifier(column.name())?.sql(" = ");
        if column.kind().accepts(act.actor) {
            out.value(column.kind(), act.actor)?;
        } else {
            out.sql("NULL");
        }
    }
    if let Some(column) = &model.deletion_reason {
        out.storable("reason", act.reason.unwrap_or_default())?;
        out.sql(", ")
            .identifier(column.name())?
            .sql(" = ")
            .nullable_text(&act.reason)?;
    }
    if let Some(column) = &model.deletion_id {
        out.sql(", ").identifier(column.name())?.sql(" = ").operation(
            column.kind(),
            act.operation.uuid(),
            &act.operation_text,
        )?;
    }
    if let Some((column, stamp)) = model.purge_after.as_ref().zip(act.purge_after.as_ref()) {
        out.sql(", ")
            .identifier(column.name())?
            .sql(" = ")
            .time(column.kind(), &stamp.time, &stamp.text)?;
    }
    if let Some(column) = model.written_flag() {
        out.sql(", ")
            .identifier(column.name())?
            .sql(" = ")
            .sql(model.flag.deleted);
    }
    Ok(())
}

fn unmark<'b, DB: Dialect>(
    act: &'b Act<'_>,
    keeps_operation: bool,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    let model = act.model;
    out.identifier(model.deleted_at.name())?.sql(" = NULL");
    let columns = [
        model.deleted_by.as_ref(),
        model.deletion_reason.as_ref(),
        model.purge_after.as_ref(),
    ];
    for column in columns.into_iter().flatten() {
        out.sql(", ").identifier(column.name())?.sql(" = NULL");
    }
    if let Some(column) = &model.deletion_id {
        out.sql(", ").identifier(column.name())?;
        if keeps_operation {
            // Never NULL: a row on the way is known by it.
            out.sql(" = COALESCE(").identifier(column.name())?.sql(", ");
            out.operation(column.kind(), act.operation.uuid(), &act.operation_text)?
                .sql(")");
        } else {
            out.sql(" = NULL");
        }
    }
    if let Some(column) = model.written_flag() {
        out.sql(", ")
            .identifier(column.name())?
            .sql(" = ")
            .sql(model.flag.active);
    }
    Ok(())
}

/// A [`Change`] and its audit row in one statement, where the database can: one round trip, no transaction needed.
///
/// `WITH changed AS (UPDATE .. RETURNING <key as text>) INSERT INTO soft_delete_audit SELECT .. FROM changed`
pub(crate) struct ChangeAndRecord<'a, DB: Dialect>(pub(crate) Change<'a, DB>);

impl<DB: Dialect> Statement<DB> for ChangeAndRecord<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Change { act, rows, .. } = &self.0;
        out.sql("WITH changed AS (");
        self.0.write(out)?;
        out.sql(" RETURNING ").key_text(act.model)?.sql(" AS record_id, ");
        // The subquery sees the rows as they were when the statement began.
        rows.were_asked_for(act.model, out)?;
        out.sql(" AS root) ");
        insert(
            act,
            out,
            "SELECT ",
            |out| {
                out.sql("record_id");
                Ok(())
            },
            |out| {
                out.sql("root");
                Ok(())
            },
        )?;
        out.sql(" FROM changed");
        Ok(())
    }
}

/// Takes the operation from rows that are active again: `UPDATE t SET deletion_id = NULL WHERE deleted_at IS NULL AND deletion_id IS NOT NULL`
pub(crate) struct Forget<'a>(pub(crate) &'a Descriptor);

impl<DB: Dialect> Statement<DB> for Forget<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.0;
        // Only models that say in which operation a row went are part of a circle.
        let operation = model.deletion_id.as_ref().unwrap_or(&model.deleted_at).name();
        out.sql("UPDATE ").table(&model.table)?.sql(" SET ");
        out.identifier(operation)?.sql(" = NULL WHERE ");
        out.identifier(model.deleted_at.name())?.sql(" IS NULL AND ");
        out.identifier(operation)?.sql(" IS NOT NULL");
        Ok(())
    }
}

/// An `UPDATE` of no row, for SQLite: a transaction that begins by writing never has to be upgraded from reading, which
/// SQLite refuses when somebody else wrote in between.
pub(crate) struct Touch<'a>(pub(crate) &'a Descriptor);

impl<DB: Dialect> Statement<DB> for Touch<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = self.0.deleted_at.name();
        out.sql("UPDATE ").table(&self.0.table)?.sql(" SET ");
        out.identifier(deleted_at)?
            .sql(" = ")
            .identifier(deleted_at)?
            .sql(" WHERE 1 = 0");
        Ok(())
    }
}
