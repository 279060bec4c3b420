//! Looking for rows that cannot be right.

use diesel::result::QueryResult;

use super::{Statement, TimeRange, Writer, references::compares_by_parent};
use crate::{Column, ColumnKind, Descriptor, Dialect, Relation};

/// How many deleted rows carry a time in this column that no clock wrote, or that means no instant: they are never due.
pub(crate) struct UnreadableTimes<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) column: &'static Column,
    /// All time that can be compared.
    pub(crate) ever: &'a TimeRange,
}

impl<DB: Dialect> Statement<DB> for UnreadableTimes<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let column = self.column;
        count(self.model, out)?;
        out.sql(" WHERE ")
            .identifier(self.model.deleted_at.name())?
            .sql(" IS NOT NULL AND ")
            .identifier(column.name())?
            .sql(" IS NOT NULL AND CASE WHEN ");
        self.ever
            .contains(column.kind(), |out| out.identifier(column.name()).map(drop), out)?;
        out.sql(" THEN 0 ELSE 1 END = 1");
        Ok(())
    }
}

/// How many deleted rows were deleted after this instant.
pub(crate) struct FutureTimes<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) from_now_on: &'a TimeRange,
}

impl<DB: Dialect> Statement<DB> for FutureTimes<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = &self.model.deleted_at;
        count(self.model, out)?;
        out.sql(" WHERE ");
        self.from_now_on.contains(
            deleted_at.kind(),
            |out| out.identifier(deleted_at.name()).map(drop),
            out,
        )
    }
}

/// How many rows have a flag that says something else than their time of deletion.
pub(crate) struct ContraryFlags<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) flag: &'a Column,
}

impl<DB: Dialect> Statement<DB> for ContraryFlags<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = self.model.deleted_at.name();
        count(self.model, out)?;
        out.sql(" WHERE (")
            .identifier(deleted_at)?
            .sql(" IS NOT NULL AND (")
            .identifier(self.flag.name())?
            .sql(" = ")
            .sql(self.model.flag.deleted)
            .sql(") IS NOT TRUE) OR (")
            .identifier(deleted_at)?
            .sql(" IS NULL AND ")
            .identifier(self.flag.name())?
            .sql(" = ")
            .sql(self.model.flag.deleted)
            .sql(")");
        Ok(())
    }
}

/// How many active rows of a child hang on deleted rows of a model, and the key of the first.
pub(crate) struct ActiveUnderDeleted {
    pub(crate) parent: &'static Descriptor,
    pub(crate) child: &'static Descriptor,
    pub(crate) relation: &'static Relation,
}

impl<DB: Dialect> Statement<DB> for ActiveUnderDeleted {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (parent, child) = (self.parent, self.child);
        let number = out.syntax().text(ColumnKind::BigInt);
        let referred = self.relation.parent_columns(parent);
        out.sql("SELECT ").sql(number.0).sql("COUNT(*)").sql(number.1);
        out.sql(", MIN(")
            .key_text_of(child, Some("child"))?
            .sql(") FROM ");
        out.table(&child.table)?.sql(" AS child INNER JOIN ");
        out.table(&parent.table)?.sql(" AS parent ON ");
        let foreign_key = self.relation.foreign_key();
        if compares_by_parent(self.relation, parent, out) {
            out.equal(Some("parent"), &referred, Some("child"), foreign_key)?;
        } else {
            out.equal(Some("child"), foreign_key, Some("parent"), &referred)?;
        }
        out.sql(" WHERE ")
            .qualified(Some("child"), child.deleted_at.name())?
            .sql(" IS NULL AND ")
            .qualified(Some("parent"), parent.deleted_at.name())?
            .sql(" IS NOT NULL");
        Ok(())
    }
}

fn count<DB: Dialect>(model: &Descriptor, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
    let number = out.syntax().text(ColumnKind::BigInt);
    out.sql("SELECT ").sql(number.0).sql("COUNT(*)").sql(number.1);
    out.sql(", MIN(").key_text(model)?.sql(") FROM ");
    out.table(&model.table)?;
    Ok(())
}
