//! The audit row of an act.

use diesel::result::QueryResult;

use super::{Act, Statement, Writer};
use crate::{ColumnKind, Descriptor, Dialect, KeyBinds};

/// `INSERT INTO soft_delete_audit (..) VALUES (.., <key as text>, ..)`, or `SELECT .., <key as text>, .. FROM t WHERE <key>`
///
/// A number or a UUID has one text, so the bound key will do. Otherwise the text comes from the row itself, so that it is
/// the same however the caller wrote the key: a text key may match without regard to case.
pub(crate) struct Record<'a, DB: Dialect> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}

impl<DB: Dialect> Record<'_, DB> {
    /// From `INSERT` to the last value; the key's text and what stands between the columns and the values are the caller's.
    pub(super) fn insert<'b>(
        act: &'b Act<'_>,
        out: &mut Writer<'_, 'b, DB>,
        values: &'static str,
        record_id: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let syntax = out.syntax();
        out.storable("actor", act.actor)?
            .storable("reason", act.reason.unwrap_or_default())?;
        out.sql("INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, reason, at, root) ").sql(values);
        out.operation(syntax.audit_id(), act.operation.uuid(), &act.operation_text)?
            .sql(", ");
        out.text(act.action.as_str())?
            .sql(", ")
            .text(act.model.name())?
            .sql(", ");
        record_id(out)?;
        out.sql(", ")
            .text(act.actor)?
            .sql(", ")
            .nullable_text(&act.reason)?
            .sql(", ");
        out.time(syntax.audit_time(), &act.time, &act.time_text)?
            .sql(", TRUE");
        Ok(())
    }
}

impl<DB: Dialect> Statement<DB> for Record<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (model, key) = (self.act.model, self.key);
        if has_one_text(model) {
            Self::insert(self.act, out, "VALUES (", |out| {
                out.bound_key_text(model, key).map(drop)
            })?;
            out.sql(")");
        } else {
            Self::insert(self.act, out, "SELECT ", |out| out.key_text(model).map(drop))?;
            out.sql(" FROM ")
                .table(&model.table)?
                .sql(" WHERE ")
                .key_is(model, key)?;
        }
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
