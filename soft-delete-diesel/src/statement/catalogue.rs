//! What the database's own catalogue tells.

use diesel::result::QueryResult;

use super::{Statement, Touch, Writer};
use crate::{Dialect, TableName, dialect::Syntax};

/// How many rows the catalogue thinks that a table has; no row, or nothing of use, where it has no opinion.
pub(crate) struct EstimatedRows<'a> {
    table: &'a TableName,
    schema: Option<&'a str>,
}

impl<'a> EstimatedRows<'a> {
    pub(crate) fn new(table: &'a TableName) -> Self {
        Self {
            table,
            schema: table.schema(),
        }
    }
}

impl<DB: Dialect> Statement<DB> for EstimatedRows<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Some([before, between, after]) = out.syntax().estimated_rows() else {
            out.sql("SELECT NULL WHERE 1 = 0");
            return Ok(());
        };
        out.sql(before)
            .nullable_text(&self.schema)?
            .sql(between)
            .text(self.table.name())?
            .sql(after);
        Ok(())
    }
}

/// What the catalogue is asked about a table.
#[derive(Clone, Copy)]
pub(crate) enum AskedOf {
    Columns,
    #[cfg(feature = "archive")]
    StoredColumns,
    Indexes,
    Triggers,
    /// Those that may keep a row from being removed without an error.
    KeepingTriggers,
    /// What the database does by itself on an UPDATE.
    OnUpdate,
    /// Unique keys and exclusion constraints, with what they depend on.
    RestoreKeys,
    /// Whether the database itself keeps what is removed.
    History,
}

/// What the catalogue tells about a table; nothing of one that is not there.
pub(crate) struct AboutTable<'a> {
    table: &'a TableName,
    schema: Option<&'a str>,
    asked: AskedOf,
}

impl<'a> AboutTable<'a> {
    pub(crate) fn new(table: &'a TableName, asked: AskedOf) -> Self {
        Self {
            table,
            schema: table.schema(),
            asked,
        }
    }
}

impl<DB: Dialect> Statement<DB> for AboutTable<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let catalogue = out.database().catalogue();
        let [before, between, after] = match self.asked {
            AskedOf::Columns => catalogue.columns(),
            #[cfg(feature = "archive")]
            AskedOf::StoredColumns => catalogue.stored_columns(),
            AskedOf::Indexes => catalogue.indexes(),
            AskedOf::Triggers => catalogue.triggers(),
            AskedOf::KeepingTriggers => catalogue.keeping_triggers(),
            AskedOf::OnUpdate => catalogue.on_update(),
            AskedOf::RestoreKeys => catalogue.restore_keys(),
            AskedOf::History => catalogue.history(),
        };
        out.sql(before)
            .nullable_text(&self.schema)?
            .sql(between)
            .text(self.table.name())?
            .sql(after);
        Ok(())
    }
}

/// All tables that have a column of this name, column by column.
pub(crate) struct TablesWith<'a>(pub(crate) &'a str);

impl<DB: Dialect> Statement<DB> for TablesWith<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let [before, after] = out.database().catalogue().tables_with();
        out.sql(before).text(self.0)?.sql(after);
        Ok(())
    }
}

/// Whether foreign keys are enforced.
pub(crate) struct EnforcesForeignKeys;

impl<DB: Dialect> Statement<DB> for EnforcesForeignKeys {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let question = out.syntax().enforces_foreign_keys();
        out.sql(question);
        Ok(())
    }
}

/// The user that the database sees, written as `GRANT .. TO` wants it.
pub(crate) struct CurrentUser;

impl<DB: Dialect> Statement<DB> for CurrentUser {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let user = out.syntax().current_user();
        out.sql(user);
        Ok(())
    }
}

/// A setting of the session, on PostgreSQL: NULL where it does not exist.
pub(crate) enum SessionSetting<'a> {
    /// `SELECT current_setting(?, true)`
    Read(&'a str),
    /// `SELECT set_config(?, ?, false)`
    Write(&'a str, &'a str),
}

impl<DB: Dialect> Statement<DB> for SessionSetting<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        match self {
            Self::Read(name) => {
                out.sql("SELECT current_setting(").text(name)?.sql(", true)");
            }
            Self::Write(name, value) => {
                out.sql("SELECT set_config(")
                    .text(name)?
                    .sql(", ")
                    .text(value)?
                    .sql(", false)");
            }
        }
        Ok(())
    }
}

/// The time zone of the session, on MySQL and MariaDB: what it is set to, and what `SYSTEM` means.
pub(crate) struct SessionTimeZone;

impl<DB: Dialect> Statement<DB> for SessionTimeZone {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let question = out.syntax().session_time_zone();
        out.sql(question.unwrap_or("SELECT NULL, NULL WHERE 1 = 0"));
        Ok(())
    }
}

/// `SET time_zone = ?`, there.
pub(crate) struct SetTimeZone<'a>(pub(crate) &'a str);

impl<DB: Dialect> Statement<DB> for SetTimeZone<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SET time_zone = ").text(self.0)?;
        Ok(())
    }
}

/// A statement that changes nothing, to see whether the database would allow it.
pub(crate) enum Attempt<'a> {
    /// `UPDATE t SET deleted_at = deleted_at WHERE 1 = 0`
    Update(Touch<'static>),
    /// `UPDATE t SET c = NULL WHERE 1 = 0`
    SetNull(&'a TableName, &'a str),
    /// `DELETE FROM t WHERE 1 = 0`
    Delete(&'a TableName),
    /// `INSERT INTO soft_delete_audit SELECT .. WHERE 1 = 0`
    Record,
}

impl Attempt<'_> {
    /// What it tries, in words.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Update(Touch(model)) => format!("UPDATE on {}", model.name()),
            Self::SetNull(table, column) => format!("UPDATE of {column} on {table}"),
            Self::Delete(table) => format!("DELETE on {table}"),
            Self::Record => "INSERT on soft_delete_audit".to_owned(),
        }
    }

    /// What is to be granted for it, as SQL.
    pub(crate) fn right(&self, syntax: &dyn Syntax) -> String {
        let (right, schema, table) = match self {
            Self::Update(Touch(model)) => ("UPDATE", model.table.schema(), model.table.name()),
            Self::SetNull(table, _) => ("UPDATE", table.schema(), table.name()),
            Self::Delete(table) => ("DELETE", table.schema(), table.name()),
            Self::Record => ("INSERT", None, "soft_delete_audit"),
        };
        let schema = schema.map(|schema| syntax.quoted(schema) + ".");
        format!(
            "{right} ON {}{}",
            schema.unwrap_or_default(),
            syntax.quoted(table)
        )
    }
}

impl<DB: Dialect> Statement<DB> for Attempt<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        match self {
            Self::Update(touch) => touch.write(out)?,
            Self::SetNull(table, column) => {
                out.sql("UPDATE ").table(table)?.sql(" SET ");
                out.identifier(column)?.sql(" = NULL WHERE 1 = 0");
            }
            Self::Delete(table) => {
                out.sql("DELETE FROM ").table(table)?.sql(" WHERE 1 = 0");
            }
            Self::Record => {
                out.sql("INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, reason, at, root) SELECT operation_id, action, model, record_id, actor, reason, at, root FROM soft_delete_audit WHERE 1 = 0");
            }
        }
        Ok(())
    }
}
