//! Operations on a case, and what the library answers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use soft_delete::{
    Actor, Cleanup, CleanupReport, Context, DeletionId, Error, FixedClock, Operation, Registry,
};

use super::{
    schema::{Case, Step, When},
    site::Site,
};

/// Longer than a cleanup of a few rows takes on any machine; one that takes longer goes round in circles.
const MAX_DURATION: Duration = Duration::from_secs(60);

/// What the library answered.
#[derive(Debug)]
pub enum Answer {
    Refused(String),
    Operation(Operation),
    Report(CleanupReport),
    /// Nothing was asked: there was no such operation before, or its model is not known.
    NotAsked,
}

/// What a case has done so far, as far as later steps refer to it.
#[derive(Default)]
pub struct Past {
    pub latest: Option<DeletionId>,
    /// Holds on rows, models and operations, each as text.
    pub held: Vec<Held>,
}

#[derive(Debug)]
pub enum Held {
    Row(usize, String),
    Model(usize),
    Operation(String),
}

/// When everything happens but what happened long ago.
pub fn now() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().expect("a time")
}

fn context(at: Option<When>) -> Context {
    let at = match at {
        Some(When::LongAgo) => "2025-05-01T12:00:00Z".parse().expect("a time"),
        Some(_) => "2026-01-12T12:00:00Z".parse().expect("a time"),
        None => now(),
    };
    Actor::new("zoo").because("a test").clock(FixedClock::at(at))
}

/// Does a step; a dry run is one of its own, see [`cleanup`].
pub fn perform<S: Site>(
    site: &mut S,
    case: &Case,
    registry: &Registry,
    past: &mut Past,
    step: &Step,
) -> Answer {
    let name = |table: usize| super::registration::named(case, case.table(table)).to_string();
    let ids = |table: usize, rows: &[i64]| -> Vec<String> {
        let key = case.table(table).key;
        rows.iter().map(|&n| key.text(n)).collect()
    };
    let records = |table: usize| registry.records(&name(table)).map_err(|error| error.to_string());
    let of = |table: usize| match records(table) {
        Ok(records) => Ok(records),
        Err(_) if registry.model(&name(table)).is_err() => Err(Answer::NotAsked),
        Err(error) => Err(Answer::Refused(error)),
    };
    let conn = site.conn();
    let mut asked = || -> Result<Answer, Answer> {
        Ok(match step {
            Step::Hold { table, n } => {
                let id = case.table(*table).key.text(*n);
                let placed = of(*table)?.hold(conn, &id, context(None));
                held(past, placed.map(|_| Held::Row(*table, id)))
            }
            Step::HoldModel(table) => {
                let placed = of(*table)?.hold_all(conn, context(None));
                held(past, placed.map(|_| Held::Model(*table)))
            }
            Step::HoldLatest => {
                let id = past.latest.ok_or(Answer::NotAsked)?;
                let placed = soft_delete::hold_operation(conn, id, context(None));
                held(past, placed.map(|_| Held::Operation(id.to_string())))
            }
            Step::Delete { table, rows, at } => {
                let done = of(*table)?.soft_delete(conn, &ids(*table, rows), context(Some(*at)));
                if let Ok(operation) = &done
                    && operation.is_changed()
                {
                    past.latest = Some(operation.id);
                }
                operated(done)
            }
            Step::Restore {
                table,
                rows,
                with_parents,
            } => operated(of(*table)?.restore(conn, &ids(*table, rows), also(*with_parents))),
            Step::UndoLatest { with_parents } => {
                let id = past.latest.ok_or(Answer::NotAsked)?;
                operated(soft_delete::undo(conn, registry, id, also(*with_parents)))
            }
            Step::Force { table, rows } => {
                operated(of(*table)?.force_delete(conn, &ids(*table, rows), context(None)))
            }
            Step::ForceAll { table, batch } => {
                let _ = of(*table)?;
                let run = cleanup(registry, *batch).model(name(*table));
                reported(run.force_regardless_of_age(conn, context(None)))
            }
            Step::Cleanup { model, batch, .. } => {
                if let Some(model) = model {
                    let _ = of(*model)?;
                }
                let run = cleanup(registry, *batch);
                let run = match model {
                    Some(model) => run.model(name(*model)),
                    None => run,
                };
                reported(run.run(conn))
            }
        })
    };
    asked().unwrap_or_else(|answer| answer)
}

/// The dry run of a cleanup.
pub fn dry_run<S: Site>(
    site: &mut S,
    case: &Case,
    registry: &Registry,
    model: Option<usize>,
    batch: u32,
) -> Answer {
    let run = cleanup(registry, batch).dry_run(true);
    let run = match model {
        Some(model) => run.model(super::registration::named(case, case.table(model)).to_string()),
        None => run,
    };
    reported(run.run(site.conn()))
}

fn cleanup(registry: &Registry, batch: u32) -> Cleanup<'_> {
    let run = Cleanup::new(registry)
        .by(context(None))
        .trust_clock(true)
        .without_lease();
    run.max_fraction(1.0)
        .batch_size(batch)
        .pause(Duration::ZERO)
        .max_duration(MAX_DURATION)
}

fn also(with_parents: bool) -> Context {
    let context = context(None);
    if with_parents {
        context.with_parents()
    } else {
        context
    }
}

fn held(past: &mut Past, placed: soft_delete::Result<Held>) -> Answer {
    match placed {
        Ok(held) => {
            past.held.push(held);
            Answer::NotAsked
        }
        Err(error) => Answer::Refused(error.to_string()),
    }
}

fn operated(done: soft_delete::Result<Operation>) -> Answer {
    done.map_or_else(|error| Answer::Refused(error.to_string()), Answer::Operation)
}

fn reported(done: soft_delete::Result<CleanupReport>) -> Answer {
    match done {
        Ok(report) => Answer::Report(report),
        Err(Error::CleanupFailed { report, .. }) if report.purged() > 0 => Answer::Report(*report),
        Err(error) => Answer::Refused(error.to_string()),
    }
}
