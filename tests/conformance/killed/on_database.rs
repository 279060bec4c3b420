//! A cleanup that dies: its process is killed, or its connection is cut, at a random moment, again and again.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use soft_delete::{Archive, FixedClock, Progress, Registry, load_archive};

use super::*;
use crate::support::{clock::noon, directory::TestDirectory};

/// Where the process that is killed finds its database.
const URL: &str = "SOFT_DELETE_KILLED_URL";

/// After how many batches it says that it may be killed.
const BATCHES: &str = "SOFT_DELETE_KILLED_BATCHES";

/// Where it archives what it removes, if it does.
const ARCHIVES: &str = "SOFT_DELETE_KILLED_ARCHIVES";

/// Expired leads, and teams with pictures that they own and a member that was deleted with each, so that a batch is one statement and
/// several.
pub(super) const LEADS: i64 = 16_000;
pub(super) const TEAMS: i64 = 2_000;
/// All rows that are due.
pub(super) const DUE: i64 = LEADS + 2 * TEAMS;
/// As many of them as go in one batch.
pub(super) const BATCH: i64 = 200;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    leads: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    teams: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    members: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pictures: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    gone: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    gone_once: i64,
}

fn filled() -> TestDatabase {
    let db = TestDatabase::new(DATABASE);
    fill(&db);
    db
}

pub(super) fn fill(db: &TestDatabase) {
    prepare(db);
    prepare_kin(db);
    refill(db);
}

pub(super) fn refill(db: &TestDatabase) {
    let at = if DATABASE == Database::Mysql {
        "'2026-01-15 12:00:00.12'"
    } else {
        "'2026-01-15 12:00:00.12+00:00'"
    };
    let mut conn = connect(db);
    let mut sql = String::from(
        "DELETE FROM callbacks; DELETE FROM pictures; DELETE FROM members; DELETE FROM teams; DELETE FROM leads; DELETE FROM soft_delete_audit; ",
    );
    for chunk in (1..=LEADS).collect::<Vec<_>>().chunks(1_000) {
        let rows: Vec<String> = chunk
            .iter()
            .map(|id| format!("({id}, 'Lead', 7, {at})"))
            .collect();
        sql += &format!(
            "INSERT INTO leads (id, full_name, owner_id, deleted_at) VALUES {}; ",
            rows.join(", ")
        );
    }
    for chunk in (1..=TEAMS).collect::<Vec<_>>().chunks(1_000) {
        const OPERATION: &str = "'019bc186-de78-70fd-9f82-b7562dd5c755'";
        let teams: Vec<String> = chunk
            .iter()
            .map(|id| format!("({id}, {at}, {OPERATION})"))
            .collect();
        let members: Vec<String> = chunk
            .iter()
            .map(|id| format!("({id}, {id}, {at}, {OPERATION})"))
            .collect();
        let pictures: Vec<String> = chunk.iter().map(|id| format!("({id}, {id})")).collect();
        sql += &format!(
            "INSERT INTO teams (id, deleted_at, deletion_id) VALUES {}; INSERT INTO members (id, team_id, deleted_at, deletion_id) VALUES {};
             INSERT INTO pictures (id, team_id) VALUES {}; ",
            teams.join(", "),
            members.join(", "),
            pictures.join(", ")
        );
    }
    batch(&mut conn, &sql);
}

/// When a run is cut short: so many batches after its beginning, and so soon after that. It waits for its end two batches later, so
/// that it cannot be over by then, however slow or quick the machine has become.
pub(super) struct Moment {
    batches: u64,
    later: Duration,
}

impl Moment {
    /// One after fewer batches than these, in a run whose batches take as long as those of this one did.
    pub(super) fn within(batches: u64, whole: Duration) -> Self {
        let batch = whole / (DUE / BATCH) as u32;
        let later = Duration::from_micros(random(2 * batch.as_micros() as u64));
        Self {
            batches: random(batches),
            later,
        }
    }

    /// Does this at the moment, which `run` is told to tell of and to wait for.
    pub(super) fn meanwhile<T>(
        &self,
        act: impl FnOnce() + Send + 'static,
        run: impl FnOnce(Box<dyn FnMut(&Progress<'_>) + Send>) -> T,
    ) -> T {
        let (told, hears): (Sender<()>, Receiver<()>) = channel();
        let (done, awaits): (Sender<()>, Receiver<()>) = channel();
        let (batches, later) = (self.batches, self.later);
        thread::scope(|scope| {
            scope.spawn(move || {
                // A run that ends before the moment hangs up.
                let _ = hears.recv();
                thread::sleep(later);
                act();
                drop(done);
            });
            let tell = move || told.send(()).expect("somebody who acts");
            let wait = move || {
                // What was done hangs up.
                let _ = awaits.recv();
            };
            run(telling(batches, tell, wait))
        })
    }
}

// What a run calls after each batch, of which those count that removed rows: it tells that the moment has come, and waits two later.
fn telling(
    batches: u64,
    mut tell: impl FnMut() + Send + 'static,
    mut wait: impl FnMut() + Send + 'static,
) -> Box<dyn FnMut(&Progress<'_>) + Send> {
    let mut done = 0;
    if batches == 0 {
        tell();
    }
    Box::new(move |progress| {
        if progress.batch_rows == 0 {
            return;
        }
        done += 1;
        if done == batches {
            tell();
        }
        if done == batches + 2 {
            wait();
        }
    })
}

fn clean_up(
    conn: &mut Conn,
    after_batch: impl FnMut(&Progress<'_>) + Send,
) -> soft_delete::Result<soft_delete::CleanupReport> {
    let registry = every_model();
    let mut cleanup = cleaning(&registry).progress(after_batch);
    if let Ok(directory) = env::var(ARCHIVES) {
        cleanup = cleanup.archive(Archive::in_directory(directory));
    }
    cleanup.run(conn)
}

pub(super) fn every_model() -> Registry {
    kin().with::<Lead>()
}

pub(super) fn cleaning(registry: &Registry) -> Cleanup<'_> {
    Cleanup::new(registry)
        .by(Actor::new("cron")
            .because("thirty days")
            .clock(FixedClock::at(noon() + TimeDelta::days(30))))
        .trust_clock(true)
        .max_fraction(1.0)
        .batch_size(BATCH as u32)
        .pause(Duration::ZERO)
        .without_lease()
}

/// The process to be killed; by itself it is a cleanup that nobody kills.
#[test]
fn a_cleanup_to_be_killed() {
    let Ok(url) = env::var(URL) else {
        let db = filled();
        let report = clean_up(&mut connect(&db), |_| ()).unwrap();
        assert_eq!((report.purged() as i64, check(&db)), (DUE, 0));
        return;
    };
    let mut conn = Conn::establish(&url).unwrap();
    if DATABASE == Database::Sqlite {
        batch(&mut conn, crate::support::database::SQLITE_SETTINGS);
    }
    let id = id_of(&mut conn);
    let batches = env::var(BATCHES).unwrap().parse().unwrap();
    let after_batch = telling(
        batches,
        move || println!("\nready {id}"),
        // Until it is killed.
        || drop(std::io::stdin().read(&mut [0])),
    );
    clean_up(&mut conn, after_batch).unwrap();
}

/// Every row is there, or its audit row is, and a team is there with its picture and its member; answers how many are left.
pub(super) fn check(db: &TestDatabase) -> i64 {
    // All of it as it is at one moment.
    let found: Found = diesel::sql_query(
        "SELECT (SELECT COUNT(*) FROM leads) AS leads, (SELECT COUNT(*) FROM teams) AS teams, (SELECT COUNT(*) FROM members) AS members, (SELECT COUNT(*) FROM pictures) AS pictures,
            (SELECT COUNT(*) FROM soft_delete_audit WHERE action = 'purge') AS gone,
            (SELECT COUNT(*) FROM (SELECT DISTINCT model, record_id FROM soft_delete_audit WHERE action = 'purge') AS once) AS gone_once",
    )
    .get_result(&mut connect(db))
    .unwrap();
    let left = found.leads + found.teams + found.members;
    assert_eq!(
        (left + found.gone, found.gone),
        (DUE, found.gone_once),
        "rows and audit rows make up what there was, each once"
    );
    assert_eq!(found.teams, found.pictures, "what is owned goes with its owner");
    assert_eq!(found.teams, found.members, "a family is there or gone whole");
    left
}

// Who a connection is to its server.
fn id_of(conn: &mut Conn) -> i64 {
    let query = match DATABASE {
        Database::Postgres => "SELECT CAST(pg_backend_pid() AS BIGINT) AS count",
        Database::Mysql => "SELECT CAST(CONNECTION_ID() AS SIGNED) AS count",
        _ => "SELECT 0 AS count",
    };
    let found: Count = diesel::sql_query(query).get_result(conn).unwrap();
    found.count
}

// A number below the limit, as random as the lower bits of a time-ordered identity.
pub(super) fn random(limit: u64) -> u64 {
    let (high, low) = uuid::Uuid::now_v7().as_u64_pair();
    (high ^ low.rotate_left(17)) % limit.max(1)
}

// Kills a process that cleans up at this moment, and answers how many rows are left once its server has noticed.
fn kill_one(db: &TestDatabase, archives: Option<&TestDirectory>, moment: &Moment) -> i64 {
    let itself = format!(
        "{}::a_cleanup_to_be_killed",
        module_path!().split_once("::").unwrap().1
    );
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", &itself, "--nocapture"])
        .env(URL, db.url())
        .env(BATCHES, moment.batches.to_string())
        .envs(archives.map(|directory| (ARCHIVES, directory.path())))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let id = output
        .find_map(|line| line.unwrap().strip_prefix("ready ").map(ToOwned::to_owned))
        .unwrap();
    thread::sleep(moment.later);
    child.kill().unwrap();
    child.wait().unwrap();
    settled(db, id.parse().unwrap())
}

/// After a hundred kills nothing is lost, nothing is told twice, and a last run completes.
#[test]
fn a_killed_process_loses_nothing() {
    let db = filled();
    let mut conn = connect(&db);
    let start = Instant::now();
    clean_up(&mut conn, |_| ()).unwrap();
    let whole = start.elapsed();
    refill(&db);
    let mut amid = 0;
    for _ in 0..100 {
        // There is always enough left to be killed over.
        let mut before = check(&db);
        if before < DUE / 2 {
            refill(&db);
            before = DUE;
        }
        let after = kill_one(&db, None, &Moment::within(20, whole));
        assert!(after > 0, "the run was over before it was killed");
        amid += usize::from(after < before);
    }
    assert!(amid > 50, "only {amid} of 100 kills came in the middle");
    let report = clean_up(&mut conn, |_| ()).unwrap();
    assert_eq!((report.is_complete(), check(&db)), (true, 0));
}

/// Whatever moment a cleanup that archives is killed at, what it has removed is in its file and comes back.
#[test]
fn a_killed_archive_holds_all_that_is_gone() {
    let db = filled();
    let archives = TestDirectory::new();
    let registry = every_model();
    let mut conn = connect(&db);
    let start = Instant::now();
    let archived = || cleaning(&registry).archive(Archive::in_directory(archives.path()));
    let whole = archived().run(&mut conn).unwrap();
    let time = start.elapsed();
    let back = load_archive(&mut conn, &registry, whole.archive.unwrap(), Actor::new("ann")).unwrap();
    assert_eq!(i64::try_from(back.loaded()).unwrap(), DUE);
    refill(&db);
    let (mut amid, mut left) = (0, DUE);
    // Three batches at most are done before each of them, of a hundred in all.
    for _ in 0..20 {
        let after = kill_one(&db, Some(&archives), &Moment::within(3, time));
        assert!(after > 0, "the run was over before it was killed");
        amid += usize::from(after < left);
        left = after;
    }
    assert!(
        amid > 5,
        "only {amid} of 20 kills came when something was removed"
    );
    archived().run(&mut conn).unwrap();
    assert_eq!(check(&db), 0);
    let mut loaded = 0;
    for file in archives.files() {
        // Killed between the making of the file and its first line: no row of that run is gone.
        if std::fs::metadata(&file).unwrap().len() == 0 {
            let refused = load_archive(&mut conn, &registry, file, Actor::new("ann")).unwrap_err();
            assert!(refused.to_string().contains("it is empty"), "{refused}");
            continue;
        }
        let report = load_archive(&mut conn, &registry, file, Actor::new("ann")).unwrap();
        assert_eq!(report.refused(), 0, "{report:?}");
        loaded += report.loaded();
    }
    assert_eq!(i64::try_from(loaded).unwrap(), DUE);
    let count = |query: &str, conn: &mut Conn| -> i64 {
        let found: Count = diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {query}"))
            .get_result(conn)
            .unwrap();
        found.count
    };
    let there = ["leads", "teams", "members", "pictures"].map(|table| count(table, &mut conn));
    assert_eq!(there, [LEADS, TEAMS, TEAMS, TEAMS]);
}

// A server goes on with the statement that it has begun, and with what was sent to it before: until the connection is gone.
fn settled(db: &TestDatabase, id: i64) -> i64 {
    let there = match DATABASE {
        Database::Postgres => format!("SELECT COUNT(*) AS count FROM pg_stat_activity WHERE pid = {id}"),
        Database::Mysql => {
            format!("SELECT COUNT(*) AS count FROM information_schema.processlist WHERE id = {id}")
        }
        _ => "SELECT 0 AS count".to_owned(),
    };
    let (mut conn, since) = (connect(db), Instant::now());
    loop {
        let found: Count = diesel::sql_query(&there).get_result(&mut conn).unwrap();
        if found.count == 0 {
            return check(db);
        }
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "the server keeps the connection"
        );
        thread::yield_now();
    }
}

/// A connection that is cut in the middle ends the run with an error and a report; nothing is half done.
#[cfg(feature = "servers")]
#[test]
fn a_cut_connection_loses_nothing() {
    use diesel::connection::SimpleConnection;
    use soft_delete::Error;

    if DATABASE == Database::Sqlite {
        return;
    }
    let db = filled();
    let start = Instant::now();
    clean_up(&mut connect(&db), |_| ()).unwrap();
    let whole = start.elapsed();
    refill(&db);
    let mut failed = 0;
    for _ in 0..20 {
        if check(&db) < DUE / 2 {
            refill(&db);
        }
        let before = check(&db);
        let mut victim = connect(&db);
        let id = id_of(&mut victim);
        let cut = match DATABASE {
            Database::Postgres => format!("SELECT pg_terminate_backend({id})"),
            _ => format!("KILL ({id})"),
        };
        let mut killer = connect(&db);
        let outcome = Moment::within(20, whole).meanwhile(
            move || killer.batch_execute(&cut).unwrap(),
            |after_batch| clean_up(&mut victim, after_batch),
        );
        let after = settled(&db, id);
        match outcome {
            Ok(report) => panic!("the connection was not cut: {report:?}"),
            Err(Error::CleanupFailed { report, .. }) => {
                failed += 1;
                // The commit of the last batch may have been done without an answer.
                let told = i64::try_from(report.purged()).unwrap();
                assert!(
                    (told..=told + BATCH).contains(&(before - after)),
                    "{told} of {}",
                    before - after
                );
            }
            // Before the first batch.
            Err(_) => assert_eq!(before, after),
        }
    }
    assert!(failed > 10, "only {failed} cuts came in the middle");
    refill(&db);
    assert!(clean_up(&mut connect(&db), |_| ()).unwrap().is_complete());
}
