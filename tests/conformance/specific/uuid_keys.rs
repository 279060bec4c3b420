//! PostgreSQL's `uuid` as key, as actor and as identity of the operation.

use diesel::prelude::*;
use soft_delete::{Database, Error, prelude::*};
use uuid::Uuid;

use crate::support::database::TestDatabase;

diesel::table! {
    crm.documents (id) {
        id -> Uuid,
        deleted_at -> Nullable<Timestamptz>,
        deleted_by -> Nullable<Uuid>,
        deletion_id -> Nullable<Uuid>,
    }
}

#[derive(Debug, Queryable, Selectable, Identifiable, SoftDelete)]
#[diesel(table_name = documents)]
struct Document {
    id: Uuid,
    deleted_at: Option<DateTime<Utc>>,
    deleted_by: Option<Uuid>,
    deletion_id: Option<Uuid>,
}

#[test]
fn are_stored_as_uuids_in_a_schema() {
    use soft_delete::Model as _;
    let db = TestDatabase::new(Database::Postgres);
    db.migrate();
    db.sql("CREATE SCHEMA crm");
    db.create(
        "CREATE TABLE crm.documents (id UUID PRIMARY KEY)",
        Document::descriptor(),
    );
    let mut conn = PgConnection::establish(db.url()).unwrap();
    let (id, actor) = (Uuid::from_u128(7), Uuid::from_u128(42));
    diesel::insert_into(documents::table)
        .values(documents::id.eq(id))
        .execute(&mut conn)
        .unwrap();

    let mut document: Document = Document::active()
        .find(id)
        .select(Document::as_select())
        .first(&mut conn)
        .unwrap();
    assert!(
        document
            .soft_delete(&mut conn, Actor::new(actor))
            .unwrap()
            .is_changed()
    );
    assert_eq!(document.deleted_by, Some(actor));
    let history = document.history(&mut conn).unwrap();
    assert_eq!(
        (history[0].model.as_str(), history[0].record_id.as_str()),
        ("crm.documents", id.to_string().as_str())
    );
    assert_eq!(document.deletion_id, Some(history[0].operation_id.into()));
    assert!(
        Document::restore_by_id(&mut conn, id, Actor::new("anybody"))
            .unwrap()
            .is_changed()
    );

    let error = document.soft_delete(&mut conn, Actor::new("bob")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::ActorMismatch {
                expected: "a UUID",
                ..
            }
        ),
        "{error:?}"
    );
    db.sql(&soft_delete::migrations::sql_for_table(Database::Postgres, Document::descriptor()).down);
}
