//! Diesel's own attributes: those that name things are read, all others are skipped.

use diesel::{dsl, prelude::*, sqlite::Sqlite};
use soft_delete::prelude::*;

use super::sql;

diesel::table! {
    parents (id) {
        id -> BigInt,
    }
}

diesel::table! {
    leads (number) {
        number -> BigInt,
        parent -> BigInt,
        first -> Text,
        last -> Text,
        score -> Integer,
        removed -> Nullable<Timestamp>,
        remover -> Nullable<Text>,
        why -> Nullable<Text>,
    }
}

diesel::joinable!(leads -> parents (parent));
diesel::allow_tables_to_appear_in_same_query!(leads, parents);

#[derive(Debug, PartialEq, Queryable, Selectable, Identifiable)]
struct Parent {
    id: i64,
}

#[derive(Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = leads)]
struct Name {
    first: String,
    last: String,
}

/// Text that was read through another type.
#[derive(Debug, PartialEq)]
struct Loud(String);

impl From<String> for Loud {
    fn from(text: String) -> Self {
        Self(text.to_uppercase())
    }
}

type HighScore = dsl::Gt<leads::score, i32>;

#[derive(Debug, PartialEq, Queryable, Selectable, Identifiable, Associations, SoftDelete)]
#[diesel(table_name = leads)]
#[diesel(primary_key(number), belongs_to(Parent, foreign_key = parent))]
#[diesel(check_for_backend(Sqlite), treat_none_as_null = true)]
#[soft_delete(label = first, has_query)]
struct Lead {
    #[diesel(column_name = number)]
    id: i64,
    parent: i64,
    #[diesel(embed)]
    name: Name,
    #[diesel(deserialize_as = String)]
    first: Loud,
    #[diesel(select_expression = leads::score.gt(9), select_expression_type = HighScore)]
    high: bool,
    #[diesel(
        select_expression = leads::score.lt(5),
        select_expression_type = dsl::Lt<leads::score, i32>,
        skip_insertion,
        sql_type = diesel::sql_types::Bool
    )]
    low: bool,
    #[diesel(deserialize_as = Option<NaiveDateTime>, column_name = removed)]
    deleted_at: Option<NaiveDateTime>,
    #[diesel(column_name = "remover", serialize_as = Option<String>)]
    deleted_by: Option<String>,
    #[diesel(column_name = why)]
    deletion_reason: Option<String>,
}

#[test]
fn what_names_things_is_read_and_the_rest_is_skipped() {
    use soft_delete::Model as _;
    let model = Lead::descriptor();
    assert_eq!(model.key_columns()[0].name(), "number");
    assert_eq!(model.label_column(), Some("first"));
    let query = Lead::query().filter(leads::parent.eq(7));
    let sql = sql(&query);
    assert!(
        sql.ends_with("FROM `leads` WHERE ((`leads`.`removed` IS NULL) AND (`leads`.`parent` = ?))"),
        "{sql}"
    );
}

#[test]
fn such_a_model_is_deleted_and_loaded() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    soft_delete::migrations::run(&mut conn).unwrap();
    diesel::connection::SimpleConnection::batch_execute(
        &mut conn,
        "CREATE TABLE parents (id BIGINT PRIMARY KEY);
         CREATE TABLE leads (
             number BIGINT PRIMARY KEY, parent BIGINT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
             score INTEGER NOT NULL, removed TIMESTAMP, remover TEXT, why TEXT
         );
         INSERT INTO parents VALUES (7);
         INSERT INTO leads (number, parent, first, last, score) VALUES (1, 7, 'Ada', 'Lovelace', 10), (2, 7, 'Grace', 'Hopper', 1);",
    )
    .unwrap();
    let mut ada: Lead = Lead::query().find(1).first(&mut conn).unwrap();
    assert_eq!(
        (&ada.first, ada.high, ada.low),
        (&Loud("ADA".into()), true, false)
    );
    assert_eq!(
        (ada.name.first.as_str(), ada.name.last.as_str()),
        ("Ada", "Lovelace")
    );

    let act = Actor::new("admin").because("asked to");
    assert!(ada.soft_delete(&mut conn, act).unwrap().is_changed());
    assert_eq!(
        (ada.deleted_by.as_deref(), ada.deletion_reason.as_deref()),
        (Some("admin"), Some("asked to"))
    );

    let parent = Parent { id: ada.parent };
    let left: Vec<Lead> = Lead::belonging_to(&parent)
        .filter(Lead::not_deleted())
        .select(Lead::as_select())
        .load(&mut conn)
        .unwrap();
    assert_eq!(left.iter().map(|lead| lead.id).collect::<Vec<_>>(), [2]);
    let bin: Vec<Lead> = Lead::only_deleted()
        .select(Lead::as_select())
        .load(&mut conn)
        .unwrap();
    assert_eq!(bin, [ada]);
}
