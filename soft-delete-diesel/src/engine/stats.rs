//! Counting rows by their state.

use soft_delete_core::EARLIEST;

use super::failure;
use crate::{
    Descriptor, ModelStats, Registry, Result, Stats,
    executor::Executor,
    statement::{CountStates, EstimatedRows, Expired, Instant, TextRow, parse_time, readable},
};

/// The statistics of every model of a registry.
pub(crate) async fn stats<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    question: &Stats<'_>,
) -> Result<Vec<ModelStats>> {
    let mut stats = Vec::with_capacity(registry.models().len());
    for model in registry.models() {
        stats.push(match of_model(executor, model, question, true).await {
            Ok(figures) => figures,
            Err(error) => match failure::missing_schema(executor, error).await {
                // An application that the library is not installed in yet has no holds, and can be looked at.
                // If that fails too, it is the application's own table that is wrong.
                crate::Error::SchemaMissing { .. } => of_model(executor, model, question, false).await?,
                error => return Err(error),
            },
        });
    }
    Ok(stats)
}

async fn of_model<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    question: &Stats<'_>,
    has_holds: bool,
) -> Result<ModelStats> {
    let mut estimate = None;
    if question.estimate_above < u64::MAX {
        let known = estimated_rows(executor, model).await?;
        estimate = known.filter(|rows| *rows > question.estimate_above);
    }
    let count = CountStates {
        model,
        expired: &Expired::at(model, question.instant()),
        soon: &Expired::between(model, question.instant(), question.later()),
        now: &Instant::new(question.instant()),
        first: &Instant::new(EARLIEST),
        without_active: estimate.is_some(),
        has_holds,
    };
    let mut row = executor.rows(&count).await?.pop().unwrap_or_default();
    let mut number = |field| -> Result<u64> {
        readable(
            model.name(),
            "COUNT(*)",
            row.take(field).unwrap_or_default(),
            str::parse,
        )
    };
    let mut figures = ModelStats {
        model: model.name().to_owned(),
        active: number(0)?,
        deleted: number(1)?,
        expired: number(2)?,
        expiring_soon: number(3)?,
        held: number(4)?,
        oldest_deleted_at: None,
        is_estimated: estimate.is_some(),
    };
    figures.oldest_deleted_at = row.take(5).and_then(|oldest| parse_time(&oldest).ok());
    if let Some(estimate) = estimate {
        figures.active = estimate.saturating_sub(figures.deleted);
    }
    Ok(figures)
}

/// How many rows a table has by the catalogue, if it says anything.
pub(super) async fn estimated_rows<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
) -> Result<Option<u64>> {
    let rows: Vec<TextRow> = executor.rows(&EstimatedRows::new(&model.table)).await?;
    let text = rows.into_iter().next().and_then(|mut row| row.take(0));
    let estimate: Option<i64> = text.and_then(|text| text.parse().ok());
    Ok(estimate
        .and_then(|rows| u64::try_from(rows).ok())
        .filter(|rows| *rows > 0))
}
