//! What is declared of relations: refused where it cannot tell whose rows it is about, followed by its own columns where it can.

use diesel::prelude::*;
use soft_delete::{
    Column, ColumnKind, Context, Database, Descriptor, Dialect, Error, Relation, TableName, TableRelation,
    discover, prelude::*,
};

use crate::support::database::TestDatabase;

pub(super) fn named(name: &str) -> TableName {
    TableName::new(name)
}

fn ann() -> Context {
    Actor::new("ann").because("a test")
}

pub(super) type Rows = Vec<i64>;

#[derive(QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

macro_rules! rows_on {
    ($conn:expr, $sql:expr) => {
        $crate::relations::declared::numbers(diesel::sql_query($sql).load($conn))
    };
}

macro_rules! on_each_database {
    ($($case:ident),+ $(,)?) => {$(
        mod $case {
            use super::*;

            #[test]
            fn on_sqlite() {
                let db = TestDatabase::new(Database::Sqlite);
                let mut conn = crate::support::database::sqlite(db.url());
                super::$case(&db, &mut conn, |conn: &mut SqliteConnection, sql: &str| rows_on!(conn, sql));
            }

            #[cfg(feature = "servers")]
            #[test]
            fn on_postgresql() {
                let db = TestDatabase::new(Database::Postgres);
                let mut conn = PgConnection::establish(db.url()).expect("a connection");
                super::$case(&db, &mut conn, |conn: &mut PgConnection, sql: &str| rows_on!(conn, sql));
            }

            #[cfg(feature = "servers")]
            #[test]
            fn on_mariadb() {
                let db = TestDatabase::new(Database::Mysql);
                let mut conn = MysqlConnection::establish(db.url()).expect("a connection");
                super::$case(&db, &mut conn, |conn: &mut MysqlConnection, sql: &str| rows_on!(conn, sql));
            }
        }
    )+};
}

pub(super) use {on_each_database, rows_on};

pub(super) fn numbers(rows: QueryResult<Vec<Number>>) -> Rows {
    rows.expect("rows").into_iter().map(|row| row.n).collect()
}

pub(super) fn marks(database: Database) -> &'static str {
    match database {
        Database::Postgres => "deleted_at TIMESTAMP NULL, deletion_id UUID NULL",
        Database::Mysql => "deleted_at DATETIME(6) NULL, deletion_id CHAR(36) NULL",
        _ => "deleted_at TIMESTAMP NULL, deletion_id TEXT NULL",
    }
}

pub(super) fn models<C>(conn: &mut C) -> Vec<Descriptor>
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let found = discover(conn, "deleted_at").expect("tables");
    let model =
        |table: &soft_delete::FoundTable| table.descriptor(&table.roles("deleted_at")).expect("a model");
    found.iter().map(model).collect()
}

on_each_database!(
    columns_are_one_for_each_of_the_key,
    rows_of_a_model_are_not_owned,
    polymorphic_children_are_told_by_their_type,
    other_unique_columns_are_followed,
    rows_apart_go_by_themselves,
    rows_of_a_family_refer_to_each_other_besides,
);

fn columns_are_one_for_each_of_the_key<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE memberships (user_id BIGINT NOT NULL, team_id BIGINT NOT NULL, {marks}, PRIMARY KEY (user_id, team_id));
         CREATE TABLE roles (id BIGINT PRIMARY KEY, user_id BIGINT, team_id BIGINT);
         INSERT INTO memberships (user_id, team_id, deleted_at) VALUES (1, 7, '2020-01-01 00:00:00'), (1, 8, NULL);
         INSERT INTO roles (id, user_id, team_id) VALUES (70, 1, 7), (80, 1, 8)"
    ));
    db.migrate();
    let owns =
        |columns: &[&str]| TableRelation::owns(named("memberships"), named("roles"), columns.iter().copied());
    for (columns, told) in [
        (
            &["user_id"][..],
            "it refers to (user_id, team_id) of memberships: name one column for each of those",
        ),
        (&["user_id", "team_id", "id"], "name one column for each of those"),
        (&["user_id", "user_id"], "user_id stands twice"),
    ] {
        let error = Registry::new()
            .with_tables(models(conn), &[owns(columns)])
            .expect_err(told);
        assert!(
            matches!(&error, Error::InvalidRelation { parent, child, .. } if parent == "memberships" && child == "roles"),
            "{error}"
        );
        assert!(error.to_string().contains(told), "{error}");
        // By hand, where nothing can be refused at once, whatever asks the registry refuses.
        let model = models(conn)
            .remove(0)
            .relation(Relation::owns(named("roles"), columns.iter().copied()));
        let registry = Registry::new().with_table(model);
        let refused = Cleanup::new(&registry).run(conn).expect_err(told);
        assert!(matches!(refused, Error::InvalidRelation { .. }), "{refused}");
        let Err(refused) = registry.records("memberships") else {
            panic!("not refused");
        };
        assert!(matches!(refused, Error::InvalidRelation { .. }), "{refused}");
    }
    let registry = Registry::new()
        .with_tables(models(conn), &[owns(&["user_id", "team_id"])])
        .expect("relations");
    Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, "SELECT id AS n FROM roles ORDER BY id"), [80]);
    assert_eq!(rows(conn, "SELECT team_id AS n FROM memberships"), [8]);
}

/// Owned rows go whatever they are, so a table whose rows may be active or held is not to be owned.
fn rows_of_a_model_are_not_owned<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE albums (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE photos (id BIGINT PRIMARY KEY, album_id BIGINT, kind VARCHAR(9), {marks});
         INSERT INTO albums (id, deleted_at) VALUES (1, '2020-01-01 00:00:00');
         INSERT INTO photos (id, album_id, kind, deleted_at)
         VALUES (10, 1, 'Album', NULL), (11, 1, 'Album', '2020-01-01 00:00:00')"
    ));
    db.migrate();
    let owns = TableRelation::owns(named("albums"), named("photos"), ["album_id"]);
    let is_refused = |error: Error| {
        let told = error.to_string();
        assert!(
            matches!(&error, Error::OwnedModel { owner, child } if owner == "albums" && child == "photos"),
            "{told}"
        );
        assert!(told.contains("declare `cascade` instead of `owns`"), "{told}");
    };
    for relation in [owns.clone(), owns.only_where("kind", "Album")] {
        is_refused(
            Registry::new()
                .with_tables(models(conn), &[relation])
                .expect_err("owned"),
        );
    }
    // By hand, one after the other, and in either order.
    let by_hand = |conn: &mut C| {
        let mut models = models(conn);
        let photos = models.pop().expect("photos");
        let albums = models.pop().expect("albums");
        let owned = Relation::owns(named("photos"), ["album_id"]);
        (albums.relation(owned), photos)
    };
    for photos_first in [false, true] {
        let (albums, photos) = by_hand(conn);
        let registry = if photos_first {
            Registry::new().with_table(photos).with_table(albums)
        } else {
            Registry::new().with_table(albums).with_table(photos)
        };
        is_refused(registry.check().expect_err("owned"));
        is_refused(Cleanup::new(&registry).run(conn).expect_err("owned"));
        is_refused(
            Cleanup::new(&registry)
                .dry_run(true)
                .run(conn)
                .expect_err("owned"),
        );
        is_refused(registry.records("albums").err().unwrap());
        is_refused(registry.stats(conn).expect_err("owned"));
        let findings = soft_delete::doctor(conn, &registry).expect("findings");
        let named = findings
            .iter()
            .find(|finding| finding.evidence.contains("cannot own"));
        let named = named.unwrap_or_else(|| panic!("{findings:?}"));
        assert!(named.remedy.contains("`cascade`"), "{}", named.remedy);
    }
    // Another schema's table of the same name is another table, where both names say so.
    let (_, photos) = by_hand(conn);
    let schema = |schema: &str| named("photos").in_schema(schema);
    let mut other = Descriptor::new(schema("attic"), Column::new("deleted_at", ColumnKind::Timestamp))
        .key(Column::new("id", ColumnKind::BigInt));
    other = other.relation(Relation::owns(schema("cellar"), ["album_id"]));
    assert!(Registry::new().with_table(other.clone()).check().is_ok());
    is_owned(&Registry::new().with_table(other).with_table(photos));
    assert_eq!(rows(conn, "SELECT id AS n FROM photos ORDER BY id"), [10, 11]);
    assert_eq!(rows(conn, "SELECT id AS n FROM albums"), [1]);
}

// Of two names without a schema in one of them nobody can tell.
fn is_owned(registry: &Registry) {
    let refused = registry.check().expect_err("owned");
    assert!(matches!(refused, Error::OwnedModel { .. }), "{refused}");
}

fn polymorphic_children_are_told_by_their_type<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE posts (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE comments (id BIGINT PRIMARY KEY, commentable_type VARCHAR(40), commentable_id BIGINT, shape BIGINT);
         INSERT INTO posts (id, deleted_at) VALUES (1, '2020-01-01 00:00:00'), (2, '2020-01-01 00:00:00'), (3, NULL);
         INSERT INTO comments (id, commentable_type, commentable_id, shape) VALUES
             (10, 'Post', 1, 5), (11, 'Photo', 1, 5), (12, 'it''s; --', 1, 5), (13, NULL, 1, 5), (14, 'Post', 1, 6),
             (20, 'Post', 2, 5), (21, 'Photo', 2, 5), (30, 'Post', 3, 5)"
    ));
    db.migrate();
    let owns = |kind: &str| {
        TableRelation::owns(named("posts"), named("comments"), ["commentable_id"])
            .only_where("commentable_type", kind)
            .only_where("shape", 5)
    };
    let left = |conn: &mut C| rows(conn, "SELECT id AS n FROM comments ORDER BY id");
    let registry = Registry::new()
        .with_tables(models(conn), &[owns("Post")])
        .expect("relations");
    registry
        .records("posts")
        .expect("posts")
        .force_delete(conn, &["2"], ann())
        .expect("removed");
    assert_eq!(left(conn), [10, 11, 12, 13, 14, 21, 30]);
    let dry = Cleanup::new(&registry)
        .dry_run(true)
        .run(conn)
        .expect("a dry run");
    assert_eq!((dry.models[0].expired, left(conn).len()), (1, 7));
    let directory = crate::support::directory::TestDirectory::new();
    let report = Cleanup::new(&registry)
        .archive(soft_delete::Archive::in_directory(directory.path()))
        .run(conn)
        .expect("cleaned");
    assert_eq!((report.models[0].purged, report.models[0].owned), (1, 1));
    assert_eq!(left(conn), [11, 12, 13, 14, 21, 30]);
    let archived = std::fs::read_to_string(report.archive.expect("a file")).expect("an archive");
    assert_eq!(archived.matches("\"comments\"").count(), 1, "{archived}");
    // A value is bound, whatever stands in it.
    db.sql("UPDATE posts SET deleted_at = '2020-01-01 00:00:00' WHERE id = 3; UPDATE comments SET commentable_id = 3 WHERE id IN (11, 12)");
    let registry = Registry::new()
        .with_tables(models(conn), &[owns("it's; --")])
        .expect("relations");
    Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(left(conn), [11, 13, 14, 21, 30]);

    // Without the type nobody knows whose a comment is.
    let bare = TableRelation::owns(named("posts"), named("comments"), ["commentable_id"]);
    let registry = Registry::new()
        .with_tables(models(conn), &[bare])
        .expect("relations");
    db.sql("INSERT INTO posts (id, deleted_at) VALUES (4, '2020-01-01 00:00:00'); INSERT INTO comments VALUES (40, 'Photo', 4, 5)");
    let refused = |error: Error| {
        assert!(
            matches!(&error, Error::AmbiguousOwner { type_column, .. } if type_column == "commentable_type"),
            "{error}"
        );
    };
    refused(Cleanup::new(&registry).run(conn).expect_err("no type"));
    refused(
        Cleanup::new(&registry)
            .dry_run(true)
            .run(conn)
            .expect_err("no type"),
    );
    let posts = registry.records("posts").expect("posts");
    refused(posts.force_delete(conn, &["4"], ann()).expect_err("no type"));
    let findings = soft_delete::doctor(conn, &registry).expect("findings");
    assert!(
        findings
            .iter()
            .any(|finding| finding.evidence.contains("where commentable_type")),
        "{findings:?}"
    );
    assert_eq!(left(conn), [11, 13, 14, 21, 30, 40]);

    let (restrict, cascade) = (TableRelation::restrict, TableRelation::cascade);
    for relation in [
        restrict(named("posts"), named("posts"), vec!["id"]),
        cascade(named("posts"), named("posts"), vec!["id"]),
    ] {
        let relation = relation.only_where("id", 1);
        let error = Registry::new()
            .with_tables(models(conn), &[relation])
            .expect_err("a condition");
        assert!(
            error.to_string().contains("a condition is for `owns` alone"),
            "{error}"
        );
    }
}

fn other_unique_columns_are_followed<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE users (id BIGINT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, boss_number BIGINT, {marks}, FOREIGN KEY (boss_number) REFERENCES users (number));
         CREATE TABLE pics (id BIGINT PRIMARY KEY, user_number BIGINT, FOREIGN KEY (user_number) REFERENCES users (number));
         CREATE TABLE cards (id BIGINT PRIMARY KEY, user_number BIGINT, {marks}, FOREIGN KEY (user_number) REFERENCES users (number));
         CREATE TABLE bills (id BIGINT PRIMARY KEY, user_number BIGINT, {marks}, FOREIGN KEY (user_number) REFERENCES users (number));
         INSERT INTO users (id, number) VALUES (1, 2), (2, 1), (3, 4), (4, 3);
         INSERT INTO pics (id, user_number) VALUES (100, 2), (200, 1);
         INSERT INTO cards (id, user_number) VALUES (10, 2), (20, 1);
         INSERT INTO bills (id, user_number) VALUES (5, 4)"
    ));
    db.migrate();
    let (users, by) = (named("users"), ["user_number"]);
    let relations = [
        TableRelation::owns(users.clone(), named("pics"), by).references(["number"]),
        TableRelation::cascade(users.clone(), named("cards"), by).references(["number"]),
        TableRelation::restrict(users.clone(), named("bills"), by).references(["number"]),
        TableRelation::cascade(users.clone(), users, ["boss_number"]).references(["number"]),
    ];
    let registry = Registry::new()
        .with_tables(models(conn), &relations)
        .expect("relations");
    let people = registry.records("users").expect("users");
    let active = |conn: &mut C, table: &str| {
        rows(
            conn,
            &format!("SELECT id AS n FROM {table} WHERE deleted_at IS NULL ORDER BY id"),
        )
    };
    people.soft_delete(conn, &["1"], ann()).expect("deleted");
    assert_eq!(
        (active(conn, "users"), active(conn, "cards")),
        (vec![2, 3, 4], vec![20])
    );
    let cards = registry.records("cards").expect("cards");
    let alone = cards
        .restore(conn, &["10"], ann())
        .expect_err("its user is deleted");
    assert!(
        matches!(&alone, Error::ParentDeleted { id, .. } if id == "1"),
        "{alone}"
    );
    let plan = people.restore_plan(conn, &["1"], ann()).expect("a plan");
    assert_eq!(plan.models.iter().map(|model| model.rows).sum::<u64>(), 2);
    cards
        .restore(conn, &["10"], ann().with_parents())
        .expect("restored");
    assert_eq!(
        (active(conn, "users"), active(conn, "cards")),
        (vec![1, 2, 3, 4], vec![10, 20])
    );
    let kept = people
        .soft_delete(conn, &["3"], ann())
        .expect_err("a bill is active");
    assert!(matches!(kept, Error::Restricted { .. }), "{kept}");
    people.soft_delete(conn, &["4"], ann()).expect("nobody's bill");
    people.restore(conn, &["4"], ann()).expect("restored");

    // A tree by the other column, down and up.
    db.sql("UPDATE users SET boss_number = 2 WHERE id = 2; UPDATE users SET boss_number = 1 WHERE id = 4");
    people.soft_delete(conn, &["1"], ann()).expect("deleted");
    assert_eq!((active(conn, "users"), active(conn, "cards")), (vec![3], vec![]));
    people
        .restore(conn, &["4"], ann().with_parents())
        .expect("restored");
    assert_eq!(
        (active(conn, "users"), active(conn, "cards")),
        (vec![1, 2, 3, 4], vec![])
    );
    people.soft_delete(conn, &["1"], ann()).expect("deleted");
    people.restore(conn, &["1"], ann()).expect("restored");
    assert_eq!(active(conn, "users"), [1, 2, 3, 4]);

    // For good: the pictures of the one that goes, and of nobody else.
    db.sql("UPDATE users SET boss_number = NULL");
    people.soft_delete(conn, &["1"], ann()).expect("deleted");
    db.sql("DELETE FROM cards");
    people.force_delete(conn, &["1"], ann()).expect("removed");
    assert_eq!(rows(conn, "SELECT id AS n FROM pics"), [200]);
    db.sql("UPDATE users SET deleted_at = '2020-01-01 00:00:00' WHERE id = 2; INSERT INTO pics (id, user_number) VALUES (300, 3), (400, 4)");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(report.models.iter().map(|model| model.owned).sum::<u64>(), 1);
    assert_eq!(rows(conn, "SELECT id AS n FROM pics ORDER BY id"), [300, 400]);
    assert_eq!(rows(conn, "SELECT id AS n FROM users ORDER BY id"), [3, 4]);
}

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    calls (id) {
        id -> BigInt,
        lead_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

/// As `Lead`, in other words.
#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
struct SameLead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
struct LeadRow {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(retention = "365 days", restrict(Call))]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = calls, belongs_to(Lead))]
struct Call {
    id: i64,
    lead_id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = calls)]
#[soft_delete(audit = false)]
struct CallRow {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

/// A registry that would keep one of two declarations refuses everything.
#[test]
fn two_models_of_one_table_with_different_rules_are_refused() {
    let db = TestDatabase::new(Database::Sqlite);
    db.sql(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
         CREATE TABLE calls (id BIGINT PRIMARY KEY, lead_id BIGINT, deleted_at TIMESTAMP);
         INSERT INTO leads VALUES (1, '2020-01-01 00:00:00')",
    );
    db.migrate();
    let conn = &mut crate::support::database::sqlite(db.url());
    for registry in [
        Registry::new().with::<LeadRow>().with::<Lead>().with::<Call>(),
        Registry::new().with::<Call>().with::<Lead>().with::<LeadRow>(),
    ] {
        let refused = |error: Error| {
            let told = error.to_string();
            assert!(
                matches!(error, Error::ConflictingModels { ref table, .. } if table == "leads"),
                "{told}"
            );
            for word in [
                "LeadRow",
                "30 days",
                "365 days",
                "restrict calls (lead_id) -> (id)",
            ] {
                assert!(told.contains(word), "{word}: {told}");
            }
        };
        refused(registry.check().unwrap_err());
        refused(Cleanup::new(&registry).run(conn).unwrap_err());
        refused(Cleanup::new(&registry).dry_run(true).run(conn).unwrap_err());
        refused(registry.stats(conn).unwrap_err());
        refused(registry.count_expired(conn, DateTime::UNIX_EPOCH).unwrap_err());
        refused(registry.model("leads").unwrap_err());
        refused(registry.records("leads").err().unwrap());
        refused(registry.records("calls").err().unwrap());
        refused(
            registry
                .configure("leads", soft_delete::Retention::Forever)
                .unwrap_err(),
        );
        let id = DeletionId::from(uuid::Uuid::nil());
        refused(soft_delete::undo(conn, &registry, id, ann()).unwrap_err());
        let findings = soft_delete::doctor(conn, &registry).unwrap();
        assert!(
            findings
                .iter()
                .any(|finding| finding.evidence.contains("registered by")),
            "{findings:?}"
        );
    }
    assert_eq!(
        numbers(diesel::sql_query("SELECT id AS n FROM leads").load(conn)),
        [1]
    );

    // A relation names a type of its own.
    let named = Registry::new().with::<Lead>().with::<CallRow>();
    let told = named.check().unwrap_err().to_string();
    assert!(told.contains("the audit (no and yes)"), "{told}");
    // The same declared twice is one.
    let same = Registry::new()
        .with::<LeadRow>()
        .with::<SameLead>()
        .with::<LeadRow>();
    assert!(same.check().is_ok());
    assert_eq!(same.models().len(), 1);
    let by_hand = |name: &str| {
        Descriptor::new(
            named_table(name),
            Column::new("deleted_at", ColumnKind::Timestamp),
        )
        .key(Column::new("id", ColumnKind::BigInt))
    };
    assert!(
        Registry::new()
            .with::<LeadRow>()
            .with_table(by_hand("leads"))
            .check()
            .is_ok()
    );
    let forever = by_hand("leads").retention(soft_delete::Retention::Forever);
    assert!(matches!(
        Registry::new().with::<LeadRow>().with_tables([forever], &[]),
        Err(Error::ConflictingModels { .. })
    ));
}

fn named_table(name: &str) -> TableName {
    named(name)
}

mod derived {
    use super::*;

    diesel::table! {
        users (id) {
            id -> BigInt,
            number -> BigInt,
            deleted_at -> Nullable<Timestamp>,
            deletion_id -> Nullable<Text>,
        }
    }

    diesel::table! {
        cards (id) {
            id -> BigInt,
            user_number -> Nullable<BigInt>,
            deleted_at -> Nullable<Timestamp>,
            deletion_id -> Nullable<Text>,
        }
    }

    diesel::table! {
        pics (id) {
            id -> BigInt,
            user_number -> BigInt,
        }
    }

    diesel::table! {
        comments (id) {
            id -> BigInt,
            #[sql_name = "kind"]
            about_type -> Text,
            about_id -> BigInt,
        }
    }

    #[derive(Identifiable, SoftDelete)]
    #[diesel(table_name = users)]
    #[soft_delete(cascade(Card(cards::user_number) references users::number))]
    #[soft_delete(owns(Pic(pics::user_number) references users::number, Comment(comments::about_id), where about_type = "User"))]
    struct User {
        id: i64,
        deleted_at: Option<NaiveDateTime>,
        deletion_id: Option<String>,
    }

    #[derive(Identifiable, SoftDelete)]
    #[diesel(table_name = cards)]
    #[soft_delete(child_of(User))]
    struct Card {
        id: i64,
        deleted_at: Option<NaiveDateTime>,
        deletion_id: Option<String>,
    }

    struct Pic;
    struct Comment;

    /// The derive says the same as a table without a Rust type can.
    #[test]
    fn follows_its_own_columns_and_conditions() {
        let db = TestDatabase::new(Database::Sqlite);
        db.sql(
            "CREATE TABLE users (id BIGINT PRIMARY KEY, number BIGINT UNIQUE, deleted_at TIMESTAMP, deletion_id TEXT);
             CREATE TABLE cards (id BIGINT PRIMARY KEY, user_number BIGINT REFERENCES users (number), deleted_at TIMESTAMP, deletion_id TEXT);
             CREATE TABLE pics (id BIGINT PRIMARY KEY, user_number BIGINT REFERENCES users (number));
             CREATE TABLE comments (id BIGINT PRIMARY KEY, kind TEXT, about_id BIGINT);
             INSERT INTO users (id, number) VALUES (1, 2), (2, 1);
             INSERT INTO cards (id, user_number) VALUES (10, 2), (20, 1);
             INSERT INTO pics VALUES (100, 2), (200, 1);
             INSERT INTO comments VALUES (5, 'User', 1), (6, 'Lead', 1), (7, 'User', 2)",
        );
        db.migrate();
        let conn = &mut crate::support::database::sqlite(db.url());
        let left = |conn: &mut SqliteConnection, sql: &str| rows_on!(conn, sql);
        User::soft_delete_by_id(conn, 1, ann()).unwrap();
        assert_eq!(
            left(conn, "SELECT id AS n FROM cards WHERE deleted_at IS NULL"),
            [20]
        );
        User::force_delete_by_id(conn, 1, ann()).unwrap();
        assert_eq!(left(conn, "SELECT id AS n FROM cards"), [20]);
        assert_eq!(left(conn, "SELECT id AS n FROM pics"), [200]);
        assert_eq!(left(conn, "SELECT id AS n FROM comments ORDER BY id"), [6, 7]);
    }
}

/// Rows of a cascade that is apart go when they are due, and their parents when they are; without it they stay with each other.
fn rows_apart_go_by_themselves<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE teams (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE members (id BIGINT PRIMARY KEY, team_id BIGINT NOT NULL, {marks}, FOREIGN KEY (team_id) REFERENCES teams (id));
         INSERT INTO teams (id) VALUES (1), (2);
         INSERT INTO members (id, team_id) VALUES (10, 1), (20, 2)"
    ));
    db.migrate();
    let cascade = || TableRelation::cascade(named("teams"), named("members"), ["team_id"]);
    let registry = |conn: &mut C, relation| {
        Registry::new()
            .with_tables(models(conn), &[relation])
            .expect("relations")
    };
    let refused = Registry::new()
        .with_tables(
            models(conn),
            &[TableRelation::restrict(named("teams"), named("members"), ["team_id"]).apart()],
        )
        .expect_err("not a cascade");
    assert!(
        refused.to_string().contains("`apart` is for `cascade` alone"),
        "{refused}"
    );
    let together = registry(conn, cascade());
    let apart = registry(conn, cascade().apart());
    let teams = together.records("teams").expect("teams");
    teams.soft_delete(conn, &["1", "2"], ann()).expect("deleted");
    db.sql("UPDATE teams SET deleted_at = '2020-01-01 00:00:00'; UPDATE members SET deleted_at = '2020-01-01 00:00:00'");
    teams.hold(conn, "1", ann()).expect("held");
    let keys = |conn: &mut C, table: &str| rows(conn, &format!("SELECT id AS n FROM {table} ORDER BY id"));
    let counts = |report: soft_delete::CleanupReport| {
        let [members, teams] = ["members", "teams"].map(|name| report.model(name).expect(name).clone());
        [members.purged, members.with_family, teams.purged, teams.held]
    };
    let cleanup = |registry: &Registry, conn: &mut C| {
        let dry = Cleanup::new(registry)
            .by(ann())
            .max_fraction(1.0)
            .dry_run(true)
            .run(conn)
            .expect("told");
        let done = Cleanup::new(registry)
            .by(ann())
            .max_fraction(1.0)
            .run(conn)
            .expect("done");
        let done = counts(done);
        assert_eq!(counts(dry), done, "the dry run and the run");
        done
    };
    assert_eq!(
        cleanup(&together, conn),
        [1, 1, 1, 1],
        "a held team keeps its member"
    );
    assert_eq!((keys(conn, "teams"), keys(conn, "members")), (vec![1], vec![10]));
    assert_eq!(cleanup(&apart, conn), [1, 0, 0, 1], "apart it does not");
    assert_eq!((keys(conn, "teams"), keys(conn, "members")), (vec![1], vec![]));
}

/// Rows of a family may refer to each other by foreign keys over which nothing goes along: those that refer go first, and a family to
/// which another one refers waits for it.
fn rows_of_a_family_refer_to_each_other_besides<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    for rule in ["", "ON DELETE CASCADE", "ON DELETE SET NULL"] {
        db.sql(&format!(
            "DROP TABLE IF EXISTS invoices; DROP TABLE IF EXISTS contacts; DROP TABLE IF EXISTS accounts; DROP TABLE IF EXISTS comments;
             CREATE TABLE accounts (id BIGINT PRIMARY KEY, {marks});
             CREATE TABLE contacts (id BIGINT PRIMARY KEY, account_id BIGINT, {marks}, FOREIGN KEY (account_id) REFERENCES accounts (id));
             CREATE TABLE invoices (id BIGINT PRIMARY KEY, account_id BIGINT, contact_id BIGINT, {marks}, FOREIGN KEY (account_id) REFERENCES accounts (id), FOREIGN KEY (contact_id) REFERENCES contacts (id) {rule});
             CREATE TABLE comments (id BIGINT PRIMARY KEY, parent_id BIGINT, quoted_id BIGINT, {marks}, FOREIGN KEY (parent_id) REFERENCES comments (id), FOREIGN KEY (quoted_id) REFERENCES comments (id));
             INSERT INTO accounts (id) VALUES (1), (2);
             INSERT INTO contacts (id, account_id) VALUES (10, 1), (20, 2);
             INSERT INTO invoices (id, account_id, contact_id) VALUES (100, 1, 10), (200, 2, 20), (201, 2, 10);
             INSERT INTO comments (id, parent_id, quoted_id) VALUES (1, NULL, NULL), (2, 1, 1), (3, 2, 1), (4, NULL, NULL), (5, 4, NULL), (6, NULL, 5)"
        ));
        db.migrate();
        let relations = [
            TableRelation::cascade(named("accounts"), named("contacts"), ["account_id"]),
            TableRelation::cascade(named("accounts"), named("invoices"), ["account_id"]),
            TableRelation::cascade(named("comments"), named("comments"), ["parent_id"]),
        ];
        let registry = Registry::new()
            .with_tables(models(conn), &relations)
            .expect("relations");
        for (model, ids) in [
            ("accounts", &["1"][..]),
            ("accounts", &["2"]),
            ("comments", &["1"]),
            ("comments", &["4"]),
        ] {
            registry
                .records(model)
                .expect(model)
                .soft_delete(conn, ids, ann())
                .expect("deleted");
        }
        let keys =
            |conn: &mut C, table: &str| rows(conn, &format!("SELECT id AS n FROM {table} ORDER BY id"));
        let cleanup = |conn: &mut C| {
            let run = |dry: bool, conn: &mut C| {
                let cleanup = Cleanup::new(&registry).max_fraction(1.0);
                let cleanup = cleanup
                    .retention(soft_delete::Retention::Immediate)
                    .trust_clock(true)
                    .by(ann());
                let report = cleanup.dry_run(dry).run(conn).expect("a report");
                report.purged()
            };
            (run(true, conn), run(false, conn))
        };
        // Invoice 201 of account 2 refers to a contact of account 1, and comment 6, which is active, to one of comment 4's.
        cleanup(conn);
        cleanup(conn);
        let left = ["accounts", "contacts", "invoices", "comments"].map(|table| keys(conn, table));
        assert_eq!(left, [vec![], vec![], vec![], vec![4, 5, 6]], "{rule}");
        let audited = rows(
            conn,
            "SELECT COUNT(*) AS n FROM soft_delete_audit WHERE action = 'purge'",
        );
        assert_eq!(audited, [10], "{rule}: each row that is gone is told of");
        db.sql("DELETE FROM soft_delete_audit");
    }
}
