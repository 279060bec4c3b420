//! Families in which the head refers to one of its own cascaded rows: a person to their main address.

use diesel::prelude::*;
use soft_delete::{
    Archive, CauseKind, Database, Dialect, Error, Registry, TableRelation, load_archive, prelude::*,
};

use super::declared::{Rows, marks, models, named, on_each_database, rows_on};
use crate::support::{database::TestDatabase, directory::TestDirectory};

const LONG_AGO: &str = "'2020-01-01 00:00:00'";

/// The main address of each person, of whom the addresses with the tenfold number and the next one are. An operation of its own
/// deleted each person with their addresses.
type People<'a> = &'a [(i64, i64)];

const RULES: [&str; 4] = [
    "",
    "ON DELETE SET NULL",
    "ON DELETE CASCADE",
    "ON DELETE RESTRICT",
];

fn filled(db: &TestDatabase, rule: &str, people: People<'_>) {
    let marks = marks(db.database());
    // SQLite takes a foreign key to a table that is not there yet, and adds none later.
    let main = match db.database() {
        Database::Sqlite => format!("main_id BIGINT REFERENCES addresses (id) {rule}"),
        _ => "main_id BIGINT".to_owned(),
    };
    db.sql(&format!(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, {main}, {marks});
         CREATE TABLE addresses (id BIGINT PRIMARY KEY, person_id BIGINT NOT NULL, {marks}, FOREIGN KEY (person_id) REFERENCES people (id));"
    ));
    if db.database() != Database::Sqlite {
        db.sql(&format!(
            "ALTER TABLE people ADD CONSTRAINT main_address FOREIGN KEY (main_id) REFERENCES addresses (id) {rule}"
        ));
    }
    for (person, _) in people {
        let deleted = format!("{LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c75{person}'");
        db.sql(&format!(
            "INSERT INTO people (id, deleted_at, deletion_id) VALUES ({person}, {deleted});
             INSERT INTO addresses (id, person_id, deleted_at, deletion_id) VALUES ({person}0, {person}, {deleted}), ({person}1, {person}, {deleted});"
        ));
    }
    for (person, main) in people {
        db.sql(&format!("UPDATE people SET main_id = {main} WHERE id = {person}"));
    }
    db.migrate();
}

fn forget(db: &TestDatabase) {
    if db.database() != Database::Sqlite {
        db.sql("ALTER TABLE people DROP CONSTRAINT main_address");
    }
    db.sql("DELETE FROM soft_delete_audit; DROP TABLE addresses; DROP TABLE people;");
}

fn registry<C>(conn: &mut C) -> Registry
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let along = TableRelation::cascade(named("people"), named("addresses"), ["person_id"]);
    Registry::new()
        .with_tables(models(conn), &[along])
        .expect("a relation")
}

const LEFT: &str = "SELECT id AS n FROM people UNION ALL SELECT id FROM addresses ORDER BY n";

on_each_database!(
    a_head_goes_with_what_it_refers_to,
    a_head_goes_whatever_the_rule,
    a_head_of_another_family_keeps_what_it_refers_to,
    a_reference_that_is_never_null_keeps_the_family,
    a_head_is_removed_by_name,
    a_head_comes_back_from_an_archive,
    keys_that_are_never_null_order_the_removal,
    what_cannot_be_set_to_null_is_refused_by_name,
    a_trigger_that_does_more_keeps_the_family,
    a_chain_of_families_goes_in_one_run,
);

fn a_head_goes_with_what_it_refers_to<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db, "", &[(1, 10), (2, 21), (3, 30)]);
    let registry = registry(conn);
    let people = registry.records("people").expect("a model");
    people
        .hold(conn, "3", Actor::new("ann").because("a law suit"))
        .expect("held");
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).batch_size(1).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [3, 30, 31], "{report}");
    assert_eq!((dry.purged(), report.purged()), (6, 6), "{dry}\n{report}");
    let audited = "SELECT COUNT(*) AS n FROM soft_delete_audit WHERE action = 'purge'";
    assert_eq!(rows(conn, audited), [6]);
    let main = "SELECT main_id AS n FROM people";
    assert_eq!(rows(conn, main), [30]);
}

fn a_head_goes_whatever_the_rule<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    for rule in RULES {
        filled(db, rule, &[(1, 10), (2, 21)]);
        let registry = registry(conn);
        let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
        let report = Cleanup::new(&registry).run(conn).expect("cleaned");
        assert_eq!(rows(conn, LEFT), [0_i64; 0], "{rule}: {report}");
        assert_eq!((dry.purged(), report.purged()), (6, 6), "{rule}: {report}");
        let audited = "SELECT COUNT(*) AS n FROM soft_delete_audit WHERE action = 'purge'";
        assert_eq!(rows(conn, audited), [6], "{rule}");
        forget(db);
    }
}

/// The person 2 has an address of the person 1 for a main one, and 3, who was never deleted, one of 2.
fn a_head_of_another_family_keeps_what_it_refers_to<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db, "ON DELETE SET NULL", &[(1, 10), (2, 10), (3, 20)]);
    db.sql("UPDATE people SET deleted_at = NULL, deletion_id = NULL WHERE id = 3; DELETE FROM addresses WHERE person_id = 3");
    let registry = registry(conn);
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [1, 2, 3, 10, 11, 20, 21], "{report}");
    assert!(!report.is_complete());
    db.sql("UPDATE people SET main_id = NULL WHERE id = 3");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [3], "{report}");
}

fn a_reference_that_is_never_null_keeps_the_family<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    // SQLite makes no column strict that is there.
    if db.database() == Database::Sqlite {
        return;
    }
    filled(db, "", &[(1, 10), (2, 21)]);
    db.sql(match db.database() {
        Database::Postgres => "ALTER TABLE people ALTER COLUMN main_id SET NOT NULL",
        _ => "ALTER TABLE people MODIFY main_id BIGINT NOT NULL",
    });
    let registry = registry(conn);
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [1, 2, 10, 11, 20, 21], "{report}");
    let addresses = report.model("addresses").expect("cleaned");
    assert_eq!(addresses.causes[0].kind, CauseKind::Referenced, "{report}");
    assert!(!report.is_complete());
}

fn a_head_is_removed_by_name<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    for rule in RULES {
        filled(db, rule, &[(1, 10), (2, 21), (3, 20)]);
        let registry = registry(conn);
        let people = registry.records("people").expect("a model");
        let remove = |conn: &mut C, key: &str| {
            people
                .force_delete(conn, &[key], Actor::new("ann").because("a test"))
                .map(|operation| operation.rows())
        };
        assert_eq!(remove(conn, "1").expect("removed"), 3, "{rule}");
        assert_eq!(rows(conn, LEFT), [2, 3, 20, 21, 30, 31], "{rule}");
        remove(conn, "2").expect_err("the person 3 refers to it");
        assert_eq!(rows(conn, LEFT), [2, 3, 20, 21, 30, 31], "{rule}");
        assert_eq!(
            rows(conn, "SELECT main_id AS n FROM people ORDER BY id"),
            [21, 20],
            "{rule}"
        );
        assert_eq!(remove(conn, "3").expect("removed"), 3, "{rule}");
        assert_eq!(remove(conn, "2").expect("removed"), 3, "{rule}");
        assert_eq!(rows(conn, LEFT), [0_i64; 0], "{rule}");
        forget(db);
    }
}

fn a_head_comes_back_from_an_archive<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db, "", &[(1, 10), (2, 21), (3, 31)]);
    let registry = registry(conn);
    let directory = TestDirectory::new();
    let archive = Archive::in_directory(directory.path());
    let report = Cleanup::new(&registry)
        .archive(archive)
        .run(conn)
        .expect("cleaned");
    assert_eq!(rows(conn, LEFT), [0_i64; 0], "{report}");
    let path = report.archive.expect("a file");
    // The person 2 as after a load that ended before the addresses were back; the key 3 is of somebody else by now.
    db.sql(&format!(
        "INSERT INTO people (id, deleted_at, deletion_id) VALUES (2, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c752'), (3, '2020-02-02 00:00:00', '019bc186-de78-70fd-9f82-b7562dd5c753')"
    ));
    let loaded = load_archive(conn, &registry, &path, Actor::new("ann")).expect("loaded");
    let people = loaded.model("people").expect("some");
    assert_eq!((people.loaded, people.already_there), (1, 2), "{loaded}");
    assert_eq!(loaded.refused(), 0, "{loaded}");
    assert_eq!(rows(conn, LEFT), [1, 2, 3, 10, 11, 20, 21, 30, 31]);
    let main = "SELECT main_id AS n FROM people WHERE main_id IS NOT NULL ORDER BY id";
    assert_eq!(rows(conn, main), [10, 21], "{loaded}");
}

/// A book goes with its author, and so do its pages, which are of a volume and go with it.
fn keys_that_are_never_null_order_the_removal<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    let deleted = format!("{LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c751'");
    db.sql(&format!(
        "CREATE TABLE authors (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE volumes (id BIGINT PRIMARY KEY, author_id BIGINT, {marks}, FOREIGN KEY (author_id) REFERENCES authors (id));
         CREATE TABLE pages (id BIGINT PRIMARY KEY, author_id BIGINT, volume_id BIGINT NOT NULL, {marks}, FOREIGN KEY (author_id) REFERENCES authors (id), FOREIGN KEY (volume_id) REFERENCES volumes (id) ON DELETE CASCADE);
         INSERT INTO authors (id, deleted_at, deletion_id) VALUES (1, {deleted});
         INSERT INTO volumes (id, author_id, deleted_at, deletion_id) VALUES (1, 1, {deleted});
         INSERT INTO pages (id, author_id, volume_id, deleted_at, deletion_id) VALUES (1, 1, 1, {deleted}), (2, 1, 1, {deleted});"
    ));
    db.migrate();
    let along = |child| TableRelation::cascade(named("authors"), named(child), ["author_id"]);
    for order in [["pages", "volumes"], ["volumes", "pages"]] {
        let registry = Registry::new()
            .with_tables(models(conn), &order.map(along))
            .expect("relations");
        let authors = registry.records("authors").expect("a model");
        let operation = authors
            .force_delete(conn, &["1"], Actor::new("ann").because("a test"))
            .expect("removed");
        assert_eq!(operation.rows(), 4, "{operation:?}");
        let audited = "SELECT COUNT(*) AS n FROM soft_delete_audit WHERE action = 'force_delete'";
        assert_eq!(rows(conn, audited), [4]);
        db.sql(&format!(
            "DELETE FROM soft_delete_audit;
             INSERT INTO authors (id, deleted_at, deletion_id) VALUES (1, {deleted});
             INSERT INTO volumes (id, author_id, deleted_at, deletion_id) VALUES (1, 1, {deleted});
             INSERT INTO pages (id, author_id, volume_id, deleted_at, deletion_id) VALUES (1, 1, 1, {deleted}), (2, 1, 1, {deleted});"
        ));
    }
}

fn what_cannot_be_set_to_null_is_refused_by_name<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    // SQLite makes no column strict that is there.
    if db.database() == Database::Sqlite {
        return;
    }
    filled(db, "ON DELETE CASCADE", &[(1, 10), (2, 21)]);
    db.sql(match db.database() {
        Database::Postgres => "ALTER TABLE people ALTER COLUMN main_id SET NOT NULL",
        _ => "ALTER TABLE people MODIFY main_id BIGINT NOT NULL",
    });
    let registry = registry(conn);
    let people = registry.records("people").expect("a model");
    let refused = people
        .force_delete(conn, &["1"], Actor::new("ann").because("a test"))
        .unwrap_err();
    assert!(
        matches!(&refused, Error::DangerousForeignKey { constraint, child, .. } if constraint == "main_address" && child == "people"),
        "{refused:?}"
    );
    let _ = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [1, 2, 10, 11, 20, 21]);
}

/// A soft delete never writes the column, so nobody has decided what a trigger on it does.
fn a_trigger_that_does_more_keeps_the_family<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db, "", &[(1, 10), (2, 21)]);
    db.sql("CREATE TABLE moves (id BIGINT PRIMARY KEY); INSERT INTO moves (id) VALUES (1), (2)");
    let (more, harmless) = match db.database() {
        Database::Postgres => (
            "CREATE FUNCTION moved() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM moves WHERE id = OLD.id; RETURN NEW; END';
             CREATE TRIGGER moved AFTER UPDATE OF main_id ON people FOR EACH ROW EXECUTE FUNCTION moved()",
            "CREATE OR REPLACE FUNCTION moved() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id = OLD.id; RETURN NEW; END'",
        ),
        Database::Mysql => (
            "CREATE TRIGGER moved AFTER UPDATE ON people FOR EACH ROW DELETE FROM moves WHERE id = OLD.id",
            "DROP TRIGGER moved; CREATE TRIGGER moved BEFORE UPDATE ON people FOR EACH ROW SET NEW.id = OLD.id",
        ),
        _ => (
            "CREATE TRIGGER moved AFTER UPDATE OF main_id ON people BEGIN DELETE FROM moves WHERE id = OLD.id; END",
            "DROP TRIGGER moved; CREATE TRIGGER moved AFTER UPDATE OF main_id ON people BEGIN SELECT 1; END",
        ),
    };
    db.sql(more);
    let registry = registry(conn);
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [1, 2, 10, 11, 20, 21], "{report}");
    assert_eq!(rows(conn, "SELECT id AS n FROM moves ORDER BY id"), [1, 2]);
    db.sql(harmless);
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [0_i64; 0], "{report}");
    assert_eq!(rows(conn, "SELECT id AS n FROM moves ORDER BY id"), [1, 2]);
}

/// Each person has an address of the one before for a main one.
fn a_chain_of_families_goes_in_one_run<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db, "", &[(1, 10), (2, 10), (3, 20), (4, 30), (5, 40), (6, 50)]);
    let registry = registry(conn);
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, LEFT), [0_i64; 0], "{report}");
    assert_eq!((dry.purged(), report.purged()), (18, 18), "{dry}\n{report}");
    assert!(report.is_complete(), "{report}");
}

diesel::table! {
    people (id) {
        id -> BigInt,
        main_id -> Nullable<BigInt>,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    addresses (id) {
        id -> BigInt,
        person_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = people)]
#[soft_delete(cascade(Address))]
struct Person {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = addresses, belongs_to(Person))]
struct Address {
    id: i64,
    person_id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

/// The condition of the caller is about the very column: it chooses the rows as they are before the first is written.
#[test]
fn a_condition_on_the_reference_is_asked_once() {
    let db = TestDatabase::new(Database::Sqlite);
    filled(&db, "", &[(1, 70), (2, 70), (7, 70)]);
    db.sql("UPDATE people SET deleted_at = NULL, deletion_id = NULL WHERE id = 7; UPDATE addresses SET deleted_at = NULL, deletion_id = NULL WHERE person_id = 7");
    let mut conn = crate::support::database::sqlite(db.url());
    let conn = &mut conn;
    let left = |conn: &mut SqliteConnection| rows_on!(conn, LEFT);
    Person::hold_by_id(conn, 2, Actor::new("ann").because("a law suit")).expect("held");
    let first = diesel::dsl::sql::<diesel::sql_types::Bool>(
        "NOT EXISTS (SELECT 1 FROM people AS other WHERE other.main_id = people.main_id AND other.id < people.id)",
    );
    let operation =
        Person::force_delete_where(conn, first, Actor::new("ann").because("a test")).expect("removed");
    assert_eq!(operation.rows(), 3);
    assert_eq!(left(conn), [2, 7, 20, 21, 70, 71]);
}
