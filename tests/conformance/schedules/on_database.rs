//! A cleanup and somebody else, in every order, on this style's database.

use std::sync::{
    atomic::{AtomicU64, Ordering},
    mpsc::{Receiver, Sender},
};

use chrono::TimeDelta;
use diesel::connection::{SimpleConnection, TransactionManager};
use soft_delete::{Error, FixedClock, Registry};

use super::*;
use crate::{
    schedules::{interleavings, play},
    support::clock::{at_noon, noon},
};

type Manager = <Conn as Connection>::TransactionManager;

/// What the other session does to the first row of a table while it is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Restore,
    HoldRecord,
    HoldOperation,
    HoldModel,
    DeleteAgain,
    InsertChild,
}

/// A table whose first two rows are due, and what is below it.
#[derive(Clone, Copy)]
struct Subject {
    model: &'static str,
    rows: &'static str,
    child: Option<&'static str>,
    registry: fn() -> Registry,
    act: fn(&mut Conn, Act) -> soft_delete::Result<()>,
}

macro_rules! acts {
    ($model:ident, $key:expr, $insert:expr) => {
        |conn, act| {
            let (who, later) = (
                at_noon("me", "a test"),
                Actor::new("me").because("again").clock(FixedClock::at(now())),
            );
            match act {
                Act::Restore => $model::restore_by_id(conn, $key, who).map(drop),
                Act::HoldRecord => $model::hold_by_id(conn, $key, who).map(drop),
                Act::HoldModel => $model::hold_model(conn, who).map(drop),
                Act::HoldOperation => {
                    let operation = $model::history_by_id(conn, $key)?[0].operation_id;
                    hold_operation(conn, operation, who).map(drop)
                }
                Act::DeleteAgain => {
                    $model::restore_by_id(conn, $key, who)?;
                    $model::soft_delete_by_id(conn, $key, later).map(drop)
                }
                Act::InsertChild => Ok(conn.batch_execute($insert)?),
            }
        }
    };
}

/// When the rows are due.
fn now() -> DateTime<Utc> {
    noon() + TimeDelta::days(30)
}

/// Removed in one statement where the database can; in several with owned rows; past a foreign key that would take children
/// along.
const SUBJECTS: [Subject; 3] = [
    Subject {
        model: "leads",
        rows: "INSERT INTO leads (id, full_name, owner_id) VALUES (1, 'Ada', 7), (2, 'Grace', 7), (3, 'Charles', 8)",
        child: None,
        registry: || Registry::new().with::<Lead>(),
        act: acts!(Lead, 1, "SELECT 1"),
    },
    Subject {
        model: "teams",
        rows: "INSERT INTO teams (id) VALUES (1), (2), (3)",
        child: Some("members"),
        registry: || kin(),
        act: acts!(Team, 1, "INSERT INTO members (id, team_id) VALUES (10, 1)"),
    },
    Subject {
        model: "stores",
        rows: "INSERT INTO stores (region, code) VALUES ('north', 1), ('north', 2), ('north', 3)",
        child: Some("shelves"),
        registry: || kin(),
        act: acts!(
            Store,
            ("north", 1),
            "INSERT INTO shelves (id, region, code) VALUES (10, 'north', 1)"
        ),
    },
];

fn connection(db: &TestDatabase, level: &str) -> Conn {
    let mut conn = connect(db);
    match DATABASE {
        Database::Postgres => batch(
            &mut conn,
            &format!("SET default_transaction_isolation = '{level}'"),
        ),
        Database::Mysql => batch(
            &mut conn,
            &format!(
                "SET SESSION TRANSACTION ISOLATION LEVEL {level}; SET SESSION innodb_lock_wait_timeout = 5"
            ),
        ),
        // Who waits for the one writer gives up before the test does.
        _ => batch(&mut conn, "PRAGMA busy_timeout = 2000"),
    }
    conn
}

fn refill(db: &TestDatabase, subject: &Subject) {
    let tables = [
        "soft_delete_holds",
        "soft_delete_audit",
        "soft_delete_runs",
        "shelves",
        "stores",
        "members",
        "teams",
        "leads",
    ];
    let empty = tables.map(|table| format!("DELETE FROM {table}; "));
    let mut conn = connect(db);
    batch(&mut conn, &(empty.concat() + subject.rows));
    match subject.model {
        "leads" => drop(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left")).unwrap()),
        "teams" => drop(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "left")).unwrap()),
        _ => drop(Store::soft_delete_where(&mut conn, stores::code.le(2), at_noon("bob", "left")).unwrap()),
    }
}

/// When something happened, in the order of all that did.
static HAPPENED: AtomicU64 = AtomicU64::new(0);

/// What a session did, and when.
struct Played<T> {
    outcome: soft_delete::Result<T>,
    acted_at: u64,
    commits_at: u64,
}

/// One session: it begins and looks, acts, commits; an error rolls it back.
fn session<T>(
    mut conn: Conn,
    (go, done): (&Receiver<()>, &Sender<()>),
    table: &str,
    act: impl FnOnce(&mut Conn) -> soft_delete::Result<T>,
) -> Played<T> {
    let step = |go: &Receiver<()>| go.recv().unwrap();
    step(go);
    Manager::begin_transaction(&mut conn).unwrap();
    conn.batch_execute(&format!("SELECT COUNT(*) FROM {table}"))
        .unwrap();
    done.send(()).unwrap();
    step(go);
    let outcome = act(&mut conn);
    let acted_at = HAPPENED.fetch_add(1, Ordering::SeqCst);
    done.send(()).unwrap();
    step(go);
    let commits_at = HAPPENED.fetch_add(1, Ordering::SeqCst);
    let outcome = outcome.and_then(|answer| {
        Manager::commit_transaction(&mut conn)?;
        Ok(answer)
    });
    if outcome.is_err() {
        let _ = Manager::rollback_transaction(&mut conn);
    }
    done.send(()).unwrap();
    Played {
        outcome,
        acted_at,
        commits_at,
    }
}

fn clean_up(conn: &mut Conn, subject: &Subject) -> soft_delete::Result<u64> {
    let registry = (subject.registry)();
    let cleanup = Cleanup::new(&registry)
        .by(Actor::new("cron")
            .because("thirty days")
            .clock(FixedClock::at(now())))
        .trust_clock(true)
        .pause(std::time::Duration::ZERO)
        .without_lease();
    cleanup.run(conn).map(|report| report.purged())
}

fn count(conn: &mut Conn, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let found: Count = diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {query}"))
        .get_result(conn)
        .unwrap();
    found.count
}

/// What the two left behind, held against what they said.
fn violations(
    db: &TestDatabase,
    subject: &Subject,
    act: Act,
    other: &Played<()>,
    cleaner: &Played<u64>,
) -> Vec<String> {
    let (acted, cleaned) = (&other.outcome, &cleaner.outcome);
    // A hold on something else than a row can also be placed when its rows are gone, but not before they are for good.
    let came_later =
        matches!(act, Act::HoldModel | Act::HoldOperation) && other.acted_at > cleaner.commits_at;
    let mut conn = connect(db);
    let (key, id) = match subject.model {
        "stores" => ("code = 1", "north,1"),
        _ => ("id = 1", "1"),
    };
    let model = subject.model;
    let is_there = count(&mut conn, &format!("{model} WHERE {key}")) == 1;
    let is_active = count(&mut conn, &format!("{model} WHERE {key} AND deleted_at IS NULL")) == 1;
    let told_gone = count(
        &mut conn,
        &format!("soft_delete_audit WHERE model = '{model}' AND record_id = '{id}' AND action = 'purge'"),
    );
    let mut wrong = Vec::new();
    let mut claim = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    claim(
        told_gone == i64::from(!is_there),
        "the audit trail does not tell what happened",
    );
    claim(
        count(
            &mut conn,
            &format!("{model} WHERE deleted_at IS NULL AND NOT ({key})"),
        ) == 1,
        "an active row is gone",
    );
    if acted.is_ok() {
        claim(is_there || came_later, "it was done, and the row is gone");
        claim(
            act != Act::Restore || is_active,
            "it was restored, and is not active",
        );
        if let Some(child) = subject.child.filter(|_| act == Act::InsertChild) {
            claim(
                count(&mut conn, &format!("{child} WHERE deleted_at IS NULL")) == 1,
                "the child is gone",
            );
        }
    }
    if let Ok(purged) = cleaned {
        let left = count(&mut conn, &format!("{model} WHERE deleted_at IS NOT NULL"));
        let expected = match (acted, act) {
            // Where the other one did nothing, both rows may go. Waiting for each other keeps them for the next run.
            (Err(_), _) => 0..=2,
            (Ok(()), Act::HoldModel | Act::HoldOperation) if came_later => 0..=2,
            (Ok(()), Act::HoldModel | Act::HoldOperation) => 2..=2,
            (Ok(()), Act::Restore) => 0..=1,
            (Ok(()), _) => 1..=2,
        };
        claim(
            expected.contains(&left),
            &format!("{purged} were purged, and {left} deleted rows are left"),
        );
    }
    if let Err(error) = acted {
        let is_known = error.is_purged() || error.is_not_found() || matches!(error, Error::Database(_));
        claim(is_known, &format!("it was refused with {error:?}"));
    }
    wrong
}

#[test]
fn a_cleanup_and_somebody_else_in_every_order() {
    let db = TestDatabase::new(DATABASE);
    prepare(&db);
    prepare_kin(&db);
    // The foreign key that takes living rows along.
    db.sql("DROP TABLE shelves");
    db.sql("CREATE TABLE shelves (id BIGINT PRIMARY KEY, region VARCHAR(20) NOT NULL, code INTEGER NOT NULL, FOREIGN KEY (region, code) REFERENCES stores (region, code) ON DELETE CASCADE)");
    db.sql(&soft_delete::migrations::sql_for_table(DATABASE, Shelf::descriptor()).up);
    db.sql("DELETE FROM callbacks");
    let levels: &[&str] = match DATABASE {
        Database::Sqlite => &["serializable"],
        _ => &["read committed", "repeatable read", "serializable"],
    };
    let (mut wrong, mut removed, mut done, mut orders) = (Vec::new(), 0, 0, 0);
    for subject in SUBJECTS {
        for act in [
            Act::Restore,
            Act::HoldRecord,
            Act::HoldOperation,
            Act::HoldModel,
            Act::DeleteAgain,
            Act::InsertChild,
        ] {
            if act == Act::InsertChild && subject.child.is_none() {
                continue;
            }
            for level in levels {
                for order in interleavings() {
                    refill(&db, &subject);
                    let (other, cleaner) = (connection(&db, level), connection(&db, level));
                    let acted = std::sync::Mutex::new(None);
                    let cleaned = std::sync::Mutex::new(None);
                    let (acted_, cleaned_) = (&acted, &cleaned);
                    play(
                        &order,
                        [
                            Box::new(move |go, done| {
                                *acted_.lock().unwrap() =
                                    Some(session(other, (go, done), subject.model, |conn| {
                                        (subject.act)(conn, act)
                                    }));
                            }),
                            Box::new(move |go, done| {
                                *cleaned_.lock().unwrap() =
                                    Some(session(cleaner, (go, done), subject.model, |conn| {
                                        clean_up(conn, &subject)
                                    }));
                            }),
                        ],
                    );
                    let (acted, cleaned) = (
                        acted.into_inner().unwrap().unwrap(),
                        cleaned.into_inner().unwrap().unwrap(),
                    );
                    orders += 1;
                    done += usize::from(acted.outcome.is_ok());
                    removed += cleaned.outcome.as_ref().copied().unwrap_or_default();
                    for what in violations(&db, &subject, act, &acted, &cleaned) {
                        wrong.push(format!(
                            "{}, {act:?}, {level}, {order:?}: {what}; {:?}, {:?}",
                            subject.model, acted.outcome, cleaned.outcome
                        ));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {orders}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // Both sides had their way often enough for this to mean something.
    assert!(
        done * 4 > orders && removed as usize * 4 > orders,
        "{done} acts and {removed} removals in {orders} orders"
    );
}

/// What the other session does to a family while it is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FamilyAct {
    RestoreHead,
    RestoreChild,
    Undo,
    HoldHead,
    HoldChild,
    DeleteAgain,
    InsertChild,
}

const FAMILY_ACTS: [FamilyAct; 7] = [
    FamilyAct::RestoreHead,
    FamilyAct::RestoreChild,
    FamilyAct::Undo,
    FamilyAct::HoldHead,
    FamilyAct::HoldChild,
    FamilyAct::DeleteAgain,
    FamilyAct::InsertChild,
];

impl FamilyAct {
    fn run(self, conn: &mut Conn) -> soft_delete::Result<()> {
        let who = || at_noon("me", "a test");
        match self {
            Self::RestoreHead => Team::restore_by_id(conn, 1, who()).map(drop),
            Self::RestoreChild => Task::restore_by_id(conn, 100, who().with_parents()).map(drop),
            Self::Undo => {
                let operation = Team::history_by_id(conn, 1)?[0].operation_id;
                let undone = soft_delete::undo(conn, &kin(), operation, who())?;
                // What is gone is told, and nothing came back.
                match undone.is_changed() {
                    true => Ok(()),
                    false => Err(diesel::result::Error::NotFound.into()),
                }
            }
            Self::HoldHead => Team::hold_by_id(conn, 1, who()).map(drop),
            Self::HoldChild => Task::hold_by_id(conn, 100, who()).map(drop),
            Self::DeleteAgain => {
                Team::restore_by_id(conn, 1, who())?;
                let again = Actor::new("me").because("again").clock(FixedClock::at(now()));
                Team::soft_delete_by_id(conn, 1, again).map(drop)
            }
            Self::InsertChild => Ok(conn.batch_execute("INSERT INTO members (id, team_id) VALUES (12, 1)")?),
        }
    }
}

/// A team with members and tasks, and another one.
const FAMILY: &str = "
    INSERT INTO teams (id) VALUES (1), (2), (3);
    INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2);
    INSERT INTO tasks (id, team_id, member_id) VALUES (100, NULL, 10), (101, 1, NULL), (200, 2, 20)";

fn refill_families(db: &TestDatabase) {
    let tables = [
        "soft_delete_holds",
        "soft_delete_audit",
        "soft_delete_runs",
        "tasks",
        "members",
        "teams",
    ];
    let empty = tables.map(|table| format!("DELETE FROM {table}; "));
    let mut conn = connect(db);
    batch(&mut conn, &(empty.concat() + FAMILY));
    Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "left")).unwrap();
}

/// What of the families is split, lost or told otherwise.
fn family_violations(db: &TestDatabase, act: FamilyAct, acted: &soft_delete::Result<()>) -> Vec<String> {
    let mut conn = connect(db);
    let mut wrong = Vec::new();
    let families = [
        ("1", 5, "id = 1", "team_id = 1 AND id <> 12", "id IN (100, 101)"),
        ("2", 3, "id = 2", "team_id = 2", "id = 200"),
    ];
    for (name, size, team, members, tasks) in families {
        let mut found = |state: &str| {
            count(&mut conn, &format!("teams WHERE {team}{state}"))
                + count(&mut conn, &format!("members WHERE {members}{state}"))
                + count(&mut conn, &format!("tasks WHERE {tasks}{state}"))
        };
        let (there, active) = (found(""), found(" AND deleted_at IS NULL"));
        // A task that came back with its parents leaves the others without a head: each is a family of its own then.
        let is_divided = name == "1" && act == FamilyAct::RestoreChild && acted.is_ok();
        if there != 0 && there != size && !(is_divided && there > 2) {
            wrong.push(format!("{there} rows of {size} are left of family {name}"));
        }
        let is_back = matches!(
            act,
            FamilyAct::RestoreHead | FamilyAct::RestoreChild | FamilyAct::Undo
        );
        if name == "1" && acted.is_ok() {
            if there == 0 {
                wrong.push("it was done, and the family is gone".to_owned());
            }
            // With its parents a task comes back alone among its kin.
            let expected = if act == FamilyAct::RestoreChild { 3 } else { size };
            if is_back && active != expected {
                wrong.push(format!("{active} rows of {expected} came back"));
            }
        }
    }
    let gone = count(&mut conn, "soft_delete_audit WHERE action = 'purge'");
    let left = ["teams", "members WHERE id <> 12", "tasks"]
        .map(|table| count(&mut conn, table))
        .iter()
        .sum::<i64>();
    if gone + left != 9 {
        wrong.push(format!(
            "{gone} rows are told to be gone, and {left} of 9 are left"
        ));
    }
    if count(&mut conn, "teams WHERE id = 3 AND deleted_at IS NULL") != 1 {
        wrong.push("an active row is gone".to_owned());
    }
    let held = matches!(act, FamilyAct::InsertChild) && acted.is_ok();
    if held && count(&mut conn, "members WHERE id = 12") != 1 {
        wrong.push("the new child is gone".to_owned());
    }
    wrong
}

/// A family is removed whole or not at all, and what can be restored is restored whole.
#[test]
fn a_family_and_somebody_else_in_every_order() {
    let db = TestDatabase::new(DATABASE);
    prepare(&db);
    prepare_kin(&db);
    let levels: &[&str] = match DATABASE {
        Database::Sqlite => &["serializable"],
        _ => &["read committed", "repeatable read"],
    };
    let subject = Subject {
        model: "teams",
        rows: FAMILY,
        child: Some("members"),
        registry: || kin(),
        act: |_, _| Ok(()),
    };
    let (mut wrong, mut removed, mut done, mut orders) = (Vec::new(), 0, 0, 0);
    for act in FAMILY_ACTS {
        for level in levels {
            for order in interleavings() {
                refill_families(&db);
                let (other, cleaner) = (connection(&db, level), connection(&db, level));
                let acted = std::sync::Mutex::new(None);
                let cleaned = std::sync::Mutex::new(None);
                let (acted_, cleaned_, subject) = (&acted, &cleaned, &subject);
                play(
                    &order,
                    [
                        Box::new(move |go, done| {
                            *acted_.lock().unwrap() =
                                Some(session(other, (go, done), "teams", |conn| act.run(conn)));
                        }),
                        Box::new(move |go, done| {
                            *cleaned_.lock().unwrap() = Some(session(cleaner, (go, done), "teams", |conn| {
                                clean_up(conn, subject)
                            }));
                        }),
                    ],
                );
                let acted = acted.into_inner().unwrap().unwrap().outcome;
                let cleaned = cleaned.into_inner().unwrap().unwrap().outcome;
                orders += 1;
                done += usize::from(acted.is_ok());
                removed += cleaned.as_ref().copied().unwrap_or_default();
                for what in family_violations(&db, act, &acted) {
                    wrong.push(format!(
                        "{act:?}, {level}, {order:?}: {what}; {acted:?}, {cleaned:?}"
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {orders}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        done * 4 > orders && removed as usize > orders,
        "{done} acts and {removed} removals in {orders} orders"
    );
}

/// Three ways to remove expired rows that are known to lose restored ones, to see that this harness would notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `DELETE .. WHERE id IN (SELECT id .. LIMIT ..)`
    InSubquery,
    /// A join with the rows that were found.
    Joined,
    /// Ids are read first and removed by themselves afterwards.
    ById,
}

impl Shape {
    /// What it does when it looks, and when it removes.
    fn steps(self, conn: &mut Conn, removes: bool) -> QueryResult<()> {
        let found = "SELECT id FROM leads WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 10";
        match (self, removes) {
            (Self::ById, false) => conn.batch_execute(&format!("CREATE TABLE found AS {found}")),
            (Self::ById, true) => conn.batch_execute("DELETE FROM leads WHERE id IN (SELECT id FROM found)"),
            (_, false) => Ok(()),
            (Self::InSubquery, true) => conn.batch_execute(&format!(
                "DELETE FROM leads WHERE id IN (SELECT id FROM ({found}) AS found)"
            )),
            (Self::Joined, true) if DATABASE == Database::Mysql => conn.batch_execute(&format!(
                "DELETE leads FROM leads INNER JOIN ({found}) AS found ON found.id = leads.id"
            )),
            (Self::Joined, true) if DATABASE == Database::Postgres => conn.batch_execute(&format!(
                "DELETE FROM leads USING ({found}) AS found WHERE found.id = leads.id"
            )),
            (Self::Joined, true) => conn.batch_execute(&format!(
                "DELETE FROM leads WHERE EXISTS (SELECT 1 FROM ({found}) AS found WHERE found.id = leads.id)"
            )),
        }
    }
}

#[test]
fn the_harness_sees_rows_that_are_lost() {
    let db = TestDatabase::new(DATABASE);
    prepare(&db);
    prepare_kin(&db);
    db.sql("DELETE FROM callbacks");
    for shape in [Shape::InSubquery, Shape::Joined, Shape::ById] {
        let mut lost = 0;
        for order in interleavings() {
            db.sql("DROP TABLE IF EXISTS found");
            refill(&db, &SUBJECTS[0]);
            let (other, mut cleaner) = (
                connection(&db, "read committed"),
                connection(&db, "read committed"),
            );
            let restored = std::sync::atomic::AtomicBool::new(false);
            let (restored, db) = (&restored, &db);
            play(
                &order,
                [
                    Box::new(move |go, done| {
                        let outcome = session(other, (go, done), "leads", |conn| {
                            (SUBJECTS[0].act)(conn, Act::Restore)
                        });
                        restored.store(outcome.outcome.is_ok(), Ordering::Relaxed);
                    }),
                    Box::new(move |go, done| {
                        go.recv().unwrap();
                        let _ = shape.steps(&mut cleaner, false);
                        done.send(()).unwrap();
                        go.recv().unwrap();
                        let _ = shape.steps(&mut cleaner, true);
                        done.send(()).unwrap();
                        go.recv().unwrap();
                        done.send(()).unwrap();
                    }),
                ],
            );
            let is_gone = count(&mut connect(db), "leads WHERE id = 1") == 0;
            lost += usize::from(restored.load(Ordering::Relaxed) && is_gone);
        }
        // SQLite has one writer at a time, and InnoDB locks what a subquery of a DELETE reads: within a statement they lose nothing.
        let is_safe_here = DATABASE != Database::Postgres && shape != Shape::ById;
        assert_eq!(lost == 0, is_safe_here, "{shape:?} lost {lost} restored rows");
    }
}
