//! Rows that are written to a file before they are removed, and come back from it.

use super::{
    super::*,
    cleanup::{cleaning, due},
};
use crate::support::{clock::at_noon, directory::TestDirectory, hook::seen};
use soft_delete::{Action, Archive, Error, FixedClock, LoadReport, Registry};
use std::fs;

/// Every table that holds something, and a copy of it.
const TABLES: [&str; 10] = [
    "leads", "teams", "members", "tasks", "pictures", "folders", "papers", "tickets", "stores", "shelves",
];

const ROWS: &str = "
    INSERT INTO teams (id, email) VALUES (1, 'a@b.c'), (2, NULL), (3, '');
    INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2), (30, 3);
    INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (101, 1, NULL), (102, 2, 11);
    INSERT INTO pictures (id, team_id) VALUES (5, 1), (6, 1), (7, 2), (8, 3);
    INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2), (4, 1), (9, NULL);
    INSERT INTO papers (id, folder_id) VALUES (1, 3), (2, 4);
    INSERT INTO tickets (id, parent_id, duplicate_of) VALUES (1, NULL, NULL), (2, 1, NULL), (3, NULL, 2);
    INSERT INTO stores (region, code) VALUES ('north, \"west\"', 1), ('s%üd', 2), ('east', 3);
    INSERT INTO shelves (id, region, code) VALUES (10, 'north, \"west\"', 1), (11, 's%üd', 2)";

fn every_model() -> Registry {
    kin().with::<Lead>()
}

threaded! {
    fn delete_most(db: &TestDatabase) -> u64 {
        let mut conn = act!(connect(db));
        let mut rows = act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap().rows();
        rows += act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap().rows();
        rows += act!(Folder::soft_delete_where(&mut conn, folders::id.eq(1), at_noon("bob", "closed"))).unwrap().rows();
        rows += act!(Ticket::soft_delete_where(&mut conn, tickets::id.gt(0), at_noon("bob", "closed"))).unwrap().rows();
        rows + act!(Store::soft_delete_where(&mut conn, stores::code.le(2), at_noon("bob", "closed"))).unwrap().rows()
    }
}

/// A family of rows of which most are deleted, and how many those are.
fn prepare_family(db: &TestDatabase) -> u64 {
    prepare_kin(db);
    db.sql(ROWS);
    let deleted = std::thread::scope(|scope| scope.spawn(|| delete_most(db)).join().unwrap());
    for table in TABLES {
        db.sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
    }
    deleted
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// How many rows of the first are not in the second.
macro_rules! missing {
    ($conn:expr, $first:expr, $second:expr) => {{
        let query = format!(
            "SELECT COUNT(*) AS count FROM (SELECT * FROM {} EXCEPT SELECT * FROM {}) AS missing",
            $first, $second
        );
        let found: Count = act!(diesel::sql_query(query).get_result($conn)).unwrap();
        found.count
    }};
}

/// Every table is as it was when it was copied.
macro_rules! assert_all_back {
    ($conn:expr) => {
        for table in TABLES {
            let kept = format!("kept_{table}");
            let differences = (missing!($conn, table, &kept), missing!($conn, &kept, table));
            assert_eq!(differences, (0, 0), "{table}");
        }
    };
}

fn counts(report: &LoadReport) -> (u64, u64, u64) {
    let there = report.models.iter().map(|model| model.already_there).sum();
    (report.loaded(), there, report.refused())
}

fn archived<'a>(registry: &'a Registry, archive: Archive) -> Cleanup<'a> {
    cleaning(registry, due())
        .max_fraction(1.0)
        .batch_size(2)
        .archive(archive)
}

case! {
    /// What was removed is in the file, and comes back as it was, parents and owners first, with one audit row each.
    fn rows_come_back_as_they_were(db) {
        let deleted = prepare_family(&db);
        let registry = every_model();
        let directory = TestDirectory::new();
        let mut conn = act!(connect(&db));
        let report = act!(clean(&mut conn, archived(&registry, Archive::in_directory(directory.path())))).unwrap();
        assert!(report.is_complete(), "{report}");
        assert_eq!(report.purged(), deleted);
        let path = report.archive.clone().unwrap();
        assert_eq!(directory.files().as_slice(), std::slice::from_ref(&path));
        assert!(path.to_str().unwrap().ends_with(&format!("-{}.jsonl", report.run_id)));
        let left: i64 = act!(leads::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(left, 1);

        let loaded = act!(load(&mut conn, &registry, &path)).unwrap();
        assert_eq!((counts(&loaded), loaded.is_cut, loaded.run_id), ((deleted, 0, 0), false, report.run_id), "{loaded:#?}\n{}", fs::read_to_string(&path).unwrap());
        assert_eq!(loaded.model("teams").unwrap().owned, 3);
        assert_all_back!(&mut conn);
        let history = act!(Lead::history_by_id(&mut conn, 1)).unwrap();
        let acts: Vec<Action> = history.iter().map(|act| act.action).collect();
        assert_eq!(acts, [Action::SoftDelete, Action::Purge, Action::Load]);
        assert_eq!((history[2].actor.as_str(), history[2].operation_id.as_uuid()), ("ann", loaded.operation_id));
        let loads: i64 = act!(soft_delete_audit::table.filter(soft_delete_audit::action.eq("load")).count().get_result(&mut conn)).unwrap();
        assert_eq!(u64::try_from(loads).unwrap(), deleted);

        let again = act!(load(&mut conn, &registry, &path)).unwrap();
        assert_eq!(counts(&again), (0, deleted, 0));
        assert_all_back!(&mut conn);
        // Exactly what went with the team comes back with it.
        let restored = act!(Team::restore_where(&mut conn, teams::id.eq(1), at_noon("ann", "a mistake"))).unwrap();
        assert_eq!(restored.rows(), 5, "a task stays that hangs on the other team as well");
        // What is not restored is due as it was.
        let gone = act!(clean(&mut conn, archived(&registry, Archive::in_directory(directory.path())))).unwrap();
        assert_eq!((gone.purged(), directory.files().len()), (deleted - 5, 2));
    }
}

case! {
    /// The same in a compressed file.
    fn rows_come_back_from_a_compressed_file(db) {
        let deleted = prepare_family(&db);
        let registry = every_model();
        let directory = TestDirectory::new();
        let mut conn = act!(connect(&db));
        let archive = Archive::in_directory(directory.path()).compressed();
        let report = act!(clean(&mut conn, archived(&registry, archive))).unwrap();
        let path = report.archive.unwrap();
        assert!(path.to_str().unwrap().ends_with(".jsonl.zst"));
        assert_eq!(fs::read(&path).unwrap()[..4], [0x28, 0xb5, 0x2f, 0xfd]);
        assert_eq!(counts(&act!(load(&mut conn, &registry, &path)).unwrap()), (deleted, 0, 0));
        assert_all_back!(&mut conn);
    }
}

case! {
    /// Rows that a foreign key, a hook or a hold keeps are not in the file, however the batch was taken apart.
    fn only_what_was_removed_is_archived(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO folders (id) VALUES (1); INSERT INTO papers (id, folder_id) VALUES (1, 1), (2, 1), (3, 1)");
        db.sql("CREATE TABLE unknown (lead_id BIGINT NOT NULL, FOREIGN KEY (lead_id) REFERENCES leads (id)); INSERT INTO unknown VALUES (2)");
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.gt(0), at_noon("bob", "left"))).unwrap();
        act!(Lead::hold_by_id(&mut conn, 3, at_noon("legal", "case 17"))).unwrap();
        act!(Paper::soft_delete_where(&mut conn, papers::id.gt(0), at_noon("bob", "old"))).unwrap();
        let registry = every_model();
        let directory = TestDirectory::new();
        let refused_by_the_hook = Actor::new("archivist").because("veto").clock(FixedClock::at(due()));
        let cleanup = archived(&registry, Archive::in_directory(directory.path())).batch_size(3).by(refused_by_the_hook);
        let report = act!(clean(&mut conn, cleanup)).unwrap();
        seen("archivist");
        let (leads, papers) = (report.model("leads").unwrap(), report.model("papers").unwrap());
        assert_eq!((leads.purged, leads.held, leads.blocked_rows), (1, 1, 1), "{report}");
        assert_eq!((papers.purged, papers.blocked_rows), (0, 3), "{report}");
        let loaded = act!(load(&mut conn, &registry, &report.archive.unwrap())).unwrap();
        assert_eq!(counts(&loaded), (1, 0, 0), "{loaded}");
    }
}

case! {
    /// An archive that cannot be written keeps everything where it is; a run that removes nothing makes no file, nor does a
    /// dry run; a file is never written over.
    fn without_a_file_nothing_is_removed(db) {
        prepare_kin(&db);
        let registry = every_model();
        let directory = TestDirectory::new();
        let mut conn = act!(connect(&db));
        let idle = act!(clean(&mut conn, archived(&registry, Archive::in_directory(directory.path())))).unwrap();
        assert_eq!((idle.archive, directory.files().len()), (None, 0));
        act!(Lead::soft_delete_where(&mut conn, leads::id.gt(0), at_noon("bob", "left"))).unwrap();
        let forecast = act!(clean(&mut conn, archived(&registry, Archive::in_directory(directory.path())).dry_run(true))).unwrap();
        assert_eq!((forecast.purged(), forecast.archive, directory.files().len()), (3, None, 0));

        let there = directory.path().join("there.jsonl");
        fs::write(&there, "precious").unwrap();
        for archive in [Archive::in_directory(directory.path().join("nowhere")), Archive::file(&there)] {
            let failed = act!(clean(&mut conn, archived(&registry, archive))).unwrap_err();
            let Error::CleanupFailed { report, source } = failed else { panic!("{failed:?}") };
            assert!(matches!(*source, Error::ArchiveFailed { .. }), "{source}");
            assert_eq!((report.purged(), report.model("leads").unwrap().blocked_rows, report.archive), (0, 0, None));
        }
        assert_eq!(fs::read_to_string(&there).unwrap(), "precious");
        let left: i64 = act!(Lead::only_deleted().count().get_result(&mut conn)).unwrap();
        assert_eq!(left, 3);
    }
}

case! {
    /// A cleanup that is undone by the caller's transaction leaves a file; loading it changes nothing.
    fn a_file_of_what_was_never_removed_changes_nothing(db) {
        let registry = Registry::new().with::<Lead>();
        let directory = TestDirectory::new();
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.gt(0), at_noon("bob", "left"))).unwrap();
        let path = directory.path().join("leads.jsonl");
        act!(begin(&mut conn));
        let report = act!(clean(&mut conn, archived(&registry, Archive::file(&path)))).unwrap();
        assert_eq!((report.purged(), report.archive), (3, Some(path.clone())));
        act!(rollback(&mut conn));
        let loaded = act!(load(&mut conn, &registry, &path)).unwrap();
        assert_eq!(counts(&loaded), (0, 3, 0));
        let left: i64 = act!(Lead::only_deleted().count().get_result(&mut conn)).unwrap();
        assert_eq!(left, 3);
    }
}

case! {
    /// Rows that a constraint refuses are named, and those around them come back.
    fn refused_rows_are_named(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO teams (id) VALUES (1), (2); INSERT INTO members (id, team_id) VALUES (10, 1), (11, 2), (12, 1), (13, 1)");
        db.sql("INSERT INTO pictures (id, team_id) VALUES (5, 1), (6, 2)");
        let registry = every_model();
        let directory = TestDirectory::new();
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.gt(0), at_noon("bob", "closed"))).unwrap();
        let report = act!(clean(&mut conn, archived(&registry, Archive::in_directory(directory.path())))).unwrap();
        // The team's picture has a new team, so the team cannot have it back.
        db.sql("INSERT INTO teams (id) VALUES (3); INSERT INTO pictures (id, team_id) VALUES (6, 3)");
        let loaded = act!(load(&mut conn, &registry, &report.archive.unwrap())).unwrap();
        let (teams, members) = (loaded.model("teams").unwrap(), loaded.model("members").unwrap());
        assert_eq!((teams.loaded, teams.owned, teams.refused_rows), (1, 1, 1), "{loaded}");
        assert_eq!(teams.refused[0].id, "2");
        assert_eq!((members.loaded, members.refused_rows, members.refused[0].id.as_str()), (3, 1, "11"));
        assert!(!members.refused[0].problem.is_empty() && !teams.refused[0].problem.is_empty());
        let there: Vec<i64> = act!(pictures::table.order(pictures::id).select(pictures::id).load(&mut conn)).unwrap();
        assert_eq!(there, [5, 6]);
    }
}

case! {
    /// A file that is not as it was written is refused at the line, before anything is written; one that ends too early is
    /// read as far as its batches are whole.
    fn damaged_files_are_refused(db) {
        let registry = Registry::new().with::<Lead>();
        let directory = TestDirectory::new();
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.gt(0), at_noon("bob", "left"))).unwrap();
        let report = act!(clean(&mut conn, archived(&registry, Archive::in_directory(directory.path())))).unwrap();
        let whole = fs::read_to_string(report.archive.unwrap()).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        assert_eq!(lines.len(), 6, "a header, two rows, their end, a row, its end");
        let damaged = |lines: &[&str]| lines.join("\n") + "\n";
        for (text, line) in [
            (String::new(), 1),
            (damaged(&lines[1..]), 1),
            (whole.replacen("\"version\":2", "\"version\":3", 1), 1),
            (damaged(&[lines[0], lines[1], "{\"row\":", lines[3]]), 3),
            (damaged(&[lines[0], lines[1], lines[3]]), 3),
            (damaged(&[lines[0], lines[1], lines[0], lines[2], lines[3]]), 3),
            (whole.replacen("\"full_name\"", "\"name\"", 1), 2),
        ] {
            let path = directory.path().join("damaged.jsonl");
            fs::write(&path, text).unwrap();
            let refused = act!(load(&mut conn, &registry, &path)).unwrap_err();
            assert!(matches!(&refused, Error::BadArchive { line: found, .. } if *found == line), "{refused}");
        }
        let other = if DATABASE == Database::Postgres { "mysql" } else { "postgres" };
        let path = directory.path().join("other.jsonl");
        let own = format!("\"database\":\"{}\"", DATABASE.as_str());
        fs::write(&path, whole.replacen(&own, &format!("\"database\":\"{other}\""), 1)).unwrap();
        let refused = act!(load(&mut conn, &registry, &path)).unwrap_err();
        assert!(matches!(&refused, Error::BadArchive { line: 1, .. }), "{refused}");
        fs::write(&path, &whole).unwrap();
        let refused = act!(load(&mut conn, &kin(), &path)).unwrap_err();
        assert!(matches!(&refused, Error::UnknownModel { name, .. } if name == "leads"), "{refused}");
        let refused = act!(load(&mut conn, &registry, &directory.path().join("none"))).unwrap_err();
        assert!(matches!(&refused, Error::BadArchive { line: 0, .. }), "{refused}");
        let none: i64 = act!(leads::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(none, 0);

        for cut in [whole.len() - 1, whole.len() - 20, whole.len() - lines[5].len() - 1] {
            fs::write(&path, &whole[..cut]).unwrap();
            let loaded = act!(load(&mut conn, &registry, &path)).unwrap();
            assert!(loaded.is_cut);
            assert_eq!(loaded.loaded() + loaded.model("leads").unwrap().already_there, 2);
        }
    }
}
