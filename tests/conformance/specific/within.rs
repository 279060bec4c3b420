//! A condition of the caller's, such as a tenant's, in everything that is done by keys that are text.

use diesel::{connection::LoadConnection, connection::SimpleConnection, prelude::*};
use soft_delete::{Actor, Database, Dialect, Listed, Listing, Predicate, Registry, prelude::*};

use crate::support::database::TestDatabase;

diesel::table! {
    notes (id) {
        id -> BigInt,
        tenant_id -> BigInt,
        title -> Text,
        deleted_at -> Nullable<Timestamp>,
        deletion_reason -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = notes)]
#[soft_delete(label = title)]
#[allow(dead_code, reason = "what is worked with are keys")]
struct Note {
    id: i64,
    tenant_id: i64,
    title: String,
    deleted_at: Option<NaiveDateTime>,
    deletion_reason: Option<String>,
}

/// Keys of both tenants, some of them twice, one of nobody's.
const KEYS: [&str; 6] = ["1", "2", "3", "3", "4", "77"];

fn ann() -> soft_delete::Context {
    Actor::new("ann").because("a test")
}

fn on<C>(db: &TestDatabase, mut conn: C, mine: &Predicate<'_, C::Backend>)
where
    C: LoadConnection<Backend: Dialect> + SimpleConnection,
{
    db.create(
        "CREATE TABLE notes (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, title VARCHAR(20) NOT NULL)",
        Note::descriptor(),
    );
    db.migrate();
    db.sql("INSERT INTO notes (id, tenant_id, title) VALUES (1, 7, 'a'), (2, 8, 'b'), (3, 7, 'c'), (4, 8, 'd'), (5, 7, 'e')");
    let registry = Registry::new().with::<Note>();
    let records = registry.records("notes").expect("notes");
    let deleted = |conn: &mut C| -> Vec<String> {
        let page = registry
            .list_deleted(conn, "notes", &Listing::new())
            .expect("a list");
        let mut ids: Vec<String> = page.rows.into_iter().map(|row| row.id).collect();
        ids.sort();
        ids
    };

    let done = records
        .within(&mine)
        .soft_delete(&mut conn, &KEYS, ann())
        .expect("deleted");
    assert_eq!(
        (done.rows(), deleted(&mut conn)),
        (2, vec!["1".to_owned(), "3".to_owned()])
    );
    let audited = soft_delete::audit(&mut conn, &soft_delete::Trail::new()).expect("the trail");
    assert_eq!(audited.len(), 2, "nothing is told of rows that were passed over");

    records.soft_delete(&mut conn, &["2"], ann()).expect("deleted");
    let list = |conn: &mut C, listing: Listing| -> Vec<String> {
        let page = registry
            .list_within(conn, "notes", &listing, &mine)
            .expect("a list");
        page.rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(list(&mut conn, Listing::new()).len(), 2);
    assert_eq!(list(&mut conn, Listing::new().rows(Listed::All)), ["5", "3", "1"]);
    assert_eq!(list(&mut conn, Listing::new().record("2")), [""; 0]);
    // An OR of the condition's own does not let anything else through.
    assert_eq!(list(&mut conn, Listing::new().rows(Listed::Active)), ["5"]);

    // What a row holds: of a tenant's own, and only what is wanted.
    let named = |conn: &mut C, id: &str| -> Option<Vec<(String, Option<String>)>> {
        let fields = records
            .within(&mine)
            .fields(conn, id, |column| column != "tenant_id")
            .expect("fields")?;
        Some(
            fields
                .into_iter()
                .map(|field| (field.name, field.value))
                .collect(),
        )
    };
    let fields = named(&mut conn, "1").expect("a row");
    assert_eq!(fields[0], ("id".to_owned(), Some("1".to_owned())));
    assert_eq!(fields[1], ("title".to_owned(), Some("a".to_owned())));
    assert_eq!((fields.len(), fields[3].1.as_deref()), (4, Some("a test")));
    assert_eq!(named(&mut conn, "2"), None);
    assert_eq!(
        records.fields(&mut conn, "2", |_| false).expect("fields"),
        Some(Vec::new())
    );
    assert!(
        records
            .fields(&mut conn, "two", |_| true)
            .expect_err("no key")
            .is_bad_input()
    );

    let plan = records
        .within(&mine)
        .restore_plan(&mut conn, &["2", "3"], ann())
        .expect("a plan");
    assert_eq!(plan.rows(), 1);
    assert_eq!(
        records
            .within(&mine)
            .restore(&mut conn, &["1", "2"], ann())
            .expect("restored")
            .rows(),
        1
    );
    assert_eq!(deleted(&mut conn), ["2", "3"]);
    let foreign = records.within(&mine).force_delete(&mut conn, &["2"], ann());
    assert!(foreign.map_or(0, |done| done.rows()) == 0, "a foreign row stays");
    assert_eq!(deleted(&mut conn), ["2", "3"]);
    assert_eq!(
        records
            .within(&mine)
            .force_delete(&mut conn, &["3"], ann())
            .expect("removed")
            .rows(),
        1
    );
    assert_eq!(deleted(&mut conn), ["2"]);
}

#[test]
fn on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    let mine = notes::tenant_id.eq(7_i64).or(notes::tenant_id.eq(-1_i64));
    on(&db, crate::support::database::sqlite(db.url()), &mine);
}

#[cfg(feature = "servers")]
#[test]
fn on_postgresql() {
    let db = TestDatabase::new(Database::Postgres);
    let mine = notes::tenant_id.eq(7_i64).or(notes::tenant_id.eq(-1_i64));
    on(
        &db,
        PgConnection::establish(db.url()).expect("a connection"),
        &mine,
    );
}

#[cfg(feature = "servers")]
#[test]
fn on_mariadb() {
    let db = TestDatabase::new(Database::Mysql);
    let mine = notes::tenant_id.eq(7_i64).or(notes::tenant_id.eq(-1_i64));
    on(
        &db,
        MysqlConnection::establish(db.url()).expect("a connection"),
        &mine,
    );
}
