//! Looking for rows that cannot be right.

use diesel::result::QueryResult;

use super::{Instant, Statement, Writer, references::compare_by_parent};
use crate::{Column, ColumnKind, Descriptor, Dialect, Relation};

/// How many deleted rows carry a time that no clock wrote, or that this database cannot compare with others.
///
/// `first` and `last` are the ends of all time that can be compared.
pub(crate) struct UnreadableTimes<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) first: &'a Instant,
    pub(crate) last: &'a Instant,
}

impl<DB: Dialect> Statement<DB> for UnreadableTimes<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = &self.model.deleted_at;
        count(self.model, out)?;
        out.sql(" WHERE ")
            .identifier(deleted_at.name())?
            .sql(" IS NOT NULL AND NOT (");
        out.identifier(deleted_at.name())?.sql(" BETWEEN ");
        out.time(deleted_at.kind(), &self.first.time, &self.first.text)?
            .sql(" AND ");
        out.time(deleted_at.kind(), &self.last.time, &self.last.text)?;
        let pattern = out.syntax().written_time();
        if let Some(pattern) = pattern {
            out.sql(" AND ").identifier(deleted_at.name())?.sql(pattern);
        }
        out.sql(")");
        Ok(())
    }
}

/// How many deleted rows were deleted after this instant.
pub(crate) struct FutureTimes<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) now: &'a Instant,
    pub(crate) last: &'a Instant,
}

impl<DB: Dialect> Statement<DB> for FutureTimes<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let deleted_at = &self.model.deleted_at;
        count(self.model, out)?;
        out.sql(" WHERE ").identifier(deleted_at.name())?.sql(" BETWEEN ");
        out.time(deleted_at.kind(), &self.now.time, &self.now.text)?
            .sql(" AND ");
        out.time(deleted_at.kind(), &self.last.time, &self.last.text)?;
        Ok(())
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
            .sql(" IS NOT NULL AND ")
            .identifier(self.flag.name())?
            .sql(" = FALSE) OR (")
            .identifier(deleted_at)?
            .sql(" IS NULL AND ")
            .identifier(self.flag.name())?
            .sql(" = TRUE)");
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
        let key: Vec<&str> = parent.key.iter().map(Column::name).collect();
        out.sql("SELECT ").sql(number.0).sql("COUNT(*)").sql(number.1);
        out.sql(", MIN(")
            .key_text_of(child, Some("child"))?
            .sql(") FROM ");
        out.table(&child.table)?.sql(" AS child INNER JOIN ");
        out.table(&parent.table)?.sql(" AS parent ON ");
        if compare_by_parent(parent, out) {
            out.equal(Some("parent"), &key, Some("child"), self.relation.foreign_key())?;
        } else {
            out.equal(Some("child"), self.relation.foreign_key(), Some("parent"), &key)?;
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
