//! Whether the schema has changed since its facts were read: a foreign key that is added in the middle of a run counts.

use std::time::Duration;

use soft_delete_core::Stopwatch;

use super::{
    Job,
    job::owned_may_stay,
    kin::{self, Kin},
};
use crate::{
    Registry, Result,
    engine::{database, foreign_keys, owners},
    executor::Executor,
    statement::SchemaVersion,
};

/// How old facts get where the database does not tell that its schema has changed.
const AGE: Duration = Duration::from_secs(60);

/// The schema as it was when its facts were read.
#[derive(Clone)]
pub(super) struct SchemaWatch {
    /// What the database calls this state of its schema; `None` if it has no name for it.
    version: Option<String>,
    since: Stopwatch,
}

impl SchemaWatch {
    /// Begins before the facts are read, so that a change in between is seen.
    pub(super) async fn begin<E: Executor>(executor: &mut E) -> Result<Self> {
        Ok(Self {
            version: version(executor).await?,
            since: Stopwatch::start(),
        })
    }

    async fn has_changed<E: Executor>(&self, executor: &mut E) -> Result<bool> {
        Ok(match &self.version {
            Some(known) => version(executor).await?.as_ref() != Some(known),
            None => self.since.elapsed() > AGE,
        })
    }
}

/// Reads the facts of all models again if the schema has changed since those of this one were read; refuses what is dangerous by now.
pub(super) async fn follow<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    jobs: &mut [Job],
    at: usize,
) -> Result<()> {
    if !jobs[at].watch.has_changed(executor).await? {
        return Ok(());
    }
    let watch = SchemaWatch::begin(executor).await?;
    let facts = foreign_keys::facts_of(executor, kin::all(registry)).await?;
    for job in jobs {
        owners::refuse_ambiguous(executor, &facts, job.model).await?;
        job.watch = watch.clone();
        job.keys = foreign_keys::into_model(&facts, registry, job.model)?;
        job.kin = Kin::read(executor, &facts, registry, job.model, &job.keys).await?;
        job.owned_may_stay = owned_may_stay(&facts, &job.kin);
    }
    Ok(())
}

async fn version<E: Executor>(executor: &mut E) -> Result<Option<String>> {
    if database(executor).await?.facts().version().is_none() {
        return Ok(None);
    }
    let row = executor.rows(&SchemaVersion).await?.pop();
    Ok(row.and_then(|mut row| row.take(0)))
}
