//! What keeps a cleanup from beginning, and what ends it.

use super::super::*;
use super::cleanup::{cleaning, cron, due};
use crate::support::clock::{at_noon, noon};
use chrono::TimeDelta;
use soft_delete::{Error, Page, Registry, RunState, StopHandle, Stopped};
use std::time::Duration;

/// So many leads, of which the first were deleted at noon.
fn many(db: &TestDatabase, leads: u32, deleted: u32) {
    db.sql("DELETE FROM leads");
    let rows: Vec<String> = (1..=leads).map(|id| format!("({id}, 'Lead {id}', 7)")).collect();
    db.sql(&format!(
        "INSERT INTO leads (id, full_name, owner_id) VALUES {}",
        rows.join(", ")
    ));
    db.sql(&format!(
        "UPDATE leads SET deleted_at = '2026-01-15 12:00:00.12{}' WHERE id <= {deleted}",
        if DATABASE == Database::Mysql { "" } else { "+00:00" }
    ));
}

macro_rules! left {
    ($conn:expr) => {
        act!(leads::table.count().get_result::<i64>($conn)).unwrap()
    };
}

case! {
    /// A run that would take more than half of a table of over a thousand rows is refused, until it is allowed.
    fn too_much_of_a_table_is_refused(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        many(&db, 1_001, 501);
        let refused = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap_err();
        assert!(matches!(&refused, Error::TooManyRows { model, rows: 501, .. } if model == "leads"), "{refused:?}");
        assert_eq!(left!(&mut conn), 1_001);
        assert!(act!(runs(&mut conn, Page::of(1))).unwrap().is_empty());
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap().purged(), 501);
        let report = act!(clean(&mut conn, cleaning(&registry, due()).max_fraction(0.51))).unwrap();
        assert_eq!((report.purged(), left!(&mut conn)), (501, 500));
        many(&db, 1_000, 1_000);
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()))).unwrap().purged(), 1_000, "a small table may be emptied");
        many(&db, 1_002, 501);
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()))).unwrap().purged(), 501, "half of it is not more than half");
    }
}

case! {
    /// Limits of rows and of time and a stop end a run after a batch; the next run goes on.
    fn limits_end_a_run_after_a_batch(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        many(&db, 100, 50);
        let rows = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(10).max_rows(15))).unwrap();
        assert_eq!((rows.purged(), rows.stopped, left!(&mut conn)), (15, Stopped::MaxRows, 85));
        let time = act!(clean(&mut conn, cleaning(&registry, due() + TimeDelta::seconds(1)).batch_size(10).max_duration(Duration::ZERO))).unwrap();
        assert_eq!((time.purged(), time.stopped), (10, Stopped::MaxDuration));
        let stop = StopHandle::new();
        let pull = stop.clone();
        let mut batches = 0;
        let stopped = act!(clean(&mut conn, cleaning(&registry, due() + TimeDelta::seconds(2)).batch_size(5).stop(&stop).progress(|progress| {
            batches = progress.batches;
            assert_eq!((progress.model, progress.expired), ("leads", 25));
            if progress.purged == 10 {
                pull.stop();
            }
        }))).unwrap();
        assert_eq!((stopped.purged(), stopped.stopped, batches), (10, Stopped::Requested, 2));
        let told = act!(runs(&mut conn, Page::of(1))).unwrap();
        assert_eq!((told[0].state, told[0].stopped.as_deref(), told[0].purged), (RunState::Stopped, Some("requested"), 10));
        let mut asked = 0;
        let throttled = cleaning(&registry, due()).batch_size(5).throttle(|_| {
            asked += 1;
            (asked % 2 == 1).then_some(Duration::ZERO)
        });
        let rest = act!(clean(&mut conn, throttled)).unwrap();
        assert_eq!((rest.purged(), rest.stopped, left!(&mut conn)), (15, Stopped::Completed, 50));
        assert_eq!(asked, 8, "before each of four batches it waited once");
    }
}

case! {
    /// Clocks that are apart stop everything before it begins, however far they are allowed to be.
    fn clocks_must_agree(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        many(&db, 10, 5);
        let real = soft_delete::Clock::now(&soft_delete::SystemClock);
        for skew in [TimeDelta::seconds(90), TimeDelta::seconds(-90), TimeDelta::days(3650)] {
            let wrong = Cleanup::new(&registry).by(cron(real + skew)).max_fraction(1.0);
            let refused = act!(clean(&mut conn, wrong)).unwrap_err();
            assert!(matches!(&refused, Error::ClockSkew { limit_seconds: 60, .. }), "{refused:?}");
        }
        assert_eq!(left!(&mut conn), 10);
        let near = Cleanup::new(&registry).by(cron(real + TimeDelta::seconds(90))).max_clock_skew(Duration::from_secs(3600));
        assert_eq!(act!(clean(&mut conn, near)).unwrap().purged(), 5);
    }
}

case! {
    /// While a cleanup has the lease another one is refused; when it is over, or the first has died, it begins.
    fn a_lease_keeps_two_from_doing_the_work_twice(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        many(&db, 100, 20);
        db.sql("UPDATE soft_delete_leases SET holder = 'elsewhere', expires_at = '2999-01-01 00:00:00' WHERE name = 'cleanup'");
        let refused = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap_err();
        assert!(matches!(&refused, Error::AlreadyRunning { holder, until } if holder == "elsewhere" && until == "2999-01-01T00:00:00Z"), "{refused:?}");
        assert_eq!(left!(&mut conn), 100);
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()).without_lease().max_rows(5))).unwrap().purged(), 5, "nothing depends on it");
        db.sql("UPDATE soft_delete_leases SET expires_at = '1999-01-01 00:00:00' WHERE name = 'cleanup'");
        db.sql("UPDATE soft_delete_runs SET state = 'running'");
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due() + TimeDelta::seconds(1)).max_rows(5))).unwrap().purged(), 5);
        let states: Vec<RunState> = act!(runs(&mut conn, Page::of(9))).unwrap().iter().map(|run| run.state).collect();
        assert_eq!(states, [RunState::Stopped, RunState::Abandoned]);
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()))).unwrap().purged(), 10, "it was given back");
    }
}

case! {
    /// A cleanup whose lease was taken over stops after its batch.
    fn a_lost_lease_ends_a_run(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        many(&db, 100, 20);
        let url = db.url().to_owned();
        assert!(!url.is_empty());
        let mut batches = 0;
        let cleanup = cleaning(&registry, due()).batch_size(5).lease(Duration::from_secs(1)).pause(Duration::from_millis(400)).progress(|_| {
            batches += 1;
            db.sql("UPDATE soft_delete_leases SET holder = 'elsewhere' WHERE name = 'cleanup'");
        });
        let report = act!(clean(&mut conn, cleanup)).unwrap();
        assert_eq!((report.purged(), report.stopped, batches), (5, Stopped::LeaseLost, 1));
    }
}

case! {
    /// Settings without sense are refused with the way out, and unknown models by name.
    fn settings_without_sense_are_refused(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        for (cleanup, setting) in [
            (cleaning(&registry, due()).batch_size(0), "batch_size"),
            (cleaning(&registry, due()).batch_size(10_001), "batch_size"),
            (cleaning(&registry, due()).max_fraction(0.0), "max_fraction"),
            (cleaning(&registry, due()).max_fraction(f64::NAN), "max_fraction"),
            (cleaning(&registry, due()).max_rows(0), "max_rows"),
            (cleaning(&registry, due()).lease(Duration::ZERO), "lease"),
        ] {
            let refused = act!(clean(&mut conn, cleanup)).unwrap_err();
            assert!(matches!(&refused, Error::BadSetting { setting: told, .. } if *told == setting), "{refused:?}");
            assert!(refused.is_bad_input());
        }
        let unknown = act!(clean(&mut conn, cleaning(&registry, due()).model("leeds"))).unwrap_err();
        assert!(unknown.to_string().contains("did you mean \"leads\""), "{unknown}");
        let kin = Registry::new().with::<Team>();
        let missing = act!(clean(&mut conn, cleaning(&kin, due()))).unwrap_err();
        assert!(matches!(missing, Error::UnregisteredRelation { .. }), "{missing:?}");
        let far = act!(clean(&mut conn, cleaning(&registry, "+12026-01-01T00:00:00Z".parse().unwrap()))).unwrap_err();
        assert!(matches!(far, Error::ClockOutOfRange { .. }), "{far:?}");
        assert_eq!(left!(&mut conn), 3);
        let nothing = act!(clean(&mut conn, cleaning(&Registry::new(), noon()))).unwrap();
        assert!(nothing.models.is_empty() && nothing.is_complete());
    }
}

case! {
    /// Without the library's own tables a cleanup says so, and removes nothing.
    fn missing_tables_are_named(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        db.sql("DELETE FROM soft_delete_leases WHERE name = 'holds'");
        let gate = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap_err();
        assert!(gate.is_schema_missing(), "{gate:?}");
        assert!(gate.to_string().contains("soft_delete_leases"), "{gate}");
        let hold = act!(Lead::hold_by_id(&mut conn, 1, at_noon("legal", "case 17"))).unwrap_err();
        assert!(hold.is_schema_missing(), "{hold:?}");
        for table in ["soft_delete_leases", "soft_delete_runs", "soft_delete_audit"] {
            db.sql(&format!("DROP TABLE {table}"));
            let missing = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap_err();
            assert!(matches!(&missing, Error::SchemaMissing { .. }), "{missing:?}");
        }
        assert_eq!(left!(&mut conn), 3);
    }
}
