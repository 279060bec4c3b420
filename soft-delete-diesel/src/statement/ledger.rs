//! Listing operations, and counting what they reached.

use diesel::result::QueryResult;

use super::{OperationRef, Statement, Writer, rows::Window};
use crate::{ColumnKind, Descriptor, Dialect};

/// The newest operations before one that is known, a row of the audit trail for each:
///
/// ```sql
/// WITH RECURSIVE page (row_id, number) AS (
///     SELECT (SELECT id FROM soft_delete_audit WHERE operation_id < ? ORDER BY operation_id DESC LIMIT 1), 1
///     UNION ALL
///     SELECT (.. the row before the one of this page ..), number + 1 FROM page WHERE row_id IS NOT NULL AND number < ?
/// ) SELECT .. FROM page INNER JOIN soft_delete_audit ..
/// ```
///
/// Each step is one look into the index, however many rows the operation has.
pub(crate) struct OperationsPage<'a> {
    pub(crate) size: u32,
    pub(crate) before: Option<&'a OperationRef>,
}

impl<DB: Dialect> Statement<DB> for OperationsPage<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let syntax = out.syntax();
        out.sql("WITH RECURSIVE page (row_id, number) AS (SELECT (SELECT id FROM soft_delete_audit ");
        if let Some(before) = self.before {
            out.sql("WHERE operation_id < ")
                .operation(syntax.audit_id(), &before.id, &before.text)?
                .sql(" ");
        }
        out.sql("ORDER BY operation_id DESC LIMIT 1), 1 UNION ALL SELECT (SELECT earlier.id FROM soft_delete_audit AS earlier WHERE earlier.operation_id < (SELECT known.operation_id FROM soft_delete_audit AS known WHERE known.id = page.row_id) ORDER BY earlier.operation_id DESC LIMIT 1), page.number + 1 FROM page WHERE page.row_id IS NOT NULL AND page.number < ");
        out.number(self.size.into()).sql(") SELECT ");
        for (number, (column, kind)) in [
            ("entry.operation_id", syntax.audit_id()),
            ("entry.action", ColumnKind::Text),
            ("entry.actor", ColumnKind::Text),
            ("entry.reason", ColumnKind::Text),
            ("entry.at", syntax.audit_time()),
        ]
        .into_iter()
        .enumerate()
        {
            let (before, after) = syntax.text(kind);
            out.sql(if number > 0 { ", " } else { "" })
                .sql(before)
                .sql(column)
                .sql(after);
        }
        out.sql(
            " FROM page INNER JOIN soft_delete_audit AS entry ON entry.id = page.row_id ORDER BY page.number",
        );
        Ok(())
    }
}

/// How many rows of each model these operations reached, and how many of them were asked for.
pub(crate) struct CountOperations<'a>(pub(crate) &'a [OperationRef]);

impl<DB: Dialect> Statement<DB> for CountOperations<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let syntax = out.syntax();
        let (id, number) = (syntax.text(syntax.audit_id()), syntax.text(ColumnKind::BigInt));
        out.sql("SELECT ")
            .sql(id.0)
            .sql("operation_id")
            .sql(id.1)
            .sql(", model, ");
        out.sql(number.0).sql("COUNT(*)").sql(number.1).sql(", ");
        out.sql(number.0)
            .sql("SUM(CASE WHEN root THEN 1 ELSE 0 END)")
            .sql(number.1);
        out.sql(" FROM soft_delete_audit WHERE operation_id ");
        one_of(self.0, syntax.audit_id(), out)?;
        out.sql(" GROUP BY operation_id, model ORDER BY model");
        Ok(())
    }
}

/// How many rows of a model are still deleted by each of these operations, all of which happened in this span of time.
pub(crate) struct CountLeft<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) operations: &'a [OperationRef],
    pub(crate) window: &'a Window,
}

impl<DB: Dialect> Statement<DB> for CountLeft<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Some(column) = &self.model.deletion_id else {
            out.sql("SELECT NULL, NULL WHERE 1 = 0");
            return Ok(());
        };
        let number = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT ").column_text(column)?.sql(", ");
        out.sql(number.0).sql("COUNT(*)").sql(number.1).sql(" FROM ");
        out.table(&self.model.table)?.sql(" WHERE ");
        self.window.write(self.model, out)?;
        out.sql(" AND ").identifier(column.name())?.sql(" ");
        one_of(self.operations, column.kind(), out)?;
        out.sql(" GROUP BY ").identifier(column.name())?;
        Ok(())
    }
}

/// How many rows of each model that these operations deleted were removed for good since, how many of those had been asked for, and
/// the last removal: when it was, and whose. Rows that had come back before, or were put back from an archive, are not among them.
pub(crate) struct CountGone<'a>(pub(crate) &'a [OperationRef]);

impl<DB: Dialect> Statement<DB> for CountGone<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let syntax = out.syntax();
        let number = syntax.text(ColumnKind::BigInt);
        out.sql("SELECT ");
        for (place, (column, kind)) in [
            ("gone.operation_id", syntax.audit_id()),
            ("gone.model", ColumnKind::Text),
            ("last.at", syntax.audit_time()),
            ("last.actor", ColumnKind::Text),
        ]
        .into_iter()
        .enumerate()
        {
            let (before, after) = syntax.text(kind);
            out.sql(if place > 0 { ", " } else { "" })
                .sql(before)
                .sql(column)
                .sql(after);
        }
        for column in ["gone.removed", "gone.roots"] {
            out.sql(", ").sql(number.0).sql(column).sql(number.1);
        }
        out.sql(
            " FROM (SELECT went.operation_id AS operation_id, went.model AS model, COUNT(*) AS removed, \
             SUM(CASE WHEN went.root THEN 1 ELSE 0 END) AS roots, MAX(went.removal) AS removal \
             FROM (SELECT entry.operation_id AS operation_id, entry.model AS model, entry.root AS root, MAX(removed.id) AS removal \
             FROM soft_delete_audit AS entry INNER JOIN soft_delete_audit AS removed ON removed.model = entry.model \
             AND removed.record_id = entry.record_id AND removed.id > entry.id AND removed.action IN ('purge', 'force_delete') \
             WHERE entry.action = 'soft_delete' AND entry.operation_id ",
        );
        one_of(self.0, syntax.audit_id(), out)?;
        out.sql(
            " AND NOT EXISTS (SELECT 1 FROM soft_delete_audit AS back WHERE back.model = entry.model \
             AND back.record_id = entry.record_id AND ((back.action = 'restore' AND back.id > entry.id AND back.id < removed.id) \
             OR (back.action = 'load' AND back.id > removed.id))) \
             GROUP BY entry.id, entry.operation_id, entry.model, entry.root) AS went \
             GROUP BY went.operation_id, went.model) AS gone \
             INNER JOIN soft_delete_audit AS last ON last.id = gone.removal ORDER BY gone.model",
        );
        Ok(())
    }
}

// `IN (?, ..)`: how many there are is part of the text.
fn one_of<'b, DB: Dialect>(
    operations: &'b [OperationRef],
    kind: ColumnKind,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    out.never_twice();
    out.sql("IN (");
    for (number, operation) in operations.iter().enumerate() {
        out.sql(if number > 0 { ", " } else { "" })
            .operation(kind, &operation.id, &operation.text)?;
    }
    out.sql(")");
    Ok(())
}
