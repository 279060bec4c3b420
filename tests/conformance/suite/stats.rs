//! How many rows of each model are in which state.

use super::super::*;
use crate::support::clock::{at_noon, noon};
use chrono::{DateTime as Instant, TimeDelta};
use soft_delete::{FixedClock, Stats};

/// Contracts of every state: deleted so many days ago, kept for as long as the model or they say.
fn contracts_of_every_age(db: &TestDatabase) {
    db.create(
        "CREATE TABLE contracts (id BIGINT PRIMARY KEY)",
        Contract::descriptor(),
    );
    let rows: Vec<String> = (1..=60).map(|id| format!("({id})")).collect();
    db.sql(&format!("INSERT INTO contracts (id) VALUES {}", rows.join(", ")));
}

fn days_ago(days: i64) -> Instant<Utc> {
    noon() - TimeDelta::days(days)
}

case! {
    /// Every figure is what counting the loaded rows one by one comes to.
    fn figures_are_what_counting_comes_to(db) {
        contracts_of_every_age(&db);
        let mut conn = act!(connect(&db));
        for id in 1..=50_i64 {
            let clock = FixedClock::at(days_ago(id % 45) - TimeDelta::microseconds(id % 3));
            let who = Actor::new("bob").because("left").clock(clock);
            let who = match id % 4 {
                0 => who.keep_for(Retention::days(id).unwrap()),
                1 => who.keep_for(Retention::Forever),
                _ => who,
            };
            act!(Contract::soft_delete_by_id(&mut conn, id, who)).unwrap();
        }
        db.sql("UPDATE contracts SET purge_after = NULL WHERE id > 20 AND id < 35");
        act!(Contract::hold_by_id(&mut conn, 3, at_noon("legal", "case 17"))).unwrap();
        act!(Contract::hold_by_id(&mut conn, 55, at_noon("legal", "an active one"))).unwrap();
        act!(Contract::hold_by_id(&mut conn, 4, Actor::new("legal").because("over").clock(FixedClock::at(days_ago(9))).until(noon()))).unwrap();
        let operation = act!(Contract::history_by_id(&mut conn, 5)).unwrap()[0].operation_id;
        act!(hold_operation(&mut conn, operation, at_noon("legal", "case 18"))).unwrap();
        let registry = Registry::new().with::<Contract>().with::<Lead>();
        let rows: Vec<Contract> = act!(contracts::table.select(Contract::as_select()).load(&mut conn)).unwrap();
        for (now, soon) in [(noon(), 7), (noon(), 0), (noon() + TimeDelta::microseconds(1), 30), (days_ago(10), 3), (days_ago(-4000), 7)] {
            let stats = act!(stats(&mut conn, Stats::of(&registry).at(now).expiring_within(soon))).unwrap();
            let figures = &stats[0];
            let count = |is: &dyn Fn(&Contract) -> bool| rows.iter().filter(|row| is(row)).count() as u64;
            let later = now + TimeDelta::days(soon.into());
            assert_eq!((figures.model.as_str(), figures.is_estimated, figures.total()), ("contracts", false, 60));
            assert_eq!(figures.active, count(&|row| !row.is_deleted()));
            assert_eq!(figures.deleted, count(&|row| row.is_deleted()));
            assert_eq!(figures.expired, count(&|row| row.is_expired_at(now)), "{now}");
            assert_eq!(figures.expiring_soon, count(&|row| !row.is_expired_at(now) && row.is_expired_at(later)), "{now}");
            assert_eq!(figures.oldest_deleted_at, rows.iter().filter_map(SoftDelete::deleted_at).min());
            assert_eq!(figures.held, if now < noon() { 3 } else { 2 });
            assert!((figures.deleted_share() - 50.0 / 60.0).abs() < 1e-9);
            assert_eq!((stats[1].model.as_str(), stats[1].active, stats[1].deleted, stats[1].oldest_deleted_at), ("leads", 3, 0, None));
        }
        act!(Contract::hold_model(&mut conn, at_noon("legal", "all of them"))).unwrap();
        assert_eq!(act!(stats(&mut conn, Stats::of(&registry).at(noon()))).unwrap()[0].held, 50);
    }
}

case! {
    /// A model that keeps its rows forever, or not at all, and a table that the catalogue counts.
    fn extremes_are_counted(db) {
        let mut conn = act!(connect(&db));
        act!(Callback::soft_delete_by_id(&mut conn, 10, Actor::new(7).because("left").clock(FixedClock::at(noon())))).unwrap();
        act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(1), at_noon("bob", "left"))).unwrap();
        let registry = Registry::new().with::<Callback>().with::<WatchedLead>();
        let now = act!(stats(&mut conn, Stats::of(&registry).at(noon()))).unwrap();
        assert_eq!((now[0].expired, now[0].expiring_soon, now[1].expired, now[1].deleted), (1, 0, 0, 1));
        let before = act!(stats(&mut conn, Stats::of(&registry).at(noon() - TimeDelta::days(1)))).unwrap();
        assert_eq!((before[0].expired, before[0].expiring_soon), (0, 1));
        if DATABASE != Database::Sqlite {
            db.sql(if DATABASE == Database::Mysql { "ANALYZE TABLE leads" } else { "ANALYZE leads" });
            let estimated = act!(stats(&mut conn, Stats::of(&registry).at(noon()).estimate_above(1))).unwrap();
            assert_eq!((estimated[1].is_estimated, estimated[1].active, estimated[1].deleted), (true, 2, 1));
        }
        // Without the library's own tables nothing is held.
        db.sql("DROP TABLE soft_delete_holds");
        let figures = act!(stats(&mut conn, Stats::of(&registry).at(noon()))).unwrap();
        assert_eq!((figures[0].expired, figures[1].deleted, figures[1].held), (1, 1, 0));
    }
}
