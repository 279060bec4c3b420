//! Keys without a sign, of MySQL and MariaDB: the upper half of their numbers is no other than the lower one.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::{MysqlConnection, prelude::*};
use soft_delete::{Database, FixedClock, Listing, discover, prelude::*};

use crate::support::{clock::noon, database::TestDatabase};

diesel::table! {
    tickets (id) {
        id -> Unsigned<BigInt>,
        deleted_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    seats (id) {
        id -> Unsigned<Integer>,
        deleted_at -> Nullable<Datetime>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = tickets)]
#[allow(dead_code, reason = "rows are not read")]
struct Ticket {
    id: u64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = seats)]
#[allow(dead_code, reason = "rows are not read")]
struct Seat {
    id: u32,
    deleted_at: Option<NaiveDateTime>,
}

fn cleanup(registry: &Registry) -> Cleanup<'_> {
    Cleanup::new(registry)
        .by(Actor::new("cron")
            .because("thirty days")
            .clock(FixedClock::at(noon() + TimeDelta::days(30))))
        .trust_clock(true)
        .batch_size(2)
        .pause(Duration::ZERO)
}

const HIGH: [&str; 7] = [
    "1",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "9223372036854775809",
    "18446744073709551614",
    "18446744073709551615",
];

fn filled() -> TestDatabase {
    let db = TestDatabase::new(Database::Mysql);
    db.migrate();
    db.create(
        "CREATE TABLE tickets (id BIGINT UNSIGNED PRIMARY KEY)",
        Ticket::descriptor(),
    );
    let rows: Vec<String> = HIGH
        .iter()
        .map(|id| format!("({id}, '2026-01-15 12:00:00')"))
        .collect();
    db.sql(&format!("INSERT INTO tickets VALUES {}", rows.join(", ")));
    db
}

fn works<S: Fn(&mut MysqlConnection) -> Registry>(registry: S) {
    let db = filled();
    let mut conn = MysqlConnection::establish(db.url()).unwrap();
    let registry = registry(&mut conn);
    let mut listed = Vec::new();
    let mut page = Listing::new().size(2);
    loop {
        let found = registry.list_deleted(&mut conn, "tickets", &page).unwrap();
        listed.extend(found.rows.into_iter().map(|row| row.id));
        match found.next {
            Some(next) => page = Listing::new().size(2).after(next),
            None => break,
        }
    }
    let newest_first: Vec<&str> = HIGH.iter().copied().rev().collect();
    assert_eq!(listed, newest_first, "every row is on one page");
    let records = registry.records("tickets").unwrap();
    let last = HIGH[6];
    assert_eq!(
        records
            .restore(&mut conn, &[last], Actor::new("ann"))
            .unwrap()
            .rows(),
        1
    );
    assert_eq!(records.history(&mut conn, last).unwrap()[0].record_id, last);
    records
        .hold(&mut conn, HIGH[5], Actor::new("legal").because("case 17"))
        .unwrap();
    let report = cleanup(&registry).run(&mut conn).unwrap();
    assert_eq!((report.purged(), report.models[0].held), (5, 1));
    let left: Vec<u64> = tickets::table
        .order(tickets::id)
        .select(tickets::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(left, [u64::MAX - 1, u64::MAX]);
    assert!(
        records
            .restore(&mut conn, &["18446744073709551616"], Actor::new("ann"))
            .is_err()
    );
    assert!(records.restore(&mut conn, &["-1"], Actor::new("ann")).is_err());
}

#[test]
fn the_upper_half_goes_and_is_listed() {
    works(|_| Registry::new().with::<Ticket>());
}

#[test]
fn of_a_table_that_was_found_as_well() {
    works(|conn| {
        let tables = discover(conn, "deleted_at").unwrap();
        let tickets = tables
            .iter()
            .find(|table| table.name().name() == "tickets")
            .unwrap();
        Registry::new().with_table(tickets.descriptor(&tickets.roles("deleted_at")).unwrap())
    });
}

/// The order of time compares keys as well.
#[test]
fn a_cleanup_by_time_ends() {
    let db = filled();
    // Most rows are not due, so that the index on time is the way.
    let others: Vec<String> = (1..=2_000).map(|id| format!("({})", id + 10)).collect();
    db.sql(&format!("INSERT INTO tickets (id) VALUES {}", others.join(", ")));
    let mut conn = MysqlConnection::establish(db.url()).unwrap();
    let registry = Registry::new().with::<Ticket>();
    assert_eq!(cleanup(&registry).run(&mut conn).unwrap().purged(), 7);
}

#[test]
fn thirty_two_bits_without_a_sign_are_keys() {
    let db = TestDatabase::new(Database::Mysql);
    db.migrate();
    db.create(
        "CREATE TABLE seats (id INT UNSIGNED PRIMARY KEY)",
        Seat::descriptor(),
    );
    db.sql("INSERT INTO seats VALUES (1, NULL), (2147483648, NULL), (4294967295, NULL)");
    let mut conn = MysqlConnection::establish(db.url()).unwrap();
    let registry = Registry::new().with::<Seat>();
    let records = registry.records("seats").unwrap();
    let deleted = records.soft_delete(
        &mut conn,
        &["2147483648", "4294967295"],
        Actor::new("ann").because("spam").clock(FixedClock::at(noon())),
    );
    assert_eq!(deleted.unwrap().rows(), 2);
    assert_eq!(cleanup(&registry).run(&mut conn).unwrap().purged(), 2);
    let left: Vec<u32> = seats::table.select(seats::id).load(&mut conn).unwrap();
    assert_eq!(left, [1]);
}
