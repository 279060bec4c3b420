//! Cleanups at regular times: each turn is done once, by whoever comes first.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{
    super::*,
    cleanup::{cron, due},
};
use crate::support::clock::at_noon;
use chrono::{DateTime as Instant, TimeDelta, Utc};
use soft_delete::{Clock, FixedClock, Registry, ScheduleEvent, Scheduler, SystemClock};

/// What was told, in words.
type Told = Arc<Mutex<Vec<String>>>;

/// The clock that turns go by, and how far they are apart.
#[derive(Clone)]
struct Time {
    hand: FixedClock,
    between: TimeDelta,
}

impl Time {
    fn advance(&self, turns: i32) {
        self.hand.advance(self.between * turns);
    }
}

/// It begins at the present, for runs are stamped by the database's own clock; and far from the next turn, for a run that began
/// just before a turn counts as that turn's.
fn present() -> Time {
    let now = SystemClock.now();
    let left = |seconds: &i64| seconds - now.timestamp().rem_euclid(*seconds);
    let seconds = (3_600..7_200).step_by(60).max_by_key(left).expect("some of them");
    assert!(left(&seconds) > 300, "a turn is too near");
    Time {
        hand: FixedClock::at(now),
        between: TimeDelta::seconds(seconds),
    }
}

/// A scheduler by this clock that tells what comes of its turns, until so many have come.
fn by_turns(time: &Time, turns: usize, told: &Told) -> Scheduler {
    let scheduler =
        Scheduler::every(&Registry::new().with::<Lead>(), time.between.to_std().unwrap()).unwrap();
    let (stop, time, told) = (scheduler.stop_handle(), time.clone(), Arc::clone(told));
    let mut left = turns;
    // A turn begins up to a second late.
    time.hand.advance(TimeDelta::seconds(2));
    scheduler
        .clock(time.hand.clone())
        .retry(Duration::from_millis(1))
        .cleanup(|cleanup| {
            cleanup
                .by(cron(due()))
                .trust_clock(true)
                .batch_size(2)
                .max_fraction(1.0)
        })
        .listen(move |event| {
            let (words, is_over) = match event {
                ScheduleEvent::Done(report) => {
                    (format!("{} {}", report.stopped.as_str(), report.purged()), true)
                }
                ScheduleEvent::DoneElsewhere => ("elsewhere".to_owned(), true),
                ScheduleEvent::BusyElsewhere => ("busy".to_owned(), true),
                ScheduleEvent::Failed(error) => (error.to_string(), false),
                ScheduleEvent::NoConnection(error) => (error.clone(), false),
                other => panic!("{other:?}"),
            };
            let mut told = told.lock().unwrap();
            told.push(words);
            assert!(told.len() < 9, "{told:?}");
            if is_over {
                left -= 1;
                time.advance(1);
            }
            if left == 0 {
                stop.stop();
            }
        })
}

fn words(told: &Told) -> Vec<String> {
    std::mem::take(&mut told.lock().unwrap())
}

macro_rules! expired_leads {
    ($conn:expr, $last:expr) => {
        act!(Lead::soft_delete_where(
            $conn,
            leads::id.le($last),
            at_noon("bob", "left")
        ))
        .unwrap()
    };
}

macro_rules! left {
    ($conn:expr) => {
        act!(leads::table.select(leads::id).order(leads::id).load::<i64>($conn)).unwrap()
    };
}

case! {
    /// Two processes with one schedule: the second finds each turn done, and both go on with the next one.
    fn each_turn_is_done_once(db) {
        let mut conn = act!(connect(&db));
        expired_leads!(&mut conn, 1);
        let (first, told) = (present(), Told::default());
        let second = Time { hand: FixedClock::at(first.hand.now()), between: first.between };
        act!(schedule(&db, 0, by_turns(&first, 1, &told)));
        assert_eq!(words(&told), ["completed 1"]);
        expired_leads!(&mut conn, 2);
        act!(schedule(&db, 0, by_turns(&second, 2, &told)));
        assert_eq!(words(&told), ["elsewhere", "completed 1"]);
        assert_eq!(left!(&mut conn), [3]);
        // Of many turns that were missed, one is made up for.
        second.advance(30);
        act!(schedule(&db, 0, by_turns(&second, 1, &told)));
        assert_eq!(words(&told), ["completed 0"]);
    }
}

case! {
    /// A database that is away is asked again, and a cleanup that fails is tried again.
    fn an_outage_and_a_failure_are_survived(db) {
        let mut conn = act!(connect(&db));
        expired_leads!(&mut conn, 2);
        let told = Told::default();
        act!(schedule(&db, 2, by_turns(&present(), 1, &told)));
        assert_eq!(words(&told), ["the database is away", "the database is away", "completed 2"]);
        db.sql("ALTER TABLE soft_delete_runs RENAME TO taken_away");
        let (clock, told) = (present(), Told::default());
        let scheduler = by_turns(&clock, 1, &told);
        let (tries, stop) = (Arc::clone(&told), scheduler.stop_handle());
        let scheduler = scheduler.listen(move |event| {
            let ScheduleEvent::Failed(error) = event else { panic!("{event:?}") };
            let mut tries = tries.lock().unwrap();
            tries.push(error.to_string());
            if tries.len() == 3 {
                stop.stop();
            }
        });
        act!(schedule(&db, 0, scheduler));
        assert!(words(&told).iter().all(|error| error.contains("soft_delete_runs")));
    }
}

case! {
    /// A cleanup that was told to stop has left work: another process goes on with it, in the same turn.
    fn a_turn_that_was_broken_off_is_gone_on_with(db) {
        let mut conn = act!(connect(&db));
        for id in 10..16 {
            act!(diesel::insert_into(leads::table).values((leads::id.eq(id), leads::full_name.eq("x"), leads::owner_id.eq(1))).execute(&mut conn)).unwrap();
        }
        expired_leads!(&mut conn, 100);
        let (clock, told) = (present(), Told::default());
        let scheduler = by_turns(&clock, 1, &told);
        let stop = scheduler.stop_handle();
        let scheduler = scheduler.cleanup(move |cleanup| {
            let stop = stop.clone();
            cleanup.by(cron(due())).trust_clock(true).batch_size(2).max_fraction(1.0).progress(move |_| stop.stop())
        });
        act!(schedule(&db, 0, scheduler));
        assert_eq!(words(&told), ["requested 2"]);
        assert_eq!(left!(&mut conn).len(), 7);
        clock.advance(-1);
        act!(schedule(&db, 0, by_turns(&clock, 1, &told)));
        assert_eq!(words(&told), ["completed 7"]);
        assert!(left!(&mut conn).is_empty());
    }
}

case! {
    /// While another process is at it, it is looked at again; what somebody has cleaned by hand is not this turn's.
    fn others_are_left_alone(db) {
        prepare_kin(&db);
        let mut conn = act!(connect(&db));
        expired_leads!(&mut conn, 1);
        act!(clean(&mut conn, Cleanup::new(&kin().with::<Lead>()).models(["teams"]).by(cron(due())).trust_clock(true))).unwrap();
        db.sql("UPDATE soft_delete_leases SET holder = 'elsewhere', expires_at = '2999-01-01 00:00:00' WHERE name = 'cleanup'");
        let told = Told::default();
        act!(schedule(&db, 0, by_turns(&present(), 1, &told)));
        assert_eq!(words(&told), ["busy"]);
        assert_eq!(left!(&mut conn), [1, 2, 3]);
        db.sql("UPDATE soft_delete_leases SET expires_at = '1999-01-01 00:00:00' WHERE name = 'cleanup'");
        act!(schedule(&db, 0, by_turns(&present(), 1, &told)));
        assert_eq!(words(&told), ["completed 1"]);
        assert_eq!(left!(&mut conn), [2, 3]);
    }
}

/// A clock that lets somebody else act when it is read: what a cleanup is to count from is read after its turn was looked at
/// and before the lease is taken.
struct Between<F>(F);

impl<F: Fn() + Send + Sync> Clock for Between<F> {
    fn now(&self) -> Instant<Utc> {
        (self.0)();
        due()
    }
}

case! {
    /// Another process that ends its cleanup just before the lease is taken has done the turn.
    fn a_turn_done_meanwhile_is_done(db) {
        let mut conn = act!(connect(&db));
        expired_leads!(&mut conn, 1);
        let (first, told) = (present(), Told::default());
        let second = Time { hand: FixedClock::at(first.hand.now()), between: first.between };
        act!(schedule(&db, 0, by_turns(&first, 1, &told)));
        assert_eq!(words(&told), ["completed 1"]);
        expired_leads!(&mut conn, 2);
        db.sql("UPDATE soft_delete_runs SET state = 'running'");
        let db = Arc::new(db);
        let other = Arc::clone(&db);
        let scheduler = by_turns(&second, 1, &told).cleanup(move |cleanup| {
            let other = Arc::clone(&other);
            let meanwhile = Between(move || other.sql("UPDATE soft_delete_runs SET state = 'completed' WHERE state = 'running'"));
            cleanup.by(Actor::new("cron").because("thirty days").clock(meanwhile)).trust_clock(true).max_fraction(1.0)
        });
        act!(schedule(&db, 0, scheduler));
        assert_eq!(words(&told), ["elsewhere"]);
        assert_eq!(left!(&mut conn), [2, 3]);
        // The lease was given back.
        act!(schedule(&db, 0, by_turns(&first, 1, &told)));
        assert_eq!(words(&told), ["completed 1"]);
        assert_eq!(left!(&mut conn), [3]);
    }
}

case! {
    /// Nobody is asked for a connection once it was told to stop.
    fn a_stop_that_came_first_is_enough(db) {
        let told = Told::default();
        let scheduler = by_turns(&present(), 1, &told);
        scheduler.stop_handle().stop();
        act!(schedule(&db, 7, scheduler));
        assert!(words(&told).is_empty());
    }
}
