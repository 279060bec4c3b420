//! Looking at a row, its key and its history.

use diesel::result::QueryResult;

use super::{Names, Statement, Writer};
use crate::{Descriptor, Dialect, KeyBinds};

/// The deletion columns of a row as text: `SELECT deleted_at, deleted_by, .. FROM t WHERE <key>`.
pub(crate) struct State<'a, DB: Dialect> {
    pub(crate) model: &'a Descriptor,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}

impl<DB: Dialect> Statement<DB> for State<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Self { model, key } = self;
        out.sql("SELECT ").column_text(&model.deleted_at)?;
        for column in [
            &model.deleted_by,
            &model.deletion_reason,
            &model.deletion_id,
            &model.purge_after,
        ] {
            out.sql(", ").optional_text(column.as_ref())?;
        }
        // Not the caller's snapshot: the row must look as it did to the statement that could not change it.
        let latest = out.syntax().latest();
        out.sql(" FROM ")
            .table(&model.table)?
            .sql(" WHERE ")
            .key_is(model, *key)?
            .sql(latest);
        Ok(())
    }
}

/// The key of a row and whether it is deleted, held against others until the end of the transaction.
pub(crate) struct Lock<'a, DB: Dialect> {
    pub(crate) model: &'a Descriptor,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}

impl<DB: Dialect> Statement<DB> for Lock<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Self { model, key } = self;
        let locked = out.syntax().locked();
        out.sql("SELECT ")
            .key_text(model)?
            .sql(", ")
            .column_text(&model.deleted_at)?;
        out.sql(" FROM ")
            .table(&model.table)?
            .sql(" WHERE ")
            .key_is(model, *key)?
            .sql(locked);
        Ok(())
    }
}

/// The text of a key as its row has it, and as it was given: `SELECT (SELECT <key as text> FROM t WHERE <key>), <key as text>`.
pub(crate) struct Identity<'a, DB: Dialect> {
    pub(crate) model: &'a Descriptor,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}

impl<DB: Dialect> Statement<DB> for Identity<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Self { model, key } = self;
        out.sql("SELECT (SELECT ").key_text(model)?.sql(" FROM ");
        out.table(&model.table)?.sql(" WHERE ").key_is(model, *key)?;
        out.sql("), ").bound_key_text(model, *key)?;
        Ok(())
    }
}

/// Whether the audit log has entries of a record.
pub(crate) struct IsAudited<'a> {
    pub(crate) model: &'a Descriptor,
    pub(crate) record_id: &'a str,
}

impl<DB: Dialect> Statement<DB> for IsAudited<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT record_id FROM soft_delete_audit WHERE model");
        Names::of(self.model).are(out)?;
        out.sql(" AND record_id = ").text(self.record_id)?.sql(" LIMIT 1");
        Ok(())
    }
}

/// Who removed a row for good, and when: the last such audit row.
pub(crate) struct PurgedBy<'a> {
    pub(crate) model: &'a Descriptor,
    pub(crate) record_id: &'a str,
}

impl<DB: Dialect> Statement<DB> for PurgedBy<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(out.syntax().audit_time());
        out.sql("SELECT ")
            .sql(before)
            .sql("at")
            .sql(after)
            .sql(", actor FROM soft_delete_audit WHERE model");
        Names::of(self.model).are(out)?;
        out.sql(" AND record_id = ").text(self.record_id)?;
        out.sql(" AND action IN ('purge', 'force_delete') ORDER BY soft_delete_audit.id DESC LIMIT 1");
        Ok(())
    }
}
