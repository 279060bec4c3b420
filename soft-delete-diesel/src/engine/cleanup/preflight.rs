//! What is looked at before a cleanup removes anything.

use soft_delete_core::{
    Context,
    chrono::{DateTime, TimeDelta, Utc},
};

use super::{
    Job, Question,
    job::owned_may_stay,
    kin::{self, Kin},
    removal_order,
    schema_watch::SchemaWatch,
};
use crate::{
    Descriptor, Error, Registry, Result,
    cleanup::Limits,
    engine::{database_time, failure, foreign_keys, owners, stats::estimated_rows},
    executor::Executor,
    statement::{Asked, Attempt, CountOf, CountUpTo, TextRow, parse_time, readable},
};

/// The instant that retention is counted from.
pub(super) async fn instant<E: Executor>(
    executor: &mut E,
    who: &Context,
    limits: &Limits,
) -> Result<DateTime<Utc>> {
    let application = who.now();
    let Some(limit) = limits.max_clock_skew else {
        return Ok(application);
    };
    let database = database_time(executor).await?;
    let skew = (application - database).abs();
    if skew > TimeDelta::from_std(limit).unwrap_or(TimeDelta::MAX) {
        return Err(Error::ClockSkew {
            application,
            database,
            limit_seconds: limit.as_secs(),
        });
    }
    Ok(application.min(database))
}

/// What there is to do with each model, once nothing dangerous was found.
pub(super) async fn jobs<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    models: Vec<&'static Descriptor>,
) -> Result<Vec<Job>> {
    // All models, because what refers to rows of the chosen ones is told by its table.
    let watch = SchemaWatch::begin(executor).await?;
    let facts = foreign_keys::facts_of(executor, kin::all(registry)).await?;
    let mut jobs = Vec::with_capacity(models.len());
    for (model, only_along) in with_kin(models) {
        owners::refuse_ambiguous(executor, &facts, model).await?;
        let keys = foreign_keys::into_model(&facts, registry, model)?;
        let kin = Kin::read(executor, &facts, registry, model, &keys).await?;
        jobs.push(Job {
            only_along,
            owned_may_stay: owned_may_stay(&facts, &kin),
            ..Job::new(model, watch.clone(), keys, kin)
        });
    }
    Ok(removal_order::ordered(jobs))
}

// The models that were chosen and, before the first whose rows they go along with, those that were not.
fn with_kin(chosen: Vec<&'static Descriptor>) -> Vec<(&'static Descriptor, bool)> {
    let is_chosen = |model: &Descriptor| chosen.iter().any(|chosen| chosen.name() == model.name());
    let mut all: Vec<(&'static Descriptor, bool)> = Vec::with_capacity(chosen.len());
    for model in &chosen {
        for along in model.removed_together().models.iter().skip(1).rev() {
            if !is_chosen(along) && all.iter().all(|(known, _)| known.name() != along.name()) {
                all.push((along, true));
            }
        }
        all.push((model, false));
    }
    all
}

/// Tries what the cleanup will do, on no row, so that what is not permitted is known before the first batch.
pub(super) async fn permission<E: Executor>(executor: &mut E, jobs: &[Job]) -> Result<()> {
    executor.begin().await?;
    let answer = attempts(executor, jobs).await;
    // Nothing was changed.
    let _ = executor.rollback().await;
    match answer {
        Err((what, Error::Database(source))) => Err(Error::NotPermitted { what, source }),
        Err((_, error)) => Err(error),
        Ok(()) => Ok(()),
    }
}

async fn attempts<E: Executor>(executor: &mut E, jobs: &[Job]) -> std::result::Result<(), (String, Error)> {
    for job in jobs {
        let tables = std::iter::once(&job.model.table).chain(job.owned().map(crate::Relation::child_table));
        let mut attempts: Vec<Attempt<'_>> = tables.map(Attempt::Delete).collect();
        attempts.extend(job.model.audited.then_some(Attempt::Record));
        for attempt in attempts {
            if let Err(error) = executor.execute(&attempt).await {
                return Err((attempt.in_words(), error.into()));
            }
        }
    }
    Ok(())
}

/// Counts what is due, chooses an order, and refuses what is too much of a table; a dry run only notes it.
pub(super) async fn extent<E: Executor>(
    executor: &mut E,
    job: &mut Job,
    question: &Question,
    limits: &Limits,
) -> Result<()> {
    let (model, max_fraction) = (job.model, limits.max_fraction);
    if job.only_along {
        return Ok(());
    }
    let removable = question.removable(model, false);
    let count = CountOf {
        removable: &removable,
        asked: Asked::Due,
    };
    let row = executor.rows(&count).await?.pop();
    let mut row = row.unwrap_or_default();
    job.expired = number(&mut row, 0)?;
    job.oldest = row.take(1).and_then(|oldest| parse_time(&oldest).ok());
    if job.expired == 0 {
        return Ok(());
    }
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rows are counted exactly up to 2^53"
    )]
    let enough = (job.expired as f64 / max_fraction).ceil() as u64;
    let brake = (max_fraction < 1.0).then_some(enough.max(SMALL));
    let estimate = estimated_rows(executor, model).await?;
    // No more is counted than is needed to know whether the brake holds, and whether a tenth of the table is due.
    let tenth = job.expired.saturating_mul(10);
    let limit = brake.max(estimate.is_none().then_some(tenth));
    let mut rows = None;
    if let Some(limit) = limit {
        let count = CountUpTo {
            model,
            limit: limit.saturating_add(1),
        };
        let mut row = executor.rows(&count).await?.pop().unwrap_or_default();
        rows = Some(number(&mut row, 0)?);
    }
    job.by_key = estimate.or(rows).is_some_and(|rows| tenth >= rows);
    job.is_too_many = brake.is_some() && rows.is_some_and(|rows| rows > SMALL && rows < enough);
    if job.is_too_many && !limits.dry_run {
        return Err(Error::TooManyRows {
            model: model.name().to_owned(),
            rows: job.expired,
            percent: max_fraction * 100.0,
        });
    }
    Ok(())
}

// A table of so many rows may be emptied without being asked.
const SMALL: u64 = 1_000;

/// A field that holds a count.
pub(super) fn number(row: &mut TextRow, field: usize) -> Result<u64> {
    readable(
        "the database",
        "COUNT(*)",
        row.take(field).unwrap_or_default(),
        str::parse,
    )
}

/// What an error before the first batch means.
pub(super) async fn explain<E: Executor>(executor: &mut E, error: Error) -> Error {
    match error {
        Error::NotPermitted { what, source } => {
            match failure::missing_schema(executor, Error::Database(source)).await {
                Error::Database(source) if failure::is_broken_schema(&source) => {
                    Error::BrokenSchema { what, source }
                }
                Error::Database(source) => Error::NotPermitted { what, source },
                missing => missing,
            }
        }
        error => failure::missing_schema(executor, error).await,
    }
}
