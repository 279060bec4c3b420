//! Row level security of PostgreSQL: a row that a policy keeps is reported as such, and nothing is half done.

use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{Database, Error, Trail, audit, doctor, prelude::*};

use crate::support::{clock::at_noon, database::TestDatabase};

diesel::table! {
    ideas (id) {
        id -> BigInt,
        tenant -> BigInt,
        deleted_at -> Nullable<Timestamptz>,
        deletion_id -> Nullable<Uuid>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = ideas)]
#[allow(dead_code, reason = "no row is read as one")]
struct Idea {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
    deletion_id: Option<DeletionId>,
}

/// A role that policies hold for, until the end of its test.
struct Tenant {
    role: String,
    url: String,
}

impl Tenant {
    fn new(db: &TestDatabase) -> Self {
        let role = db
            .url()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .split('?')
            .next()
            .unwrap_or_default();
        let role = format!("tenant_of_{role}");
        db.sql(&format!(
            "CREATE ROLE \"{role}\" NOLOGIN NOBYPASSRLS; GRANT ALL ON ALL TABLES IN SCHEMA public TO \"{role}\"; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO \"{role}\""
        ));
        Self {
            role,
            url: db.url().to_owned(),
        }
    }

    fn connection(&self) -> PgConnection {
        let mut conn = PgConnection::establish(&self.url).unwrap();
        conn.batch_execute(&format!("SET ROLE \"{}\"", self.role))
            .unwrap();
        conn
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        if let Ok(mut conn) = PgConnection::establish(&self.url) {
            let _ = conn.batch_execute(&format!("DROP OWNED BY \"{0}\"; DROP ROLE \"{0}\"", self.role));
        }
    }
}

fn with_ideas(policies: &str) -> (TestDatabase, Tenant) {
    let db = TestDatabase::new(Database::Postgres);
    db.migrate();
    db.create(
        "CREATE TABLE ideas (id BIGINT PRIMARY KEY, tenant BIGINT NOT NULL)",
        Idea::descriptor(),
    );
    db.sql(&format!(
        "INSERT INTO ideas (id, tenant) VALUES (1, 1), (2, 1), (3, 2); ALTER TABLE ideas ENABLE ROW LEVEL SECURITY; {policies}"
    ));
    let tenant = Tenant::new(&db);
    (db, tenant)
}

fn entries(db: &TestDatabase) -> usize {
    audit(&mut PgConnection::establish(db.url()).unwrap(), &Trail::new())
        .unwrap()
        .len()
}

fn deleted(db: &TestDatabase) -> Vec<i64> {
    let mut conn = PgConnection::establish(db.url()).unwrap();
    ideas::table
        .filter(ideas::deleted_at.is_not_null())
        .order(ideas::id)
        .select(ideas::id)
        .load(&mut conn)
        .unwrap()
}

fn is_kept(answer: soft_delete::Result<soft_delete::Outcome>) {
    let error = answer.expect_err("kept");
    assert!(
        matches!(&error, Error::KeptByPolicy { model, rows: 1 } if model == "ideas"),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("a row level security policy of the table keeps this user from changing them"),
        "{error}"
    );
}

/// A row that may be seen and not changed is reported as kept, not as already deleted; sets reach the rows that may be changed.
#[test]
fn a_row_that_a_policy_keeps_is_told() {
    let (db, tenant) = with_ideas(
        "CREATE POLICY seen ON ideas FOR SELECT USING (true); CREATE POLICY own ON ideas FOR UPDATE USING (tenant = 1)",
    );
    let mut conn = tenant.connection();
    is_kept(Idea::soft_delete_by_id(&mut conn, 3, at_noon("bob", "left")));
    assert_eq!(entries(&db), 0);
    let operation = Idea::soft_delete_by_ids(&mut conn, [1, 3], at_noon("bob", "left")).unwrap();
    assert_eq!((operation.rows(), deleted(&db), entries(&db)), (1, vec![1], 1));
    let again = Idea::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left")).unwrap();
    assert!(!again.is_changed(), "that one is deleted already");
    let operation = Idea::soft_delete_where(&mut conn, ideas::id.gt(0), at_noon("bob", "left")).unwrap();
    assert_eq!((operation.rows(), deleted(&db), entries(&db)), (1, vec![1, 2], 2));

    db.sql("UPDATE ideas SET deleted_at = '2026-01-15 12:00:00+00' WHERE id = 3");
    is_kept(Idea::restore_by_id(&mut conn, 3, at_noon("bob", "back")));
    assert_eq!((deleted(&db), entries(&db)), (vec![1, 2, 3], 2));
    let operation = Idea::restore_where(&mut conn, ideas::id.gt(0), at_noon("bob", "back")).unwrap();
    assert_eq!((operation.rows(), deleted(&db), entries(&db)), (2, vec![3], 4));
}

/// A row that a policy hides is not there; the doctor knows why.
#[test]
fn a_row_that_a_policy_hides_is_not_there() {
    let (db, tenant) = with_ideas("CREATE POLICY own ON ideas USING (tenant = 1)");
    let mut conn = tenant.connection();
    let hidden = Idea::soft_delete_by_id(&mut conn, 3, at_noon("bob", "left")).unwrap_err();
    assert!(hidden.is_not_found(), "{hidden}");
    let hidden = Idea::restore_by_id(&mut conn, 3, at_noon("bob", "left")).unwrap_err();
    assert!(hidden.is_not_found(), "{hidden}");
    assert_eq!((deleted(&db), entries(&db)), (vec![], 0));
    let registry = Registry::new().with::<Idea>();
    let findings = doctor(&mut conn, &registry).unwrap();
    assert!(
        findings.iter().any(|finding| finding
            .evidence
            .contains("a row level security policy may hide rows")),
        "{findings:?}"
    );
}

/// Where a policy lets nobody see deleted rows, PostgreSQL refuses the deletion, and nothing is changed or recorded.
#[test]
fn a_policy_that_hides_deleted_rows_refuses_deletions() {
    let (db, tenant) = with_ideas(
        "CREATE POLICY active ON ideas FOR SELECT USING (deleted_at IS NULL); CREATE POLICY own ON ideas FOR UPDATE USING (true)",
    );
    let mut conn = tenant.connection();
    for refused in [
        Idea::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left")).map(drop),
        Idea::soft_delete_by_ids(&mut conn, [1, 2], at_noon("bob", "left")).map(drop),
        Idea::soft_delete_where(&mut conn, ideas::id.gt(0), at_noon("bob", "left")).map(drop),
    ] {
        let refused = refused.expect_err("refused");
        assert!(
            refused
                .to_string()
                .contains("row-level security policy for table \"ideas\""),
            "{refused}"
        );
        assert_eq!((deleted(&db), entries(&db)), (vec![], 0));
    }
}
