//! The audit trail, as it is read.

use diesel::result::QueryResult;

use super::{Names, OperationRef, Statement, TimeRange, Writer};
use crate::{ColumnKind, Descriptor, Dialect, TableName, Trail};

/// The audit rows of a record, oldest first (by the column itself: the bare name would be the text that is selected,
/// where "10" comes before "9").
pub(crate) struct Audited<'a> {
    pub(crate) model: &'a Descriptor,
    pub(crate) record_id: &'a str,
}

impl<DB: Dialect> Statement<DB> for Audited<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        acts(out);
        out.sql(" WHERE model");
        Names::of(self.model).are(out)?;
        out.sql(" AND record_id = ")
            .text(self.record_id)?
            .sql(" ORDER BY soft_delete_audit.id");
        Ok(())
    }
}

/// A page of the audit rows of all records, newest first:
/// `SELECT .. FROM soft_delete_audit WHERE id < .. AND <filters> ORDER BY id DESC LIMIT ..`
pub(crate) struct AuditPage<'a> {
    pub(crate) trail: &'a Trail,
    /// The model that the trail is of, and the table of that name.
    pub(crate) model: Option<(&'a str, TableName)>,
    pub(crate) operation: Option<OperationRef>,
    pub(crate) action: Option<&'static str>,
    /// What the reason must look like.
    pub(crate) reason: Option<String>,
    pub(crate) between: Option<TimeRange>,
    pub(crate) size: u32,
}

impl<DB: Dialect> Statement<DB> for AuditPage<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let syntax = out.syntax();
        // Which filters there are is part of the text.
        out.never_twice();
        acts(out);
        out.sql(" WHERE 1 = 1");
        if let Some((name, table)) = &self.model {
            out.sql(" AND model");
            Names::written(name, table).are(out)?;
        }
        let texts = [
            (" AND record_id = ", self.trail.record.as_deref()),
            (" AND actor = ", self.trail.by.as_deref()),
            (" AND action = ", self.action),
        ];
        for (condition, text) in texts {
            if let Some(text) = text {
                out.sql(condition).text(text)?;
            }
        }
        if let Some(operation) = &self.operation {
            out.sql(" AND operation_id = ")
                .operation(syntax.audit_id(), &operation.id, &operation.text)?;
        }
        if let Some(pattern) = &self.reason {
            out.sql(" AND reason LIKE ").text(pattern)?.sql(" ESCAPE '!'");
        }
        if let Some(span) = &self.between {
            out.sql(" AND ");
            let at = |out: &mut Writer<'_, 'b, DB>| {
                out.sql("soft_delete_audit.at");
                Ok(())
            };
            span.contains(syntax.audit_time(), at, out)?;
        }
        if let Some(before) = self.trail.before {
            out.sql(" AND soft_delete_audit.id < ");
            // No act has a position below 1.
            out.number(u64::try_from(before).unwrap_or_default());
        }
        out.sql(" ORDER BY soft_delete_audit.id DESC LIMIT ")
            .number(self.size.into());
        Ok(())
    }
}

/// The audit rows since an operation, by day and action, counted:
/// `SELECT <day>, action, COUNT(*) FROM soft_delete_audit WHERE operation_id >= ? GROUP BY 1, 2`
pub(crate) struct Activity<'a>(pub(crate) &'a OperationRef);

impl<DB: Dialect> Statement<DB> for Activity<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let syntax = out.syntax();
        let number = syntax.text(ColumnKind::BigInt);
        out.sql("SELECT ")
            .sql(syntax.audit_day())
            .sql(" AS day, action, ");
        out.sql(number.0).sql("COUNT(*)").sql(number.1);
        out.sql(" FROM soft_delete_audit WHERE operation_id >= ")
            .operation(syntax.audit_id(), &self.0.id, &self.0.text)?;
        out.sql(" GROUP BY ")
            .sql(syntax.audit_day())
            .sql(", action ORDER BY 1, 2");
        Ok(())
    }
}

// What every list of acts tells, in the order in which `AuditRecord` reads it.
fn acts<DB: Dialect>(out: &mut Writer<'_, '_, DB>) {
    let syntax = out.syntax();
    let columns = [
        ("id", ColumnKind::BigInt),
        ("operation_id", syntax.audit_id()),
        ("action", ColumnKind::Text),
        ("model", ColumnKind::Text),
        ("record_id", ColumnKind::Text),
        ("actor", ColumnKind::Text),
        ("reason", ColumnKind::Text),
        ("at", syntax.audit_time()),
    ];
    out.sql("SELECT ");
    for (name, kind) in columns {
        let (before, after) = syntax.text(kind);
        out.sql(before).sql(name).sql(after).sql(", ");
    }
    out.sql("CASE WHEN root THEN 'yes' ELSE 'no' END FROM soft_delete_audit");
}
