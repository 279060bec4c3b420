//! Which rows an act is on.

use diesel::{query_builder::QueryFragment, result::QueryResult};

use super::{Act, Writer};
use crate::{Descriptor, Dialect, KeyBinds};

/// The rows of a model that an act is asked for.
pub(crate) enum Rows<'a, DB: Dialect> {
    /// The one with this key.
    Key(&'a dyn KeyBinds<DB>),
    /// Those that meet the caller's condition.
    Matching(&'a (dyn QueryFragment<DB> + Send + Sync)),
    /// Those that an operation deleted.
    DeletedIn(&'a OperationRef),
}

/// An operation as it is bound.
pub(crate) struct OperationRef {
    pub(crate) id: uuid::Uuid,
    pub(crate) text: String,
}

impl<DB: Dialect> Rows<'_, DB> {
    /// `WHERE <the rows> AND deleted_at IS [NOT] NULL`: those that the act would still change.
    pub(super) fn that_can_change<'b>(
        &'b self,
        act: &Act<'_>,
        deleted: bool,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let model = act.model;
        out.sql(" WHERE ");
        match self {
            Self::Key(key) => {
                out.key_is(model, *key)?;
            }
            // In brackets, so that an OR of the caller's cannot escape the condition that follows.
            Self::Matching(predicate) => {
                out.sql("(").fragment(*predicate)?.sql(")");
            }
            Self::DeletedIn(operation) => in_operation(model, operation, out)?,
        }
        let by_key = matches!(self, Self::Key(_));
        let plain = ("", if deleted { " IS NOT NULL" } else { " IS NULL" });
        let (before, after) = if by_key {
            out.syntax().is_marked(deleted)
        } else {
            plain
        };
        out.sql(" AND ")
            .sql(before)
            .identifier(model.deleted_at.name())?
            .sql(after);
        Ok(())
    }
}

fn in_operation<'b, DB: Dialect>(
    model: &Descriptor,
    operation: &'b OperationRef,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    match &model.deletion_id {
        Some(column) => {
            out.identifier(column.name())?.sql(" = ").operation(
                column.kind(),
                &operation.id,
                &operation.text,
            )?;
        }
        // A row that does not say which operation deleted it belongs to none.
        None => {
            out.sql("1 = 0");
        }
    }
    Ok(())
}
