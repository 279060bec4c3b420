//! What only one database can do by itself when a row is removed: partitions, inheritance, rules, policies, other schemas and
//! databases, rights, storage engines. The children stay as they are, and the refusal says why.

use chrono::TimeDelta;
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::{LoadConnection, SimpleConnection},
    query_builder::SqlQuery,
    query_dsl::LoadQuery,
    sql_query,
    sql_types::BigInt,
};
use soft_delete::{
    Actor, Check, Cleanup, Column, ColumnKind, Database, Descriptor, Dialect, Error, FixedClock, Registry,
    TableName, doctor,
};

use crate::support::{clock::noon, database::TestDatabase};

/// A schema in which the database does something by itself to `photos` when a row of `albums` goes, or not.
struct Case {
    schema: &'static str,
    /// What the refusal says; `None` where the row may go.
    refusal: Option<&'static str>,
}

const DELETED: &str = "INSERT INTO albums (id, deleted_at) VALUES (1, '2026-01-15 12:00:00'), (2, NULL)";

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn albums(database: Database) -> Descriptor {
    let kind = match database {
        Database::Postgres => ColumnKind::ZonedTimestamp,
        _ => ColumnKind::Timestamp,
    };
    Descriptor::new(TableName::new("albums"), Column::new("deleted_at", kind))
        .key(Column::new("id", ColumnKind::BigInt))
}

fn number<C>(conn: &mut C, query: &str) -> i64
where
    C: LoadConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Number>,
{
    let row: Number = sql_query(query)
        .get_result(conn)
        .unwrap_or_else(|error| panic!("{error}\n{query}"));
    row.number
}

/// Tries to remove album 1 by its key and by a cleanup, and finds out what became of it and of the photos.
fn tried<C>(conn: &mut C, database: Database, case: &Case, photos: &str)
where
    C: LoadConnection<Backend: Dialect> + SimpleConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Number>,
{
    let registry = Registry::new().with_table(albums(database));
    let schema = case.schema;
    let admin = || Actor::new("admin").because("request 12");
    let cron = Actor::new("cron")
        .because("60 days")
        .clock(FixedClock::at(noon() + TimeDelta::days(60)));
    let before = number(conn, photos);
    let cleanup = || {
        Cleanup::new(&registry)
            .by(cron.clone())
            .trust_clock(true)
            .max_fraction(1.0)
    };
    let by_age = cleanup().dry_run(true).run(conn);
    let by_key = registry
        .records("albums")
        .unwrap()
        .force_delete(conn, &["1"], admin());
    let Some(refusal) = case.refusal else {
        by_age.unwrap_or_else(|error| panic!("{error}\n{schema}"));
        by_key.unwrap_or_else(|error| panic!("{error}\n{schema}"));
        assert_eq!(
            number(conn, "SELECT COUNT(*) AS number FROM albums"),
            1,
            "{schema}"
        );
        assert_eq!(number(conn, photos), before, "{schema}");
        return;
    };
    let by_key = by_key.unwrap_err();
    let by_age = by_age.and_then(|_| cleanup().run(conn)).unwrap_err();
    for error in [&by_key, &by_age] {
        assert!(
            matches!(
                error,
                Error::DangerousForeignKey { .. } | Error::DangerousTable { .. }
            ),
            "{error:?}\n{schema}"
        );
        assert!(error.to_string().contains(refusal), "{error}\n{schema}");
    }
    let found = doctor(conn, &registry).unwrap();
    let named = found.iter().any(|finding| {
        matches!(finding.check, Check::ForeignKeys | Check::Reactions) && finding.evidence.contains(refusal)
    });
    assert!(named, "{found:?}\n{schema}");
    assert_eq!(
        number(conn, "SELECT COUNT(*) AS number FROM albums"),
        2,
        "{schema}"
    );
    assert_eq!(number(conn, photos), before, "{schema}");
    let told = "SELECT COUNT(*) AS number FROM soft_delete_audit WHERE action IN ('purge', 'force_delete')";
    assert_eq!(number(conn, told), 0, "{schema}");
}

#[test]
fn what_sqlite_does_by_itself() {
    use crate::support::database::sqlite;
    let cases = [
        // Names in other letters are the same table.
        Case {
            schema: "CREATE TABLE albums (id INTEGER PRIMARY KEY, deleted_at DATETIME); CREATE TABLE photos (id INTEGER PRIMARY KEY, album_id INTEGER REFERENCES ALBUMS ON DELETE CASCADE)",
            refusal: Some("ON DELETE CASCADE"),
        },
        // Two foreign keys over one column.
        Case {
            schema: "CREATE TABLE albums (id INTEGER PRIMARY KEY, deleted_at DATETIME); CREATE TABLE photos (id INTEGER PRIMARY KEY, album_id INTEGER, FOREIGN KEY (album_id) REFERENCES albums (id), FOREIGN KEY (album_id) REFERENCES albums (id) ON DELETE SET NULL)",
            refusal: Some("ON DELETE SET NULL"),
        },
        Case {
            schema: "CREATE TABLE albums (id INTEGER PRIMARY KEY, deleted_at DATETIME); CREATE TABLE photos (id INTEGER PRIMARY KEY, album_id INTEGER DEFAULT 2 REFERENCES albums ON DELETE SET DEFAULT)",
            refusal: Some("ON DELETE SET DEFAULT"),
        },
        Case {
            schema: "CREATE TABLE albums (id INTEGER PRIMARY KEY, deleted_at DATETIME); CREATE TABLE photos (id INTEGER PRIMARY KEY, album_id INTEGER); CREATE TEMP TRIGGER gone AFTER DELETE ON main.albums BEGIN DELETE FROM photos; END",
            refusal: Some("the trigger gone"),
        },
        Case {
            schema: "CREATE TABLE albums (id INTEGER PRIMARY KEY, deleted_at DATETIME); CREATE TABLE photos (id INTEGER PRIMARY KEY, album_id INTEGER); CREATE TRIGGER \"after DELETE on\" AFTER UPDATE ON albums BEGIN DELETE FROM photos; END",
            refusal: None,
        },
    ];
    for case in cases {
        let db = TestDatabase::new(Database::Sqlite);
        db.migrate();
        let mut conn = sqlite(db.url());
        conn.batch_execute(case.schema).unwrap();
        conn.batch_execute(DELETED).unwrap();
        conn.batch_execute("INSERT INTO photos (id, album_id) VALUES (10, 1), (20, 2)")
            .unwrap();
        tried(
            &mut conn,
            Database::Sqlite,
            &case,
            "SELECT COUNT(*) AS number FROM photos WHERE album_id IS NOT NULL AND (album_id = 1) = (id = 10)",
        );
    }
}

#[cfg(feature = "servers")]
#[test]
fn what_postgres_does_by_itself() {
    use diesel::Connection as _;
    let cases = [
        // A foreign key straight to a partition.
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ) PARTITION BY RANGE (id); CREATE TABLE albums_low PARTITION OF albums FOR VALUES FROM (0) TO (100); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT REFERENCES albums_low ON DELETE CASCADE)",
            Some("ON DELETE CASCADE"),
        ),
        // One to the partitioned table, of a partitioned child, is told once.
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ) PARTITION BY RANGE (id); CREATE TABLE albums_low PARTITION OF albums FOR VALUES FROM (0) TO (100); CREATE TABLE photos (id BIGINT, album_id BIGINT REFERENCES albums ON DELETE SET NULL) PARTITION BY RANGE (id); CREATE TABLE photos_low PARTITION OF photos FOR VALUES FROM (0) TO (100)",
            Some("ON DELETE SET NULL"),
        ),
        // A table that inherits from the one whose rows go.
        (
            "CREATE TABLE all_albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); ALTER TABLE all_albums RENAME TO albums; CREATE TABLE live_albums (PRIMARY KEY (id)) INHERITS (albums); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT); CREATE TABLE live_photos (id BIGINT PRIMARY KEY, album_id BIGINT REFERENCES live_albums ON DELETE CASCADE)",
            Some("ON DELETE CASCADE"),
        ),
        // A child in a schema that is not looked at, under the name of one that is.
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT); CREATE SCHEMA other; CREATE TABLE other.photos (id BIGINT PRIMARY KEY, album_id BIGINT REFERENCES albums ON DELETE CASCADE)",
            Some("other.photos"),
        ),
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT REFERENCES albums); CREATE RULE soft AS ON DELETE TO albums DO INSTEAD UPDATE albums SET deleted_at = now() WHERE id = OLD.id RETURNING OLD.*",
            Some("the rule soft"),
        ),
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT); CREATE RULE also AS ON DELETE TO albums DO ALSO DELETE FROM photos WHERE album_id = OLD.id",
            Some("the rule also"),
        ),
        // A disabled trigger does nothing.
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT); CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM photos; RETURN OLD; END $$; CREATE TRIGGER gone AFTER DELETE ON albums FOR EACH ROW EXECUTE FUNCTION gone(); ALTER TABLE albums DISABLE TRIGGER gone",
            None,
        ),
        // A trigger on a partition.
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ) PARTITION BY RANGE (id); CREATE TABLE albums_low PARTITION OF albums FOR VALUES FROM (0) TO (100); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT); CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE photos SET album_id = NULL; RETURN OLD; END $$; CREATE TRIGGER gone AFTER DELETE ON albums_low FOR EACH ROW EXECUTE FUNCTION gone()",
            Some("the trigger gone"),
        ),
        // A view is no table.
        (
            "CREATE TABLE base (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); CREATE VIEW albums AS SELECT * FROM base; CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT REFERENCES base ON DELETE CASCADE)",
            Some("it is a view"),
        ),
    ];
    for (schema, refusal) in cases {
        let db = TestDatabase::new(Database::Postgres);
        db.migrate();
        db.sql(schema);
        db.sql(if schema.contains("live_albums") {
            "INSERT INTO live_albums (id, deleted_at) VALUES (1, '2026-01-15 12:00:00'), (2, NULL)"
        } else {
            DELETED
        });
        db.sql("INSERT INTO photos (id, album_id) VALUES (10, 1), (20, 2)");
        let mut conn = diesel::PgConnection::establish(db.url()).unwrap();
        let photos = if schema.contains("other.photos") {
            db.sql("INSERT INTO other.photos (id, album_id) VALUES (10, 1), (20, 2)");
            "SELECT COUNT(*) AS number FROM other.photos"
        } else if schema.contains("live_photos") {
            db.sql("INSERT INTO live_photos (id, album_id) VALUES (10, 1), (20, 2)");
            "SELECT COUNT(*) AS number FROM live_photos"
        } else {
            "SELECT COUNT(*) AS number FROM photos WHERE album_id IS NOT NULL"
        };
        if schema.contains("REFERENCES albums);") {
            db.sql("DELETE FROM photos");
        }
        tried(&mut conn, Database::Postgres, &Case { schema, refusal }, photos);
    }
}

/// A policy hides rows of a child that the database's CASCADE removes all the same.
#[cfg(feature = "servers")]
#[test]
fn what_a_policy_hides_is_unknown() {
    use diesel::Connection as _;
    let db = TestDatabase::new(Database::Postgres);
    db.migrate();
    db.sql("CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT REFERENCES albums ON DELETE CASCADE, deleted_at TIMESTAMPTZ)");
    db.sql(DELETED);
    db.sql("INSERT INTO photos (id, album_id) VALUES (10, 1), (20, 2); ALTER TABLE photos ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON photos USING (id > 10)");
    let role = format!("role_of_{}", db.url().rsplit('/').next().unwrap());
    db.sql(&format!("CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"));
    let mut conn = diesel::PgConnection::establish(db.url()).unwrap();
    conn.batch_execute(&format!("SET ROLE {role}")).unwrap();
    let case = Case {
        schema: "a policy on photos",
        refusal: Some("ON DELETE CASCADE"),
    };
    tried(
        &mut conn,
        Database::Postgres,
        &case,
        "SELECT COUNT(*) AS number FROM photos",
    );
    // Also where photos are a model: their rows cannot be asked.
    let photos = Descriptor::new(
        TableName::new("photos"),
        Column::new("deleted_at", ColumnKind::ZonedTimestamp),
    )
    .key(Column::new("id", ColumnKind::BigInt));
    let registry = Registry::new()
        .with_table(albums(Database::Postgres))
        .with_table(photos);
    let cron = Actor::new("cron")
        .because("60 days")
        .clock(FixedClock::at(noon() + TimeDelta::days(60)));
    let refused = Cleanup::new(&registry)
        .by(cron)
        .trust_clock(true)
        .max_fraction(1.0)
        .run(&mut conn)
        .unwrap_err();
    assert!(
        matches!(
            &refused,
            Error::DangerousForeignKey { .. } | Error::DangerousTable { .. }
        ),
        "{refused:?}"
    );
    conn.batch_execute("RESET ROLE").unwrap();
    assert_eq!(number(&mut conn, "SELECT COUNT(*) AS number FROM photos"), 2);
    // A policy on the table itself: what it hides would be told as gone, or not at all.
    db.sql("ALTER TABLE albums ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON albums USING (true); ALTER TABLE photos DISABLE ROW LEVEL SECURITY");
    conn.batch_execute(&format!("SET ROLE {role}")).unwrap();
    let case = Case {
        schema: "a policy on albums",
        refusal: Some("row level security"),
    };
    tried(
        &mut conn,
        Database::Postgres,
        &case,
        "SELECT COUNT(*) AS number FROM photos",
    );
    conn.batch_execute("RESET ROLE").unwrap();
    db.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[cfg(feature = "servers")]
#[test]
fn what_mariadb_does_by_itself() {
    use diesel::Connection as _;
    let cases = [
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at DATETIME(6)); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT, FOREIGN KEY (album_id) REFERENCES albums (id) ON DELETE CASCADE)",
            Some("ON DELETE CASCADE"),
        ),
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at DATETIME(6)) ENGINE = MyISAM; CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT)",
            Some("cannot roll back"),
        ),
        (
            "CREATE TABLE base (id BIGINT PRIMARY KEY, deleted_at DATETIME(6)); CREATE VIEW albums AS SELECT * FROM base; CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT, FOREIGN KEY (album_id) REFERENCES base (id) ON DELETE CASCADE)",
            Some("it is a view"),
        ),
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at DATETIME(6)); CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT); CREATE TRIGGER gone AFTER DELETE ON albums FOR EACH ROW UPDATE photos SET album_id = NULL WHERE album_id = OLD.id",
            Some("the trigger gone"),
        ),
        (
            "CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at DATETIME(6)) WITH SYSTEM VERSIONING; CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT)",
            None,
        ),
    ];
    for (schema, refusal) in cases {
        let db = TestDatabase::new(Database::Mysql);
        db.migrate();
        db.sql(schema);
        db.sql(DELETED);
        db.sql("INSERT INTO photos (id, album_id) VALUES (10, 1), (20, 2)");
        let mut conn = diesel::MysqlConnection::establish(db.url()).unwrap();
        tried(
            &mut conn,
            Database::Mysql,
            &Case { schema, refusal },
            "SELECT COUNT(*) AS number FROM photos WHERE album_id IS NOT NULL",
        );
    }
}

/// A foreign key from another database is seen by who has the right PROCESS, and is unknown to who has not.
#[cfg(feature = "servers")]
#[test]
fn what_a_user_may_not_see_is_unknown() {
    use diesel::Connection as _;
    let db = TestDatabase::new(Database::Mysql);
    db.migrate();
    db.sql("CREATE TABLE albums (id BIGINT PRIMARY KEY, deleted_at DATETIME(6))");
    db.sql(DELETED);
    let name = db.url().rsplit('/').next().unwrap().to_owned();
    let (billing, user) = (
        format!("{name}-b"),
        format!("u{}", &name[name.len().saturating_sub(20)..]),
    );
    db.sql(&format!("CREATE DATABASE `{billing}`; CREATE TABLE `{billing}`.`photo é` (id BIGINT PRIMARY KEY, album_id BIGINT, FOREIGN KEY (album_id) REFERENCES {name}.albums (id) ON DELETE CASCADE); INSERT INTO `{billing}`.`photo é` VALUES (10, 1)"));
    db.sql(&format!("CREATE USER {user}@'127.0.0.1' IDENTIFIED BY ''; GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {user}@'127.0.0.1'"));
    let mut root = diesel::MysqlConnection::establish(db.url()).unwrap();
    let photos = format!("SELECT COUNT(*) AS number FROM `{billing}`.`photo é`");
    let case = Case {
        schema: "as root",
        refusal: Some("photo é"),
    };
    tried(&mut root, Database::Mysql, &case, &photos);
    let url = db.url().replace("root@", &format!("{user}@"));
    let mut limited = diesel::MysqlConnection::establish(&url).unwrap();
    let all = "SELECT COUNT(*) AS number FROM albums";
    let case = Case {
        schema: "as a user without PROCESS",
        refusal: Some("may not see the foreign keys"),
    };
    tried(&mut limited, Database::Mysql, &case, all);
    db.sql(&format!("GRANT PROCESS ON *.* TO {user}@'127.0.0.1'"));
    let mut limited = diesel::MysqlConnection::establish(&url).unwrap();
    let case = Case {
        schema: "as a user without TRIGGER",
        refusal: Some("may not see the triggers"),
    };
    tried(&mut limited, Database::Mysql, &case, all);
    db.sql(&format!("GRANT TRIGGER ON {name}.* TO {user}@'127.0.0.1'"));
    let mut limited = diesel::MysqlConnection::establish(&url).unwrap();
    let case = Case {
        schema: "as a user with both",
        refusal: Some("photo é"),
    };
    tried(&mut limited, Database::Mysql, &case, all);
    assert_eq!(number(&mut root, &photos), 1);
    db.sql(&format!("DROP TABLE `{billing}`.`photo é`"));
    let case = Case {
        schema: "nothing refers to it",
        refusal: None,
    };
    tried(&mut limited, Database::Mysql, &case, "SELECT 1 AS number");
    db.sql(&format!(
        "DROP DATABASE `{billing}`; DROP USER {user}@'127.0.0.1'"
    ));
}
