use diesel::{
    connection::SimpleConnection,
    dsl::{IntoBoxed, exists},
    prelude::*,
    sqlite::Sqlite,
};
use soft_delete::{Active, WithDeleted, prelude::*};

/// The only module that sees the tables.
mod db {
    use diesel::prelude::*;
    use soft_delete::prelude::*;

    mod tables {
        diesel::table! {
            leads (id) {
                id -> BigInt,
                name -> Text,
                owner_id -> Nullable<BigInt>,
                deleted_at -> Nullable<Timestamp>,
                deletion_id -> Nullable<Text>,
            }
        }
        diesel::table! {
            callbacks (id) {
                id -> BigInt,
                lead_id -> BigInt,
                done -> Bool,
                deleted_at -> Nullable<Timestamp>,
                deletion_id -> Nullable<Text>,
            }
        }
        diesel::table! {
            owners (id) {
                id -> BigInt,
                name -> Text,
            }
        }
        diesel::joinable!(callbacks -> leads (lead_id));
        diesel::joinable!(leads -> owners (owner_id));
        diesel::allow_tables_to_appear_in_same_query!(leads, callbacks, owners);
    }

    /// What the rest of the program sees, at the paths that it had before.
    pub mod schema {
        pub use super::tables::owners;

        soft_delete::scoped_tables! {
            pub use super::tables::leads;
            /// Calls that somebody promised.
            pub(in super::super) use super::tables::{callbacks,};
        }
    }

    /// Every form of a path, and the visibility of nobody else.
    #[allow(unused_imports)]
    mod paths {
        mod inner {
            diesel::table! { notes (id) { id -> BigInt, text -> Text, } }
            diesel::table! { tags (id) { id -> BigInt, } }
        }

        soft_delete::scoped_tables! {
            use inner::notes;
            pub(crate) use self::inner::{tags};
        }

        pub(super) const COLUMNS: (notes::id, notes::text, tags::id) =
            (notes::id, notes::text, tags::dsl::id);
    }

    #[derive(Debug, PartialEq, Queryable, Selectable, Identifiable, SoftDelete)]
    #[diesel(table_name = tables::leads)]
    pub struct Lead {
        pub id: i64,
        pub name: String,
        pub deleted_at: Option<NaiveDateTime>,
        pub deletion_id: Option<DeletionId>,
    }

    /// What is inserted, or changed.
    #[derive(Insertable, AsChangeset)]
    #[diesel(table_name = tables::leads)]
    pub struct LeadForm<'a> {
        pub id: i64,
        pub name: &'a str,
    }

    /// Not `Identifiable`, so that no query of it begins without a scope.
    #[derive(Debug, Queryable, Selectable, Associations, SoftDelete)]
    #[diesel(table_name = tables::callbacks, belongs_to(Lead))]
    pub struct Callback {
        pub id: i64,
        pub lead_id: i64,
        pub deleted_at: Option<NaiveDateTime>,
        pub deletion_id: Option<DeletionId>,
    }

    /// The same rows, from which Diesel's `belonging_to` may begin.
    #[derive(Debug, Identifiable, Associations, SoftDelete)]
    #[diesel(table_name = tables::callbacks, belongs_to(Lead))]
    pub struct OpenCallback {
        pub id: i64,
        pub lead_id: i64,
        pub deleted_at: Option<NaiveDateTime>,
    }

    pub fn inner_columns() -> usize {
        size_of_val(&paths::COLUMNS)
    }
}

use db::{
    Callback, Lead, LeadForm, OpenCallback,
    schema::{callbacks, leads, owners},
};

type Answer<T> = Result<T, Box<dyn std::error::Error>>;

/// Part of a row, read by a type that stands outside.
#[derive(Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = leads)]
struct Name {
    name: String,
}

fn connection() -> Answer<SqliteConnection> {
    let mut conn = SqliteConnection::establish(":memory:")?;
    soft_delete::migrations::run(&mut conn)?;
    conn.batch_execute(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, name TEXT NOT NULL, owner_id BIGINT, deleted_at TIMESTAMP, deletion_id TEXT);
         CREATE TABLE callbacks (id BIGINT PRIMARY KEY, lead_id BIGINT NOT NULL, done BOOLEAN NOT NULL DEFAULT FALSE,
                                 deleted_at TIMESTAMP, deletion_id TEXT);
         CREATE TABLE owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
         INSERT INTO owners VALUES (7, 'Olga')",
    )?;
    Ok(conn)
}

/// Leads 1, 2 (deleted) and 3; callbacks 10 (deleted) and 11 of lead 1, 20 of lead 2, 30 (deleted) of lead 3.
fn insert(conn: &mut SqliteConnection) -> Answer<()> {
    let forms = [(1, "Ada"), (2, "Grace"), (3, "Charles")].map(|(id, name)| LeadForm { id, name });
    diesel::insert_into(Lead::with_deleted())
        .values(&forms)
        .execute(conn)?;
    for (id, lead) in [(10, 1), (11, 1), (20, 2), (30, 3)] {
        let row = (callbacks::id.eq(id), callbacks::lead_id.eq(lead));
        diesel::insert_into(Callback::with_deleted())
            .values(row)
            .execute(conn)?;
    }
    diesel::insert_into(Lead::with_deleted())
        .values(LeadForm {
            id: 3,
            name: "Babbage",
        })
        .on_conflict(leads::id)
        .do_update()
        .set(leads::name.eq("Babbage"))
        .execute(conn)?;
    assert!(Lead::soft_delete_by_id(conn, 2, Actor::new("bob"))?.is_changed());
    assert_eq!(
        Callback::soft_delete_where(conn, callbacks::id.eq_any([10, 30]), Actor::new("bob"))?.rows(),
        2
    );
    Ok(())
}

fn read(conn: &mut SqliteConnection) -> QueryResult<()> {
    use db::schema::leads::dsl::{id, name};
    let found: Vec<Lead> = Lead::active()
        .filter(name.ne("Nobody").and(id.le(3)))
        .order((name.desc(), id))
        .limit(9)
        .select(Lead::as_select())
        .load(conn)?;
    assert_eq!(found.iter().map(|lead| lead.id).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(
        Lead::active().find(2).select(id).first::<i64>(conn).optional()?,
        None
    );
    assert_eq!(Lead::only_deleted().select(name).load::<String>(conn)?, ["Grace"]);
    assert_eq!(Lead::with_deleted().count().get_result::<i64>(conn)?, 3);
    assert_eq!(
        Lead::active()
            .select(diesel::dsl::max(id))
            .first::<Option<i64>>(conn)?,
        Some(3)
    );
    assert_eq!(
        Lead::active().select(Name::as_select()).first(conn)?,
        Name { name: "Ada".into() }
    );
    let whole = Lead::active().find(1).select(leads::all_columns);
    assert_eq!(
        whole
            .first::<(i64, String, Option<i64>, Option<NaiveDateTime>, Option<String>)>(conn)?
            .1,
        "Ada"
    );
    Ok(())
}

fn relate(conn: &mut SqliteConnection) -> QueryResult<()> {
    let called = Lead::active().inner_join_active::<Callback>();
    assert_eq!(
        called
            .select((leads::id, callbacks::id))
            .load::<(i64, i64)>(conn)?,
        [(1, 11)]
    );
    let all = Lead::active().left_join_active::<Callback>().order(leads::id);
    let all = all
        .select((Lead::as_select(), callbacks::id.nullable()))
        .load::<(Lead, Option<i64>)>(conn)?;
    assert_eq!(
        all.into_iter()
            .map(|(lead, call)| (lead.id, call))
            .collect::<Vec<_>>(),
        [(1, Some(11)), (3, None)]
    );
    // A parent that loads although it is deleted, and a join whose condition is written out.
    let parents = Callback::active()
        .inner_join(Lead::with_deleted())
        .order(callbacks::id);
    assert_eq!(parents.select(leads::id).load::<i64>(conn)?, [1, 2]);
    let bin = Callback::with_deleted().on(callbacks::lead_id.eq(leads::id).and(Callback::was_deleted()));
    let bin = Lead::active()
        .inner_join(bin)
        .order(callbacks::id)
        .select(callbacks::id);
    assert_eq!(bin.load::<i64>(conn)?, [10, 30]);
    // A table that is not scoped is joined as ever, also behind a scoped one.
    let owned = Lead::active()
        .inner_join(owners::table)
        .inner_join_active::<Callback>();
    assert_eq!(owned.count().get_result::<i64>(conn)?, 0);

    let within = leads::id.eq_any(Callback::active().select(callbacks::lead_id));
    assert_eq!(
        Lead::with_deleted()
            .filter(within)
            .order(leads::id)
            .select(leads::id)
            .load::<i64>(conn)?,
        [1, 2]
    );
    let open = exists(Callback::active().filter(callbacks::lead_id.eq(leads::id)));
    assert_eq!(
        Lead::active().filter(open).select(leads::id).load::<i64>(conn)?,
        [1]
    );
    Ok(())
}

fn children(conn: &mut SqliteConnection) -> QueryResult<()> {
    let leads: Vec<Lead> = Lead::active()
        .order(leads::id)
        .select(Lead::as_select())
        .load(conn)?;
    let of_one = OpenCallback::belonging_to(&leads[0])
        .filter(OpenCallback::not_deleted())
        .select(callbacks::id);
    assert_eq!(of_one.load::<i64>(conn)?, [11]);
    let of_all = OpenCallback::belonging_to(&leads)
        .filter(OpenCallback::not_deleted())
        .select(callbacks::id);
    assert_eq!(of_all.load::<i64>(conn)?, [11]);
    // The same of a model that is not `Identifiable`.
    let ids: Vec<i64> = leads.iter().map(|lead| lead.id).collect();
    let calls: Vec<Callback> = Callback::active()
        .filter(callbacks::lead_id.eq_any(ids))
        .select(Callback::as_select())
        .load(conn)?;
    let grouped = calls.grouped_by(&leads);
    assert_eq!(grouped.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
    Ok(())
}

fn write(conn: &mut SqliteConnection) -> Answer<()> {
    let changed = diesel::update(Lead::active().filter(leads::id.ge(2)))
        .set(leads::owner_id.eq(7))
        .execute(conn)?;
    assert_eq!(changed, 1);
    let form = LeadForm {
        id: 1,
        name: "Ada Lovelace",
    };
    assert_eq!(
        diesel::update(Lead::active().find(1)).set(&form).execute(conn)?,
        1
    );
    assert_eq!(
        diesel::update(Lead::active().find(2))
            .set(leads::name.eq("Nobody"))
            .execute(conn)?,
        0
    );
    assert_eq!(
        diesel::delete(Callback::only_deleted().filter(callbacks::id.eq(30))).execute(conn)?,
        1
    );
    let mut grace: Lead = Lead::only_deleted()
        .find(2)
        .select(Lead::as_select())
        .first(conn)?;
    assert!(grace.restore(conn, Actor::new("bob"))?.is_changed());
    let owners = Lead::active()
        .inner_join(owners::table)
        .select((leads::id, owners::name));
    assert_eq!(owners.load::<(i64, String)>(conn)?, [(3, "Olga".to_owned())]);
    Ok(())
}

// Types that a program writes down.

fn page(after: i64) -> IntoBoxed<'static, Active<Lead>, Sqlite> {
    Lead::active().filter(leads::id.gt(after)).into_boxed()
}

fn sorted(query: leads::BoxedQuery<'_, Sqlite>) -> leads::BoxedQuery<'_, Sqlite> {
    query.order(leads::id.desc())
}

fn named(
    name: &str,
) -> Box<dyn BoxableExpression<WithDeleted<Lead>, Sqlite, SqlType = diesel::sql_types::Bool> + '_> {
    Box::new(leads::name.eq(name))
}

fn types(conn: &mut SqliteConnection) -> QueryResult<()> {
    let query = sorted(page(1)).select(Lead::as_select());
    assert_eq!(
        query
            .load(conn)?
            .into_iter()
            .map(|lead| lead.id)
            .collect::<Vec<_>>(),
        [3, 2]
    );
    assert_eq!(
        Lead::active()
            .filter(named("Grace"))
            .select(leads::id)
            .load::<i64>(conn)?,
        [2]
    );
    Ok(())
}

pub fn main() {
    assert_eq!(db::inner_columns(), 0);
    let mut conn = connection().unwrap();
    insert(&mut conn).unwrap();
    read(&mut conn).unwrap();
    relate(&mut conn).unwrap();
    children(&mut conn).unwrap();
    write(&mut conn).unwrap();
    types(&mut conn).unwrap();
}
