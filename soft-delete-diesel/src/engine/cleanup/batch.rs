//! One batch: rows are locked, recorded and removed in one transaction, or in one statement.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use soft_delete_core::{Cause, CauseKind};

use super::{Job, Keeper, job::Question, preflight::number};
use crate::{
    Database, Descriptor, Dialect, Error, KeyBinds, Result,
    engine::{
        failure, gate, group_removal, hooks,
        one_model::{came_or_went, change_rows},
        transaction::{self, Work, write_first},
        triggers,
    },
    executor::Executor,
    statement::{
        Act, Batch, Change, Order, Place, PurgeAtOnce, Removable, RemoveOwnedBy, Rows, Span, SpanEnd,
        TakeBatch, TextKey, Touch, Which,
    },
};

/// What a batch came to.
#[derive(Default)]
pub(super) struct Taken {
    /// Rows that were there to be taken.
    pub(super) seen: u64,
    pub(super) gone: u64,
    pub(super) owned: u64,
    /// Where the last of them stood.
    pub(super) place: Option<Place>,
    /// Their keys as text, where a hook wants to know them.
    pub(super) ids: Vec<String>,
    /// What went along of other models.
    pub(super) along: Vec<Along>,
}

/// Rows of another model that went along.
pub(super) struct Along {
    pub(super) model: &'static Descriptor,
    pub(super) gone: u64,
    pub(super) owned: u64,
    pub(super) ids: Vec<String>,
}

impl Taken {
    /// Adds what a part of the batch came to.
    pub(super) fn add(&mut self, part: Self) {
        self.gone += part.gone;
        self.owned += part.owned;
        self.ids.extend(part.ids);
        self.along.extend(part.along);
    }

    /// What was removed of the batch's own model.
    pub(super) fn take(&mut self, own: Option<Along>) {
        if let Some(own) = own {
            self.gone = own.gone;
            self.owned = own.owned;
            self.ids = own.ids;
        }
    }

    /// All rows that were removed, of whatever model.
    pub(super) fn all_gone(&self) -> u64 {
        self.gone + self.along.iter().map(|along| along.gone).sum::<u64>()
    }
}

/// What every batch of a model has in common.
pub(super) struct Batches<'a> {
    pub(super) job: &'a Job,
    /// What there is to do with all models, for heads of others that share rows with its own.
    pub(super) jobs: &'a [Job],
    pub(super) act: &'a Act<'a>,
    pub(super) question: &'a Question,
    pub(super) removable: Removable<'a>,
    pub(super) order: Order,
    /// Where its rows are written before they are removed.
    pub(super) keeper: Option<&'a Keeper>,
}

impl<'a> Batches<'a> {
    pub(super) fn new(
        jobs: &'a [Job],
        job: &'a Job,
        act: &'a Act<'a>,
        question: &'a Question,
        keeper: Option<&'a Keeper>,
    ) -> Self {
        Self {
            job,
            jobs,
            act,
            question,
            removable: job.removable(question),
            order: job.order(),
            keeper,
        }
    }

    /// The same of another model.
    pub(super) fn on<'b>(&self, job: &'b Job, act: &'b Act<'b>) -> Batches<'b>
    where
        'a: 'b,
    {
        Batches::new(self.jobs, job, act, self.question, self.keeper)
    }

    /// A batch was committed.
    pub(super) fn confirm(&self) {
        if let Some(keeper) = self.keeper {
            #[cfg(feature = "archive")]
            keeper.confirm();
            #[cfg(not(feature = "archive"))]
            match *keeper {}
        }
    }
}

/// Whether one statement does it all.
pub(super) fn is_at_once<E: Executor>(batches: &Batches<'_>) -> bool {
    let job = batches.job;
    transaction::records_at_once::<E>()
        && batches.keeper.is_none()
        && job.model.hooks.is_none()
        && !job.kin.has_others()
        && !job.must_look_again()
        && !job.has_keeping_trigger
        && job.owned().next().is_none()
}

/// The next batch in one statement.
pub(super) struct AtOnce<'a> {
    pub(super) batches: &'a Batches<'a>,
    pub(super) after: Option<&'a Place>,
    pub(super) limit: u64,
}

impl<E: Executor> Work<E> for AtOnce<'_> {
    type Answer = Taken;

    fn is_one_statement(&self) -> bool {
        true
    }

    async fn run(&self, executor: &mut E) -> Result<Taken> {
        let order = &self.batches.order;
        let statement = PurgeAtOnce {
            act: self.batches.act,
            removable: &self.batches.removable,
            order,
            after: self.after,
            limit: self.limit,
        };
        let mut row = executor.rows(&statement).await?.pop().unwrap_or_default();
        match row.take(0).as_deref() {
            Some("same") => {}
            Some("missing") => return Err(gate::missing()),
            // A hold was placed while the statement began. The same again will see it.
            _ => return Err(came_or_went()),
        }
        Ok(Taken {
            seen: number(&mut row, 1)?,
            gone: number(&mut row, 2)?,
            place: order.take(&mut row, 3),
            ..Taken::default()
        })
    }
}

/// Whether a batch is best told by where it begins and ends: where nobody else writes meanwhile, and no key is asked for.
pub(super) fn is_span<E: Executor>(batches: &Batches<'_>) -> bool {
    let job = batches.job;
    E::DB::DATABASE == Some(Database::Sqlite)
        && batches.keeper.is_none()
        && job.model.hooks.is_none()
        && !job.kin.has_others()
        && job.owned().next().is_none()
}

/// The next batch between two places, on a database with one writer.
pub(super) struct BySpan<'a> {
    pub(super) batches: &'a Batches<'a>,
    pub(super) after: Option<&'a Place>,
    pub(super) limit: u64,
}

impl<E: Executor> Work<E> for BySpan<'_> {
    type Answer = Taken;

    fn is_one_statement(&self) -> bool {
        false
    }

    async fn run(&self, executor: &mut E) -> Result<Taken> {
        let (act, removable, order) = (self.batches.act, &self.batches.removable, &self.batches.order);
        // From here on nobody places a hold either, gate or none.
        write_first(executor, &Touch(act.model)).await?;
        let end = SpanEnd {
            removable,
            order,
            after: self.after,
            limit: self.limit,
        };
        let place = executor
            .rows(&end)
            .await?
            .pop()
            .and_then(|mut row| order.take(&mut row, 0));
        let span = Span {
            removable,
            order,
            after: self.after,
            up_to: place.as_ref(),
        };
        let change = Change {
            act,
            rows: &Rows::Span(&span),
            keeps_operation: false,
        };
        let gone = change_rows(executor, change).await?;
        Ok(Taken {
            seen: gone,
            gone,
            place,
            ..Taken::default()
        })
    }
}

/// A batch in several statements, of the next rows or of rows with these keys.
pub(super) struct InSteps<'a> {
    pub(super) batches: &'a Batches<'a>,
    pub(super) which: Chosen<'a>,
}

/// Which rows a batch in several statements is made of.
pub(super) enum Chosen<'a> {
    Next { after: Option<&'a Place>, limit: u64 },
    Among(&'a [Candidate]),
}

/// A row that may be removed, as it was seen.
pub(super) struct Candidate {
    pub(super) key: TextKey,
    pub(super) id: String,
}

impl<E: Executor> Work<E> for InSteps<'_> {
    type Answer = Taken;

    fn is_one_statement(&self) -> bool {
        false
    }

    async fn run(&self, executor: &mut E) -> Result<Taken> {
        let (batches, act) = (self.batches, self.batches.act);
        write_first(executor, &Touch(act.model)).await?;
        gate::close(executor).await?;
        let (rows, place) = candidates(executor, batches, &self.which, true).await?;
        let mut taken = Taken {
            seen: rows.len() as u64,
            place,
            ..Taken::default()
        };
        if rows.is_empty() {
            return Ok(taken);
        }
        let keys = all_of::<E>(&rows);
        if act.model.hooks.is_some() {
            taken.ids = rows.iter().map(|row| row.id.clone()).collect();
            hooks::before(act, &taken.ids)?;
        }
        #[cfg(feature = "archive")]
        let kept = match batches.keeper {
            Some(keeper) => {
                keeper.begin_batch(act.model, &rows)?;
                Some((
                    keeper,
                    keeper.keep(executor, act.model, &rows, &keys, false).await?,
                ))
            }
            None => None,
        };
        for relation in batches.job.owned() {
            let removal = RemoveOwnedBy {
                owner: act.model,
                relation,
                owners: &keys,
            };
            taken.owned += executor.execute(&removal).await? as u64;
            if batches.job.owned_may_stay {
                let owners = Rows::Keys(&keys);
                group_removal::refuse_owned_that_stay(executor, act.model, relation, &owners).await?;
            }
        }
        let batch = Batch {
            keys: &keys,
            removable: &batches.removable,
            is_checked: false,
        };
        let change = Change {
            act,
            rows: &Rows::Batch(&batch),
            keeps_operation: false,
        };
        taken.gone = change_rows(executor, change).await?;
        if taken.gone != taken.seen {
            let kept = taken.seen.saturating_sub(taken.gone);
            return Err(triggers::kept(executor, act.model, kept).await);
        }
        #[cfg(feature = "archive")]
        if let Some((keeper, kept)) = kept {
            // What somebody else added to an owner meanwhile is not in the archive.
            if kept.owned != taken.owned {
                return Err(came_or_went());
            }
            keeper.complete();
        }
        Ok(taken)
    }
}

/// The rows that a batch would be made of, and where the last of them stands.
pub(super) async fn candidates<E: Executor>(
    executor: &mut E,
    batches: &Batches<'_>,
    chosen: &Chosen<'_>,
    locked: bool,
) -> Result<(Vec<Candidate>, Option<Place>)> {
    let (model, order) = (batches.job.model, &batches.order);
    let known: Vec<&dyn KeyBinds<E::DB>>;
    let which = match chosen {
        Chosen::Next { after, limit } => Which::Next {
            after: *after,
            limit: *limit,
            locked,
        },
        Chosen::Among(rows) => {
            known = all_of::<E>(rows);
            Which::Among(&known)
        }
    };
    let take = TakeBatch {
        removable: &batches.removable,
        order,
        which,
    };
    let mut place = None;
    let mut rows = Vec::new();
    for mut row in executor.rows(&take).await? {
        place = order.take(&mut row, 0);
        let key = TextKey::take(model, &mut row, order.len());
        let id = row.take(order.len() + model.key.len()).unwrap_or_default();
        rows.push(Candidate { key, id });
    }
    Ok((rows, place))
}

// As many as a power of two, the last one again and again: so that statements of a few lengths serve all batches, and
// stay prepared.
pub(super) fn all_of<E: Executor>(rows: &[Candidate]) -> Vec<&dyn KeyBinds<E::DB>> {
    let again = rows.last().into_iter().cycle();
    let padded = rows.iter().chain(again).take(rows.len().next_power_of_two());
    padded.map(|row| &row.key as &dyn KeyBinds<E::DB>).collect()
}

/// What refused a row, if it was about the row: a foreign key, a hook or a trigger.
pub(super) fn refusal(error: &Error) -> Option<Cause> {
    let cause = |kind, name: &str| Some(Cause::new(kind, Some(name), None, 1));
    match error {
        Error::Database(source) if failure::is_foreign_key(source) => {
            cause(CauseKind::Referenced, &failure::foreign_key(source))
        }
        Error::Vetoed { hook, .. } => cause(CauseKind::Vetoed, hook),
        Error::KeptByTrigger { trigger, .. } => cause(CauseKind::Trigger, trigger),
        // Of its family, or it would not have been among those that may go.
        Error::StillReferenced { .. } => Some(Cause::new(CauseKind::Family, None, None, 1)),
        // A member of the family that was refused, as a removal on demand tells it.
        Error::Blocked { constraint, .. } => cause(CauseKind::Referenced, constraint),
        _ => None,
    }
}

/// Whether the same again may succeed: somebody else was in the way, or may have been.
pub(super) fn is_passing(error: &Error) -> bool {
    use DatabaseErrorKind::{SerializationFailure, Unknown};
    refusal(error).is_none()
        && matches!(
            error,
            Error::Database(Diesel::DatabaseError(SerializationFailure | Unknown, _))
        )
}
