//! How long a deleted row stays: per row, per deletion, per model at run time.

use super::super::*;
use crate::support::clock::noon;
use chrono::{DateTime as Instant, TimeDelta};
use soft_delete::{Context, EARLIEST, Error, FixedClock, LATEST, Registry};

fn at(instant: Instant<Utc>) -> Context {
    Actor::new("me").because("test").clock(FixedClock::at(instant))
}

fn days(days: i64) -> Retention {
    Retention::days(days).unwrap()
}

case! {
    /// A deletion stamps when the row becomes due, a restore takes it away; memory and database agree.
    fn a_deletion_stamps_when_the_row_becomes_due(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        let mut paper: Contract = act!(Contract::active().find(1).select(Contract::as_select()).first(&mut conn)).unwrap();
        let mut stale = paper.clone();
        act!(paper.soft_delete(&mut conn, at(noon()))).unwrap();
        assert_eq!(SoftDelete::purge_after(&paper), Some(noon() + TimeDelta::days(30)));
        assert_eq!(paper.expires_at(), SoftDelete::purge_after(&paper));
        let stored: Contract = act!(contracts::table.find(1).select(Contract::as_select()).first(&mut conn)).unwrap();
        assert_eq!(stored, paper);
        let later = act!(stale.soft_delete(&mut conn, at(noon() + TimeDelta::days(1)).keep_for(days(90)))).unwrap();
        assert_eq!((later, &stale), (Outcome::Unchanged, &paper), "the first stamp stands, and a stale row learns it");

        act!(paper.restore(&mut conn, at(noon()))).unwrap();
        let stored: Contract = act!(contracts::table.find(1).select(Contract::as_select()).first(&mut conn)).unwrap();
        assert_eq!(stored, paper);
        assert_eq!((SoftDelete::purge_after(&paper), paper.expires_at()), (None, None));
        let stamped: Vec<i64> = act!(contracts::table.filter(contracts::purge_after.is_not_null()).select(contracts::id).load(&mut conn)).unwrap();
        assert!(stamped.is_empty(), "nobody else was touched");
    }
}

case! {
    /// `keep_for` stands above the retention of the model, whatever it is; never is the latest instant.
    fn one_deletion_may_say_how_long(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        let millennia = Retention::lasting(TimeDelta::days(4_000_000)).unwrap();
        for (keep_for, purge_after) in [
            (days(90), noon() + TimeDelta::days(90)),
            (Retention::lasting(TimeDelta::microseconds(1)).unwrap(), noon() + TimeDelta::microseconds(1)),
            (Retention::Immediate, noon()),
            (Retention::Forever, LATEST),
            (millennia, LATEST),
        ] {
            let mut paper: Contract = act!(Contract::active().find(2).select(Contract::as_select()).first(&mut conn)).unwrap();
            act!(paper.soft_delete(&mut conn, at(noon()).keep_for(keep_for))).unwrap();
            let stored: Contract = act!(contracts::table.find(2).select(Contract::as_select()).first(&mut conn)).unwrap();
            assert_eq!(SoftDelete::purge_after(&stored), Some(purge_after), "{keep_for}");
            assert_eq!(stored, paper);
            act!(paper.restore(&mut conn, at(noon()).keep_for(keep_for))).unwrap();
            assert_eq!(SoftDelete::purge_after(&paper), None, "a restore takes no notice");
        }
    }
}

case! {
    /// A model that has nowhere to keep it refuses before anything is written, one row and many, and says what to do.
    fn a_model_without_the_column_refuses_it(db) {
        let mut conn = act!(connect(&db));
        let context = || at(noon()).keep_for(days(90));
        let one = act!(Lead::soft_delete_by_id(&mut conn, 1, context())).unwrap_err();
        let many = act!(Lead::soft_delete_where(&mut conn, leads::id.ge(1), context())).unwrap_err();
        for error in [one, many] {
            assert!(matches!(&error, Error::NoPurgeAfter { model } if model == "leads"), "{error:?}");
            assert!(error.is_bad_input() && error.to_string().contains("pub purge_after: Option<DateTime<Utc>>"), "{error}");
        }
        assert_eq!(act!(Lead::active().count().get_result::<i64>(&mut conn)).unwrap(), 3);
        act!(Lead::soft_delete_by_id(&mut conn, 1, at(noon()))).unwrap();
        assert!(act!(Lead::restore_by_id(&mut conn, 1, context())).unwrap().is_changed(), "a restore takes no notice");
    }
}

case! {
    /// A set is stamped like a row, and undone like one.
    fn sets_are_stamped_too(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        let gone = act!(Contract::soft_delete_where(&mut conn, contracts::id.le(2), at(noon()).keep_for(days(7)))).unwrap();
        let stored: Vec<Contract> = act!(contracts::table.order(contracts::id).select(Contract::as_select()).load(&mut conn)).unwrap();
        let week = Some(noon() + TimeDelta::days(7));
        let stamps: Vec<_> = stored.iter().map(SoftDelete::purge_after).collect();
        assert_eq!(stamps, [week, week, None]);
        let registry = Registry::new().with::<Contract>();
        assert_eq!(act!(undo(&mut conn, &registry, gone.id, Actor::new("me"))).unwrap().rows(), 2);
        let left: i64 = act!(contracts::table.filter(contracts::purge_after.is_not_null()).count().get_result(&mut conn)).unwrap();
        assert_eq!(left, 0);
    }
}

case! {
    /// Rows are due at the microsecond that they say, or by the retention where they say nothing: in Rust, in the typed
    /// query and in the engine alike, up to the very end of time.
    fn rows_are_due_when_they_say_in_rust_and_sql(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "INSERT INTO contracts (id) VALUES (4), (5), (6), (7)"));
        let whole = "2026-01-15T12:00:00Z".parse::<Instant<Utc>>().unwrap();
        let rules = [
            (1, whole, days(90)),
            (2, noon(), days(7)),
            (3, whole, Retention::Immediate),
            (4, whole, Retention::Forever),
            (5, LATEST - TimeDelta::microseconds(2), Retention::lasting(TimeDelta::microseconds(1)).unwrap()),
            (6, noon(), days(1)),
        ];
        for (id, moment, keep_for) in rules {
            act!(Contract::soft_delete_by_id(&mut conn, id, at(moment).keep_for(keep_for))).unwrap();
        }
        // One that was deleted before the column was there, and an active one that only looks like a deleted one.
        act!(batch(&mut conn, "UPDATE contracts SET purge_after = NULL WHERE id = 6"));
        act!(batch(&mut conn, "UPDATE contracts SET purge_after = (SELECT * FROM (SELECT purge_after FROM contracts WHERE id = 3) AS other) WHERE id = 7"));
        let registry = Registry::new().with::<Contract>();
        let ends = [
            (whole + TimeDelta::days(90), vec![1, 2, 3, 6]),
            (noon() + TimeDelta::days(7), vec![2, 3]),
            (whole, vec![3]),
            (noon() + TimeDelta::days(30), vec![2, 3, 6]),
            (LATEST - TimeDelta::microseconds(1), vec![1, 2, 3, 5, 6]),
        ];
        for (end, at_the_end) in ends {
            for offset in [-1, 0, 1] {
                let now = end + TimeDelta::microseconds(offset);
                let rows: Vec<Contract> = act!(contracts::table.order(contracts::id).select(Contract::as_select()).load(&mut conn)).unwrap();
                let in_rust: Vec<i64> = rows.iter().filter(|row| row.is_expired_at(now)).map(|row| row.id).collect();
                let in_sql: Vec<i64> = act!(Contract::expired(now).order(contracts::id).select(contracts::id).load(&mut conn)).unwrap();
                assert_eq!(in_rust, in_sql, "at {now}");
                let counted = act!(count_expired(&mut conn, &registry, now)).unwrap();
                assert_eq!((counted[0].model.as_str(), counted[0].rows), ("contracts", in_sql.len() as u64), "at {now}");
                if offset >= 0 {
                    assert_eq!(in_sql, at_the_end, "at {now}");
                } else {
                    assert!(in_sql.len() < at_the_end.len(), "at {now}");
                }
            }
        }
        for now in [LATEST, EARLIEST] {
            let kept: Vec<i64> = act!(Contract::active().or_filter(contracts::id.eq(4)).order(contracts::id).select(contracts::id).load(&mut conn)).unwrap();
            assert_eq!(kept, [4, 7]);
            let due: Vec<i64> = act!(Contract::expired(now).order(contracts::id).select(contracts::id).load(&mut conn)).unwrap();
            assert!(!due.contains(&4) && !due.contains(&7), "forever and active rows are not due at {now}");
        }
        for now in [Instant::<Utc>::MAX_UTC, Instant::<Utc>::MIN_UTC] {
            assert_eq!(act!(Contract::expired(now).count().get_result::<i64>(&mut conn)).unwrap(), 0);
            assert_eq!(act!(count_expired(&mut conn, &registry, now)).unwrap()[0].rows, 0);
        }
    }
}

case! {
    /// The engine counts as the typed queries do for models without the column too; a retention that never ends finds none.
    fn the_engine_counts_as_the_queries_do(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, at(noon()))).unwrap();
        act!(Callback::soft_delete_by_id(&mut conn, 10, Actor::new(1).because("x").clock(FixedClock::at(noon())))).unwrap();
        let registry = Registry::new().with::<Lead>().with::<Callback>();
        let watched = Registry::new().with::<WatchedLead>();
        for (now, expected) in [
            (noon() - TimeDelta::microseconds(1), [0, 0]),
            (noon(), [0, 1]),
            (noon() + TimeDelta::days(30) - TimeDelta::microseconds(1), [0, 1]),
            (noon() + TimeDelta::days(30), [1, 1]),
        ] {
            let counted: Vec<u64> = act!(count_expired(&mut conn, &registry, now)).unwrap().iter().map(|model| model.rows).collect();
            assert_eq!(counted, expected, "at {now}");
            assert_eq!(act!(count_expired(&mut conn, &watched, now)).unwrap()[0].rows, 0, "forever");
        }
    }
}

case! {
    /// What no clock of ours wrote is not due, and does not fall back to the retention either.
    fn unreadable_stamps_are_never_due(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        act!(Contract::soft_delete_by_id(&mut conn, 1, at(noon()))).unwrap();
        let strange: &[&str] = match db.database() {
            soft_delete::Database::Sqlite => &["'+10000-01-01 00:00:00'", "'-0044-03-15 00:00:00'", "''", "'yesterday'", "2460000.5", "1700000000", "x'00'"],
            soft_delete::Database::Postgres => &["'infinity'", "'-infinity'", "'0044-03-15 00:00:00 BC'", "'294276-01-01 00:00:00'"],
            _ => &["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59.999999'"],
        };
        if db.database() == soft_delete::Database::Mysql {
            act!(batch(&mut conn, "SET sql_mode = ''"));
        }
        let registry = Registry::new().with::<Contract>();
        let in_a_century = noon() + TimeDelta::days(36_500);
        for value in strange {
            act!(batch(&mut conn, &format!("UPDATE contracts SET purge_after = {value} WHERE id = 1")));
            let due: Vec<i64> = act!(Contract::expired(in_a_century).select(contracts::id).load(&mut conn)).unwrap();
            assert!(due.is_empty(), "{value}");
            assert_eq!(act!(count_expired(&mut conn, &registry, in_a_century)).unwrap()[0].rows, 0, "{value}");
        }
        act!(batch(&mut conn, "UPDATE contracts SET purge_after = NULL WHERE id = 1"));
        assert_eq!(act!(Contract::expired(in_a_century).select(contracts::id).load::<i64>(&mut conn)).unwrap(), [1]);
    }
}

case! {
    /// A retention configured at run time changes everything that asks for it, and no row that has its own.
    fn a_configured_retention_never_shortens_what_was_stamped(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<ConfiguredPaper>().with::<ConfiguredLead>();
        assert_eq!(ConfiguredPaper::retention(), days(30));
        act!(ConfiguredPaper::soft_delete_by_id(&mut conn, 1, at(noon()))).unwrap();
        act!(ConfiguredPaper::soft_delete_by_id(&mut conn, 2, at(noon()))).unwrap();
        act!(batch(&mut conn, "UPDATE contracts SET purge_after = NULL WHERE id = 2"));
        act!(ConfiguredLead::soft_delete_by_id(&mut conn, 1, at(noon()))).unwrap();

        for model in ["contracts", "leads"] {
            registry.configure(model, "7 days".parse().unwrap()).unwrap();
        }
        assert_eq!((ConfiguredPaper::retention(), ConfiguredPaper::descriptor().retention_policy()), (days(7), days(7)));
        assert_eq!((ConfiguredPaper::declared_retention(), Contract::retention()), (days(30), days(30)), "another type keeps its own");
        act!(ConfiguredPaper::soft_delete_by_id(&mut conn, 3, at(noon()))).unwrap();
        let rows: Vec<ConfiguredPaper> = act!(contracts::table.order(contracts::id).select(ConfiguredPaper::as_select()).load(&mut conn)).unwrap();
        let (week, month) = (noon() + TimeDelta::days(7), noon() + TimeDelta::days(30));
        assert_eq!(rows.iter().map(SoftDelete::expires_at).collect::<Vec<_>>(), [Some(month), Some(week), Some(week)]);
        let due = |now| ConfiguredPaper::expired(now).order(contracts::id).select(contracts::id);
        for (now, expected) in [
            (week - TimeDelta::microseconds(1), vec![]),
            (week, vec![2, 3]),
            (month, vec![1, 2, 3]),
        ] {
            assert_eq!(act!(due(now).load::<i64>(&mut conn)).unwrap(), expected, "at {now}");
            assert_eq!(act!(count_expired(&mut conn, &registry, now)).unwrap()[0].rows, expected.len() as u64);
        }
        // Without the column a shorter retention takes effect at once.
        assert_eq!(act!(ConfiguredLead::expired(week).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1]);
        assert_eq!(act!(Lead::expired(week).count().get_result::<i64>(&mut conn)).unwrap(), 0);

        registry.configure("contracts", Retention::Forever).unwrap();
        assert_eq!(act!(due(month).load::<i64>(&mut conn)).unwrap(), [1, 3], "what was promised stays promised");
        let unknown = registry.configure("contract", Retention::Forever).unwrap_err();
        assert!(matches!(&unknown, Error::UnknownModel { name, .. } if name == "contract"), "{unknown:?}");
        assert!(unknown.to_string().contains("did you mean \"contracts\"?"), "{unknown}");
    }
}

case! {
    /// The query has a name and composes like every other.
    fn the_query_composes(db) {
        fn due(now: Instant<Utc>) -> soft_delete::Expired<Contract> {
            Contract::expired(now)
        }
        create_papers(&db);
        let mut conn = act!(connect(&db));
        act!(Contract::soft_delete_where(&mut conn, contracts::id.le(2), at(noon()).keep_for(Retention::Immediate))).unwrap();
        let boxed = due(noon()).into_boxed().filter(contracts::id.gt(1));
        assert_eq!(act!(boxed.select(contracts::id).load::<i64>(&mut conn)).unwrap(), [2]);
        let either = contracts::id.eq(2).or(contracts::id.eq(3));
        assert_eq!(act!(due(noon()).filter(either).select(contracts::id).load::<i64>(&mut conn)).unwrap(), [2]);
        let changed = diesel::update(due(noon()).find(1)).set(contracts::deletion_id.eq(contracts::deletion_id));
        assert_eq!(act!(changed.execute(&mut conn)).unwrap(), 1);
    }
}
