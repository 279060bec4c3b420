//! The roles of fields, and the key.

use chrono::TimeDelta;
use diesel::{prelude::*, sqlite::Sqlite};
use soft_delete::{ColumnKind, Error, Model as _, prelude::*};
use uuid::Uuid;

use super::{admin, connection, leads, now};

#[test]
fn fields_have_roles_by_their_names() {
    #[derive(Queryable, Selectable, SoftDelete)]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
        deleted_by: Option<String>,
        deletion_reason: Option<String>,
        deletion_id: Option<DeletionId>,
        purge_after: Option<DateTime<Utc>>,
        is_deleted: bool,
    }
    let mut conn = connection();
    let mut lead: Lead = Lead::active().select(Lead::as_select()).first(&mut conn).unwrap();
    let (now, clock) = now();
    let act = admin().clock(clock);
    assert!(lead.soft_delete(&mut conn, act).unwrap().is_changed());

    // The row in memory and the row in the database say the same.
    let stored: Lead = Lead::only_deleted()
        .select(Lead::as_select())
        .first(&mut conn)
        .unwrap();
    for row in [&lead, &stored] {
        assert_eq!((row.id, row.deleted_at), (1, Some(now)));
        assert_eq!(row.deleted_by.as_deref(), Some("admin"));
        assert_eq!(row.deletion_reason.as_deref(), Some("asked to"));
        assert!(row.is_deleted && SoftDelete::is_deleted(row));
        assert_eq!(row.purge_after, Some(now + TimeDelta::days(30)));
        assert_eq!(row.expires_at(), row.purge_after);
    }
    assert_eq!(lead.deletion_id, stored.deletion_id);
    assert!(lead.deletion_id.is_some());

    assert!(lead.restore(&mut conn, admin()).unwrap().is_changed());
    assert_eq!(
        (lead.deleted_at, lead.deleted_by, lead.deletion_reason),
        (None, None, None)
    );
    assert!(lead.deletion_id.is_none() && lead.purge_after.is_none() && !lead.is_deleted);
}

#[test]
fn fields_have_roles_by_attribute_whatever_their_names() {
    #[derive(Queryable, Selectable, SoftDelete)]
    struct Lead {
        id: i64,
        #[soft_delete(deleted_at)]
        removed_on: Option<NaiveDateTime>,
        #[soft_delete(deleted_by)]
        remover: Option<i64>,
        #[soft_delete(deletion_reason)]
        remark: Option<String>,
        #[soft_delete(deletion_id)]
        operation: Option<String>,
        #[soft_delete(purge_after)]
        due_on: Option<NaiveDateTime>,
        #[soft_delete(is_deleted)]
        gone: bool,
    }
    assert_eq!(
        diesel::debug_query::<Sqlite, _>(&Lead::active().select(leads::id)).to_string(),
        "SELECT `leads`.`id` FROM `leads` WHERE (`leads`.`removed_on` IS NULL) -- binds: []"
    );
    let mut conn = connection();
    let mut lead: Lead = Lead::active().select(Lead::as_select()).first(&mut conn).unwrap();
    let (now, clock) = now();

    let refused = lead.soft_delete(&mut conn, admin());
    assert!(matches!(refused, Err(Error::ActorMismatch { column, .. }) if column == "remover"));
    let week = Retention::days(7).unwrap();
    let act = Actor::new(7).because("asked to").clock(clock).keep_for(week);
    assert!(lead.soft_delete(&mut conn, act).unwrap().is_changed());

    let stored: Lead = Lead::only_deleted()
        .select(Lead::as_select())
        .first(&mut conn)
        .unwrap();
    for row in [&lead, &stored] {
        assert_eq!(
            (row.id, row.removed_on, row.remover),
            (1, Some(now.naive_utc()), Some(7))
        );
        assert_eq!((row.remark.as_deref(), row.gone), (Some("asked to"), true));
        assert_eq!(row.deleted_at(), Some(now));
        assert_eq!(row.due_on, Some((now + TimeDelta::days(7)).naive_utc()));
        assert_eq!(row.purge_after(), week.expiry(now));
        assert!(
            row.operation
                .as_deref()
                .is_some_and(|id| id.parse::<DeletionId>().is_ok())
        );
    }
}

#[test]
fn an_attribute_wins_over_a_name() {
    #[derive(Queryable, Selectable, SoftDelete)]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
        #[soft_delete(deleted_at)]
        removed_on: Option<NaiveDateTime>,
        deleted_by: Option<String>,
        #[soft_delete(deleted_by)]
        remark: Option<String>,
    }
    let mut conn = connection();
    assert!(
        Lead::soft_delete_by_id(&mut conn, 1, admin())
            .unwrap()
            .is_changed()
    );
    let lead: Lead = Lead::only_deleted()
        .select(Lead::as_select())
        .first(&mut conn)
        .unwrap();
    assert_eq!((lead.id, lead.deleted_at, lead.deleted_by), (1, None, None));
    assert!(lead.removed_on.is_some());
    assert_eq!(lead.remark.as_deref(), Some("admin"));
}

#[test]
fn a_deletion_is_marked_with_a_zone_and_without() {
    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[allow(dead_code, reason = "only the types matter")]
    struct Zoned {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }

    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[allow(dead_code, reason = "only the types matter")]
    struct Naive {
        id: i64,
        #[diesel(column_name = removed_on)]
        deleted_at: Option<NaiveDateTime>,
    }
    let now = now().0;
    let zoned = Zoned {
        id: 1,
        deleted_at: Some(now),
    };
    let naive = Naive {
        id: 1,
        deleted_at: Some(now.naive_utc()),
    };
    assert_eq!(zoned.deleted_at(), Some(now));
    assert_eq!(naive.deleted_at(), Some(now));
    assert_eq!(zoned.status_at(now), naive.status_at(now));
}

#[test]
fn a_field_may_hide_its_option_behind_an_alias() {
    type Mark = Option<NaiveDateTime>;

    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[allow(dead_code, reason = "only the types matter")]
    struct Lead {
        id: i64,
        #[soft_delete(deleted_at)]
        removed_on: Mark,
    }
    assert_eq!(
        Lead {
            id: 1,
            removed_on: None
        }
        .deleted_at(),
        None
    );
}

diesel::table! {
    places (tenant, slug) {
        tenant -> Integer,
        slug -> Text,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[test]
fn a_key_is_what_diesel_says_it_is() {
    #[derive(Queryable, Selectable, SoftDelete)]
    #[diesel(primary_key(tenant, slug))]
    struct Place {
        slug: String,
        #[diesel(column_name = tenant)]
        owner: i32,
        deleted_at: Option<NaiveDateTime>,
    }
    let kinds: Vec<_> = Place::descriptor()
        .key_columns()
        .iter()
        .map(|column| (column.name(), column.kind()))
        .collect();
    assert_eq!(
        kinds,
        [("tenant", ColumnKind::Integer), ("slug", ColumnKind::Text)]
    );

    let mut conn = connection();
    let create = "CREATE TABLE places (tenant INTEGER, slug TEXT, deleted_at TIMESTAMP, deletion_id TEXT, PRIMARY KEY (tenant, slug));
                  INSERT INTO places (tenant, slug) VALUES (1, 'a'), (2, 'a')";
    diesel::connection::SimpleConnection::batch_execute(&mut conn, create).unwrap();
    let mut place: Place = Place::active()
        .find((2, "a"))
        .select(Place::as_select())
        .first(&mut conn)
        .unwrap();
    assert!(place.soft_delete(&mut conn, admin()).unwrap().is_changed());
    assert_eq!((place.owner, place.slug.as_str()), (2, "a"));
    assert!(place.deleted_at.is_some());
    assert!(
        Place::soft_delete_by_id(&mut conn, (1, "a"), admin())
            .unwrap()
            .is_changed()
    );
    assert_eq!(Place::active().count().get_result(&mut conn), Ok(0));
}

#[test]
fn a_key_may_be_a_type_of_its_own() {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, diesel_derive_newtype::DieselNewType)]
    struct UserId(i32);

    #[derive(Queryable, Selectable, Identifiable, SoftDelete)]
    struct User {
        id: UserId,
        deleted_at: Option<NaiveDateTime>,
    }
    let mut conn = connection();
    let create = "CREATE TABLE users (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO users (id) VALUES (1), (2)";
    diesel::connection::SimpleConnection::batch_execute(&mut conn, create).unwrap();
    let mut user: User = User::active()
        .find(UserId(1))
        .select(User::as_select())
        .first(&mut conn)
        .unwrap();
    assert!(user.soft_delete(&mut conn, admin()).unwrap().is_changed());
    assert!(user.deleted_at.is_some());
    assert!(
        User::soft_delete_by_id(&mut conn, UserId(2), admin())
            .unwrap()
            .is_changed()
    );
}

#[test]
fn an_operation_is_kept_as_any_type_made_from_it() {
    #[derive(SoftDelete)]
    #[diesel(table_name = places, primary_key(tenant, slug))]
    #[allow(dead_code, reason = "only the types matter")]
    struct Place {
        tenant: i32,
        slug: String,
        deleted_at: Option<NaiveDateTime>,
        deletion_id: Option<Uuid>,
    }
    let mut place = Place {
        tenant: 1,
        slug: "a".into(),
        deleted_at: None,
        deletion_id: Some(Uuid::nil()),
    };
    place.set_stamp(&soft_delete::Stamp::default());
    assert_eq!(place.deletion_id, None);
}
