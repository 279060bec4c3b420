//! Two connections to this style's database.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use diesel::{
    connection::{SimpleConnection, TransactionManager},
    result::{DatabaseErrorKind, Error as Diesel},
};
use soft_delete::Error;

use super::*;
use crate::{
    stepped::{Act, Order, Scene},
    support::clock::at_noon,
};

const ROWS: &str = "
    INSERT INTO teams (id) VALUES (1), (2);
    INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2);
    INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (103, 1, 20), (200, 2, 20)";

/// Plays a scene and tells what came of it.
fn played(db: &TestDatabase, level: &str, scene: Scene, order: Order) -> String {
    let mut first = connection(db, level);
    for table in ["soft_delete_audit", "tasks", "members", "teams"] {
        batch(&mut first, &format!("DELETE FROM {table}"));
    }
    batch(&mut first, ROWS);
    act!(Member::soft_delete_by_id(
        &mut first,
        11,
        at_noon("eve", "earlier")
    ))
    .unwrap();
    for act in scene.before {
        act_of(&mut first, *act).unwrap();
    }

    let (mut told, mut failed) = (String::new(), Vec::new());
    begin(&mut first);
    act_of(&mut first, scene.first).unwrap();
    thread::scope(|scope| {
        let (done, is_done) = channel();
        let (go, may_go) = channel::<()>();
        let other = scope.spawn(move || {
            let mut second = connection(db, level);
            begin(&mut second);
            let outcome = act_of(&mut second, scene.second);
            done.send(outcome.is_ok()).unwrap();
            may_go.recv().unwrap();
            ended(&mut second, outcome)
        });
        let waits = waits(db, &is_done);
        if waits {
            told += "waits; ";
        }
        if order == Order::TheOtherWayRound {
            // Who waits cannot be the first to end.
            go.send(()).unwrap();
        }
        if !waits && order == Order::TheOtherWayRound {
            failed.extend(
                other
                    .join()
                    .unwrap()
                    .err()
                    .map(|error| ("second", scene.second, error)),
            );
            let outcome = scene.and_then.map_or(Ok(()), |act| act_of(&mut first, act));
            failed.extend(
                ended(&mut first, outcome)
                    .err()
                    .map(|error| ("first", scene.first, error)),
            );
        } else {
            let outcome = scene.and_then.map_or(Ok(()), |act| act_of(&mut first, act));
            failed.extend(
                ended(&mut first, outcome)
                    .err()
                    .map(|error| ("first", scene.first, error)),
            );
            let _ = go.send(());
            failed.extend(
                other
                    .join()
                    .unwrap()
                    .err()
                    .map(|error| ("second", scene.second, error)),
            );
        }
    });
    for (mut who, act, error) in failed {
        let is_first = who == "first";
        if scene.and_then.is_some() {
            // Of two that wait for each other the database chooses one.
            who = "one";
        }
        told += &format!("{who} {error}");
        if error == "fails" {
            // As the guide says: the whole transaction once more.
            let again = act_of(&mut first, act).and(match scene.and_then {
                Some(act) if is_first => act_of(&mut first, act),
                _ => Ok(()),
            });
            told += &again
                .err()
                .map_or(", again".to_owned(), |error| format!(", again {}", word(&error)));
        }
        told += "; ";
    }
    told + &rows(&mut first)
}

fn connection(db: &TestDatabase, level: &str) -> Conn {
    let mut conn = connect(db);
    match DATABASE {
        Database::Postgres => batch(
            &mut conn,
            &format!("SET default_transaction_isolation = '{level}'"),
        ),
        Database::Mysql => batch(
            &mut conn,
            &format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}"),
        ),
        _ => {}
    }
    conn
}

fn act_of(conn: &mut Conn, act: Act) -> soft_delete::Result<()> {
    let who = at_noon("me", "a test");
    match act {
        Act::DeleteTeam(team) => Team::soft_delete_by_id(conn, team, who).map(drop),
        Act::RestoreTeam(team) => Team::restore_by_id(conn, team, who).map(drop),
        Act::RestoreMember => Member::restore_by_id(conn, 11, who).map(drop),
        Act::DeleteMember => Member::soft_delete_by_id(conn, 10, who).map(drop),
        Act::RestoreTask => Task::restore_by_id(conn, 100, who.with_parents()).map(drop),
        Act::InsertMember => Ok(conn.batch_execute("INSERT INTO members (id, team_id) VALUES (12, 1)")?),
    }
}

// Commits, or rolls back after an error.
fn ended(conn: &mut Conn, outcome: soft_delete::Result<()>) -> Result<(), &'static str> {
    type Manager = <Conn as Connection>::TransactionManager;
    let outcome = outcome.and_then(|()| Ok(Manager::commit_transaction(conn)?));
    outcome.map_err(|error| {
        let _ = Manager::rollback_transaction(conn);
        word(&error)
    })
}

fn word(error: &Error) -> &'static str {
    use DatabaseErrorKind::{SerializationFailure, Unknown};
    match error {
        Error::ParentDeleted { .. } => "is refused",
        Error::Database(Diesel::DatabaseError(SerializationFailure | Unknown, _)) => "fails",
        other => panic!("{other:?}"),
    }
}

// Whether the other connection waits for a lock rather than being done. The database says so; SQLite, which does not, lets
// nobody write while somebody does.
fn waits(db: &TestDatabase, is_done: &Receiver<bool>) -> bool {
    let waiting = match DATABASE {
        #[cfg(feature = "servers")]
        Database::Postgres => crate::support::locks::WAITING_ON_POSTGRESQL.to_owned(),
        #[cfg(feature = "servers")]
        Database::Mysql => crate::support::locks::waiting_on_mariadb(db),
        _ => "SELECT 1 AS count".to_owned(),
    };
    let mut watcher = connect(db);
    loop {
        match is_done.recv_timeout(Duration::from_millis(120)) {
            Ok(_) => return false,
            Err(RecvTimeoutError::Disconnected) => panic!("the other connection is gone"),
            Err(RecvTimeoutError::Timeout) => {
                #[cfg(feature = "servers")]
                let _turn = crate::support::locks::my_turn();
                let waiting: Count = diesel::sql_query(&waiting).get_result(&mut watcher).unwrap();
                if waiting.count > 0 {
                    return true;
                }
            }
        }
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

// The active rows, and those of them that hang on a deleted one. Every row's audit rows must tell its state.
fn rows(conn: &mut Conn) -> String {
    let teams: Vec<i64> = Team::active()
        .order(teams::id)
        .select(teams::id)
        .load(conn)
        .unwrap();
    let members: Vec<(i64, i64)> = Member::active()
        .order(members::id)
        .select((members::id, members::team_id))
        .load(conn)
        .unwrap();
    let tasks: Vec<(i64, Option<i64>, Option<i64>)> = Task::active()
        .order(tasks::id)
        .select((tasks::id, tasks::team_id, tasks::member_id))
        .load(conn)
        .unwrap();
    let active: Vec<i64> = members.iter().map(|row| row.0).collect();
    let mut holes: Vec<i64> = members
        .iter()
        .filter(|row| !teams.contains(&row.1))
        .map(|row| row.0)
        .collect();
    holes.extend(
        tasks
            .iter()
            .filter(|(_, team, member)| {
                team.is_some_and(|team| !teams.contains(&team))
                    || member.is_some_and(|member| !active.contains(&member))
            })
            .map(|row| row.0),
    );
    let tasks: Vec<i64> = tasks.iter().map(|row| row.0).collect();
    for (model, ids) in [("teams", &teams), ("members", &active), ("tasks", &tasks)] {
        let trail: Vec<(String, String)> = soft_delete_audit::table
            .filter(soft_delete_audit::model.eq(model))
            .order(soft_delete_audit::id)
            .select((soft_delete_audit::record_id, soft_delete_audit::action))
            .load(conn)
            .unwrap();
        for id in [1, 2, 10, 11, 12, 20, 100, 103, 200].map(|id| id.to_string()) {
            let acts: Vec<&str> = trail
                .iter()
                .filter(|row| row.0 == id)
                .map(|row| row.1.as_str())
                .collect();
            let in_turn = acts.iter().zip(["soft_delete", "restore"].into_iter().cycle());
            assert!(
                in_turn.clone().all(|(act, expected)| *act == expected),
                "{model} {id}: {acts:?}"
            );
            let is_active = acts.len().is_multiple_of(2);
            assert!(
                acts.is_empty() || is_active == ids.iter().any(|active| active.to_string() == id),
                "{model} {id}: {acts:?}"
            );
        }
    }
    let hole = if holes.is_empty() {
        String::new()
    } else {
        format!(", under deleted ones {holes:?}")
    };
    format!("{teams:?} {active:?} {tasks:?}{hole}")
}

const SCENES: [(&str, Scene); 11] = {
    const fn scene(first: Act, second: Act) -> Scene {
        Scene {
            before: &[],
            first,
            second,
            and_then: None,
        }
    }
    const fn gone(first: Act, second: Act) -> Scene {
        Scene {
            before: &[Act::DeleteTeam(1)],
            ..scene(first, second)
        }
    }
    [
        ("delete, insert", scene(Act::DeleteTeam(1), Act::InsertMember)),
        ("insert, delete", scene(Act::InsertMember, Act::DeleteTeam(1))),
        (
            "delete, restore child",
            scene(Act::DeleteTeam(1), Act::RestoreMember),
        ),
        (
            "restore child, delete",
            scene(Act::RestoreMember, Act::DeleteTeam(1)),
        ),
        ("delete, delete", scene(Act::DeleteTeam(1), Act::DeleteTeam(2))),
        (
            "delete, delete the other",
            scene(Act::DeleteTeam(2), Act::DeleteTeam(1)),
        ),
        (
            "delete crosswise",
            Scene {
                and_then: Some(Act::DeleteTeam(2)),
                ..scene(Act::DeleteTeam(1), Act::DeleteTeam(2))
            },
        ),
        ("restore, delete", gone(Act::RestoreTeam(1), Act::DeleteTeam(2))),
        ("delete, restore", gone(Act::DeleteTeam(2), Act::RestoreTeam(1))),
        (
            "restore with parents, delete",
            Scene {
                before: &[Act::DeleteMember],
                ..scene(Act::RestoreTask, Act::DeleteTeam(1))
            },
        ),
        (
            "delete, restore with parents",
            Scene {
                before: &[Act::DeleteMember],
                ..scene(Act::DeleteTeam(1), Act::RestoreTask)
            },
        ),
    ]
};

/// What comes of a scene: who waits, who fails, and the active teams, members and tasks.
fn expected(scene: &str, level: &str, order: Order) -> &'static str {
    use Database::{Postgres, Sqlite};
    use Order::{AsBegun, TheOtherWayRound};
    match (scene, DATABASE, level, order) {
        // The child that is inserted while its team goes stays behind. PostgreSQL notices in SERIALIZABLE alone, and the
        // insert is done again by somebody who does not know what for.
        ("delete, insert", Postgres, "serializable", AsBegun) => {
            "second fails, again; [2] [12, 20] [200], under deleted ones [12]"
        }
        ("delete, insert", Postgres, "serializable", TheOtherWayRound) => {
            "first fails, again; [2] [20] [200]"
        }
        ("delete, insert", Postgres, ..) => "[2] [12, 20] [200], under deleted ones [12]",
        ("delete, insert", ..) => "waits; [2] [12, 20] [200], under deleted ones [12]",
        // The other way round the databases whose foreign keys lock the team let the child go along.
        ("insert, delete", Postgres, "serializable", AsBegun) => "second fails, again; [2] [20] [200]",
        ("insert, delete", Postgres, "serializable", TheOtherWayRound) => {
            "first fails, again; [2] [12, 20] [200], under deleted ones [12]"
        }
        ("insert, delete", Postgres, ..) => "[2] [12, 20] [200], under deleted ones [12]",
        ("insert, delete", ..) => "waits; [2] [20] [200]",

        // A restore holds the parents of what it brings back, and looks at them.
        ("delete, restore child", Postgres, "repeatable read" | "serializable", _) => {
            "waits; second fails, again is refused; [2] [20] [200]"
        }
        ("delete, restore child", ..) => "waits; second is refused; [2] [20] [200]",
        // To have been held is no change, so that the snapshot of REPEATABLE READ stays valid, without the child.
        ("restore child, delete", Postgres, "repeatable read", _) => {
            "waits; [2] [11, 20] [200], under deleted ones [11]"
        }
        ("restore child, delete", Postgres, "serializable", _) => {
            "waits; second fails, again; [2] [20] [200]"
        }
        ("restore child, delete", ..) => "waits; [2] [20] [200]",

        // Both take task 103 along; who comes first does.
        ("delete, delete" | "delete, delete the other", Postgres, "repeatable read" | "serializable", _) => {
            "waits; second fails, again; [] [] []"
        }
        ("delete, delete" | "delete, delete the other", ..) => "waits; [] [] []",
        ("delete crosswise", Sqlite, ..) => "waits; [] [] []",
        ("delete crosswise", ..) => "waits; one fails, again; [] [] []",

        // Task 103 went with team 1 and hangs on team 2 as well.
        ("restore, delete", Postgres, "repeatable read", _) => {
            "waits; [1] [10] [100, 103], under deleted ones [103]"
        }
        ("restore, delete", Postgres, "serializable", _) => "waits; second fails, again; [1] [10] [100]",
        ("delete, restore", Postgres, "repeatable read" | "serializable", _) => {
            "waits; second fails, again; [1] [10] [100]"
        }
        ("restore, delete" | "delete, restore", ..) => "waits; [1] [10] [100]",

        // Member 10 comes back for task 100, and team 1 if it is gone by then.
        ("restore with parents, delete", Postgres, "repeatable read", _) => {
            "waits; [2] [10, 20] [100, 200], under deleted ones [10, 100]"
        }
        ("restore with parents, delete", Postgres, "serializable", _) => {
            "waits; second fails, again; [2] [20] [200]"
        }
        ("restore with parents, delete", ..) => "waits; [2] [20] [200]",
        ("delete, restore with parents", Postgres, "repeatable read" | "serializable", _) => {
            "waits; second fails, again; [1, 2] [10, 20] [100, 200]"
        }
        ("delete, restore with parents", ..) => "waits; [1, 2] [10, 20] [100, 200]",
        _ => panic!("{scene}"),
    }
}

#[test]
fn two_transactions_step_by_step() {
    let db = TestDatabase::new(DATABASE);
    prepare(&db);
    prepare_kin(&db);
    let levels: &[&str] = match DATABASE {
        Database::Sqlite => &["serializable"],
        _ => &["read committed", "repeatable read", "serializable"],
    };
    let mut wrong = Vec::new();
    for (name, scene) in SCENES {
        for level in levels {
            for order in [Order::AsBegun, Order::TheOtherWayRound] {
                let (outcome, expected) = (played(&db, level, scene, order), expected(name, level, order));
                if outcome != expected {
                    wrong.push(format!(
                        "{name}, {level}, {order:?}: {outcome} instead of {expected}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
