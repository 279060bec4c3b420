//! A tour in one minute: a lead is deleted by mistake, found in the bin, brought back, and watched until it expires.
//!
//! Run with `cargo run --example leads`. It needs no set-up: the database is SQLite, in memory.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "an example talks, and has no documentation to miss"
)]

use chrono::TimeDelta;
use diesel::prelude::*;
use soft_delete::{AuditRecord, Clock, FixedClock, SystemClock, prelude::*};

diesel::table! {
    leads (id) {
        id -> BigInt,
        full_name -> Text,
        email -> Nullable<Text>,
        deleted_at -> Nullable<TimestamptzSqlite>,
        deleted_by -> Nullable<Text>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Debug, Queryable, Selectable, Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(retention = "30 days", label = full_name)]
struct Lead {
    id: i64,
    full_name: String,
    email: Option<String>,
    deleted_at: Option<DateTime<Utc>>,
    deleted_by: Option<String>,
    deletion_reason: Option<String>,
    deletion_id: Option<DeletionId>,
}

type Answer<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Answer<()> {
    let mut conn = set_up()?;
    // Every operation below takes the time from this clock, so that the tour can travel.
    let clock = FixedClock::at(soft_delete::to_micros(SystemClock.now()));
    let admin = |reason: &str| Actor::new("admin").because(reason).clock(clock.clone());

    chapter("Three leads, all active");
    show_counts(&mut conn, 3, 0)?;

    chapter("Ada asks to be forgotten");
    let mut ada: Lead = Lead::active()
        .find(1)
        .select(Lead::as_select())
        .first(&mut conn)?;
    let outcome = ada.soft_delete(&mut conn, admin("Customer requested removal"))?;
    assert_eq!(outcome, Outcome::Changed);
    assert!(ada.is_deleted() && ada.deletion_id.is_some());
    show_counts(&mut conn, 2, 1)?;
    show_bin(&mut conn, &clock)?;

    chapter("Deleting her again changes nothing");
    let outcome = Lead::soft_delete_by_id(&mut conn, 1, admin("Twice"))?;
    assert_eq!(outcome, Outcome::Unchanged);
    println!("  {outcome:?}: the first stamp stands");

    chapter("It was the wrong Ada: restore");
    assert!(ada.restore(&mut conn, admin("Wrong person"))?.is_changed());
    assert_eq!(
        (ada.status(), ada.deletion_reason.as_deref()),
        (Status::Active, None)
    );
    show_counts(&mut conn, 3, 0)?;

    chapter("A whole team by mistake, and undone");
    let gone = Lead::soft_delete_where(&mut conn, leads::id.le(2), admin("Team dissolved"))?;
    assert_eq!(gone.rows(), 2);
    show_counts(&mut conn, 1, 2)?;
    let registry = Registry::new().with::<Lead>();
    let undone = soft_delete::undo(&mut conn, &registry, gone.id, admin("Wrong team"))?;
    assert_eq!(undone.rows(), 2);
    show_counts(&mut conn, 3, 0)?;

    chapter("Charles leaves for good, and 31 days pass");
    assert!(Lead::soft_delete_by_id(&mut conn, 3, admin("Left the company"))?.is_changed());
    show_bin(&mut conn, &clock)?;
    clock.advance(TimeDelta::days(31));
    println!("  ... 31 days later ...");
    show_bin(&mut conn, &clock)?;
    let expired: Vec<Lead> = Lead::expired(clock.now())
        .select(Lead::as_select())
        .load(&mut conn)?;
    assert_eq!(expired.iter().map(|lead| lead.id).collect::<Vec<_>>(), [3]);
    assert!(expired[0].is_expired_at(clock.now()));

    chapter("Who did what, when and why");
    let mut trail = Lead::history_by_id(&mut conn, 1)?;
    trail.extend(Lead::history_by_id(&mut conn, 3)?);
    assert_eq!(
        trail.iter().map(|act| act.action.as_str()).collect::<Vec<_>>(),
        ["soft_delete", "restore", "soft_delete", "restore", "soft_delete"]
    );
    show_trail(&trail);

    println!("\nEverything was as the tour says.");
    Ok(())
}

fn set_up() -> Answer<SqliteConnection> {
    let mut conn = SqliteConnection::establish(":memory:")?;
    soft_delete::migrations::run(&mut conn)?;
    diesel::connection::SimpleConnection::batch_execute(
        &mut conn,
        "CREATE TABLE leads (
             id BIGINT PRIMARY KEY, full_name TEXT NOT NULL, email TEXT,
             deleted_at TIMESTAMPTZ, deleted_by TEXT, deletion_reason TEXT, deletion_id TEXT
         );
         INSERT INTO leads (id, full_name, email) VALUES
             (1, 'Ada Lovelace', 'ada@example.com'),
             (2, 'Grace Hopper', NULL),
             (3, 'Charles Babbage', 'charles@example.com');",
    )?;
    Ok(conn)
}

fn chapter(title: &str) {
    println!("\n{title}");
}

fn show_counts(conn: &mut SqliteConnection, active: i64, deleted: i64) -> Answer<()> {
    let found: (i64, i64, i64) = (
        Lead::active().count().get_result(conn)?,
        Lead::only_deleted().count().get_result(conn)?,
        Lead::with_deleted().count().get_result(conn)?,
    );
    assert_eq!(found, (active, deleted, active + deleted));
    println!("  active {active}, deleted {deleted}, all {}", active + deleted);
    Ok(())
}

fn show_bin(conn: &mut SqliteConnection, clock: &FixedClock) -> Answer<()> {
    let bin: Vec<Lead> = Lead::only_deleted()
        .order(leads::id)
        .select(Lead::as_select())
        .load(conn)?;
    assert!(!bin.is_empty());
    for lead in bin {
        println!(
            "  {} ({}) is {}: by {}, because \"{}\"; {} days left",
            lead.full_name,
            lead.email.as_deref().unwrap_or("no address"),
            lead.status_at(clock.now()),
            lead.deleted_by.as_deref().unwrap_or("nobody"),
            lead.deletion_reason.as_deref().unwrap_or_default(),
            lead.days_left_at(clock.now()).unwrap_or_default(),
        );
    }
    Ok(())
}

fn show_trail(trail: &[AuditRecord]) {
    let line = |when: &str, action: &str, record: &str, who: &str, why: &str| {
        println!("  {when:<20} {action:<12} {record:<8} {who:<7} {why}");
    };
    line("WHEN (UTC)", "ACTION", "RECORD", "WHO", "WHY");
    for act in trail {
        line(
            &act.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            act.action.as_str(),
            &format!("{} {}", act.model, act.record_id),
            &act.actor,
            act.reason.as_deref().unwrap_or("-"),
        );
    }
}
