//! On SQLite, where times are text: the ends of holds and the times of the audit log are what they mean, in any spelling.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use soft_delete::{
    Check, Database, Error, FixedClock, Listing, Page, Stats, Trail, activity, audit, doctor, prelude::*,
};

use crate::support::{
    clock::{at_noon, noon},
    database::{TestDatabase, sqlite},
};

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[allow(dead_code, reason = "no row is read as one")]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn with_a_held_lead() -> (TestDatabase, SqliteConnection) {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
    db.sql("INSERT INTO leads (id) VALUES (1), (2)");
    let mut conn = sqlite(db.url());
    Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left")).unwrap();
    Lead::hold_by_id(&mut conn, 1, at_noon("legal", "case 17")).unwrap();
    (db, conn)
}

/// A hundred days after the deletion, so that the row is due before and after.
fn end() -> DateTime<Utc> {
    noon() + TimeDelta::days(100)
}

fn cleanup(registry: &Registry, now: DateTime<Utc>) -> Cleanup<'_> {
    Cleanup::new(registry)
        .by(Actor::new("cron")
            .because("thirty days")
            .clock(FixedClock::at(now)))
        .trust_clock(true)
        .pause(Duration::ZERO)
}

/// Every way to ask says the same.
fn is_held(conn: &mut SqliteConnection, now: DateTime<Utc>) -> bool {
    let registry = Registry::new().with::<Lead>();
    let figures = Stats::of(&registry).at(now).run(conn).unwrap()[0].held;
    let listed = registry
        .list_deleted(conn, "leads", &Listing::new().at(now))
        .unwrap();
    let held = listed.rows[0].is_held;
    let only_held = registry
        .list_deleted(conn, "leads", &Listing::new().at(now).held(true))
        .unwrap();
    let foretold = cleanup(&registry, now).dry_run(true).run(conn).unwrap();
    assert_eq!(figures, u64::from(held), "stats at {now}");
    assert_eq!(only_held.rows.len(), usize::from(held), "list at {now}");
    assert_eq!(foretold.purged(), u64::from(!held), "dry run at {now}");
    held
}

/// A hold ends at the instant that its end means, not when its text sorts so.
#[test]
fn a_hold_ends_when_its_end_means() {
    let instant = end().format("%F").to_string();
    let day_before = (end() - TimeDelta::days(1)).format("%F").to_string();
    assert_eq!(end().format("%T%.f").to_string(), "12:00:00.120");
    for spelling in [
        format!("{instant} 12:00:00.12"),
        format!("{instant} 12:00:00.120000"),
        format!("{instant}T12:00:00.120Z"),
        format!("{instant}T12:00:00.12"),
        // Sorts before the instant: such a hold was over too early.
        format!("{instant} 04:00:00.12-08:00"),
        format!("{instant}T02:00:00.120-1000"),
        format!("{day_before} 23:30:00.12-12:30"),
        // Sorts behind it: such a hold lasted too long.
        format!("{instant} 20:00:00.12+08:00"),
        format!("{instant}T14:00:00.12+02"),
    ] {
        let (db, mut conn) = with_a_held_lead();
        db.sql(&format!("UPDATE soft_delete_holds SET ends_at = '{spelling}'"));
        let (before, after) = (end() - TimeDelta::microseconds(1), end());
        assert!(is_held(&mut conn, before), "{spelling}");
        assert!(!is_held(&mut conn, after), "{spelling}");
        let hold = &soft_delete::holds(&mut conn, Page::of(10)).unwrap()[0];
        assert_eq!(hold.ends_at, Some(end()), "{spelling}");
        let registry = Registry::new().with::<Lead>();
        let request = |now| {
            Actor::new("admin")
                .because("request 12")
                .clock(FixedClock::at(now))
        };
        let refused = Lead::force_delete_by_id(&mut conn, 1, request(before)).unwrap_err();
        assert!(matches!(refused, Error::Held { .. }), "{spelling}: {refused}");
        assert_eq!(
            cleanup(&registry, before).run(&mut conn).unwrap().purged(),
            0,
            "{spelling}"
        );
        assert_eq!(
            cleanup(&registry, after).run(&mut conn).unwrap().purged(),
            1,
            "{spelling}"
        );
    }
}

/// An end that means no instant has not come: the row is held until somebody releases it, and the doctor says so.
#[test]
fn an_end_that_nobody_can_read_has_not_come() {
    for garbage in [
        "'tomorrow'",
        "'2026-02-20'",
        "'2026-02-30 00:00:00'",
        "''",
        "1771588800",
        "'0000-00-00 00:00:00'",
        "'2020-01-01 00:00:00+99:00'",
    ] {
        let (db, mut conn) = with_a_held_lead();
        // A column of another affinity would make a number of digits.
        db.sql(&format!("UPDATE soft_delete_holds SET ends_at = {garbage}"));
        let late = "9000-01-01T00:00:00Z".parse().unwrap();
        assert!(is_held(&mut conn, late), "{garbage}");
        let registry = Registry::new().with::<Lead>();
        assert_eq!(
            cleanup(&registry, late).run(&mut conn).unwrap().purged(),
            0,
            "{garbage}"
        );
        assert_eq!(
            soft_delete::holds(&mut conn, Page::of(10)).unwrap()[0].ends_at,
            None,
            "{garbage}"
        );
        let findings = doctor(&mut conn, &registry).unwrap();
        let named = findings.iter().find(|finding| finding.check == Check::Holds);
        let named = named.unwrap_or_else(|| panic!("{garbage}: {findings:?}"));
        assert!(
            named
                .evidence
                .contains("1 of its holds have an end that is no time"),
            "{}",
            named.evidence
        );
        assert_eq!(Lead::release_by_id(&mut conn, 1, Actor::new("legal")).unwrap(), 1);
        assert_eq!(
            cleanup(&registry, late).run(&mut conn).unwrap().purged(),
            1,
            "{garbage}"
        );
    }
}

/// The audit log is asked for a span of time, and an entry that another tool wrote is in the one that it means.
#[test]
fn audit_entries_are_in_the_span_that_they_mean() {
    let (db, mut conn) = with_a_held_lead();
    for spelling in [
        "2026-01-16T01:30:00+02:00",
        "2026-01-15 23:30:00",
        "2026-01-15T23:30:00Z",
        "2026-01-15 13:30:00-10:00",
    ] {
        db.sql(&format!(
            "UPDATE soft_delete_audit SET at = '{spelling}' WHERE action = 'hold'"
        ));
        let instant: DateTime<Utc> = "2026-01-15T23:30:00Z".parse().unwrap();
        let holds = |trail: Trail| trail.action(soft_delete::Action::Hold);
        for (from, until, found) in [(0, 1, 1), (-1, 0, 0), (1, 2, 0)] {
            let [from, until] = [from, until].map(|micros| instant + TimeDelta::microseconds(micros));
            let listed = audit(&mut conn, &holds(Trail::new().since(from).until(until))).unwrap();
            assert_eq!(listed.len(), found, "{spelling} from {from} until {until}");
            assert!(listed.iter().all(|entry| entry.at == instant), "{spelling}");
        }
        let days = activity(&mut conn, noon() - TimeDelta::days(1)).unwrap();
        let days: Vec<String> = days.iter().map(|day| day.day.to_string()).collect();
        assert!(days.iter().all(|day| day == "2026-01-15"), "{spelling}: {days:?}");
    }
}
