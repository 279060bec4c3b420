//! The audit row of an act.

use diesel::result::QueryResult;

use super::{Act, OperationRef, Rows, Statement, Writer};
use crate::{ColumnKind, Descriptor, Dialect, KeyBinds};

/// `INSERT INTO soft_delete_audit (..) VALUES (.., <key as text>, ..)`, or `SELECT .., <key as text>, .. FROM t WHERE <key>`
///
/// A number or a UUID has one text, so the bound key will do. Otherwise the text comes from the row itself, so that it is
/// the same however the caller wrote the key: a text key may match without regard to case.
pub(crate) struct Record<'a, DB: Dialect> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}

/// From `INSERT` to the last value; the key's text and what stands between the columns and the values are the caller's.
pub(super) fn insert<'b, DB: Dialect>(
    act: &'b Act<'_>,
    out: &mut Writer<'_, 'b, DB>,
    values: &'static str,
    record_id: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
    root: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
) -> QueryResult<()> {
    insert_of(act, act.model.name(), out, values, record_id, root)
}

fn insert_of<'b, DB: Dialect>(
    act: &'b Act<'_>,
    model: &'b str,
    out: &mut Writer<'_, 'b, DB>,
    values: &'static str,
    record_id: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
    root: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
) -> QueryResult<()> {
    let syntax = out.syntax();
    out.storable("actor", act.actor)?
        .storable("reason", act.reason.unwrap_or_default())?;
    out.sql(
        "INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, reason, at, root) ",
    )
    .sql(values);
    out.operation(syntax.audit_id(), act.operation.uuid(), &act.operation_text)?
        .sql(", ");
    out.text(act.action.as_str())?.sql(", ").text(model)?.sql(", ");
    record_id(out)?;
    out.sql(", ")
        .text(act.actor)?
        .sql(", ")
        .nullable_text(&act.reason)?
        .sql(", ");
    out.time(syntax.audit_time(), &act.time, &act.time_text)?
        .sql(", ");
    root(out)
}

// Whether the rows were asked for, where it is the same for all.
fn constant<DB: Dialect>(root: bool) -> impl FnOnce(&mut Writer<'_, '_, DB>) -> QueryResult<()> {
    move |out| {
        out.sql(if root { "TRUE" } else { "FALSE" });
        Ok(())
    }
}

impl<DB: Dialect> Statement<DB> for Record<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (model, key) = (self.act.model, self.key);
        if has_one_text(model) {
            insert(
                self.act,
                out,
                "VALUES (",
                |out| out.bound_key_text(model, key).map(drop),
                constant(true),
            )?;
            out.sql(")");
        } else {
            let key_text = |out: &mut Writer<'_, 'b, DB>| out.key_text(model).map(drop);
            insert(self.act, out, "SELECT ", key_text, constant(true))?;
            out.sql(" FROM ")
                .table(&model.table)?
                .sql(" WHERE ")
                .key_is(model, key)?;
        }
        Ok(())
    }
}

/// The audit row of an act on a record whose key is at hand as text, or on something that is no record.
pub(crate) struct RecordText<'a> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) model: &'a str,
    pub(crate) record_id: &'a str,
}

impl<DB: Dialect> Statement<DB> for RecordText<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let record_id = self.record_id;
        insert_of(
            self.act,
            self.model,
            out,
            "VALUES (",
            |out| out.text(record_id).map(drop),
            constant(true),
        )?;
        out.sql(")");
        Ok(())
    }
}

fn has_one_text(model: &Descriptor) -> bool {
    use ColumnKind::{BigInt, Integer, SmallInt, Uuid};
    model
        .key
        .iter()
        .all(|column| matches!(column.kind(), SmallInt | Integer | BigInt | Uuid))
}

/// The audit rows of all rows that an operation has just deleted: `INSERT .. SELECT .. FROM t WHERE deleted_at = ? AND deletion_id = ?`
///
/// All rows of an operation share one `deleted_at`, so the index on deleted rows finds them; unless the column rounds what
/// it is given (MySQL's `DATETIME` without the six), where only `deletion_id` does.
pub(crate) struct RecordDeleted<'a> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) by_time: bool,
    /// Whether the rows were asked for, or went along.
    pub(crate) root: bool,
}

impl<DB: Dialect> Statement<DB> for RecordDeleted<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, model, root) = (self.act, self.act.model, self.root);
        insert(
            act,
            out,
            "SELECT ",
            |out| out.key_text(model).map(drop),
            constant(root),
        )?;
        out.sql(" FROM ")
            .table(&model.table)?
            .sql(" WHERE ")
            .identifier(model.deleted_at.name())?;
        if self.by_time {
            out.sql(" = ")
                .time(model.deleted_at.kind(), &act.time, &act.time_text)?;
        } else {
            out.sql(" IS NOT NULL");
        }
        if let Some(column) = &model.deletion_id {
            out.sql(" AND ").identifier(column.name())?.sql(" = ");
            out.operation(column.kind(), act.operation.uuid(), &act.operation_text)?;
        }
        Ok(())
    }
}

/// The audit rows of all rows that an act is about to change, which stay locked: `INSERT .. SELECT .. FROM t WHERE <rows> FOR UPDATE`
pub(crate) struct RecordAhead<'a, DB: Dialect> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) rows: &'a Rows<'a, DB>,
}

impl<DB: Dialect> Statement<DB> for RecordAhead<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (model, rows, locked) = (self.act.model, self.rows, out.syntax().locked());
        insert(
            self.act,
            out,
            "SELECT ",
            |out| out.key_text(model).map(drop),
            |out| rows.were_asked_for(model, out),
        )?;
        out.sql(" FROM ").table(&model.table)?;
        rows.that_can_change(self.act, out)?;
        out.sql(locked);
        Ok(())
    }
}

/// The next ids that an operation has recorded, with their place in the trail.
pub(crate) struct Recorded<'a> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) after: &'a str,
}

impl<DB: Dialect> Statement<DB> for Recorded<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, syntax) = (self.act, out.syntax());
        let (before, after) = syntax.text(ColumnKind::BigInt);
        out.sql("SELECT ")
            .sql(before)
            .sql("id")
            .sql(after)
            .sql(", record_id FROM soft_delete_audit WHERE operation_id = ");
        out.operation(syntax.audit_id(), act.operation.uuid(), &act.operation_text)?;
        out.sql(" AND model = ")
            .text(act.model.name())?
            .sql(" AND id > ")
            .value(ColumnKind::BigInt, self.after)?;
        out.sql(" ORDER BY soft_delete_audit.id LIMIT 1000");
        Ok(())
    }
}

/// The models that an operation reached, when, and what it did, as the audit trail tells; no row for an operation that it does not know.
pub(crate) struct OperationModels<'a>(pub(crate) &'a OperationRef);

impl<DB: Dialect> Statement<DB> for OperationModels<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(out.syntax().audit_time());
        out.sql("SELECT model, ")
            .sql(before)
            .sql("MIN(at)")
            .sql(after)
            .sql(", MIN(action), ");
        let number = out.syntax().text(ColumnKind::BigInt);
        out.sql(number.0).sql("COUNT(*)").sql(number.1);
        out.sql(" FROM soft_delete_audit WHERE operation_id = ");
        out.operation(out.syntax().audit_id(), &self.0.id, &self.0.text)?
            .sql(" GROUP BY model ORDER BY model");
        Ok(())
    }
}
