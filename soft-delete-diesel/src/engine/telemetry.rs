//! What operators see: spans and events for `tracing`, figures for `metrics`. Never what a row holds.

use std::{future::Future, time::Duration};

use soft_delete_core::{CleanupReport, ModelReport};

use crate::statement::Act;

/// Tells of rows that an act changed, once that is committed.
pub(super) fn acted(act: &Act<'_>, rows: u64) {
    #[cfg(feature = "tracing")]
    tracing::info!(
        model = act.model.name(),
        rows,
        operation_id = %act.operation,
        actor = act.actor,
        reason = act.reason,
        "{}",
        act.action
    );
    #[cfg(feature = "metrics")]
    metrics::counter!("soft_delete_rows_total", "model" => act.model.name(), "action" => act.action.as_str())
        .increment(rows);
    #[cfg(not(any(feature = "tracing", feature = "metrics")))]
    let _ = (act, rows);
}

/// Tells of a batch that is done, however it ended.
pub(super) fn batch_took(act: &Act<'_>, time: Duration) {
    #[cfg(feature = "metrics")]
    metrics::histogram!("soft_delete_batch_seconds", "model" => act.model.name()).record(time);
    #[cfg(not(feature = "metrics"))]
    let _ = (act, time);
}

/// Tells what a cleanup has found out about a model.
pub(super) fn cleaned(act: &Act<'_>, report: &ModelReport) {
    #[cfg(feature = "tracing")]
    if report.blocked_rows > 0 {
        tracing::warn!(
            model = act.model.name(),
            rows = report.blocked_rows,
            operation_id = %act.operation,
            "blocked"
        );
    }
    #[cfg(feature = "metrics")]
    {
        // Rows are counted exactly up to 2^53.
        #[allow(clippy::cast_precision_loss)]
        let rows = |rows: u64| rows as f64;
        metrics::gauge!("soft_delete_blocked_rows", "model" => act.model.name())
            .set(rows(report.blocked_rows));
        metrics::gauge!("soft_delete_expired_rows", "model" => act.model.name())
            .set(rows(report.expired.saturating_sub(report.purged)));
    }
    #[cfg(not(any(feature = "tracing", feature = "metrics")))]
    let _ = (act, report);
}

/// Tells of a cleanup that came to its end.
pub(super) fn run_took(act: &Act<'_>, report: &CleanupReport, time: Duration) {
    #[cfg(feature = "tracing")]
    tracing::info!(
        run_id = %act.operation,
        purged = report.purged(),
        stopped = report.stopped.as_str(),
        "cleanup"
    );
    #[cfg(feature = "metrics")]
    {
        metrics::histogram!("soft_delete_run_seconds").record(time);
        if report.stopped.is_complete() {
            // Seconds since 1970 are exact up to 2^53.
            #[allow(clippy::cast_precision_loss)]
            metrics::gauge!("soft_delete_last_success_timestamp_seconds").set(act.at.timestamp() as f64);
        }
    }
    let _ = (act, report, time);
}

/// The work of a run, in its span.
#[cfg(feature = "tracing")]
pub(super) fn in_run<F: Future>(act: &Act<'_>, work: F) -> impl Future<Output = F::Output> + use<F> {
    let span =
        tracing::info_span!("soft_delete_cleanup", run_id = %act.operation, action = act.action.as_str());
    tracing::Instrument::instrument(work, span)
}

/// The work of a batch, in its span.
#[cfg(feature = "tracing")]
pub(super) fn in_batch<F: Future>(
    act: &Act<'_>,
    batch: u64,
    work: F,
) -> impl Future<Output = F::Output> + use<F> {
    let span = tracing::debug_span!("soft_delete_batch", model = act.model.name(), batch);
    tracing::Instrument::instrument(work, span)
}

/// The work of a run.
#[cfg(not(feature = "tracing"))]
pub(super) fn in_run<F: Future>(_: &Act<'_>, work: F) -> F {
    work
}

/// The work of a batch.
#[cfg(not(feature = "tracing"))]
pub(super) fn in_batch<F: Future>(_: &Act<'_>, _: u64, work: F) -> F {
    work
}
