//! The names that a table goes by: `leads`, and `crm.leads` for whoever has another search path.

use diesel::result::QueryResult;

use super::{Statement, Writer};
use crate::{Dialect, TableName};

/// A table as the library's own tables may name it.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    name: &'a str,
    table: &'a TableName,
}

impl<'a> Names<'a> {
    pub(crate) fn of(model: &'a crate::Descriptor) -> Self {
        Self {
            name: model.name(),
            table: &model.table,
        }
    }

    /// Of a name that was read, and the table that it names.
    pub(crate) fn written(name: &'a str, table: &'a TableName) -> Self {
        Self { name, table }
    }

    /// `IN (<the name>, <another name of the same table>, ..)`: what the catalog knows of them decides.
    pub(super) fn are<'b, DB: Dialect>(self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'a: 'b,
    {
        out.sql(" IN (").text(self.name)?;
        self.others(out)?;
        out.sql(")");
        Ok(())
    }

    /// `<hold>.model IN (..)`: whether a hold may be on this table. A name without a schema may be that of any, because
    /// whoever placed the hold may have had another search path, and letters may count for nothing.
    pub(super) fn may_be_held<'b, DB: Dialect>(
        self,
        hold: &'static str,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        'a: 'b,
    {
        let (before, after) = out.syntax().any_letters();
        out.sql(hold).sql(".model IN (").sql(before).text(self.name)?;
        if self.table.schema().is_some() {
            out.sql(", ").text(self.table.name())?;
        } else {
            self.others(out)?;
        }
        out.sql(after).sql(")");
        Ok(())
    }

    fn others<'b, DB: Dialect>(self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'a: 'b,
    {
        match self.table.schema() {
            None => {
                for (before, after) in out.syntax().names_without_schema() {
                    out.sql(", ").sql(before).text(self.table.name())?.sql(after);
                }
            }
            Some(schema) => {
                let [before, between, after] = out.syntax().name_with_schema();
                out.sql(", ").sql(before).text(schema)?;
                out.sql(between).text(self.table.name())?.sql(after);
            }
        }
        Ok(())
    }
}

/// The name of a table without its schema, if that means the same table to this session.
pub(crate) struct NameWithoutSchema<'a> {
    pub(crate) schema: &'a str,
    pub(crate) name: &'a str,
}

impl<DB: Dialect> Statement<DB> for NameWithoutSchema<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let [before, between, after] = out.syntax().name_with_schema();
        out.sql("SELECT ").sql(before).text(self.schema)?;
        out.sql(between).text(self.name)?.sql(after);
        Ok(())
    }
}
