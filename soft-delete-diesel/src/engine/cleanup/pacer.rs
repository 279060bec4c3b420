//! When a cleanup goes on, waits, and stops; and who is told.

use std::time::Duration;

use soft_delete_core::{ModelReport, Stopped, Stopwatch, chrono::SecondsFormat};

use crate::{
    Progress, Result, StopHandle,
    cleanup::{Limits, Listeners},
    executor::Executor,
    statement::{Act, NoteRun, ReleaseLease, TakeLease, WhoHasTheLease, parse_time},
};

/// The limits of a run, its lease, and those who listen.
pub(super) struct Pacer<'a> {
    limits: Limits,
    stop: StopHandle,
    listeners: Listeners<'a>,
    watch: Stopwatch,
    holder: String,
    renewed: Stopwatch,
    noted: Stopwatch,
    expired: u64,
    purged: u64,
    batches: u64,
    last: u64,
}

impl<'a> Pacer<'a> {
    pub(super) fn new(
        limits: Limits,
        stop: StopHandle,
        listeners: Listeners<'a>,
        act: &Act<'_>,
        expired: u64,
    ) -> Self {
        Self {
            limits,
            stop,
            listeners,
            watch: Stopwatch::start(),
            // Whoever has the lease is one run of one actor.
            holder: format!("{} {}", act.actor, act.operation),
            renewed: Stopwatch::start(),
            noted: Stopwatch::start(),
            expired,
            purged: 0,
            batches: 0,
            last: 0,
        }
    }

    /// Takes the lease, or says who has it.
    pub(super) async fn take_lease<E: Executor>(&mut self, executor: &mut E) -> Result<()> {
        let Some(lease) = self.limits.lease else {
            return Ok(());
        };
        let take = TakeLease {
            holder: &self.holder,
            seconds: lease.as_secs(),
            renews: false,
        };
        if executor.execute(&take).await? > 0 {
            self.renewed = Stopwatch::start();
            return Ok(());
        }
        let mut row = executor.rows(&WhoHasTheLease).await?.pop().unwrap_or_default();
        Err(crate::Error::AlreadyRunning {
            holder: row.take(0).unwrap_or_default(),
            until: row.take(1).map(readable_time).unwrap_or_default(),
        })
    }

    /// Gives the lease back; if that fails it ends by itself.
    pub(super) async fn release_lease<E: Executor>(&mut self, executor: &mut E) {
        if self.limits.lease.is_some() {
            let _ = executor.execute(&ReleaseLease(&self.holder)).await;
        }
    }

    /// Whether this run has the lease to itself.
    pub(super) fn has_lease(&self) -> bool {
        self.limits.lease.is_some()
    }

    /// As many rows as the next batch may take.
    pub(super) fn batch_size(&self) -> u64 {
        let size = u64::from(self.limits.batch_size);
        let left = self.limits.max_rows.map(|rows| rows.saturating_sub(self.purged));
        size.min(left.unwrap_or(size))
    }

    /// Why there is no next batch, if there is none; waits as long as `throttle` wants.
    pub(super) async fn before_batch<E: Executor>(
        &mut self,
        executor: &mut E,
        act: &Act<'_>,
        report: &ModelReport,
    ) -> Result<Option<Stopped>> {
        loop {
            if self.stop.is_stopped() {
                return Ok(Some(Stopped::Requested));
            }
            if self.batch_size() == 0 {
                return Ok(Some(Stopped::MaxRows));
            }
            let over = |limit| self.batches > 0 && self.watch.elapsed() >= limit;
            if self.limits.max_duration.is_some_and(over) {
                return Ok(Some(Stopped::MaxDuration));
            }
            if !self.keeps_lease(executor).await? {
                return Ok(Some(Stopped::LeaseLost));
            }
            self.note(executor, act, report).await?;
            let progress = self.progress(act.model.name());
            let wait = self.listeners.throttle.as_mut().and_then(|ask| ask(&progress));
            match wait {
                Some(time) => executor.pause(time).await,
                None => return Ok(None),
            }
        }
    }

    /// Tells of a batch, and lets others have their turn.
    pub(super) async fn after_batch<E: Executor>(&mut self, executor: &mut E, act: &Act<'_>, gone: u64) {
        self.purged += gone;
        self.batches += 1;
        self.last = gone;
        let progress = self.progress(act.model.name());
        if let Some(listener) = &mut self.listeners.progress {
            listener(&progress);
        }
        executor.pause(self.limits.pause).await;
    }

    fn progress<'m>(&self, model: &'m str) -> Progress<'m> {
        Progress {
            model,
            expired: self.expired,
            purged: self.purged,
            batch_rows: self.last,
            batches: self.batches,
            elapsed: self.watch.elapsed(),
        }
    }

    // Renewed well before it is over; a cleanup that comes too late finds out whether somebody else has begun.
    async fn keeps_lease<E: Executor>(&mut self, executor: &mut E) -> Result<bool> {
        let Some(lease) = self
            .limits
            .lease
            .filter(|lease| self.renewed.elapsed() >= *lease / 3)
        else {
            return Ok(true);
        };
        let renew = TakeLease {
            holder: &self.holder,
            seconds: lease.as_secs(),
            renews: true,
        };
        self.renewed = Stopwatch::start();
        Ok(executor.execute(&renew).await? > 0)
    }

    // Once a second, for those who watch the table of runs.
    async fn note<E: Executor>(
        &mut self,
        executor: &mut E,
        act: &Act<'_>,
        report: &ModelReport,
    ) -> Result<()> {
        if self.noted.elapsed() < Duration::from_secs(1) {
            return Ok(());
        }
        self.noted = Stopwatch::start();
        let note = NoteRun {
            act,
            report,
            stopped: None,
            error: None,
        };
        executor.execute(&note).await?;
        Ok(())
    }
}

// As the database writes it, where it is no time.
fn readable_time(text: String) -> String {
    match parse_time(&text) {
        Ok(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        Err(_) => text,
    }
}
