//! What is looked at before a cleanup removes anything.

use soft_delete_core::{
    Context,
    chrono::{DateTime, TimeDelta, Utc},
};

use super::{Job, Question};
use crate::{
    Descriptor, Error, Registry, RelationKind, Result, TableName,
    cleanup::Limits,
    engine::{failure, stats::estimated_rows},
    executor::Executor,
    foreign_key::{ForeignKey, Rule},
    statement::{
        Asked, Attempt, CountOf, CountUpTo, DatabaseTime, EnforcesForeignKeys, ForeignKeysInto, TextRow,
        parse_time, readable,
    },
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
    let row = executor.rows(&DatabaseTime).await?.pop();
    let shown = row.and_then(|mut row| row.take(0)).unwrap_or_default();
    let database = readable("the database", "its clock", shown, parse_time)?;
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
    let answer = executor.rows(&EnforcesForeignKeys).await?.pop();
    let enforced = answer.and_then(|mut row| row.take(0)).as_deref() != Some("0");
    let mut jobs = Vec::with_capacity(models.len());
    for model in models {
        let keys = keys_into_model(executor, registry, model, enforced).await?;
        jobs.push(Job::new(model, keys));
    }
    Ok(jobs)
}

/// The foreign keys into a model's table, but for those of rows that it owns; dangerous ones are refused by name.
pub(in crate::engine) async fn keys_into_model<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    model: &'static Descriptor,
    enforced: bool,
) -> Result<Vec<ForeignKey>> {
    let key: Vec<String> = model.key.iter().map(|column| column.name().to_owned()).collect();
    let mut keys = keys_into(executor, &model.table, &key, enforced).await?;
    for relation in &model.relations {
        let (child, columns) = (relation.child_table(), relation.foreign_key());
        if relation.kind() == RelationKind::Owns {
            refuse_dangerous(executor, relation.child_table(), enforced).await?;
            keys.retain(|key| !(is_same(&key.child, child) && key.is_over(&key.child, columns)));
        } else if !keys
            .iter()
            .any(|key| is_same(&key.child, child) && key.is_over(&key.child, columns))
        {
            keys.push(ForeignKey {
                constraint: format!("{child}.{}", columns.join(",")),
                child: child.clone(),
                columns: columns.to_vec(),
                parent_columns: key.clone(),
                rule: Rule::Ignores,
            });
        }
    }
    let is_known = |key: &ForeignKey| registry.models().any(|known| is_same(&known.table, &key.child));
    let unknown = keys.iter().filter(|key| !is_known(key));
    refuse_first(&model.table, unknown)?;
    Ok(keys)
}

// Rows that are owned go without being looked at, so nothing may hang on them that the database would change.
async fn refuse_dangerous<E: Executor>(executor: &mut E, owned: &TableName, enforced: bool) -> Result<()> {
    let keys = keys_into(executor, owned, &[], enforced).await?;
    refuse_first(owned, keys.iter())
}

fn refuse_first<'k>(parent: &TableName, mut keys: impl Iterator<Item = &'k ForeignKey>) -> Result<()> {
    keys.find_map(|key| match &key.rule {
        Rule::Changes(rule) => Some(Err(Error::DangerousForeignKey {
            model: parent.to_string(),
            child: key.child.to_string(),
            constraint: key.constraint.clone(),
            rule: rule.clone(),
        })),
        _ => None,
    })
    .unwrap_or(Ok(()))
}

async fn keys_into<E: Executor>(
    executor: &mut E,
    parent: &TableName,
    parent_key: &[String],
    enforced: bool,
) -> Result<Vec<ForeignKey>> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in executor.rows(&ForeignKeysInto::new(parent)).await? {
        let part = Part::read(row, enforced);
        let known = keys
            .iter_mut()
            .find(|key| key.child == part.child && key.constraint == part.constraint);
        // On SQLite, which names none, two foreign keys over the same columns are told as one.
        match known {
            Some(key) if !key.columns.contains(&part.column) => {
                let place = key.columns.len();
                key.parent_columns.push(part.parent_column(parent_key, place));
                key.columns.push(part.column);
            }
            Some(_) => {}
            None => keys.push(ForeignKey {
                parent_columns: vec![part.parent_column(parent_key, 0)],
                constraint: part.constraint,
                child: part.child,
                columns: vec![part.column],
                rule: part.rule,
            }),
        }
    }
    Ok(keys)
}

// One column of a foreign key.
struct Part {
    constraint: String,
    child: TableName,
    column: String,
    parent: Option<String>,
    rule: Rule,
}

impl Part {
    fn read(mut row: TextRow, enforced: bool) -> Self {
        let mut field = |index| row.take(index);
        let (constraint, schema, child) = (field(0), field(1), field(2).unwrap_or_default());
        let (column, parent, rule) = (field(3), field(4), field(5).unwrap_or_default());
        let table = TableName::new(child);
        Self {
            constraint: constraint.unwrap_or_default(),
            child: match schema {
                Some(schema) => table.in_schema(schema),
                None => table,
            },
            column: column.unwrap_or_default(),
            parent,
            rule: match rule.as_str() {
                "RESTRICT" | "NO ACTION" if enforced => Rule::Refuses,
                "RESTRICT" | "NO ACTION" => Rule::Ignores,
                _ => Rule::Changes(rule),
            },
        }
    }

    fn parent_column(&self, parent_key: &[String], place: usize) -> String {
        let by_key = || parent_key.get(place).cloned();
        self.parent.clone().or_else(by_key).unwrap_or_default()
    }
}

// The catalogue names a schema only where it must be named; a model may name it always.
fn is_same(a: &TableName, b: &TableName) -> bool {
    let schemas = (a.schema(), b.schema());
    a.name() == b.name() && (schemas.0 == schemas.1 || schemas.0.is_none() || schemas.1.is_none())
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

/// Counts what is due, chooses an order, and refuses what is too much of a table.
pub(super) async fn extent<E: Executor>(
    executor: &mut E,
    job: &mut Job,
    question: &Question,
    max_fraction: f64,
) -> Result<()> {
    let model = job.model;
    let removable = question.removable(model, std::iter::empty(), false);
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
    if brake.is_some() && rows.is_some_and(|rows| rows > SMALL && rows < enough) {
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
                Error::Database(source) => Error::NotPermitted { what, source },
                missing => missing,
            }
        }
        error => failure::missing_schema(executor, error).await,
    }
}
