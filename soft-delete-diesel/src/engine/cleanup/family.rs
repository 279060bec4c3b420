//! One batch of whole families: heads with everything that was deleted with them, in one transaction.

use super::{
    Job,
    batch::{Along, Batches, Candidate, Chosen, Taken, all_of, candidates},
    shared_rows,
};
use crate::{
    Database, Dialect, Error, Result,
    engine::{
        along::counted,
        gate,
        group_removal::{self, Care, Removed},
        hooks,
        one_model::came_or_went,
        transaction::{Work, write_first},
        triggers,
    },
    executor::Executor,
    foreign_key::{ForeignKey, Rule},
    statement::{
        Act, Batch, CountKeptMembers, CountReferring, KeysOf, LockRows, Reach, Rows, TextKey, Touch, Waits,
        Way,
    },
};

/// A batch of heads, and what goes along with them.
pub(super) struct InFamilies<'a> {
    pub(super) batches: &'a Batches<'a>,
    pub(super) which: Chosen<'a>,
}

impl<E: Executor> Work<E> for InFamilies<'_> {
    type Answer = Taken;

    fn is_one_statement(&self) -> bool {
        false
    }

    // Heads are locked before what goes along, as a restore locks them: one of the two sees the family whole or not at all.
    async fn run(&self, executor: &mut E) -> Result<Taken> {
        let (batches, act) = (self.batches, self.batches.act);
        write_first(executor, &Touch(act.model)).await?;
        gate::close(executor).await?;
        let (found, place) = candidates(executor, batches, &self.which, true).await?;
        let mut taken = Taken {
            seen: found.len() as u64,
            place,
            ..Taken::default()
        };
        if found.is_empty() {
            return Ok(taken);
        }
        let whole = shared_rows::whole(executor, batches, found).await?;
        #[cfg(feature = "archive")]
        if let Some(keeper) = batches.keeper {
            keeper.begin_batch(act.model, &whole.parts[0].heads)?;
        }
        // As the models would be gone through one after the other: what refers to a head goes before it.
        let parts = whole.in_order(batches.jobs);
        for (number, part) in parts.iter().enumerate() {
            let act = act.on(part.job.model);
            let families = Families {
                batches: &batches.on(part.job, &act),
                heads: &part.heads,
                is_last: number + 1 == parts.len(),
            };
            let mut removed = families.remove(executor).await?.into_iter();
            if part.job.model.name() == batches.job.model.name() {
                taken.take(removed.next());
            }
            taken.along.extend(removed);
        }
        whole.refuse_left(executor).await?;
        #[cfg(feature = "archive")]
        if let Some(keeper) = batches.keeper {
            keeper.complete();
        }
        Ok(taken)
    }
}

/// Heads of one model with what goes along, of which nothing has come or gone since it was locked.
struct Families<'a> {
    batches: &'a Batches<'a>,
    heads: &'a [Candidate],
    /// Whether nothing more is removed in the transaction.
    #[cfg_attr(not(feature = "archive"), allow(dead_code, reason = "an archive is told"))]
    is_last: bool,
}

impl Families<'_> {
    // What was removed of each member.
    async fn remove<E: Executor>(&self, executor: &mut E) -> Result<Vec<Along>> {
        let (batches, heads) = (self.batches, self.heads);
        let act = batches.act;
        let keys = all_of::<E>(heads);
        let batch = Batch {
            keys: &keys,
            removable: &batches.removable,
            is_checked: true,
        };
        let roots = Rows::Batch(&batch);
        let reach = Reach {
            family: batches.job.kin.family,
            roots: &roots,
            way: Way::Restoration(Waits::Never),
        };
        let locked = lock(executor, &reach, batches.job).await?;
        self.check(executor, &reach).await?;
        let family = reach.family;
        let acts: Vec<Act<'_>> = family.models.iter().map(|model| act.on(model)).collect();
        let mut ids: Vec<Vec<String>> = vec![Vec::new(); acts.len()];
        for (member, act) in acts.iter().enumerate() {
            if act.model.hooks.is_some() {
                let rows = reach.rows_at(member);
                ids[member] = keys_of(executor, act, reach.first_rows(&rows))
                    .await?
                    .into_iter()
                    .map(|row| row.id)
                    .collect();
                if !ids[member].is_empty() {
                    hooks::before(act, &ids[member])?;
                }
            }
        }
        #[cfg(feature = "archive")]
        let kept = self.keep(executor, &acts, &reach).await?;
        let back_references = &batches.job.kin.back_references;
        back_references.set_null(executor, &acts, &reach).await?;
        let mut removed = Removed::of(family);
        let care = Care {
            besides: batches.job.kin.within_tables(batches.job),
            owned_may_stay: batches.job.owned_may_stay,
        };
        for group in &batches.job.kin.order {
            let group = &family.groups[*group];
            group_removal::remove(executor, &acts, &reach, group, &care, &mut removed).await?;
        }
        for (member, locked) in locked.into_iter().enumerate() {
            let expected = if member == 0 && !family.group_of(0).is_circle {
                Some(heads.len() as u64)
            } else {
                locked
            };
            let gone = removed.rows[member];
            if expected.is_some_and(|expected| gone != expected) {
                let kept = expected.unwrap_or_default().saturating_sub(gone);
                return Err(triggers::kept(executor, family.models[member], kept).await);
            }
        }
        #[cfg(feature = "archive")]
        if let Some(kept) = kept {
            let is_all = |(member, kept): (usize, &(u64, u64))| {
                *kept == (removed.rows[member], removed.owned_by(member))
            };
            if !kept.iter().enumerate().all(is_all) {
                return Err(came_or_went());
            }
        }
        let members = ids.into_iter().enumerate();
        Ok(members
            .map(|(member, ids)| Along {
                model: family.models[member],
                gone: removed.rows[member],
                owned: removed.owned_by(member),
                ids,
            })
            .collect())
    }

    // Nobody else changes what is locked by now, and what was changed before is seen by a statement that begins now.
    async fn check<E: Executor>(&self, executor: &mut E, reach: &Reach<'_, E::DB>) -> Result<()> {
        let (batches, job, heads) = (self.batches, self.batches.job, self.heads);
        let database = E::DB::DATABASE;
        let saw_all = database == Some(Database::Sqlite) || database == Some(Database::Mysql);
        if !saw_all {
            let (still, _) = candidates(executor, batches, &Chosen::Among(heads), false).await?;
            if still.len() < heads.len() {
                return Err(came_or_went());
            }
        }
        self.check_besides(executor, reach).await?;
        if !job.kin.has_circle() {
            return Ok(());
        }
        for (member, model) in reach.family.models.iter().enumerate() {
            let removable = job.member(batches.question, member);
            let rows = reach.rows_at(member);
            let kept = CountKeptMembers {
                rows: reach.first_rows(&rows),
                removable: &removable,
            };
            let kept = counted(executor.rows(&kept).await?)?;
            if kept > 0 {
                return Err(self.kept(model.name(), kept));
            }
        }
        Ok(())
    }

    // Rows of the family may refer to each other besides; those that are of another family keep what they refer to.
    async fn check_besides<E: Executor>(&self, executor: &mut E, reach: &Reach<'_, E::DB>) -> Result<()> {
        let job = self.batches.job;
        for (member, model) in reach.family.models.iter().copied().enumerate() {
            for (key, child) in job.kin.keys_besides(job, member) {
                let (along, others) = (reach.rows_at(member), reach.rows_at(child));
                let referring = CountReferring {
                    parent: model,
                    rows: reach.first_rows(&along),
                    key,
                    except: Some((reach.family.models[child], reach.first_rows(&others))),
                };
                let rows = counted(executor.rows(&referring).await?)?;
                if rows > 0 {
                    return Err(self.kept(&key.child.to_string(), rows));
                }
            }
        }
        Ok(())
    }

    fn kept(&self, member: &str, rows: u64) -> Error {
        Error::StillReferenced {
            model: self.batches.job.model.name().to_owned(),
            children: vec![(member.to_owned(), rows)],
        }
    }

    // How many rows of each member were written, and how many that they own.
    #[cfg(feature = "archive")]
    async fn keep<E: Executor>(
        &self,
        executor: &mut E,
        acts: &[Act<'_>],
        reach: &Reach<'_, E::DB>,
    ) -> Result<Option<Vec<(u64, u64)>>> {
        let Some(keeper) = self.batches.keeper else {
            return Ok(None);
        };
        let mut written = vec![(0, 0); acts.len()];
        let groups = self.batches.job.kin.order.iter();
        let order: Vec<usize> = groups
            .flat_map(|group| reach.family.groups[*group].members.clone())
            .collect();
        let last = order.last().copied();
        for member in order {
            let act = &acts[member];
            let along = reach.rows_at(member);
            let rows = keys_of(executor, act, reach.first_rows(&along)).await?;
            let at_once = ROWS_AT_ONCE / act.model.key.len().max(1);
            let mut parts = rows.chunks(at_once).peekable();
            while let Some(part) = parts.next() {
                let keys = all_of::<E>(part);
                let goes_on = !self.is_last || Some(member) != last || parts.peek().is_some();
                let kept = keeper.keep(executor, act.model, part, &keys, goes_on).await?;
                written[member].0 += part.len() as u64;
                written[member].1 += kept.owned;
            }
        }
        Ok(Some(written))
    }
}

/// As many rows as one statement reads for an archive.
#[cfg(feature = "archive")]
const ROWS_AT_ONCE: usize = 4_096;

// How many rows go along of each member, which stay as they are from here on. SQLite has one writer, so nothing needs a lock there;
// rows are counted if a foreign key could take some of them along before they are recorded.
async fn lock<E: Executor>(
    executor: &mut E,
    reach: &Reach<'_, E::DB>,
    job: &Job,
) -> Result<Vec<Option<u64>>> {
    let mut locked = vec![None; reach.family.models.len()];
    let may_take = |key: &ForeignKey| matches!(key.rule, Rule::Changes(_));
    let mut keys = job.keys.iter().chain(job.kin.keys_of_others());
    if E::DB::DATABASE == Some(Database::Sqlite) && !keys.any(may_take) {
        return Ok(locked);
    }
    for (member, model) in reach.family.models.iter().copied().enumerate() {
        let rows = reach.rows_at(member);
        if member == 0 && !rows.is_in_circle() {
            continue;
        }
        let rows = LockRows {
            model,
            rows: &rows,
            deleted: true,
        };
        locked[member] = Some(counted(executor.rows(&rows).await?)?);
    }
    Ok(locked)
}

async fn keys_of<E: Executor>(
    executor: &mut E,
    act: &Act<'_>,
    rows: &Rows<'_, E::DB>,
) -> Result<Vec<Candidate>> {
    let model = act.model;
    let found = executor.rows(&KeysOf { model, rows }).await?;
    let candidate = |mut row| Candidate {
        key: TextKey::take(model, &mut row, 0),
        id: row.take(model.key.len()).unwrap_or_default(),
    };
    Ok(found.into_iter().map(candidate).collect())
}
