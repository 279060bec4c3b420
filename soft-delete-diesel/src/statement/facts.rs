//! Asking the catalog what the database does by itself with a write.

use diesel::result::QueryResult;

use super::{Statement, Writer};
use crate::{Dialect, TableName};

/// Which of the forms of the question is for this user; not asked where there is one only.
pub(crate) struct ChooseFacts;

impl<DB: Dialect> Statement<DB> for ChooseFacts {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let choice = out.database().facts().choice();
        out.sql(choice.unwrap_or("SELECT '0'"));
        Ok(())
    }
}

/// What the database calls the present state of its schema.
pub(crate) struct SchemaVersion;

impl<DB: Dialect> Statement<DB> for SchemaVersion {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let version = out.database().facts().version();
        out.sql(version.unwrap_or("SELECT NULL"));
        Ok(())
    }
}

/// The schema facts of several tables, in one statement.
pub(crate) struct ReadFacts<'a> {
    tables: Vec<(Option<&'a str>, &'a str)>,
    question: usize,
}

impl<'a> ReadFacts<'a> {
    pub(crate) fn new(tables: &'a [TableName], question: usize) -> Self {
        Self {
            tables: tables
                .iter()
                .map(|table| (table.schema(), table.name()))
                .collect(),
            question,
        }
    }
}

impl<DB: Dialect> Statement<DB> for ReadFacts<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let questions = out.database().facts().questions();
        let Some(question) = questions.get(self.question).or(questions.last()) else {
            return Ok(());
        };
        if let Some([before, after]) = question.about_all {
            out.sql(before);
            for (number, (schema, name)) in self.tables.iter().enumerate() {
                out.sql(if number > 0 {
                    " UNION ALL SELECT '"
                } else {
                    "SELECT '"
                })
                .number(number as u64)
                .sql("' AS place, ");
                out.nullable_text(schema)?
                    .sql(" AS space, ")
                    .text(name)?
                    .sql(" AS name");
            }
            out.sql(after);
        }
        out.sql(question.besides);
        for (number, (schema, name)) in self.tables.iter().enumerate() {
            for [before, between, after] in question.about_each {
                out.sql(" UNION ALL SELECT '").number(number as u64).sql("', ");
                out.sql(before).nullable_text(schema)?;
                out.sql(between).text(name)?.sql(after);
            }
        }
        Ok(())
    }
}
