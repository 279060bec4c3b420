//! What hangs on what among tables that are not written in Rust: nothing unless somebody says so.

#[cfg(feature = "servers")]
use diesel::prelude::*;
use soft_delete::{
    Actor, Database, Dialect, Error, FoundTable, Registry, TableName, TableRelation, discover,
    discover_foreign_keys,
};

use crate::support::database::TestDatabase;

/// Tables as applications make them; people lead people, in a circle with their teams.
fn tables(database: Database) -> String {
    let (time, id) = match database {
        Database::Postgres => ("TIMESTAMP", "UUID"),
        Database::Mysql => ("DATETIME(6)", "CHAR(36)"),
        _ => ("TIMESTAMP", "TEXT"),
    };
    let marked = format!("deleted_at {time} NULL, deletion_id {id} NULL");
    format!(
        "CREATE TABLE teams (id BIGINT PRIMARY KEY, lead_id BIGINT, {marked});
         CREATE TABLE people (id BIGINT PRIMARY KEY, team_id BIGINT NOT NULL, boss_id BIGINT, {marked}, FOREIGN KEY (team_id) REFERENCES teams (id), FOREIGN KEY (boss_id) REFERENCES people (id));
         CREATE TABLE notes (id BIGINT PRIMARY KEY, person_id BIGINT NOT NULL, deleted_at {time} NULL, FOREIGN KEY (person_id) REFERENCES people (id));
         CREATE TABLE photos (id BIGINT PRIMARY KEY, person_id BIGINT NOT NULL, FOREIGN KEY (person_id) REFERENCES people (id));
         INSERT INTO teams (id, lead_id) VALUES (1, 10), (2, NULL);
         INSERT INTO people (id, team_id, boss_id) VALUES (10, 1, NULL), (11, 1, 10), (20, 2, NULL);
         INSERT INTO notes (id, person_id) VALUES (7, 20);
         INSERT INTO photos (id, person_id) VALUES (100, 10), (200, 20)"
    )
}

fn named(name: &str) -> TableName {
    TableName::new(name)
}

fn model(table: &FoundTable) -> soft_delete::Descriptor {
    table.descriptor(&table.roles("deleted_at")).expect("a model")
}

fn active<C>(conn: &mut C, registry: &Registry) -> Vec<(String, u64)>
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let stats = registry.stats(conn).expect("figures");
    stats
        .into_iter()
        .map(|stats| (stats.model, stats.active))
        .collect()
}

fn on<C>(db: &TestDatabase, mut conn: C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    db.sql(&tables(db.database()));
    db.migrate();
    let found = discover(&mut conn, "deleted_at").expect("tables");
    let mut keys: Vec<(String, Vec<String>, String, bool)> = discover_foreign_keys(&mut conn, &found)
        .expect("foreign keys")
        .into_iter()
        .map(|key| {
            (
                key.child.to_string(),
                key.columns,
                key.parent.to_string(),
                key.is_nullable,
            )
        })
        .collect();
    keys.sort();
    let expected = [
        ("notes", "person_id", "people", false),
        ("people", "boss_id", "people", true),
        ("people", "team_id", "teams", false),
    ];
    let told: Vec<(&str, &str, &str, bool)> = keys
        .iter()
        .map(|(child, columns, parent, nullable)| {
            (child.as_str(), columns[0].as_str(), parent.as_str(), *nullable)
        })
        .collect();
    assert_eq!(told, expected, "only those among models");

    let tables = || found.iter().map(model);
    let cascade =
        |parent: &str, child: &str, key: &str| TableRelation::cascade(named(parent), named(child), [key]);
    let relations = [
        cascade("teams", "people", "team_id").not_nullable(),
        cascade("people", "people", "boss_id"),
        // The one that leads a team takes the team along: a circle.
        cascade("people", "teams", "lead_id"),
        TableRelation::restrict(named("people"), named("notes"), ["person_id"]),
        TableRelation::owns(named("people"), named("photos"), ["person_id"]),
    ];
    let registry = Registry::new()
        .with_tables(tables(), &relations)
        .expect("relations");
    let ann = || Actor::new("ann").because("a test");

    // A team takes its people along, and no others; all come back together.
    let teams = registry.records("teams").expect("teams");
    assert_eq!(
        teams
            .soft_delete(&mut conn, &["1"], ann())
            .expect("deleted")
            .rows(),
        3
    );
    assert_eq!(
        active(&mut conn, &registry),
        [
            ("notes".to_owned(), 1),
            ("people".to_owned(), 1),
            ("teams".to_owned(), 1)
        ]
    );
    let people = registry.records("people").expect("people");
    let back = people
        .restore(&mut conn, &["11"], ann())
        .expect_err("its team is deleted");
    assert!(matches!(back, Error::ParentDeleted { .. }), "{back}");
    assert_eq!(
        teams.restore(&mut conn, &["1"], ann()).expect("restored").rows(),
        3
    );
    let kept = people
        .soft_delete(&mut conn, &["20"], ann())
        .expect_err("a note is active");
    assert!(matches!(kept, Error::Restricted { .. }), "{kept}");
    // Somebody who leads a team takes it along, with all of its people.
    assert_eq!(
        people
            .soft_delete(&mut conn, &["10"], ann())
            .expect("deleted")
            .rows(),
        3
    );

    // What a row hangs on is known from the row as well, where nothing leads back.
    let one_way = [cascade("teams", "people", "team_id").not_nullable()];
    let registry = Registry::new()
        .with_tables(tables(), &one_way)
        .expect("relations");
    let (teams, people) = (
        registry.records("teams").expect("teams"),
        registry.records("people").expect("people"),
    );
    teams.restore(&mut conn, &["1"], ann()).expect("restored");
    people.restore(&mut conn, &["10", "11"], ann()).expect("restored");
    teams.soft_delete(&mut conn, &["1"], ann()).expect("deleted");
    let alone = people
        .restore(&mut conn, &["11"], ann())
        .expect_err("its team is deleted");
    assert!(matches!(alone, Error::ParentDeleted { .. }), "{alone}");
    let with_team = people
        .restore(&mut conn, &["11"], ann().with_parents())
        .expect("restored");
    assert_eq!(with_team.rows(), 2);

    // Where nobody has said so, nothing hangs on anything.
    let loose = Registry::new().with_tables(tables(), &[]).expect("tables");
    let loose = loose.records("teams").expect("teams");
    assert_eq!(
        loose
            .soft_delete(&mut conn, &["2"], ann())
            .expect("deleted")
            .rows(),
        1
    );

    for (relation, told) in [
        (
            cascade("people", "notes", "person_id"),
            "which has no deletion_id",
        ),
        (cascade("tems", "people", "team_id"), "did you mean \"teams\"?"),
        (
            cascade("teams", "persons", "team_id"),
            "unknown model \"persons\"",
        ),
    ] {
        let error = Registry::new()
            .with_tables(tables(), &[relation])
            .expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    on(&db, crate::support::database::sqlite(db.url()));
}

#[cfg(feature = "servers")]
#[test]
fn on_postgresql() {
    let db = TestDatabase::new(Database::Postgres);
    on(&db, PgConnection::establish(db.url()).expect("a connection"));
}

#[cfg(feature = "servers")]
#[test]
fn on_mariadb() {
    let db = TestDatabase::new(Database::Mysql);
    on(&db, MysqlConnection::establish(db.url()).expect("a connection"));
}
