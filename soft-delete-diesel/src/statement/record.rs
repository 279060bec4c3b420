//! The audit row of an act.

use diesel::result::QueryResult;

use super::{Act, Statement, Writer};
use crate::{Dialect, KeyBinds};

/// `INSERT INTO soft_delete_audit (..) SELECT .., <key as text>, .. FROM t WHERE <key>`
///
/// The key's text comes from the row itself, so that it is the same however the caller wrote the key (a text key may
/// match without regard to case).
pub(crate) struct Record<'a, DB: Dialect> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}

impl<DB: Dialect> Record<'_, DB> {
    /// Everything up to `FROM`; the key's text is written by the caller.
    pub(super) fn insert<'b>(
        act: &'b Act<'_>,
        out: &mut Writer<'_, 'b, DB>,
        record_id: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let syntax = out.syntax();
        out.storable("actor", act.actor)?
            .storable("reason", act.reason.unwrap_or_default())?;
        out.sql("INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, reason, at, root) SELECT ");
        out.value(syntax.audit_id(), &act.operation_text)?.sql(", ");
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
        out.value(syntax.audit_time(), &act.at_text)?.sql(", TRUE");
        Ok(())
    }
}

impl<DB: Dialect> Statement<DB> for Record<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.act.model;
        Self::insert(self.act, out, |out| {
            out.key_text(model)?;
            Ok(())
        })?;
        out.sql(" FROM ")
            .table(&model.table)?
            .sql(" WHERE ")
            .key_is(model, self.key)?;
        Ok(())
    }
}
