//! The table of runs: what each cleanup did to each model, and what became of it.

use diesel::result::QueryResult;
use soft_delete_core::ModelReport;

use super::{Act, Instant, OperationRef, Statement, Writer};
use crate::{ColumnKind, Dialect};

/// Notes that a run has begun with a model.
pub(crate) struct BeginRun<'a> {
    pub(crate) act: &'a Act<'a>,
    /// The latest deletion that is due by the model's retention; `None` where there is none, or age does not count.
    pub(crate) cutoff: Option<&'a Instant>,
}

impl<DB: Dialect> Statement<DB> for BeginRun<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, syntax) = (self.act, out.syntax());
        out.storable("actor", act.actor)?
            .storable("reason", act.reason.unwrap_or_default())?;
        out.sql("INSERT INTO soft_delete_runs (run_id, model, action, actor, reason, state, cutoff, started_at, seen_at, expired, purged, owned, held, blocked, skipped, batches) VALUES (");
        out.operation(syntax.audit_id(), act.operation.uuid(), &act.operation_text)?
            .sql(", ")
            .text(act.model.name())?
            .sql(", ")
            .text(act.action.as_str())?
            .sql(", ");
        out.text(act.actor)?.sql(", ").nullable_text(&act.reason)?;
        out.sql(", 'running', ");
        match self.cutoff {
            Some(cutoff) => out.time(syntax.audit_time(), &cutoff.time, &cutoff.text)?,
            None => out.sql("NULL"),
        };
        let now = syntax.now();
        out.sql(", ").sql(now).sql(", ").sql(now);
        out.sql(", 0, 0, 0, 0, 0, 0, 0)");
        Ok(())
    }
}

/// Notes how far a run has come with a model, and at the end why it ended.
pub(crate) struct NoteRun<'a> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) report: &'a ModelReport,
    /// `None` while it is running.
    pub(crate) stopped: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
}

impl<DB: Dialect> Statement<DB> for NoteRun<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, report, syntax) = (self.act, self.report, out.syntax());
        let now = syntax.now();
        // The figures are part of the text.
        out.never_twice();
        out.sql("UPDATE soft_delete_runs SET seen_at = ").sql(now);
        if let Some(stopped) = &self.stopped {
            out.sql(", finished_at = ").sql(now).sql(", state = ");
            out.sql(match *stopped {
                "completed" => "'completed'",
                "failed" => "'failed'",
                _ => "'stopped'",
            });
            out.sql(", stopped = ").text(stopped)?;
        }
        if self.error.is_some() {
            out.sql(", error = ").nullable_text(&self.error)?;
        }
        for (column, rows) in [
            (", expired = ", report.expired),
            (", purged = ", report.purged),
            (", owned = ", report.owned),
            (", held = ", report.held),
            (", blocked = ", report.blocked_rows),
            (", skipped = ", report.skipped),
            (", batches = ", report.batches),
        ] {
            out.sql(column).number(rows);
        }
        out.sql(" WHERE run_id = ")
            .operation(syntax.audit_id(), act.operation.uuid(), &act.operation_text)?
            .sql(" AND model = ")
            .text(act.model.name())?;
        Ok(())
    }
}

/// Notes of every other run that is not finished that it never will be; only for who has the lease.
pub(crate) struct AbandonRuns<'a>(pub(crate) &'a OperationRef);

impl<DB: Dialect> Statement<DB> for AbandonRuns<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let kind = out.syntax().audit_id();
        out.sql("UPDATE soft_delete_runs SET state = 'abandoned' WHERE state = 'running' AND run_id <> ")
            .operation(kind, &self.0.id, &self.0.text)?;
        Ok(())
    }
}

/// Notes of a run that it ended in a panic.
pub(crate) struct FailRun<'a>(pub(crate) &'a OperationRef);

impl<DB: Dialect> Statement<DB> for FailRun<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (kind, now) = (out.syntax().audit_id(), out.syntax().now());
        out.sql("UPDATE soft_delete_runs SET state = 'failed', stopped = 'failed', error = 'it panicked', seen_at = ")
            .sql(now)
            .sql(", finished_at = ")
            .sql(now)
            .sql(" WHERE state = 'running' AND run_id = ")
            .operation(kind, &self.0.id, &self.0.text)?;
        Ok(())
    }
}

/// Runs, newest first, a row for each model.
pub(crate) struct RunsPage<'a> {
    pub(crate) before: Option<&'a OperationRef>,
    pub(crate) size: u32,
}

impl<DB: Dialect> Statement<DB> for RunsPage<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let syntax = out.syntax();
        let (id, time) = (syntax.audit_id(), syntax.audit_time());
        let columns = [
            ("run_id", id),
            ("model", ColumnKind::Text),
            ("action", ColumnKind::Text),
            ("actor", ColumnKind::Text),
            ("reason", ColumnKind::Text),
            ("state", ColumnKind::Text),
            ("stopped", ColumnKind::Text),
            ("error", ColumnKind::Text),
            ("cutoff", time),
            ("started_at", time),
            ("seen_at", time),
            ("finished_at", time),
            ("expired", ColumnKind::BigInt),
            ("purged", ColumnKind::BigInt),
            ("owned", ColumnKind::BigInt),
            ("held", ColumnKind::BigInt),
            ("blocked", ColumnKind::BigInt),
            ("skipped", ColumnKind::BigInt),
            ("batches", ColumnKind::BigInt),
        ];
        for (number, (name, kind)) in columns.into_iter().enumerate() {
            let (before, after) = syntax.text(kind);
            out.sql(if number > 0 { ", " } else { "SELECT " })
                .sql(before)
                .sql("run.")
                .sql(name)
                .sql(after);
        }
        // The identities of runs sort by time.
        out.sql(" FROM soft_delete_runs AS run INNER JOIN (SELECT DISTINCT run_id FROM soft_delete_runs");
        if let Some(before) = self.before {
            out.sql(" WHERE run_id < ")
                .operation(id, &before.id, &before.text)?;
        }
        out.sql(" ORDER BY run_id DESC LIMIT ")
            .number(self.size.into())
            .sql(") AS page ON page.run_id = run.run_id ORDER BY run.run_id DESC, run.started_at, run.model");
        Ok(())
    }
}
