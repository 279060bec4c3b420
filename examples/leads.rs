//! A tour in one minute through a small CRM: leads and their callbacks are deleted by mistake, found in the bin, brought
//! back exactly, and removed for good when their time is over.
//!
//! Run with `cargo run --example leads`. It needs no set-up: the database is SQLite, in memory.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "an example talks, and has no documentation to miss"
)]

use chrono::TimeDelta;
use crm::{Callback, Lead, callbacks, leads};
use diesel::prelude::*;
use soft_delete::{AuditRecord, CleanupReport, Clock, Context, Error, FixedClock, SystemClock, prelude::*};

/// The tables stay in here: outside, a query that does not say active, deleted or all does not compile.
mod crm {
    use diesel::prelude::*;
    use soft_delete::prelude::*;

    mod schema {
        diesel::table! {
            leads (id) {
                id -> BigInt,
                full_name -> Text,
                email -> Nullable<Text>,
                owner_id -> BigInt,
                deleted_at -> Nullable<TimestamptzSqlite>,
                deleted_by -> Nullable<Text>,
                deletion_reason -> Nullable<Text>,
                deletion_id -> Nullable<Text>,
            }
        }
        diesel::table! {
            callbacks (id) {
                id -> BigInt,
                lead_id -> BigInt,
                note -> Text,
                deleted_at -> Nullable<TimestamptzSqlite>,
                deletion_id -> Nullable<Text>,
            }
        }
        diesel::joinable!(callbacks -> leads (lead_id));
        diesel::allow_tables_to_appear_in_same_query!(leads, callbacks);
    }
    soft_delete::scoped_tables! { pub use schema::{leads, callbacks}; }

    #[derive(Debug, Queryable, Selectable, Identifiable, SoftDelete)]
    #[diesel(table_name = schema::leads)]
    #[soft_delete(retention = "30 days", cascade(Callback), unique(email), label = full_name)]
    pub struct Lead {
        pub id: i64,
        pub full_name: String,
        pub email: Option<String>,
        pub owner_id: i64,
        pub deleted_at: Option<DateTime<Utc>>,
        pub deleted_by: Option<String>,
        pub deletion_reason: Option<String>,
        pub deletion_id: Option<DeletionId>,
    }

    #[derive(Debug, Queryable, Selectable, Identifiable, Associations, SoftDelete)]
    #[diesel(table_name = schema::callbacks, belongs_to(Lead))]
    #[soft_delete(label = note)]
    pub struct Callback {
        pub id: i64,
        pub lead_id: i64,
        pub note: String,
        pub deleted_at: Option<DateTime<Utc>>,
        pub deletion_id: Option<DeletionId>,
    }
}

type Answer<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Answer<()> {
    let mut conn = set_up()?;
    // Every operation below takes the time from this clock, so that the tour can travel.
    let clock = FixedClock::at(soft_delete::to_micros(SystemClock.now()));
    let admin = |reason: &str| Actor::new("admin").because(reason).clock(clock.clone());

    chapter("Four leads with five callbacks, all active");
    show_counts(&mut conn, [4, 0], [5, 0])?;

    one_lead(&mut conn, &clock, &admin)?;
    exactly_what_went(&mut conn, &admin)?;
    a_whole_team(&mut conn, &admin)?;
    a_conflict(&mut conn, &admin)?;
    the_end(&mut conn, &clock, &admin)?;

    println!("\nEverything was as the tour says.");
    Ok(())
}

fn one_lead(conn: &mut SqliteConnection, clock: &FixedClock, admin: &impl Fn(&str) -> Context) -> Answer<()> {
    chapter("Ada asks to be forgotten: her callbacks go along");
    let mut ada: Lead = Lead::active().find(1).select(Lead::as_select()).first(conn)?;
    let outcome = ada.soft_delete(conn, admin("Customer requested removal"))?;
    assert_eq!(outcome, Outcome::Changed);
    assert!(ada.is_deleted() && ada.deletion_id.is_some());
    show_counts(conn, [3, 1], [3, 2])?;
    show_bin(conn, clock)?;

    chapter("Deleting her again changes nothing");
    let outcome = Lead::soft_delete_by_id(conn, 1, admin("Twice"))?;
    assert_eq!(outcome, Outcome::Unchanged);
    println!("  {outcome:?}: the first stamp stands");

    chapter("It was the wrong Ada: restore");
    assert!(ada.restore(conn, admin("Wrong person"))?.is_changed());
    assert_eq!(
        (ada.status(), ada.deletion_reason.as_deref()),
        (Status::Active, None)
    );
    show_counts(conn, [4, 0], [5, 0])
}

fn exactly_what_went(conn: &mut SqliteConnection, admin: &impl Fn(&str) -> Context) -> Answer<()> {
    chapter("Exactly what went comes back: a callback that was deleted before stays deleted");
    Callback::soft_delete_by_id(conn, 10, admin("Number out of service"))?;
    Lead::soft_delete_by_id(conn, 1, admin("Moved away"))?;
    show_counts(conn, [3, 1], [3, 2])?;

    let refused = Callback::restore_by_id(conn, 11, admin("Call her anyway"));
    let error = refused.expect_err("a callback does not come back under a deleted lead");
    assert!(matches!(error, Error::ParentDeleted { .. }));
    println!("  refused: {error}");

    let plan = Lead::restore_plan_by_id(conn, 1, admin("Back in town"))?;
    assert!(plan.is_possible());
    let told: Vec<String> = plan
        .models
        .iter()
        .map(|model| format!("{} of {}", model.rows, model.model))
        .collect();
    println!("  the plan: {} would come back", told.join(", "));
    Lead::restore_by_id(conn, 1, admin("Back in town"))?;
    show_counts(conn, [4, 0], [4, 1])?;
    Callback::restore_by_id(conn, 10, admin("Number works again"))?;
    Ok(())
}

fn a_whole_team(conn: &mut SqliteConnection, admin: &impl Fn(&str) -> Context) -> Answer<()> {
    chapter("All leads of a user in one operation, one of them kept, the rest undone");
    let gone = Lead::soft_delete_where(conn, leads::owner_id.eq(7), admin("User left the company"))?;
    assert_eq!(gone.rows(), 3 + 4);
    show_counts(conn, [1, 3], [1, 4])?;
    Lead::restore_by_id(conn, 2, admin("Grace stays with us"))?;
    show_counts(conn, [2, 2], [2, 3])?;
    let registry = Registry::new().with::<Lead>().with::<Callback>();
    let undone = soft_delete::undo(conn, &registry, gone.id, admin("Wrong user"))?;
    assert_eq!(undone.rows(), 2 + 3);
    show_counts(conn, [4, 0], [5, 0])
}

fn a_conflict(conn: &mut SqliteConnection, admin: &impl Fn(&str) -> Context) -> Answer<()> {
    chapter("Her address is taken meanwhile: told, and resolved");
    Lead::soft_delete_by_id(conn, 1, admin("Duplicate"))?;
    diesel::insert_into(Lead::with_deleted())
        .values((
            leads::id.eq(5),
            leads::full_name.eq("Ada King"),
            leads::email.eq("ada@example.com"),
            leads::owner_id.eq(8),
        ))
        .execute(conn)?;
    let refused = Lead::restore_by_id(conn, 1, admin("Not a duplicate"));
    let error = refused.expect_err("two active leads cannot have one address");
    assert!(matches!(error, Error::Conflict { .. }));
    println!("  refused: {error}");
    for conflict in Lead::restore_plan_by_id(conn, 1, admin("Look"))?.conflicts {
        let (id, by) = (&conflict.id, &conflict.taken_by);
        println!(
            "  lead {id} cannot have {} back: lead {by} has it",
            conflict.columns.join(", ")
        );
        assert_eq!((id.as_str(), by.as_str()), ("1", "5"));
    }
    diesel::update(Lead::active().find(5))
        .set(leads::email.eq("ada.king@example.com"))
        .execute(conn)?;
    assert!(Lead::restore_by_id(conn, 1, admin("Not a duplicate"))?.is_changed());
    show_counts(conn, [5, 0], [5, 0])
}

fn the_end(conn: &mut SqliteConnection, clock: &FixedClock, admin: &impl Fn(&str) -> Context) -> Answer<()> {
    chapter("Charles leaves for good, and 31 days pass");
    assert!(Lead::soft_delete_by_id(conn, 3, admin("Left the company"))?.is_changed());
    show_bin(conn, clock)?;
    clock.advance(TimeDelta::days(31));
    println!("  ... 31 days later ...");
    show_bin(conn, clock)?;
    let expired: Vec<Lead> = Lead::expired(clock.now()).select(Lead::as_select()).load(conn)?;
    assert_eq!(expired.iter().map(|lead| lead.id).collect::<Vec<_>>(), [3]);
    assert!(expired[0].is_expired_at(clock.now()));

    chapter("A cleanup: first what it would do, then the deed");
    let registry = Registry::new().with::<Lead>().with::<Callback>();
    let cleanup = |reason: &str| Cleanup::new(&registry).by(admin(reason)).trust_clock(true);
    let operation = expired[0]
        .deletion_id
        .ok_or("deleted rows say by which operation")?;
    soft_delete::hold_operation(conn, operation, admin("Case 17"))?;
    let forecast = cleanup("A look").dry_run(true).run(conn)?;
    show_report(&forecast);
    assert_eq!(forecast.purged(), 0);
    soft_delete::release_operation(conn, operation, admin("Case 17 is closed"))?;
    let forecast = cleanup("A look").dry_run(true).run(conn)?;
    let report = cleanup("Thirty days are over").run(conn)?;
    show_report(&report);
    assert_eq!(
        (forecast.purged(), report.purged(), report.is_complete()),
        (2, 2, true)
    );
    let gone = Lead::restore_by_id(conn, 3, admin("Too late")).expect_err("he is gone");
    assert!(gone.is_purged());
    println!("  {gone}");
    show_counts(conn, [4, 0], [4, 0])?;

    chapter("Who did what, when and why");
    let mut trail = Lead::history_by_id(conn, 2)?;
    trail.extend(Callback::history_by_id(conn, 30)?);
    assert_eq!(
        trail
            .iter()
            .map(|act| (act.action.as_str(), act.root))
            .collect::<Vec<_>>(),
        [
            ("soft_delete", true),
            ("restore", true),
            ("soft_delete", false),
            ("restore", true),
            ("soft_delete", false),
            ("purge", false),
        ]
    );
    show_trail(&trail);
    Ok(())
}

fn set_up() -> Answer<SqliteConnection> {
    use soft_delete::{Database, Model, migrations};
    let mut conn = SqliteConnection::establish(":memory:")?;
    migrations::run(&mut conn)?;
    let mut run = |sql: &str| diesel::connection::SimpleConnection::batch_execute(&mut conn, sql);
    // The tables as they were, and the columns and indexes that the library asks for.
    run(
        "CREATE TABLE leads (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, email TEXT, owner_id INTEGER NOT NULL)",
    )?;
    run(
        "CREATE TABLE callbacks (id INTEGER PRIMARY KEY, lead_id INTEGER NOT NULL REFERENCES leads (id), note TEXT NOT NULL)",
    )?;
    run(&migrations::sql_for_table(Database::Sqlite, Lead::descriptor()).up)?;
    run(&migrations::sql_for_table(Database::Sqlite, Callback::descriptor()).up)?;
    run(
        "INSERT INTO leads (id, full_name, email, owner_id) VALUES
             (1, 'Ada Lovelace', 'ada@example.com', 7),
             (2, 'Grace Hopper', NULL, 7),
             (3, 'Charles Babbage', 'charles@example.com', 7),
             (4, 'Alan Turing', 'alan@example.com', 8);
         INSERT INTO callbacks (id, lead_id, note) VALUES
             (10, 1, 'Offer'), (11, 1, 'Birthday'), (20, 2, 'Contract'), (30, 3, 'Offer'), (40, 4, 'Lunch')",
    )?;
    Ok(conn)
}

fn chapter(title: &str) {
    println!("\n{title}");
}

fn show_counts(
    conn: &mut SqliteConnection,
    expected_leads: [i64; 2],
    expected_callbacks: [i64; 2],
) -> Answer<()> {
    let found = [
        Lead::active().count().get_result(conn)?,
        Lead::only_deleted().count().get_result(conn)?,
    ];
    let below = [
        Callback::active().count().get_result(conn)?,
        Callback::only_deleted().count().get_result(conn)?,
    ];
    assert_eq!((found, below), (expected_leads, expected_callbacks));
    println!(
        "  leads: {} active, {} deleted; callbacks: {} active, {} deleted",
        found[0], found[1], below[0], below[1]
    );
    Ok(())
}

fn show_bin(conn: &mut SqliteConnection, clock: &FixedClock) -> Answer<()> {
    let bin: Vec<Lead> = Lead::only_deleted()
        .order(leads::id)
        .select(Lead::as_select())
        .load(conn)?;
    assert!(!bin.is_empty());
    for lead in bin {
        let below: i64 = Callback::only_deleted()
            .filter(callbacks::lead_id.eq(lead.id))
            .filter(callbacks::deletion_id.eq(lead.deletion_id))
            .count()
            .get_result(conn)?;
        println!(
            "  {} ({}) is {}, with {below} callback{}: by {}, because \"{}\"; {} days left",
            lead.full_name,
            lead.email.as_deref().unwrap_or("no address"),
            lead.status_at(clock.now()),
            if below == 1 { "" } else { "s" },
            lead.deleted_by.as_deref().unwrap_or("nobody"),
            lead.deletion_reason.as_deref().unwrap_or_default(),
            lead.days_left_at(clock.now()).unwrap_or_default(),
        );
    }
    Ok(())
}

fn show_report(report: &CleanupReport) {
    let verb = if report.dry_run { "would go" } else { "went" };
    for model in &report.models {
        println!(
            "  {}: {} of {} due {verb}; {} held, {} blocked",
            model.model, model.purged, model.expired, model.held, model.blocked_rows
        );
    }
}

fn show_trail(trail: &[AuditRecord]) {
    let line = |when: &str, action: &str, record: &str, who: &str, why: &str| {
        println!("  {when:<20} {action:<13} {record:<13} {who:<7} {why}");
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
