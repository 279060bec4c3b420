//! What refusals, plans and the doctor say of databases that are not as the library would have made them.

use diesel::connection::{LoadConnection, SimpleConnection};
#[cfg(feature = "servers")]
use diesel::result::{DatabaseErrorKind, Error as Diesel};
#[cfg(feature = "servers")]
use soft_delete::Listing;
use soft_delete::{
    Actor, Check, Cleanup, Database, Dialect, Error, FixedClock, RecordState, Registry, discover, doctor,
};

use super::kept_rows::found;
use crate::support::{
    clock::noon,
    database::{TestDatabase, sqlite},
};

fn who() -> Actor {
    Actor::new("ann")
}

fn clean<C>(conn: &mut C, registry: &Registry) -> soft_delete::Result<soft_delete::CleanupReport>
where
    C: LoadConnection<Backend: Dialect>,
{
    Cleanup::new(registry)
        .by(Actor::new("cron").because("old").clock(FixedClock::at(noon())))
        .trust_clock(true)
        .run(conn)
}

/// A plan and the restore agree, or the plan says by name what it cannot tell.
fn plan_and_restore_agree<C>(db: &TestDatabase, mut conn: C, keys: &[(&str, &str, bool)])
where
    C: LoadConnection<Backend: Dialect> + SimpleConnection,
{
    db.migrate();
    for (number, (columns, key, is_told)) in keys.iter().enumerate() {
        let table = format!("t{number}");
        db.sql(&format!(
            "CREATE TABLE {table} (id BIGINT NOT NULL PRIMARY KEY, {columns}, deleted_at TIMESTAMP NULL)"
        ));
        db.sql(&key.replace("{t}", &table));
        db.sql(&format!("INSERT INTO {table} (id, email, deleted_at) VALUES (1, 'Ann@x', '2026-01-01 00:00:00'), (2, 'ann@x', NULL)"));
        let mut tables = discover(&mut conn, "deleted_at").unwrap();
        soft_delete::discover_unique_keys(&mut conn, &mut tables).unwrap();
        let found = tables
            .iter()
            .find(|found| found.name().to_string() == table)
            .unwrap();
        let registry = Registry::new().with_table(found.descriptor(&found.roles("deleted_at")).unwrap());
        let records = registry.records(&table).unwrap();
        let plan = records.restore_plan(&mut conn, &["1"], who()).unwrap();
        let restored = records.restore(&mut conn, &["1"], who());
        match restored {
            Ok(operation) => {
                assert!(!is_told && operation.rows() == 1, "{key}: {operation:?}");
                assert!(plan.is_possible() && plan.is_certain(), "{key}: {plan:?}");
            }
            Err(error) => {
                let Error::Conflict {
                    model, constraint, ..
                } = &error
                else {
                    panic!("{key}: {error:?}")
                };
                assert!(*is_told && *model == table, "{key}: {error}");
                assert!(!plan.is_possible() || !plan.is_certain(), "{key}: {plan:?}");
                if let Some(unchecked) = plan.unchecked.first() {
                    assert_eq!(unchecked.model, table);
                    assert!(
                        constraint.contains(&unchecked.constraint),
                        "{key}: {constraint} and {plan:?}"
                    );
                }
                assert_eq!(
                    records.state(&mut conn, "1").unwrap(),
                    RecordState::Deleted,
                    "nothing was changed"
                );
            }
        }
    }
}

#[test]
fn a_plan_and_the_restore_agree_on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    let keys = [
        (
            "email TEXT",
            "CREATE UNIQUE INDEX {t}_u ON {t} (lower(email)) WHERE deleted_at IS NULL",
            true,
        ),
        (
            "email TEXT",
            "CREATE UNIQUE INDEX {t}_u ON {t} (lower(email), ifnull(deleted_at, ''))",
            true,
        ),
        (
            "email TEXT COLLATE NOCASE",
            "CREATE UNIQUE INDEX {t}_u ON {t} (email) WHERE deleted_at IS NULL",
            true,
        ),
        (
            "email TEXT",
            "CREATE UNIQUE INDEX {t}_u ON {t} (email) WHERE deleted_at IS NULL",
            false,
        ),
        (
            "email TEXT",
            "CREATE UNIQUE INDEX {t}_u ON {t} (email, deleted_at)",
            false,
        ),
    ];
    plan_and_restore_agree(&db, sqlite(db.url()), &keys);
}

/// A table whose module is not loaded is passed over, by discovery, figures, the doctor and a cleanup.
#[test]
fn a_virtual_table_without_its_module_is_passed_over() {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.sql("CREATE TABLE docs (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO docs VALUES (1, '2020-01-01 00:00:00'), (2, NULL)");
    db.sql("PRAGMA writable_schema = ON; INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING vec0(deleted_at)'); PRAGMA writable_schema = OFF");
    let mut conn = sqlite(db.url());
    let registry = found(&mut conn);
    assert_eq!(
        registry.models().map(|model| model.name()).collect::<Vec<_>>(),
        ["docs"]
    );
    assert_eq!(registry.stats(&mut conn).unwrap()[0].deleted, 1);
    doctor(&mut conn, &registry).unwrap();
    assert_eq!(clean(&mut conn, &registry).unwrap().purged(), 1);
}

/// What keeps a table from being cleaned is in the error of the cleanup itself, and nobody is told to GRANT where nobody can.
#[test]
fn a_foreign_key_that_is_not_right_is_told_by_the_cleanup_itself() {
    for (parent, cause) in [
        ("REFERENCES masters__old (id)", "masters__old"),
        ("REFERENCES owners (name)", "foreign key mismatch"),
    ] {
        let db = TestDatabase::new(Database::Sqlite);
        db.migrate();
        db.sql(&format!(
            "PRAGMA foreign_keys = OFF; CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT, deleted_at TIMESTAMP);
             CREATE TABLE gone (id INTEGER PRIMARY KEY, other INTEGER {parent}, deleted_at TIMESTAMP);
             INSERT INTO owners VALUES (1, 'a', '2020-01-01 00:00:00')"
        ));
        let mut conn = sqlite(db.url());
        let registry = found(&mut conn);
        let findings = doctor(&mut conn, &registry).unwrap();
        assert!(
            findings.iter().all(|finding| !finding.remedy.contains("GRANT")),
            "{findings:?}"
        );
        let error = clean(&mut conn, &registry).unwrap_err();
        assert!(matches!(error, Error::BrokenSchema { .. }), "{error:?}");
        assert!(error.to_string().contains(cause), "{error}");
        let found = findings.iter().find(|finding| finding.check == Check::Grants);
        assert!(
            found.is_some_and(|found| found.evidence.contains(cause)),
            "{findings:?}"
        );
    }
}

#[cfg(feature = "servers")]
mod servers {
    use diesel::{Connection, MysqlConnection, PgConnection};

    use super::*;

    fn postgres(db: &TestDatabase) -> PgConnection {
        PgConnection::establish(db.url()).unwrap()
    }

    #[test]
    fn a_plan_and_the_restore_agree_on_postgres() {
        let db = TestDatabase::new(Database::Postgres);
        let keys = [
            (
                "email TEXT",
                "CREATE UNIQUE INDEX {t}_u ON {t} (lower(email)) WHERE deleted_at IS NULL",
                true,
            ),
            (
                "email TEXT, org INT",
                "CREATE UNIQUE INDEX {t}_u ON {t} (org, lower(email)) NULLS NOT DISTINCT WHERE deleted_at IS NULL",
                true,
            ),
            (
                "email TEXT, slug TEXT DEFAULT 'a'",
                "ALTER TABLE {t} ADD CONSTRAINT {t}_u UNIQUE NULLS NOT DISTINCT (slug, deleted_at)",
                true,
            ),
            (
                "email TEXT, slug TEXT DEFAULT 'a'",
                "ALTER TABLE {t} ADD CONSTRAINT {t}_u UNIQUE NULLS NOT DISTINCT (slug, deleted_at) DEFERRABLE INITIALLY DEFERRED",
                true,
            ),
            (
                "email TEXT, during TSRANGE DEFAULT '[2026-01-01, 2026-02-01)'",
                "ALTER TABLE {t} ADD CONSTRAINT {t}_u EXCLUDE USING gist (during WITH &&) WHERE (deleted_at IS NULL)",
                true,
            ),
            (
                "email TEXT",
                "CREATE UNIQUE INDEX {t}_u ON {t} (email) INCLUDE (id) WHERE deleted_at IS NULL",
                false,
            ),
            (
                "email TEXT",
                "CREATE UNIQUE INDEX {t}_u ON {t} (email, deleted_at)",
                false,
            ),
        ];
        plan_and_restore_agree(&db, postgres(&db), &keys);
    }

    #[test]
    fn a_plan_and_the_restore_agree_on_mariadb() {
        let db = TestDatabase::new(Database::Mysql);
        let keys = [
            (
                "email VARCHAR(50), live INT AS (CASE WHEN deleted_at IS NULL THEN 1 END) STORED",
                "CREATE UNIQUE INDEX {t}_u ON {t} (email, live)",
                true,
            ),
            (
                "email VARCHAR(50)",
                "CREATE UNIQUE INDEX {t}_u ON {t} (email, deleted_at)",
                false,
            ),
        ];
        plan_and_restore_agree(&db, MysqlConnection::establish(db.url()).unwrap(), &keys);
    }

    /// A search works on a column whose collation LIKE refuses.
    #[test]
    fn a_search_works_on_a_nondeterministic_collation() {
        let db = TestDatabase::new(Database::Postgres);
        db.migrate();
        db.sql("CREATE COLLATION whatever_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT COLLATE whatever_case, deleted_at TIMESTAMPTZ, deletion_reason TEXT COLLATE whatever_case);
            INSERT INTO items VALUES (1, 'Lamp', now(), 'broken glass'), (2, 'Chair', now(), 'sold')");
        let mut conn = postgres(&db);
        let registry = found(&mut conn);
        for listing in [
            Listing::new().reason_contains("glass"),
            Listing::new().label_contains("Lam"),
        ] {
            match registry.list_deleted(&mut conn, "items", &listing) {
                Ok(page) => assert_eq!(
                    page.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
                    ["1"]
                ),
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// A system-versioned table is a model as any other, and the doctor says that its history keeps what is removed.
    #[test]
    fn a_system_versioned_table_is_found_and_its_history_told() {
        let db = TestDatabase::new(Database::Mysql);
        db.migrate();
        db.sql(
            "CREATE TABLE accounts (id BIGINT PRIMARY KEY, deleted_at DATETIME(6)) WITH SYSTEM VERSIONING",
        );
        db.sql("INSERT INTO accounts (id, deleted_at) VALUES (1, '2020-01-01'), (2, NULL)");
        let mut conn = MysqlConnection::establish(db.url()).unwrap();
        let registry = found(&mut conn);
        assert_eq!(
            registry.models().map(|model| model.name()).collect::<Vec<_>>(),
            ["accounts"]
        );
        assert_eq!(clean(&mut conn, &registry).unwrap().purged(), 1);
        let findings = doctor(&mut conn, &registry).unwrap();
        let history = findings
            .iter()
            .find(|finding| finding.check == Check::History)
            .unwrap();
        conn.batch_execute(&history.remedy).unwrap();
    }

    /// A right that is missing is granted by the doctor's own words, to the user that the database sees.
    #[test]
    fn the_remedy_for_a_missing_right_can_be_run() {
        let db = TestDatabase::new(Database::Postgres);
        db.migrate();
        db.sql("CREATE TABLE items (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); INSERT INTO items VALUES (1, '2020-01-01')");
        let role = format!("Cleaner-{}", db.url().rsplit('/').next().unwrap());
        db.sql(&format!("CREATE ROLE \"{role}\"; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"{role}\"; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO \"{role}\""));
        let mut conn = postgres(&db);
        conn.batch_execute(&format!("SET ROLE \"{role}\"")).unwrap();
        let registry = found(&mut conn);
        let grants = |conn: &mut PgConnection| -> Vec<String> {
            let findings = doctor(conn, &registry).unwrap();
            let grants = findings.iter().filter(|finding| finding.check == Check::Grants);
            grants.map(|finding| finding.remedy.clone()).collect()
        };
        let remedies = grants(&mut conn);
        assert_eq!(remedies.len(), 3, "{remedies:?}");
        for remedy in remedies {
            db.sql(&remedy);
        }
        assert!(grants(&mut conn).is_empty());
        drop(conn);
        db.sql(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\""));
    }

    /// An exclusion constraint is a conflict as a unique key is, with its name.
    #[test]
    fn an_exclusion_constraint_is_a_conflict() {
        let db = TestDatabase::new(Database::Postgres);
        db.migrate();
        db.sql("CREATE TABLE bookings (id BIGINT PRIMARY KEY, during TSRANGE, deleted_at TIMESTAMPTZ, CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE (deleted_at IS NULL));
            INSERT INTO bookings VALUES (1, '[2026-01-01, 2026-02-01)', now()), (2, '[2026-01-15, 2026-03-01)', NULL)");
        let mut conn = postgres(&db);
        let registry = found(&mut conn);
        let taken = registry
            .records("bookings")
            .unwrap()
            .restore(&mut conn, &["1"], who())
            .unwrap_err();
        let Error::Conflict {
            constraint, source, ..
        } = &taken
        else {
            panic!("{taken:?}")
        };
        assert_eq!(constraint, "no_overlap");
        assert!(
            matches!(
                source,
                Diesel::DatabaseError(DatabaseErrorKind::ExclusionViolation, _)
            ),
            "{source:?}"
        );
    }
}
