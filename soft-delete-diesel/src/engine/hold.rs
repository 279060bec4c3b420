//! Placing and lifting holds.

use std::sync::LazyLock;

use soft_delete_core::{Action, Context};

use super::{
    Target, absence, failure, gate, record_id, telemetry,
    transaction::{self, Work},
    undo::deleted_something,
};
use crate::{
    Column, ColumnKind, DeletionId, Descriptor, Dialect, Error, HeldThing, Hold, Page, Result, TableName,
    executor::Executor,
    statement::{
        Act, HoldOn, Holds, Instant, LiftHolds, Lock, OperationRef, PlaceHold, RecordText, WhichHolds,
    },
};

/// What a hold is asked for on.
pub(crate) enum Asked<'a, DB: Dialect> {
    Record(Target<'a, DB>),
    Model(&'static Descriptor),
    Operation(DeletionId),
}

// What the audit trail says where a hold is on no single record, or on rows of no single model.
const ALL: &str = "*";

static EVERY_MODEL: LazyLock<Descriptor> = LazyLock::new(|| {
    Descriptor::new(
        TableName::new(ALL),
        Column::new("deleted_at", ColumnKind::Timestamp),
    )
});

/// Places a hold, with its audit row.
pub(crate) async fn hold<E: Executor>(
    executor: &mut E,
    asked: &Asked<'_, E::DB>,
    context: &Context,
) -> Result<Hold> {
    let act = act(Action::Hold, asked, context);
    let reason = act.reason.filter(|reason| !reason.trim().is_empty());
    let Some(reason) = reason else {
        return Err(Error::ReasonRequired {
            model: act.model.name().to_owned(),
        });
    };
    if let Some(until) = context.ends_at().filter(|until| *until <= act.at) {
        return Err(Error::HoldIsOver { until });
    }
    let ends_at = context.ends_at().map(Instant::new);
    let work = Placing {
        asked,
        act: &act,
        reason,
        ends_at: ends_at.as_ref(),
    };
    match transaction::repeated(executor, &work).await {
        Ok(Some(on)) => {
            telemetry::acted(&act, 1);
            Ok(Hold {
                id: act.operation,
                on,
                reason: reason.to_owned(),
                actor: act.actor.to_owned(),
                placed_at: act.at,
                ends_at: context.ends_at(),
            })
        }
        Ok(None) => Err(missing(executor, asked).await),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    }
}

/// Lifts all holds that were placed on this very thing; answers how many.
pub(crate) async fn release<E: Executor>(
    executor: &mut E,
    asked: &Asked<'_, E::DB>,
    context: &Context,
) -> Result<u64> {
    let act = act(Action::Release, asked, context);
    let record_id = match asked {
        Asked::Record(target) => record_id::resolve(executor, target).await?.text,
        _ => record_of(asked),
    };
    let which = WhichHolds::On(on(asked, &record_id));
    let work = Lifting {
        act: &act,
        model: act.model.name(),
        record_id: &record_id,
        which: &which,
    };
    match transaction::repeated(executor, &work).await {
        Ok(lifted) => Ok(lifted),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    }
}

/// Lifts one hold.
pub(crate) async fn release_one<E: Executor>(
    executor: &mut E,
    id: DeletionId,
    context: &Context,
) -> Result<()> {
    let which = WhichHolds::Id(OperationRef::new(id));
    let Some(hold) = list(executor, &which, 1).await?.pop() else {
        return Err(Error::UnknownHold { id: id.to_string() });
    };
    // The trail tells of the release in the words that it told of the hold.
    let (model, record_id) = match hold.on {
        HeldThing::Record { model, record_id } => (model, record_id),
        HeldThing::Operation(operation) => (ALL.to_owned(), operation.to_string()),
        HeldThing::Model(model) => (model, ALL.to_owned()),
    };
    let act = Act::new(Action::Release, &EVERY_MODEL, context);
    let work = Lifting {
        act: &act,
        model: &model,
        record_id: &record_id,
        which: &which,
    };
    match transaction::repeated(executor, &work).await {
        Ok(0) => Err(Error::UnknownHold { id: id.to_string() }),
        Ok(_) => Ok(()),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    }
}

/// A page of all holds, oldest first.
pub(crate) async fn holds<E: Executor>(executor: &mut E, page: Page) -> Result<Vec<Hold>> {
    page.check()?;
    let which = WhichHolds::After(page.last_known().map(OperationRef::new));
    list(executor, &which, page.size()).await
}

/// The holds on this very thing, oldest first.
pub(crate) async fn holds_on<E: Executor>(executor: &mut E, asked: &Asked<'_, E::DB>) -> Result<Vec<Hold>> {
    let record_id = match asked {
        Asked::Record(target) => record_id::resolve(executor, target).await?.text,
        _ => record_of(asked),
    };
    list(executor, &WhichHolds::On(on(asked, &record_id)), Page::LARGEST).await
}

async fn list<E: Executor>(executor: &mut E, which: &WhichHolds<'_>, limit: u32) -> Result<Vec<Hold>> {
    match executor.rows(&Holds { which, limit }).await {
        Ok(rows) => rows.into_iter().map(Hold::read).collect(),
        Err(error) => Err(failure::missing_schema(executor, error.into()).await),
    }
}

fn act<'a, DB: Dialect>(action: Action, asked: &Asked<'_, DB>, context: &'a Context) -> Act<'a> {
    let model = match asked {
        Asked::Record(target) => target.model,
        Asked::Model(model) => model,
        Asked::Operation(_) => &EVERY_MODEL,
    };
    Act::new(action, model, context)
}

fn on<'a, DB: Dialect>(asked: &Asked<'a, DB>, record_id: &'a str) -> HoldOn<'a> {
    match asked {
        Asked::Record(target) => HoldOn::Record {
            model: target.model,
            record_id,
        },
        Asked::Model(model) => HoldOn::Model(model),
        Asked::Operation(id) => HoldOn::Operation(OperationRef::new(*id)),
    }
}

// The `record_id` of the audit row where the hold is on no single record.
fn record_of<DB: Dialect>(asked: &Asked<'_, DB>) -> String {
    match asked {
        Asked::Operation(id) => id.to_string(),
        _ => ALL.to_owned(),
    }
}

async fn missing<E: Executor>(executor: &mut E, asked: &Asked<'_, E::DB>) -> Error {
    match asked {
        Asked::Record(target) => absence::missing(executor, target, Action::Hold).await,
        Asked::Operation(id) => Error::UnknownOperation { id: id.to_string() },
        Asked::Model(model) => Error::UnknownModel {
            name: model.name().to_owned(),
            known: Vec::new(),
        },
    }
}

struct Placing<'a, DB: Dialect> {
    asked: &'a Asked<'a, DB>,
    act: &'a Act<'a>,
    reason: &'a str,
    ends_at: Option<&'a Instant>,
}

impl<E: Executor> Work<E> for Placing<'_, E::DB> {
    /// What the hold is on; `None` for a record or an operation that is not there.
    type Answer = Option<HeldThing>;

    fn is_one_statement(&self) -> bool {
        false
    }

    async fn run(&self, executor: &mut E) -> Result<Option<HeldThing>> {
        // Whoever removes rows keeps this from happening until it is done: from here on either a row is gone, or it is held.
        gate::raise(executor).await?;
        let record_id = match self.asked {
            Asked::Record(target) => {
                let locked = Lock {
                    model: target.model,
                    key: target.key,
                };
                match executor.rows(&locked).await?.pop() {
                    Some(mut row) => row.take(0).unwrap_or_default(),
                    None => return Ok(None),
                }
            }
            Asked::Operation(id) => {
                let operation = OperationRef::new(*id);
                let known = crate::statement::OperationModels(&operation);
                let Some(mut row) = executor.rows(&known).await?.pop() else {
                    return Ok(None);
                };
                deleted_something(&operation, row.take(2).unwrap_or_default())?;
                id.to_string()
            }
            Asked::Model(_) => ALL.to_owned(),
        };
        let place = PlaceHold {
            act: self.act,
            reason: self.reason,
            on: &on(self.asked, &record_id),
            ends_at: self.ends_at,
        };
        executor.execute(&place).await?;
        let record = RecordText {
            act: self.act,
            model: self.act.model.name(),
            record_id: &record_id,
        };
        executor.execute(&record).await?;
        Ok(Some(match self.asked {
            Asked::Record(target) => HeldThing::Record {
                model: target.model.name().to_owned(),
                record_id,
            },
            Asked::Model(model) => HeldThing::Model(model.name().to_owned()),
            Asked::Operation(id) => HeldThing::Operation(*id),
        }))
    }
}

struct Lifting<'a> {
    act: &'a Act<'a>,
    model: &'a str,
    record_id: &'a str,
    which: &'a WhichHolds<'a>,
}

impl<E: Executor> Work<E> for Lifting<'_> {
    type Answer = u64;

    fn is_one_statement(&self) -> bool {
        false
    }

    async fn run(&self, executor: &mut E) -> Result<u64> {
        let lifted = executor.execute(&LiftHolds(self.which)).await?;
        if lifted > 0 {
            let record = RecordText {
                act: self.act,
                model: self.model,
                record_id: self.record_id,
            };
            executor.execute(&record).await?;
        }
        Ok(lifted as u64)
    }
}
