//! An operation as somebody writes it by hand: its values as the database takes them, and the SQL around them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::{BigInt, Text};
use uuid::Uuid;

use super::Options;
use super::statement::Database;
use super::types::{Operation, SqlOperation, SqlStamp, Stamp, operation, stamp};

/// Who, when, why, in which operation.
pub struct Act<'o> {
    operation: Operation,
    at: Stamp,
    actor: i64,
    actor_text: &'o str,
    reason: &'o str,
}

/// Takes the marks away.
pub const UNMARKED: &str = "deleted_at = NULL, deleted_by = NULL, deletion_reason = NULL, deletion_id = NULL";

impl<'o> Act<'o> {
    /// An operation at this moment; the text of the actor is the caller's to keep.
    pub fn new(options: &'o Options, actor_text: &'o str, id: Uuid, at: DateTime<Utc>) -> Self {
        Self {
            operation: operation(id),
            at: stamp(at),
            actor: options.actor,
            actor_text,
            reason: &options.reason,
        }
    }

    /// `deleted_at = ?, ..`, for an `UPDATE` that marks rows.
    pub fn mark<'b>(&'b self, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("deleted_at = ");
        out.push_bind_param::<SqlStamp, _>(&self.at)?;
        out.push_sql(", deleted_by = ");
        out.push_bind_param::<BigInt, _>(&self.actor)?;
        out.push_sql(", deletion_reason = ");
        out.push_bind_param::<Text, _>(self.reason)?;
        out.push_sql(", deletion_id = ");
        out.push_bind_param::<SqlOperation, _>(&self.operation)
    }

    /// `deleted_at = ? AND deletion_id = ?`: the rows that the operation marked. The index on `deleted_at` finds them.
    pub fn marked<'b>(&'b self, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("deleted_at = ");
        out.push_bind_param::<SqlStamp, _>(&self.at)?;
        out.push_sql(" AND deletion_id = ");
        out.push_bind_param::<SqlOperation, _>(&self.operation)
    }

    /// The values of an audit row, after [`INTO_AUDIT`] and what stands between; `record_id` writes the key as text.
    pub fn audit<'b>(
        &'b self,
        action: Action,
        out: &mut AstPass<'_, 'b, Database>,
        record_id: impl FnOnce(&mut AstPass<'_, 'b, Database>) -> QueryResult<()>,
    ) -> QueryResult<()> {
        out.push_bind_param::<SqlOperation, _>(&self.operation)?;
        out.push_sql(action.0);
        record_id(out)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.actor_text)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.reason)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlStamp, _>(&self.at)?;
        out.push_sql(action.1);
        Ok(())
    }
}

/// Adds to the audit trail.
pub const INTO_AUDIT: &str =
    "INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, reason, at, root) ";

/// What an audit row says apart from an operation's values: the SQL before and after the middle ones.
#[derive(Clone, Copy)]
pub struct Action(&'static str, &'static str);

impl Action {
    pub const DELETE_LEAD: Self = Self(", 'soft_delete', 'leads', ", ", TRUE");
    pub const RESTORE_LEAD: Self = Self(", 'restore', 'leads', ", ", TRUE");
    pub const DELETE_CALLBACK: Self = Self(", 'soft_delete', 'callbacks', ", ", FALSE");
    pub const PURGE_LEAD: Self = Self(", 'purge', 'leads', ", ", TRUE");
    pub const PURGE_CALLBACK: Self = Self(", 'purge', 'callbacks', ", ", TRUE");
    pub const RESTORE_CALLBACK: Self = Self(", 'restore', 'callbacks', ", ", TRUE");
}
