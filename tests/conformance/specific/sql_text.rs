//! A query helper is the same SQL as the filter written by hand.

use diesel::{debug_query, prelude::*, sqlite::Sqlite};
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        name -> Text,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    callbacks (id) {
        id -> BigInt,
        lead_id -> Nullable<BigInt>,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    contracts (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        purge_after -> Nullable<Timestamp>,
    }
}

diesel::joinable!(callbacks -> leads (lead_id));
diesel::allow_tables_to_appear_in_same_query!(leads, callbacks);

#[derive(Queryable, Selectable, Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(has_query)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = callbacks)]
struct Callback {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(SoftDelete)]
#[diesel(table_name = contracts)]
#[cfg_attr(
    not(feature = "servers"),
    allow(dead_code, reason = "no other database asks for it")
)]
struct Contract {
    #[allow(dead_code, reason = "only the columns matter")]
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    purge_after: Option<NaiveDateTime>,
}

macro_rules! same_sql {
    ($ours:expr, $by_hand:expr) => {
        assert_eq!(
            debug_query::<Sqlite, _>(&$ours).to_string(),
            debug_query::<Sqlite, _>(&$by_hand).to_string()
        );
    };
}

#[test]
fn scopes_are_the_filters_written_by_hand() {
    same_sql!(Lead::active(), leads::table.filter(leads::deleted_at.is_null()));
    same_sql!(
        Lead::only_deleted(),
        leads::table.filter(leads::deleted_at.is_not_null())
    );
    same_sql!(Lead::with_deleted(), leads::table);
    same_sql!(
        Lead::active()
            .filter(leads::name.eq("x"))
            .order(leads::id.desc())
            .limit(3)
            .into_boxed(),
        leads::table
            .filter(leads::deleted_at.is_null())
            .filter(leads::name.eq("x"))
            .order(leads::id.desc())
            .limit(3)
            .into_boxed()
    );
    same_sql!(
        diesel::update(Lead::active().find(1)).set(leads::name.eq("x")),
        diesel::update(leads::table.filter(leads::deleted_at.is_null()).find(1)).set(leads::name.eq("x"))
    );
}

/// On SQLite it goes on to what the text means.
#[test]
fn expired_is_one_range_of_the_mark() {
    let now: DateTime<Utc> = "2026-01-31T12:00:00Z".parse().unwrap();
    let sql = debug_query::<Sqlite, _>(&Lead::expired(now).select(leads::id)).to_string();
    assert!(
        sql.starts_with(
            "SELECT `leads`.`id` FROM `leads` WHERE (`leads`.`deleted_at` BETWEEN ? AND ? AND CASE WHEN +`leads`.`deleted_at` < ? AND "
        ),
        "{sql}"
    );
}

#[test]
fn joins_carry_the_scope_in_on() {
    let hand = callbacks::lead_id
        .nullable()
        .eq(leads::id.nullable())
        .and(callbacks::deleted_at.is_null());
    same_sql!(
        Lead::active()
            .left_join_active::<Callback>()
            .select((leads::id, callbacks::id.nullable())),
        leads::table
            .filter(leads::deleted_at.is_null())
            .left_join(callbacks::table.on(hand))
            .select((leads::id, callbacks::id.nullable()))
    );
    same_sql!(
        leads::table.inner_join_active::<Callback>().select(leads::id),
        leads::table
            .inner_join(callbacks::table.on(hand))
            .select(leads::id)
    );
}

/// The two forms of what is due, where a time is bound in the type of its column: by the retention alone, and by what the rows say.
#[cfg(feature = "servers")]
#[test]
fn expired_is_the_range_written_by_hand() {
    use diesel::pg::Pg;
    use soft_delete::{EARLIEST, Moment};
    let now = "2026-01-15T12:00:00.5Z".parse().unwrap();
    let first = || Some(Moment::at_least(EARLIEST));
    let last = |instant| Some(Moment::at_most(instant));
    let by_retention = leads::deleted_at.between(first(), last(now - chrono::TimeDelta::days(30)));
    assert_eq!(
        debug_query::<Pg, _>(&Lead::expired(now)).to_string(),
        debug_query::<Pg, _>(&leads::table.filter(by_retention)).to_string()
    );

    let by_retention = contracts::deleted_at.between(first(), last(now - chrono::TimeDelta::days(30)));
    let not_stamped = contracts::purge_after.is_null().and(by_retention);
    let stamped = contracts::purge_after.between(first(), last(now));
    let by_hand = contracts::deleted_at.is_not_null().and(stamped.or(not_stamped));
    assert_eq!(
        debug_query::<Pg, _>(&Contract::expired(now)).to_string(),
        debug_query::<Pg, _>(&contracts::table.filter(by_hand)).to_string()
    );
}

/// The year 1 is out of the range of a TIMESTAMP, and not of a DATETIME, as which a `NaiveDateTime` is bound here.
#[cfg(feature = "servers")]
#[test]
fn expired_is_bound_as_a_datetime_on_mysql() {
    let now = "2026-01-15T12:00:00.5Z".parse().unwrap();
    let sql = debug_query::<diesel::mysql::Mysql, _>(&Lead::expired(now).select(leads::id)).to_string();
    assert_eq!(
        sql,
        "SELECT `leads`.`id` FROM `leads` WHERE (`leads`.`deleted_at` BETWEEN ? AND ?) -- binds: [0001-01-01T00:00:00, 2025-12-16T12:00:00.500]"
    );
}

#[test]
fn has_query_sees_the_active_rows() {
    same_sql!(
        <Lead as diesel::HasQuery<Sqlite>>::query(),
        leads::table
            .filter(leads::deleted_at.is_null())
            .select(Lead::as_select())
    );
}
