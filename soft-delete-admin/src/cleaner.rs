//! The cleanup that was begun from these pages, if one is running.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use soft_delete::{Cleanup, Context, Error, Registry, StopHandle};

use crate::{refusal::Refusal, source::Source};

/// At most one, of this process; the lease keeps those of others apart.
#[derive(Clone, Default)]
pub(crate) struct Cleaner(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// How the last one ended, in words.
    ended: Option<String>,
}

/// How far it has come.
#[derive(Clone)]
pub(crate) struct Running {
    stop: StopHandle,
    pub(crate) purged: u64,
    pub(crate) expired: u64,
    pub(crate) is_stopping: bool,
}

/// A cleanup on its thread. However that ends, in a panic as well or with a runtime that shuts down, it is over then and another
/// one can begin.
struct BackgroundRun {
    cleaner: Cleaner,
    ended: String,
}

impl BackgroundRun {
    /// It ended like this, in words for people.
    fn end(mut self, ended: String) {
        self.ended = ended;
    }
}

impl Drop for BackgroundRun {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a cleanup panicked");
        }
        let mut state = self.cleaner.state();
        state.running = None;
        state.ended = Some(std::mem::take(&mut self.ended));
    }
}

impl Cleaner {
    /// What is running, and how the last one ended.
    pub(crate) fn shown(&self) -> (Option<Running>, Option<String>) {
        let state = self.state();
        (state.running.clone(), state.ended.clone())
    }

    /// Ends it after its batch.
    pub(crate) fn stop(&self) {
        if let Some(running) = &mut self.state().running {
            running.stop.stop();
            running.is_stopping = true;
        }
    }

    /// Begins one, on a thread of its own; one that is running goes on instead.
    pub(crate) fn begin<S: Source>(
        &self,
        source: S,
        registry: Registry,
        who: Context,
    ) -> Result<(), Refusal> {
        let stop = StopHandle::new();
        {
            let mut state = self.state();
            if state.running.is_some() {
                return Err(Refusal::BadInput("A cleanup is running already.".to_owned()));
            }
            state.ended = None;
            state.running = Some(Running {
                stop: stop.clone(),
                purged: 0,
                expired: 0,
                is_stopping: false,
            });
        }
        let run = BackgroundRun {
            cleaner: self.clone(),
            ended: "The last one failed; the log of the application knows why.".to_owned(),
        };
        tokio::task::spawn_blocking(move || {
            let ended = run.cleaner.run(&source, &registry, who, &stop);
            run.end(ended);
        });
        Ok(())
    }

    // How it ended, in words for people.
    fn run<S: Source>(&self, source: &S, registry: &Registry, who: Context, stop: &StopHandle) -> String {
        let mut conn = match source.connection() {
            Ok(conn) => conn,
            Err(error) => {
                tracing::error!(%error, "a cleanup has no connection");
                return "There is no connection to the database.".to_owned();
            }
        };
        let told = self.clone();
        let cleanup = Cleanup::new(registry)
            .by(who)
            .stop(stop)
            .progress(move |progress| {
                if let Some(running) = &mut told.state().running {
                    running.purged = progress.purged;
                    running.expired = progress.expired;
                }
            });
        match cleanup.run(&mut conn) {
            Ok(report) => {
                let causes = report.causes().map(|(model, cause)| cause.describe(model) + ".");
                let causes: Vec<String> = causes.collect();
                format!(
                    "The last one removed {} rows: {}. {}",
                    report.purged(),
                    report.conclusion(),
                    causes.join(" ")
                )
                .trim_end()
                .to_owned()
            }
            // What stands in the way of all of it is told in its own words, which hold no SQL.
            Err(
                error @ (Error::AlreadyRunning { .. }
                | Error::TooManyRows { .. }
                | Error::ClockSkew { .. }
                | Error::DangerousForeignKey { .. }
                | Error::DangerousTable { .. }
                | Error::MismatchedRelation { .. }),
            ) => error.to_string(),
            Err(error) => {
                tracing::error!(%error, "a cleanup failed");
                "The last one failed; the log of the application knows why.".to_owned()
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use soft_delete::{Actor, Registry};

    use super::Cleaner;
    use crate::source::{Source, Unavailable};

    #[derive(Clone)]
    struct Panicking;

    impl Source for Panicking {
        type Connection = diesel::SqliteConnection;

        fn connection(&self) -> Result<Self::Connection, Unavailable> {
            panic!("on purpose")
        }
    }

    #[tokio::test]
    async fn a_cleanup_that_panics_is_over_and_another_can_begin() {
        let cleaner = Cleaner::default();
        for _ in 0..2 {
            let begun = cleaner.begin(Panicking, Registry::new(), Actor::new("ann").into());
            assert!(begun.is_ok());
            for glance in 0.. {
                assert!(glance < 6_000, "it is still running");
                if cleaner.shown().0.is_none() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let ended = cleaner.shown().1;
            assert_eq!(
                ended.as_deref(),
                Some("The last one failed; the log of the application knows why.")
            );
        }
    }
}
