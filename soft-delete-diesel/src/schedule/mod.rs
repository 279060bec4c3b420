//! Cleanups at regular times, by a thread or a task of the application.

mod agenda;
mod moments;
mod timetable;

use std::{fmt, sync::Arc, thread, time::Duration};

use diesel::connection::LoadConnection;
use soft_delete_core::{Actor, CleanupReport, Clock, SystemClock};

use self::{agenda::Agenda, moments::Moments};
use crate::{
    Cleanup, Dialect, Error, Registry, Result, StopHandle, engine,
    executor::{Blocking, run},
};
pub(crate) use moments::Turn;
pub use timetable::Timetable;

/// How often a scheduler that waits looks up: so long it takes at most until it notices that it is to stop.
const GLANCE: Duration = Duration::from_millis(100);

type Preparation = dyn for<'r> Fn(Cleanup<'r>) -> Cleanup<'r> + Send;

/// Runs cleanups of a registry's models at regular times, until it is told to stop: in a thread, or as a task of tokio.
///
/// Several processes that are told the same mean the same moments and do each cleanup once: whoever comes first works, under
/// the lease of [`Cleanup::lease`], and the others see in `soft_delete_runs` that it is done. When one of them is killed in the
/// middle of its work, another one goes on after that lease. Two cleanups of one scheduler never overlap. A database that is away
/// is asked again. Each turn begins up to a second late, so that processes that were started together do not come at once.
///
/// ```
/// # include!("../doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use std::time::Duration;
/// use soft_delete_core::{FixedClock, chrono::TimeDelta};
/// use soft_delete_diesel::{Registry, ScheduleEvent, Scheduler};
/// let mut lead = Lead { id: 1, deleted_at: None };
/// lead.soft_delete(&mut conn, Actor::new("bob"))?;
/// let later = FixedClock::at(lead.deleted_at().unwrap() + TimeDelta::days(31));
/// let registry = Registry::new().with::<Lead>().with::<Callback>();
/// let scheduler = Scheduler::every(&registry, Duration::from_secs(3_600))?;
/// // An application leaves both out: these make a month pass.
/// let (scheduler, hand) = (scheduler.clock(later.clone()), later.clone());
/// let scheduler = scheduler.cleanup(move |cleanup| {
///     cleanup.by(Actor::new("app").because("a month is over").clock(hand.clone())).trust_clock(true)
/// });
/// let stop = scheduler.stop_handle();
/// let scheduler = scheduler.listen(move |event| {
///     if let ScheduleEvent::Done(report) = event {
///         assert_eq!(report.purged(), 1);
///         stop.stop();
///     }
/// });
/// later.advance(TimeDelta::seconds(1)); // a turn begins up to a second late
/// // In an application: std::thread::spawn(move || scheduler.run(|| pool.get()));
/// let mut conn = Some(conn);
/// scheduler.run(|| conn.take().ok_or("only one connection"));
/// # Ok(())
/// # }
/// ```
#[must_use = "a scheduler does nothing until it is run"]
pub struct Scheduler {
    registry: Registry,
    moments: Moments,
    prepare: Box<Preparation>,
    retry: Duration,
    clock: Arc<dyn Clock>,
    stop: StopHandle,
    listener: Box<dyn FnMut(&ScheduleEvent) + Send>,
}

/// What a scheduler tells of.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScheduleEvent {
    /// A cleanup was run.
    Done(Box<CleanupReport>),
    /// Another process has done it.
    DoneElsewhere,
    /// Another process is at it: it is looked at again.
    BusyElsewhere,
    /// It failed and is tried again; what was removed before is gone, as the report in the error says.
    Failed(Box<Error>),
    /// There is no connection, in the words of whoever was asked for one; it is asked for again.
    NoConnection(String),
}

impl Scheduler {
    /// A cleanup every so often, counted from 1970, the first one at once unless it was done already.
    ///
    /// # Errors
    /// [`BadSetting`](crate::Error::BadSetting): whole seconds, from one to a year.
    pub fn every(registry: &Registry, time: Duration) -> Result<Self> {
        Ok(Self::at(registry, Moments::every(time)?))
    }

    /// Cleanups as a cron expression says, in a time zone by its IANA name; the first one when its time comes.
    ///
    /// A time that does not exist in a night of which the clocks go forward is made up for in that night; one that comes twice
    /// counts once.
    ///
    /// # Errors
    /// [`BadSetting`](crate::Error::BadSetting) for an expression, or a zone, that is none.
    ///
    /// ```
    /// use soft_delete_diesel::{Registry, Scheduler};
    /// assert!(Scheduler::cron(&Registry::new(), "17 3 * * *", "Europe/Berlin").is_ok());
    /// assert!(Scheduler::cron(&Registry::new(), "every night", "UTC").is_err());
    /// ```
    #[cfg(feature = "cron")]
    pub fn cron(registry: &Registry, expression: &str, time_zone: &str) -> Result<Self> {
        Ok(Self::at(registry, Moments::cron(expression, time_zone)?))
    }

    fn at(registry: &Registry, moments: Moments) -> Self {
        Self {
            registry: registry.clone(),
            moments,
            prepare: Box::new(|cleanup| cleanup.by(Actor::new("scheduler"))),
            retry: Duration::from_secs(30),
            clock: Arc::new(SystemClock),
            stop: StopHandle::new(),
            listener: Box::new(|_| ()),
        }
    }

    /// Sets each cleanup up: who, how much, how fast, with an archive. By default `Actor::new("scheduler")` with the defaults of
    /// [`Cleanup`].
    pub fn cleanup(self, prepare: impl for<'r> Fn(Cleanup<'r>) -> Cleanup<'r> + Send + 'static) -> Self {
        Self {
            prepare: Box::new(prepare),
            ..self
        }
    }

    /// How long to wait after a failure, by default 30 s.
    pub fn retry(self, time: Duration) -> Self {
        Self { retry: time, ..self }
    }

    /// The clock that tells when a turn has come; that of a cleanup is its own, [`Cleanup::by`].
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            ..self
        }
    }

    /// Is told what comes of each turn.
    pub fn listen(self, listener: impl FnMut(&ScheduleEvent) + Send + 'static) -> Self {
        Self {
            listener: Box::new(listener),
            ..self
        }
    }

    /// Stops when this handle is told to, as well as by its own.
    pub fn stop(self, handle: &StopHandle) -> Self {
        Self {
            stop: handle.clone(),
            ..self
        }
    }

    /// The handle that ends it: after the batch of a cleanup that is running, otherwise within 100 ms.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// When it runs.
    pub fn timetable(&self) -> Timetable {
        Timetable::of(&self.moments)
    }

    /// Runs until it is stopped, with a connection for each turn: `move || pool.get()`, or
    /// `move || PgConnection::establish(&url)`.
    ///
    /// Per turn `SELECT .. FROM soft_delete_runs`, then the statements of [`Cleanup::run`].
    pub fn run<C, E>(mut self, mut connect: impl FnMut() -> std::result::Result<C, E>)
    where
        C: LoadConnection<Backend: Dialect>,
        E: fmt::Display,
    {
        let mut agenda = self.agenda();
        while !self.stop.is_stopped() {
            if !agenda.is_due(self.clock.now()) {
                thread::sleep(GLANCE);
                continue;
            }
            let event = match connect() {
                Ok(mut conn) => outcome(run(self.attempt(&mut Blocking(&mut conn), agenda.turn()))),
                Err(error) => ScheduleEvent::NoConnection(error.to_string()),
            };
            self.came(event, &mut agenda);
        }
    }

    /// As [`run`](Scheduler::run), on connections of diesel-async, as a future for `tokio::spawn`; whoever drops it may break off
    /// a batch, which is then rolled back.
    #[cfg(feature = "async")]
    pub async fn run_async<C, E, F>(mut self, mut connect: impl FnMut() -> F)
    where
        C: diesel_async::AsyncConnection<Backend: Dialect>,
        E: fmt::Display,
        F: Future<Output = std::result::Result<C, E>>,
    {
        let mut agenda = self.agenda();
        while !self.stop.is_stopped() {
            if !agenda.is_due(self.clock.now()) {
                tokio::time::sleep(GLANCE).await;
                continue;
            }
            let conn = connect().await.map_err(|error| error.to_string());
            let event = match conn {
                Ok(mut conn) => {
                    let mut executor = crate::executor::Async(&mut conn);
                    outcome(self.attempt(&mut executor, agenda.turn()).await)
                }
                Err(error) => ScheduleEvent::NoConnection(error),
            };
            self.came(event, &mut agenda);
        }
    }

    fn agenda(&self) -> Agenda {
        Agenda::new(self.moments.clone(), self.clock.now())
    }

    // `None` where another process has done it. The future borrows no more than it has to: it is sent between threads.
    fn attempt<'e, E: crate::executor::Executor>(
        &'e self,
        executor: &'e mut E,
        turn: Turn,
    ) -> impl Future<Output = Result<Option<CleanupReport>>> + use<'e, E> {
        let cleanup = (self.prepare)(Cleanup::new(&self.registry).by(Actor::new("scheduler")));
        engine::scheduled(executor, cleanup.stop(&self.stop).into_settings(), turn)
    }

    fn came(&mut self, event: ScheduleEvent, agenda: &mut Agenda) {
        match &event {
            ScheduleEvent::Done(_) | ScheduleEvent::DoneElsewhere => agenda.done(self.clock.now()),
            ScheduleEvent::BusyElsewhere => agenda.busy(),
            ScheduleEvent::Failed(_) | ScheduleEvent::NoConnection(_) => agenda.again(self.retry),
        }
        (self.listener)(&event);
    }
}

fn outcome(attempt: Result<Option<CleanupReport>>) -> ScheduleEvent {
    match attempt {
        Ok(Some(report)) => ScheduleEvent::Done(Box::new(report)),
        Ok(None) => ScheduleEvent::DoneElsewhere,
        Err(Error::AlreadyRunning { .. }) => ScheduleEvent::BusyElsewhere,
        Err(error) => ScheduleEvent::Failed(Box::new(error)),
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("moments", &self.moments)
            .finish_non_exhaustive()
    }
}
