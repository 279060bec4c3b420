//! A row does not come back under a deleted one, and is not deleted while a restriction keeps it, whatever kind of relation it is
//! and whether the parent, the child or the catalog alone knows it.

use std::sync::{Arc, Mutex};

use diesel::{connection::InstrumentationEvent, prelude::*};
use soft_delete::{
    Actor, Context, Database, Descriptor, Dialect, Error, Registry, TableName, TableRelation, discover,
    discover_foreign_keys, doctor, prelude::*,
};

use crate::support::database::TestDatabase;

diesel::table! {
    orgs (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    desks (id) {
        id -> BigInt,
        org_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    people (id) {
        id -> BigInt,
        boss_id -> Nullable<BigInt>,
        desk_id -> Nullable<BigInt>,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    phones (id) {
        id -> BigInt,
        desk_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

/// Without a `deletion_id`.
#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = orgs)]
#[soft_delete(restrict(Desk))]
struct Org {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = desks, belongs_to(Org))]
struct Desk {
    id: i64,
    org_id: i64,
    deleted_at: Option<NaiveDateTime>,
}

/// Refers to others and to itself, and nobody says anything of it.
#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = people, belongs_to(Desk), belongs_to(Person, foreign_key = boss_id))]
struct Person {
    id: i64,
    boss_id: Option<i64>,
    desk_id: Option<i64>,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = phones, belongs_to(Desk))]
struct Phone {
    id: i64,
    desk_id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn ann() -> Context {
    Actor::new("ann").because("a test")
}

fn prepare(db: &TestDatabase) {
    let time = match db.database() {
        Database::Mysql => "DATETIME(6)",
        _ => "TIMESTAMP",
    };
    db.sql(&format!(
        "CREATE TABLE orgs (id BIGINT PRIMARY KEY, deleted_at {time} NULL);
         CREATE TABLE desks (id BIGINT PRIMARY KEY, org_id BIGINT NOT NULL REFERENCES orgs (id), deleted_at {time} NULL);
         CREATE TABLE people (id BIGINT PRIMARY KEY, boss_id BIGINT, desk_id BIGINT, deleted_at {time} NULL, deletion_id VARCHAR(36));
         CREATE TABLE phones (id BIGINT PRIMARY KEY, desk_id BIGINT NOT NULL, deleted_at {time} NULL);
         INSERT INTO orgs (id) VALUES (1), (2);
         INSERT INTO desks (id, org_id) VALUES (10, 1), (20, 2);
         INSERT INTO people (id, boss_id, desk_id) VALUES (100, NULL, 10), (101, 100, 10), (200, NULL, 20), (300, NULL, NULL);
         INSERT INTO phones (id, desk_id) VALUES (7, 10)"
    ));
    db.migrate();
}

macro_rules! cases {
    ($module:ident, $conn:ty, $database:expr) => {
        mod $module {
            use super::*;

            fn begin() -> (TestDatabase, $conn) {
                let db = TestDatabase::new($database);
                prepare(&db);
                let conn = <$conn>::establish(db.url()).unwrap();
                (db, conn)
            }

            fn registry() -> Registry {
                Registry::new()
                    .with::<Org>()
                    .with::<Desk>()
                    .with::<Person>()
                    .with::<Phone>()
            }

            fn acts(conn: &mut $conn) -> i64 {
                #[derive(QueryableByName)]
                struct Count {
                    #[diesel(sql_type = diesel::sql_types::BigInt)]
                    n: i64,
                }
                let counted = diesel::sql_query("SELECT COUNT(*) AS n FROM soft_delete_audit");
                counted.get_result::<Count>(conn).unwrap().n
            }

            #[test]
            fn a_restriction_needs_no_operation() {
                let (_db, mut conn) = begin();
                let conn = &mut conn;
                let refused = |error: Error| {
                    assert!(matches!(&error, Error::Restricted { model, children } if model == "orgs" && children == &[("desks".to_owned(), 1)]), "{error}");
                };
                refused(Org::soft_delete_by_id(conn, 1, ann()).unwrap_err());
                refused(registry().records("orgs").unwrap().soft_delete(conn, &["1"], ann()).unwrap_err());
                assert_eq!((Org::active().count().get_result(conn), acts(conn)), (Ok(2), 0));
                Desk::soft_delete_by_id(conn, 20, ann()).unwrap();
                assert!(Org::soft_delete_by_id(conn, 2, ann()).unwrap().is_changed());
                refused(registry().records("orgs").unwrap().soft_delete(conn, &["1", "2"], ann()).unwrap_err());
                Desk::soft_delete_by_id(conn, 10, ann()).unwrap();
                assert_eq!(registry().records("orgs").unwrap().soft_delete(conn, &["1", "2"], ann()).unwrap().rows(), 1);
            }

            #[test]
            fn what_a_restriction_is_on_comes_back_after_its_parent() {
                let (_db, mut conn) = begin();
                let conn = &mut conn;
                for id in [10, 20] {
                    Desk::soft_delete_by_id(conn, id, ann()).unwrap();
                }
                Org::soft_delete_by_id(conn, 1, ann()).unwrap();
                let before = acts(conn);
                let refused = |error: Error| {
                    assert!(matches!(&error, Error::ParentDeleted { model, id, child } if (model.as_str(), id.as_str(), child.as_str()) == ("orgs", "1", "desks")), "{error}");
                };
                refused(Desk::restore_by_id(conn, 10, ann()).unwrap_err());
                refused(registry().records("desks").unwrap().restore(conn, &["10", "20"], ann()).unwrap_err());
                let records = registry().records("desks").unwrap();
                let plan = records.restore_plan(conn, &["10"], ann()).unwrap();
                assert_eq!((plan.deleted_parents[0].model.as_str(), plan.deleted_parents[0].id.as_str()), ("orgs", "1"));
                assert_eq!(acts(conn), before);
                assert!(Desk::restore_by_id(conn, 20, ann()).unwrap().is_changed());
                assert!(Desk::restore_by_id(conn, 10, ann().with_parents()).unwrap().is_changed());
                assert_eq!((Org::active().count().get_result(conn), Desk::active().count().get_result(conn)), (Ok(2), Ok(2)));
            }

            #[test]
            fn what_only_the_child_knows_keeps_it_too() {
                let (_db, mut conn) = begin();
                let conn = &mut conn;
                Person::soft_delete_by_ids(conn, [100, 101, 200, 300], ann()).unwrap();
                Phone::soft_delete_by_id(conn, 7, ann()).unwrap();
                Desk::soft_delete_by_id(conn, 10, ann()).unwrap();
                Org::soft_delete_by_id(conn, 1, ann()).unwrap();
                let before = acts(conn);
                let refused = |error: Error, parent: (&str, &str)| {
                    assert!(matches!(&error, Error::ParentDeleted { model, id, .. } if (model.as_str(), id.as_str()) == parent), "{error}");
                };
                let mut phone: Phone = Phone { id: 7, desk_id: 10, deleted_at: None };
                refused(phone.restore(conn, ann()).unwrap_err(), ("desks", "10"));
                refused(Phone::restore_by_id(conn, 7, ann()).unwrap_err(), ("desks", "10"));
                refused(registry().records("phones").unwrap().restore(conn, &["7"], ann()).unwrap_err(), ("desks", "10"));
                refused(Person::restore_by_id(conn, 100, ann()).unwrap_err(), ("desks", "10"));
                let records = registry().records("phones").unwrap();
                let plan = records.restore_plan(conn, &["7"], ann()).unwrap();
                assert_eq!(plan.deleted_parents[0].model, "desks");
                assert_eq!(acts(conn), before);
                assert!(Person::restore_by_id(conn, 200, ann()).unwrap().is_changed());
                assert!(Person::restore_by_id(conn, 300, ann()).unwrap().is_changed());
                assert!(!Person::restore_by_id(conn, 300, ann()).unwrap().is_changed());
                assert!(matches!(Phone::restore_by_id(conn, 8, ann()), Err(Error::NotFound { .. })));
                // Up to the last: the desk, and the organisation of the desk.
                assert!(Phone::restore_by_id(conn, 7, ann().with_parents()).unwrap().is_changed());
                assert!(!Phone::restore_by_id(conn, 7, ann()).unwrap().is_changed());
                assert_eq!((Org::active().count().get_result(conn), Desk::active().count().get_result(conn)), (Ok(2), Ok(2)));
                // Now of its own table.
                refused(Person::restore_by_id(conn, 101, ann()).unwrap_err(), ("people", "100"));
                refused(Person::restore_where(conn, people::id.eq(101), ann()).unwrap_err(), ("people", "100"));
                assert_eq!(Person::restore_where(conn, people::id.le(101), ann()).unwrap().rows(), 2);
                Person::soft_delete_by_ids(conn, [100, 101], ann()).unwrap();
                assert!(Person::restore_by_id(conn, 101, ann().with_parents()).unwrap().is_changed());
                assert_eq!(Person::active().count().get_result(conn), Ok(4));
            }

            #[test]
            fn an_operation_is_not_undone_under_a_deleted_parent() {
                let (_db, mut conn) = begin();
                let conn = &mut conn;
                let gone = Person::soft_delete_by_ids(conn, [100, 101], ann()).unwrap();
                Desk::soft_delete_by_id(conn, 10, ann()).unwrap();
                let refused = soft_delete::undo(conn, &registry(), gone.id, ann()).unwrap_err();
                assert!(matches!(&refused, Error::ParentDeleted { model, .. } if model == "desks"), "{refused}");
                assert_eq!(Person::active().count().get_result(conn), Ok(2));
                soft_delete::undo(conn, &registry(), gone.id, ann().with_parents()).unwrap();
                assert_eq!((Person::active().count().get_result(conn), Desk::active().count().get_result(conn)), (Ok(4), Ok(2)));
                let gone = Person::soft_delete_by_ids(conn, [100, 101], ann()).unwrap();
                soft_delete::undo(conn, &registry(), gone.id, ann()).unwrap();
                assert_eq!(Person::active().count().get_result(conn), Ok(4));
            }

            #[test]
            fn a_restore_takes_no_statement_more() {
                let (_db, mut conn) = begin();
                Phone::soft_delete_by_id(&mut conn, 7, ann()).unwrap();
                let statements = Arc::new(Mutex::new(Vec::new()));
                let seen = Arc::clone(&statements);
                conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                    if let InstrumentationEvent::StartQuery { query, .. } = event {
                        let query = query.to_string();
                        seen.lock().unwrap().push(query.split_whitespace().next().unwrap_or_default().to_owned());
                    }
                });
                assert!(Phone::restore_by_id(&mut conn, 7, ann()).unwrap().is_changed());
                let expected: &[&str] = match $database {
                    Database::Postgres => &["WITH"],
                    _ => &["BEGIN", "UPDATE", "INSERT", "COMMIT"],
                };
                assert_eq!(*statements.lock().unwrap(), expected);
            }

            #[test]
            fn the_doctor_finds_active_rows_under_deleted_ones_of_every_kind() {
                let (db, mut conn) = begin();
                db.sql("UPDATE orgs SET deleted_at = '2020-01-01 00:00:00' WHERE id = 1; UPDATE desks SET deleted_at = '2020-01-01 00:00:00' WHERE id = 10");
                db.sql("UPDATE orgs SET deleted_at = '2020-01-01 00:00:00' WHERE id = 2");
                let findings = doctor(&mut conn, &registry()).unwrap();
                for (table, told) in [
                    ("desks", "1 active rows hang on deleted rows of orgs, row 20 among them"),
                    ("people", "2 active rows hang on deleted rows of desks, row 100 among them"),
                    ("phones", "1 active rows hang on deleted rows of desks, row 7 among them"),
                ] {
                    assert!(findings.iter().any(|finding| finding.table == table && finding.evidence == told), "{told}: {findings:?}");
                }
            }

            #[test]
            fn the_catalog_alone_knows_it() {
                let db = TestDatabase::new($database);
                super::known_by_the_catalog(&db, &mut <$conn>::establish(db.url()).unwrap());
            }
        }
    };
}

cases!(sqlite, SqliteConnection, Database::Sqlite);
#[cfg(feature = "servers")]
cases!(postgres, PgConnection, Database::Postgres);
#[cfg(feature = "servers")]
cases!(mariadb, MysqlConnection, Database::Mysql);

fn known_by_the_catalog<C>(db: &TestDatabase, conn: &mut C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = match db.database() {
        Database::Postgres => "deleted_at TIMESTAMP NULL, deletion_id UUID NULL",
        Database::Mysql => "deleted_at DATETIME(6) NULL, deletion_id CHAR(36) NULL",
        _ => "deleted_at TIMESTAMP NULL, deletion_id TEXT NULL",
    };
    db.sql(&format!(
        "CREATE TABLE companies (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE projects (id BIGINT PRIMARY KEY, code BIGINT NOT NULL UNIQUE, {marks});
         CREATE TABLE staff (id BIGINT PRIMARY KEY, company_id BIGINT, project_code BIGINT, {marks}, FOREIGN KEY (company_id) REFERENCES companies (id), FOREIGN KEY (project_code) REFERENCES projects (code));
         CREATE TABLE crews (id BIGINT PRIMARY KEY, company_id BIGINT, lead_id BIGINT, {marks}, FOREIGN KEY (company_id) REFERENCES companies (id), FOREIGN KEY (lead_id) REFERENCES staff (id));
         INSERT INTO companies (id) VALUES (1);
         INSERT INTO projects (id, code) VALUES (5, 6), (6, 5);
         INSERT INTO staff (id, company_id, project_code) VALUES (10, 1, NULL), (11, 1, 6), (12, 1, 5);
         INSERT INTO crews (id, company_id, lead_id) VALUES (100, 1, 10), (110, 1, 11), (120, 1, 12)"
    ));
    db.migrate();
    let found = discover(conn, "deleted_at").expect("tables");
    let keys = discover_foreign_keys(conn, &found).expect("foreign keys");
    let models = || -> Vec<Descriptor> {
        let model =
            |table: &soft_delete::FoundTable| table.descriptor(&table.roles("deleted_at")).expect("a model");
        found.iter().map(model).collect()
    };
    let references = keys.iter().map(|key| {
        TableRelation::reference(key.parent.clone(), key.child.clone(), &key.columns)
            .references(&key.parent_columns)
    });
    let mut relations: Vec<TableRelation> = references.collect();
    let named = TableName::new;
    for child in ["staff", "crews"] {
        relations.push(TableRelation::cascade(
            named("companies"),
            named(child),
            ["company_id"],
        ));
    }
    let registry = Registry::new()
        .with_tables(models(), &relations)
        .expect("relations");
    let active = |conn: &mut C, table: &str| {
        let stats = registry.stats(conn).expect("figures");
        stats
            .iter()
            .find(|stats| stats.model == table)
            .expect("a model")
            .active
    };
    let records = |table: &str| registry.records(table).expect("a model");
    // Rows that come back along wait for a deleted parent of their own, and so do those that refer to them.
    records("companies")
        .soft_delete(conn, &["1"], ann())
        .expect("deleted");
    records("projects")
        .soft_delete(conn, &["5"], ann())
        .expect("deleted");
    let plan = records("companies")
        .restore_plan(conn, &["1"], ann())
        .expect("a plan");
    let back = records("companies")
        .restore(conn, &["1"], ann())
        .expect("restored");
    assert_eq!(back.rows(), 1 + 2 + 2);
    assert_eq!(
        plan.models.iter().map(|model| model.rows).sum::<u64>(),
        back.rows()
    );
    assert_eq!((active(conn, "staff"), active(conn, "crews")), (2, 2));
    let crew = records("crews")
        .restore(conn, &["110"], ann())
        .expect_err("its lead is deleted");
    assert!(
        matches!(&crew, Error::ParentDeleted { model, id, .. } if model == "staff" && id == "11"),
        "{crew}"
    );
    let lead = records("staff")
        .restore(conn, &["11"], ann())
        .expect_err("its project is deleted");
    assert!(
        matches!(&lead, Error::ParentDeleted { model, id, .. } if model == "projects" && id == "5"),
        "{lead}"
    );
    let all = records("crews")
        .restore(conn, &["110"], ann().with_parents())
        .expect("restored");
    assert_eq!(all.rows(), 3);
    assert_eq!(
        (
            active(conn, "staff"),
            active(conn, "crews"),
            active(conn, "projects")
        ),
        (3, 3, 2)
    );
}
