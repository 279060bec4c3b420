//! Putting the rows of an archive back.

use std::{collections::HashSet, path::Path};

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use soft_delete_core::{Action, Context};

use self::{
    later::{LaterColumns, Unfinished},
    prepared::{PreparedBatch, PreparedRow, Tables},
};
use super::{
    checks, failure, hooks, images,
    one_model::came_or_went,
    telemetry,
    transaction::{self, Work, write_first},
};
use crate::{
    Error, LoadReport, LoadedModel, Registry, Result,
    archive::ArchiveIndex,
    executor::{ChangedSession, Executor},
    statement::{Act, InsertRows, KeyedRows, RecordKeyed, Touch},
};

mod later;
mod prepared;

/// Puts back what an archive holds and the database does not.
pub(crate) async fn load_archive<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    path: &Path,
    context: &Context,
) -> Result<LoadReport> {
    registry.check()?;
    // All of it is read before anything is written.
    let index = ArchiveIndex::open(path)?;
    let mut tables = Tables::new(executor).await?;
    let database = tables.database();
    if index.header.database != database.as_str() {
        let problem = format!(
            "its values are written as {} writes them, and this is {}",
            index.header.database,
            database.as_str()
        );
        return Err(index.bad(1, problem));
    }
    for place in &index.batches {
        let model = registry.model(&place.end.model)?;
        PreparedBatch::new(executor, &mut tables, model, &index, place, &[]).await?;
    }
    let mut report = LoadReport::begun(&index);
    let Some(last) = index.batches.last() else {
        return Ok(report);
    };
    let act = Act::new(Action::Load, registry.model(&last.end.model)?, context);
    checks::check(&act)?;
    report.operation_id = act.operation.as_uuid();
    let mut changed = ChangedSession::of(executor);
    let executor = changed.executor();
    let session = images::PlainSession::enter(executor).await?;
    let outcome = batches(executor, registry, &mut tables, &index, &act, &mut report).await;
    session.leave(executor).await;
    let outcome = match outcome {
        Ok(()) => Ok(report),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    };
    changed.mended();
    outcome
}

// What was removed last comes first: nothing in it refers to what was removed before.
async fn batches<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    tables: &mut Tables,
    index: &ArchiveIndex,
    first: &Act<'_>,
    report: &mut LoadReport,
) -> Result<()> {
    let mut later = LaterColumns::default();
    let mut unfinished: Vec<Unfinished> = Vec::new();
    for (number, place) in index.batches.iter().enumerate().rev() {
        let act = first.on(registry.model(&place.end.model)?);
        let columns = later.of(executor, registry, index, number).await?;
        let batch = PreparedBatch::new(executor, tables, act.model, index, place, &columns).await?;
        for rows in batch.rows.chunks(batch.rows_at_once()) {
            part(executor, &act, &batch, rows, report).await?;
        }
        unfinished.extend(batch.unfinished(act.model));
        if later::is_last_of_transaction(index, number) {
            for row in unfinished.drain(..) {
                finish(executor, &row, report).await?;
            }
        }
    }
    Ok(())
}

// What the row refers to may have been refused.
async fn finish<E: Executor>(executor: &mut E, row: &Unfinished, report: &mut LoadReport) -> Result<()> {
    let Err(error) = row.fill(executor).await else {
        return Ok(());
    };
    let Some(problem) = refusal(&error, report) else {
        return Err(error);
    };
    let columns: Vec<&str> = row.values.iter().map(|(column, _)| column.as_str()).collect();
    let problem = format!("{} is NULL: {problem}", columns.join(", "));
    report
        .of(row.model.name())
        .leave_incomplete(row.id.clone(), problem);
    Ok(())
}

// Rows that the database refuses are left out, one by one.
async fn part<E: Executor>(
    executor: &mut E,
    act: &Act<'_>,
    batch: &PreparedBatch,
    rows: &[PreparedRow],
    report: &mut LoadReport,
) -> Result<()> {
    let mut waiting = vec![rows];
    while let Some(rows) = waiting.pop() {
        let work = LoadRows { act, batch, rows };
        match transaction::repeated(executor, &work).await {
            Ok(done) => {
                let loaded = done.ids.len() as u64;
                let model = report.of(act.model.name());
                model.loaded += loaded;
                model.owned += done.owned;
                model.already_there += rows.len() as u64 - loaded;
                if loaded > 0 {
                    telemetry::acted(act, loaded);
                    hooks::after(act, &done.ids);
                }
            }
            Err(error) => match (rows, refusal(&error, report)) {
                (_, None) => return Err(error),
                ([row], Some(problem)) => report.of(act.model.name()).refuse(row.id.clone(), problem),
                (rows, Some(_)) => {
                    let (first, second) = rows.split_at(rows.len() / 2);
                    waiting.push(second);
                    waiting.push(first);
                }
            },
        }
    }
    Ok(())
}

// Why rows were refused, if it is about them and not about all rows.
fn refusal(error: &Error, report: &LoadReport) -> Option<String> {
    use DatabaseErrorKind::{CheckViolation, ExclusionViolation, NotNullViolation, UniqueViolation, Unknown};
    if let Error::Vetoed { hook, .. } = error {
        return Some(format!("refused by {hook}"));
    }
    let Error::Database(source @ Diesel::DatabaseError(kind, _)) = error else {
        return None;
    };
    match kind {
        UniqueViolation => failure::unique_constraint(error),
        _ if failure::is_foreign_key(source) => Some(failure::foreign_key(source)),
        NotNullViolation | CheckViolation | ExclusionViolation => Some(source.to_string()),
        // A trigger may have refused a row, but hardly each of the first three.
        Unknown if report.loaded() > 0 || report.refused() < 3 => Some(source.to_string()),
        _ => None,
    }
}

/// Some rows of a batch, with what they own, in one transaction.
struct LoadRows<'a> {
    act: &'a Act<'a>,
    batch: &'a PreparedBatch,
    rows: &'a [PreparedRow],
}

/// What was put back.
struct Done {
    ids: Vec<String>,
    owned: u64,
}

impl<E: Executor> Work<E> for LoadRows<'_> {
    type Answer = Done;

    fn is_one_statement(&self) -> bool {
        false
    }

    async fn run(&self, executor: &mut E) -> Result<Done> {
        let (act, batch, model) = (self.act, self.batch, self.act.model);
        write_first(executor, &Touch(model)).await?;
        let all = KeyedRows {
            model,
            keys: self.rows.iter().map(|row| batch.key_of(row)).collect(),
        };
        let there = executor.rows(&all).await?;
        let there: HashSet<String> = there.into_iter().filter_map(|mut row| row.take(0)).collect();
        let missing: Vec<&PreparedRow> = self.rows.iter().filter(|row| !there.contains(&row.id)).collect();
        let mut done = Done {
            ids: missing.iter().map(|row| row.id.clone()).collect(),
            owned: 0,
        };
        if missing.is_empty() {
            return Ok(done);
        }
        hooks::before(act, &done.ids)?;
        let rows = InsertRows {
            table: &model.table,
            columns: &batch.columns,
            rows: missing.iter().map(|row| row.values.as_slice()).collect(),
        };
        all_of(executor.execute(&rows).await?, missing.len())?;
        if model.audited {
            let rows = KeyedRows {
                model,
                keys: missing.iter().map(|row| batch.key_of(row)).collect(),
            };
            let record = RecordKeyed { act, rows: &rows };
            all_of(executor.execute(&record).await?, missing.len())?;
        }
        for owned in &batch.owned {
            let of_these = missing.iter().filter_map(|row| owned.rows.get(&row.id)).flatten();
            let rows: Vec<_> = of_these.map(Vec::as_slice).collect();
            for rows in rows.chunks(batch.rows_at_once()) {
                let insert = InsertRows {
                    table: owned.relation.child_table(),
                    columns: &owned.columns,
                    rows: rows.to_vec(),
                };
                all_of(executor.execute(&insert).await?, rows.len())?;
                done.owned += rows.len() as u64;
            }
        }
        Ok(done)
    }
}

// A rule or a trigger can make less of an `INSERT` than was asked for.
fn all_of(rows: usize, asked: usize) -> Result<()> {
    if rows == asked {
        Ok(())
    } else {
        Err(came_or_went())
    }
}

impl LoadReport {
    fn of(&mut self, model: &str) -> &mut LoadedModel {
        let place = self.models.iter().position(|known| known.model == model);
        let place = place.unwrap_or_else(|| {
            self.models.push(LoadedModel::begun(model));
            self.models.len() - 1
        });
        &mut self.models[place]
    }
}
