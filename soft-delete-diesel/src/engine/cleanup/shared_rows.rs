//! Rows that would come back with several heads: all of those heads are removed in one transaction, or none of them.

use super::{
    Job,
    batch::{Batches, Candidate, Chosen, all_of, candidates},
};
use crate::{
    Descriptor, Error, Relation, Result,
    engine::along::counted,
    executor::Executor,
    statement::{Batch, CountRows, HeadsOf, Reach, Rows, TextKey, Waits, Way},
};

/// Heads of one model, and what there is to do with it.
pub(super) struct Part<'a> {
    pub(super) job: &'a Job,
    pub(super) heads: Vec<Candidate>,
}

/// The heads of one transaction.
pub(super) struct Whole<'a> {
    pub(super) parts: Vec<Part<'a>>,
    /// Rows that were found on the way up to a head, with which they have to go.
    below: Vec<Rest>,
}

/// Rows of one model.
struct Rest {
    model: &'static Descriptor,
    rows: Vec<Candidate>,
}

/// Finds all heads that rows of the batch's families would come back with, and those of their families in turn. Each must be free to
/// go, or none of them is.
pub(super) async fn whole<'a, E: Executor>(
    executor: &mut E,
    batches: &Batches<'a>,
    found: Vec<Candidate>,
) -> Result<Whole<'a>> {
    let mut whole = Whole {
        parts: vec![Part {
            job: batches.job,
            heads: found,
        }],
        below: Vec::new(),
    };
    loop {
        let mut missing = whole.left_out(executor, batches).await?;
        if missing.is_empty() {
            return Ok(whole);
        }
        while let Some(rest) = missing.pop() {
            let above = whole.add(executor, batches, rest).await?;
            missing.extend(above.into_iter().filter_map(|rest| whole.unknown_of(rest)));
        }
    }
}

/// As many heads of one model as are looked for at once: a statement names them some times over.
pub(super) fn most(model: &Descriptor) -> u64 {
    2_048 / model.key.len().max(1).next_power_of_two() as u64
}

impl<'a> Whole<'a> {
    // The heads of rows of the families that are not among the heads that are known.
    async fn left_out<E: Executor>(&self, executor: &mut E, batches: &Batches<'a>) -> Result<Vec<Rest>> {
        let mut missing = Vec::new();
        for part in &self.parts {
            let act = batches.act.on(part.job.model);
            let of_part = batches.on(part.job, &act);
            let keys = all_of::<E>(&part.heads);
            let batch = Batch {
                keys: &keys,
                removable: &of_part.removable,
                is_checked: true,
            };
            let roots = Rows::Batch(&batch);
            let reach = Reach {
                family: part.job.kin.family,
                roots: &roots,
                way: Way::Restoration(Waits::Never),
            };
            for (member, parent, relation) in part.job.kin.shared() {
                let heads = HeadsOf {
                    model: reach.family.models[member],
                    rows: &reach.rows_at(member),
                    parent,
                    relation,
                    but_for: Some(&reach),
                };
                let rows = named(executor, &heads).await?;
                let rest = Rest { model: parent, rows };
                missing.extend(self.unknown_of(rest));
            }
        }
        Ok(missing)
    }

    // Adds rows that may go as heads; of the others, which must go along with heads of their own, it answers those.
    async fn add<E: Executor>(
        &mut self,
        executor: &mut E,
        batches: &Batches<'a>,
        rest: Rest,
    ) -> Result<Vec<Rest>> {
        let Rest { model, rows } = rest;
        let mut jobs = batches.jobs.iter();
        let job = jobs.find(|job| job.model.name() == model.name());
        let is_too_many = self.of(model) + rows.len() as u64 > most(model);
        let Some(job) = job.filter(|_| !is_too_many) else {
            return Err(kept(batches.job, model, rows.len() as u64));
        };
        let act = batches.act.on(model);
        let mut found = Vec::new();
        // Of a model that was not asked for nothing goes but with others.
        if !job.only_along {
            let of_job = batches.on(job, &act);
            (found, _) = candidates(executor, &of_job, &Chosen::Among(&rows), true).await?;
        }
        let is_found = |row: &Candidate| found.iter().any(|known| known.id == row.id);
        let below: Vec<Candidate> = rows.into_iter().filter(|row| !is_found(row)).collect();
        self.add_heads(job, found);
        if below.is_empty() {
            return Ok(Vec::new());
        }
        let keys = all_of::<E>(&below);
        let mut above = Vec::new();
        for (parent, relation) in job.kin.parents() {
            let heads = HeadsOf {
                model,
                rows: &Rows::Keys(&keys),
                parent,
                relation,
                but_for: None,
            };
            let rows = named(executor, &heads).await?;
            above.extend((!rows.is_empty()).then_some(Rest { model: parent, rows }));
        }
        if above.is_empty() {
            return Err(kept(batches.job, model, below.len() as u64));
        }
        self.below.push(Rest { model, rows: below });
        Ok(above)
    }

    fn add_heads(&mut self, job: &'a Job, heads: Vec<Candidate>) {
        if heads.is_empty() {
            return;
        }
        let known = self
            .parts
            .iter_mut()
            .find(|part| part.job.model.name() == job.model.name());
        match known {
            Some(part) => part.heads.extend(heads),
            None => self.parts.push(Part { job, heads }),
        }
    }

    // Of these rows the ones that nothing is known of yet.
    fn unknown_of(&self, rest: Rest) -> Option<Rest> {
        let Rest { model, mut rows } = rest;
        let parts = self.parts.iter().map(|part| (part.job.model, &part.heads));
        let below = self.below.iter().map(|rest| (rest.model, &rest.rows));
        for (_, known) in parts
            .chain(below)
            .filter(|(known, _)| known.name() == model.name())
        {
            rows.retain(|row| known.iter().all(|other| other.id != row.id));
        }
        (!rows.is_empty()).then_some(Rest { model, rows })
    }

    fn of(&self, model: &Descriptor) -> u64 {
        let mut parts = self.parts.iter();
        let part = parts.find(|part| part.job.model.name() == model.name());
        part.map_or(0, |part| part.heads.len() as u64)
    }

    /// The parts in the order of the jobs.
    pub(super) fn in_order(&self, jobs: &[Job]) -> Vec<&Part<'a>> {
        let place = |part: &&Part<'a>| {
            let mut jobs = jobs.iter();
            jobs.position(|job| job.model.name() == part.job.model.name())
        };
        let mut parts: Vec<&Part<'a>> = self.parts.iter().collect();
        parts.sort_by_key(place);
        parts
    }

    /// Sees that what was to go along with a head has gone.
    pub(super) async fn refuse_left<E: Executor>(&self, executor: &mut E) -> Result<()> {
        for Rest { model, rows } in &self.below {
            let keys = all_of::<E>(rows);
            let rows = Rows::Keys(&keys);
            let left = CountRows {
                model,
                rows: &rows,
                deleted: true,
            };
            let left = counted(executor.rows(&left).await?)?;
            if left > 0 {
                return Err(kept(self.parts[0].job, model, left));
            }
        }
        Ok(())
    }
}

/// Members and cascades over which their rows may have a head besides the one that they are come to from.
pub(super) type Shared = (usize, &'static Descriptor, &'static Relation);

async fn named<E: Executor>(executor: &mut E, heads: &HeadsOf<'_, E::DB>) -> Result<Vec<Candidate>> {
    let model = heads.parent;
    let rows = executor.rows(heads).await?.into_iter();
    let candidate = |mut row: crate::statement::TextRow| Candidate {
        key: TextKey::take(model, &mut row, 0),
        id: row.take(model.key.len()).unwrap_or_default(),
    };
    Ok(rows.map(candidate).collect())
}

fn kept(job: &Job, model: &Descriptor, rows: u64) -> Error {
    Error::StillReferenced {
        model: job.model.name().to_owned(),
        children: vec![(model.name().to_owned(), rows)],
    }
}
