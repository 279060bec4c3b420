//! Values of every type in an archive, and what a session is afterwards.

use std::time::Duration;

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types};
use soft_delete::{Actor, Archive, Cleanup, Database, Error, Registry, load_archive, prelude::NaiveDateTime};

use crate::support::{
    database::{SQLITE_SETTINGS, TestDatabase},
    directory::TestDirectory,
};

diesel::table! {
    odd (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Identifiable, soft_delete::SoftDelete)]
#[diesel(table_name = odd)]
#[allow(dead_code, reason = "only the columns matter")]
struct Odd {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = sql_types::Text)]
    text: String,
}

/// Removes all rows of the table and puts them back; they must be the same, and the session as it was.
fn there_and_back<C>(conn: &mut C, session: &str, same: &str)
where
    C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect> + SimpleConnection,
    for<'q> diesel::query_builder::SqlQuery: diesel::query_dsl::LoadQuery<'q, C, Text>,
{
    let text = |conn: &mut C, query: &str| -> String {
        let found: Text = sql_query(query).get_result(conn).unwrap();
        found.text
    };
    conn.batch_execute("CREATE TABLE kept AS SELECT * FROM odd")
        .unwrap();
    let before = text(conn, session);
    let registry = Registry::new().with::<Odd>();
    let directory = TestDirectory::new();
    let report = Cleanup::new(&registry)
        .archive(Archive::in_directory(directory.path()))
        .max_fraction(1.0)
        .pause(Duration::ZERO)
        .force_regardless_of_age(conn, Actor::new("ann").because("a test"))
        .unwrap();
    assert!(report.is_complete(), "{report}\n{:?}", report.models);
    assert_eq!(text(conn, session), before);
    let path = report.archive.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let loaded = load_archive(conn, &registry, &path, Actor::new("ann")).unwrap();
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        (loaded.loaded(), loaded.refused()),
        (report.models[0].purged, 0),
        "{loaded:?}\n{written}"
    );
    assert_eq!(text(conn, session), before);
    assert_eq!(text(conn, same), "0", "{written}");
}

#[test]
fn every_type_of_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.sql(
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP, any_type, n INTEGER, r REAL, t TEXT, b BLOB, d DECIMAL(10, 2), \"a \"\"column\"\"\" TEXT, twice INTEGER GENERATED ALWAYS AS (n * 2) STORED, thrice INTEGER AS (n * 3))",
    );
    db.sql(
        "INSERT INTO odd (id, deleted_at, any_type, n, r, t, b, d, \"a \"\"column\"\"\") VALUES
            (1, '2026-01-01 00:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (2, '2026-01-01T00:00:00Z', 1, 9223372036854775807, 0.1, '', x'', 1.5, 'x'),
            (3, '2026-01-01', 1.0, -9223372036854775808, 9e999, 'naïve ☃ ''\"\\ \n', x'00ff', 2, '5'),
            (4, 1767225600, '1', 0, -9e999, '1', x'31', 'x', ''),
            (5, '2026-01-01 00:00:00', x'31', 1.5, 1.7976931348623157e308, 'a' || char(0) || 'b', 'text', 1e300, NULL),
            (6, '2026-01-01 00:00:00', 0.30000000000000004, 'word', 5e-324, '0x10', 7, -0.0, NULL)",
    );
    let mut conn = crate::support::database::sqlite(db.url());
    conn.batch_execute(SQLITE_SETTINGS).unwrap();
    let columns = [
        "id",
        "deleted_at",
        "any_type",
        "n",
        "r",
        "t",
        "b",
        "d",
        "\"a \"\"column\"\"\"",
        "twice",
        "thrice",
    ];
    // `EXCEPT` does not tell 1 from 1.0.
    let all = columns
        .map(|column| format!("typeof({column}), {column}"))
        .join(", ");
    let same = format!(
        "SELECT CAST((SELECT COUNT(*) FROM (SELECT {all} FROM odd EXCEPT SELECT {all} FROM kept)) + (SELECT COUNT(*) FROM (SELECT {all} FROM kept EXCEPT SELECT {all} FROM odd)) AS TEXT) AS text"
    );
    there_and_back(&mut conn, "SELECT 'none' AS text", &same);
}

#[cfg(feature = "servers")]
#[test]
fn every_type_of_postgresql() {
    let db = TestDatabase::new(Database::Postgres);
    db.migrate();
    db.sql("CREATE TYPE mood AS ENUM ('sad', 'it''s ok'); CREATE TYPE place AS (x INTEGER, name TEXT); CREATE DOMAIN percent AS INTEGER CHECK (VALUE BETWEEN 0 AND 100)");
    db.sql(
        "CREATE TABLE odd (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, deleted_at TIMESTAMP, si SMALLINT, f4 REAL, f8 DOUBLE PRECISION, n NUMERIC, n2 NUMERIC(10, 2), m MONEY, c CHAR(5), v VARCHAR(20), t TEXT, b BYTEA, d DATE, ti TIME, tiz TIMETZ, ts TIMESTAMP(3), tsz TIMESTAMPTZ, i INTERVAL, bo BOOLEAN, e mood, p place, pc percent, u UUID, j JSON, jb JSONB, a INTEGER[], ta TEXT[], tsa TIMESTAMPTZ[], r INT4RANGE, ip INET, bi BIT(3), vb VARBIT, x XML, pt POINT, tsv TSVECTOR, twice INTEGER GENERATED ALWAYS AS (si * 2) STORED, \"a \"\"column\"\"\" TEXT)",
    );
    db.sql(
        r#"INSERT INTO odd (deleted_at, si, f4, f8, n, n2, m, c, v, t, b, d, ti, tiz, ts, tsz, i, bo, e, p, pc, u, j, jb, a, ta, tsa, r, ip, bi, vb, x, pt, tsv, "a ""column""") VALUES
            ('2026-01-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            ('infinity', -32768, 0.1, 0.30000000000000004, 'NaN', 12345678.90, 12.34, 'ab', '', E'naïve ☃ ''"\\ \n', '\x00ff', '0044-03-15 BC', '24:00:00', '12:00:00.123456+05:30', '2026-01-01 12:00:00.123', '2026-03-29 02:30:00.000001+02', '-1 year -2 mons +3 days -04:05:06.7', TRUE, 'it''s ok', ROW(1, 'a,"b"'), 100, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a" : 1, "a":2}', '{"b": [1, null]}', '{{1,2},{3,NULL}}', ARRAY['NULL', NULL, 'a"b'], ARRAY['2026-10-25 02:30:00+01'::timestamptz], '[1,5)', '::1/64', B'101', B'', '<a>&amp;</a>', '(1.5,-2)', 'a:1 b:2', 'x'),
            ('2026-01-01', 32767, 'Infinity', 1.7976931348623157e308, 0.1::numeric ^ 20, -0.01, -0.01, '', 'a ', '', '', 'infinity', '00:00', '00:00+14', '0001-01-01', '294276-01-01+00', '0', FALSE, 'sad', NULL, 0, '00000000-0000-0000-0000-000000000000', 'null', 'null', '{}', '{}', '{}', 'empty', '10.0.0.0/8', B'000', B'1', 'text', '(0,0)', '', '')"#,
    );
    let mut conn = PgConnection::establish(db.url()).unwrap();
    conn.batch_execute("SET DateStyle = 'SQL, DMY'; SET IntervalStyle = 'sql_standard'; SET TimeZone = 'Europe/Berlin'; SET bytea_output = 'escape'; SET extra_float_digits = 0")
        .unwrap();
    there_and_back(
        &mut conn,
        "SELECT concat_ws('|', current_setting('DateStyle'), current_setting('IntervalStyle'), current_setting('TimeZone'), current_setting('bytea_output'), current_setting('extra_float_digits')) AS text",
        // As bytes: not everything can be compared, and what can need not be the same.
        "SELECT CAST((SELECT COUNT(*) FROM (SELECT record_send(odd) FROM odd EXCEPT SELECT record_send(kept) FROM kept) AS missing) AS TEXT) AS text",
    );
}

#[cfg(feature = "servers")]
#[test]
fn every_type_of_mariadb() {
    let db = TestDatabase::new(Database::Mysql);
    db.migrate();
    db.sql(
        "CREATE TABLE odd (id BIGINT AUTO_INCREMENT PRIMARY KEY, deleted_at DATETIME(6), ti TINYINT, bu BIGINT UNSIGNED, f FLOAT, d DOUBLE, n DECIMAL(30, 10), c CHAR(5), v VARCHAR(20), t LONGTEXT, l VARCHAR(20) CHARACTER SET latin1, b BINARY(4), vb VARBINARY(20), bl BLOB, bi BIT(10), e ENUM('a', 'it''s'), s SET('a', 'b'), y YEAR, da DATE, tm TIME(6), dt DATETIME, ts TIMESTAMP(6) NULL, j JSON, g POINT, u UUID, twice INTEGER AS (ti * 2) STORED, thrice INTEGER AS (ti * 3) VIRTUAL, `a ``column``` TEXT)",
    );
    let mut conn = MysqlConnection::establish(db.url()).unwrap();
    conn.batch_execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; SET SESSION time_zone = '+00:00'")
        .unwrap();
    conn.batch_execute(
        "INSERT INTO odd (id, deleted_at, ti, bu, f, d, n, c, v, t, l, b, vb, bl, bi, e, s, y, da, tm, dt, ts, j, g, u, `a ``column```) VALUES
            (0, '2026-01-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (2, '2026-01-01', -128, 18446744073709551615, 0.1, 0.30000000000000004, 12345678901234567890.0123456789, 'ab', '', 'naïve ☃ ''\"\\\\ \n', 'naïve', x'00ff', x'00ff00', x'', b'1000000001', 'it''s', 'a,b', 2155, '0001-01-01', '-838:59:59', '9999-12-31 23:59:59', '2026-03-29 01:30:00.000001', '{\"a\" : 1}', ST_GeomFromText('POINT(1.5 -2)'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'x'),
            (3, '2026-01-01', 127, 0, 3.4028234e38, 1.7976931348623157e308, -0.0000000001, '', 'a ', '', '', '', '', 'x', b'0', 'a', '', 1901, '9999-12-31', '00:00:00.000001', '2026-10-25 02:30:00', '2026-10-25 01:30:00', 'null', NULL, '00000000-0000-0000-0000-000000000000', '')",
    )
    .unwrap();
    conn.batch_execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'; SET SESSION time_zone = '-05:00'")
        .unwrap();
    there_and_back(
        &mut conn,
        "SELECT CONCAT_WS('|', @@SESSION.sql_mode, @@SESSION.time_zone) AS text",
        "SELECT CAST((SELECT COUNT(*) FROM odd) - (SELECT COUNT(*) FROM odd INNER JOIN kept ON kept.id = odd.id AND kept.deleted_at <=> odd.deleted_at AND kept.ti <=> odd.ti AND kept.bu <=> odd.bu AND kept.f <=> odd.f AND kept.d <=> odd.d AND kept.n <=> odd.n AND BINARY kept.c <=> BINARY odd.c AND BINARY kept.v <=> BINARY odd.v AND BINARY kept.t <=> BINARY odd.t AND BINARY kept.l <=> BINARY odd.l AND kept.b <=> odd.b AND kept.vb <=> odd.vb AND kept.bl <=> odd.bl AND kept.bi <=> odd.bi AND kept.e <=> odd.e AND kept.s <=> odd.s AND kept.y <=> odd.y AND kept.da <=> odd.da AND kept.tm <=> odd.tm AND kept.dt <=> odd.dt AND kept.ts <=> odd.ts AND BINARY kept.j <=> BINARY odd.j AND kept.g <=> odd.g AND kept.u <=> odd.u AND kept.twice <=> odd.twice AND kept.thrice <=> odd.thrice AND kept.`a ``column``` <=> odd.`a ``column```) + 3 - (SELECT COUNT(*) FROM odd) AS CHAR) AS text",
    );
}

/// A table that has changed since: a column that is gone is named, a new one gets its default.
#[test]
fn a_table_that_has_changed() {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.sql("CREATE TABLE odd (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP, name TEXT)");
    db.sql("INSERT INTO odd VALUES (1, '2026-01-01 00:00:00', 'Ada')");
    let registry = Registry::new().with::<Odd>();
    let directory = TestDirectory::new();
    let mut conn = crate::support::database::sqlite(db.url());
    let report = Cleanup::new(&registry)
        .archive(Archive::in_directory(directory.path()))
        .run(&mut conn)
        .unwrap();
    let path = report.archive.unwrap();
    db.sql("ALTER TABLE odd RENAME COLUMN name TO full_name; ALTER TABLE odd ADD COLUMN stars INTEGER NOT NULL DEFAULT 3");
    let refused = load_archive(&mut conn, &registry, &path, Actor::new("ann")).unwrap_err();
    assert!(
        matches!(&refused, Error::BadArchive { problem, .. } if problem.contains("no column name")),
        "{refused}"
    );
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"name\"", "\"full_name\"")).unwrap();
    let loaded = load_archive(&mut conn, &registry, &path, Actor::new("ann")).unwrap();
    assert_eq!(loaded.loaded(), 1);
    let row: Text = sql_query("SELECT id || ' ' || full_name || ' ' || stars AS text FROM odd")
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(row.text, "1 Ada 3");
}
