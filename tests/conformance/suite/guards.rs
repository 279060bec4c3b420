//! What the database refuses by itself, and that the library is not in its way.

use super::super::*;
use crate::support::{clock::at_noon, hook::seen};
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use soft_delete::{Database, Registry, migrations};

/// Everything that can be guarded.
fn guard(db: &TestDatabase) {
    let database = db.database();
    for model in [Lead::descriptor(), Callback::descriptor()] {
        db.sql(&migrations::guards_for_table(database, model).up);
    }
    db.sql(&of_callbacks(db).up);
    db.sql(&migrations::audit_guards(database).up);
}

fn of_callbacks(db: &TestDatabase) -> migrations::TableSql {
    migrations::guards_for_relation(
        db.database(),
        Callback::descriptor(),
        Lead::descriptor(),
        &["lead_id"],
    )
}

fn assert_refused<T: std::fmt::Debug>(db: &TestDatabase, answer: Result<T, Diesel>, says: &str) {
    let error = answer.unwrap_err();
    let Diesel::DatabaseError(kind, information) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(information.message(), says);
    // SQLite does not say more of a trigger than that it refused.
    if db.database() != Database::Sqlite {
        assert!(matches!(kind, DatabaseErrorKind::CheckViolation), "{kind:?}");
    }
}

case! {
    /// A raw DELETE takes deleted rows and leaves active ones, alone or among others.
    fn a_raw_delete_of_an_active_row_is_refused(db) {
        guard(&db);
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        let says = "an active row of leads cannot be deleted: soft-delete it first";
        assert_refused(&db, act!(diesel::delete(leads::table.find(2)).execute(&mut conn)), says);
        assert_refused(&db, act!(diesel::delete(leads::table).execute(&mut conn)), says);
        assert_eq!(act!(leads::table.order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1, 2, 3], "all or nothing");
        assert_eq!(act!(diesel::delete(Lead::only_deleted()).execute(&mut conn)).unwrap(), 1);
        assert_eq!(act!(leads::table.order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [2, 3]);
    }
}

case! {
    /// The view for reports shows the active rows.
    fn the_view_shows_active_rows(db) {
        guard(&db);
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 2, Actor::new("me"))).unwrap();
        let ids = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT id FROM active_leads ORDER BY id");
        assert_eq!(act!(ids.load::<i64>(&mut conn)).unwrap(), [1, 3]);
    }
}

case! {
    /// The audit table takes new rows and gives none away.
    fn the_audit_table_is_append_only(db) {
        guard(&db);
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        let says = "soft_delete_audit is append-only: to change what it tells, drop its guards first";
        let forged = diesel::update(soft_delete_audit::table).set(soft_delete_audit::actor.eq("somebody else"));
        assert_refused(&db, act!(forged.execute(&mut conn)), says);
        assert_refused(&db, act!(diesel::delete(soft_delete_audit::table).execute(&mut conn)), says);
        let around = match db.database() {
            Database::Postgres => "TRUNCATE soft_delete_audit",
            _ => "REPLACE INTO soft_delete_audit SELECT id, operation_id, action, model, record_id, 'somebody else', reason, at, root FROM soft_delete_audit",
        };
        assert_refused(&db, act!(diesel::sql_query(around).execute(&mut conn)), says);
        act!(Lead::restore_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        let actors: Vec<String> = act!(soft_delete_audit::table.select(soft_delete_audit::actor).load(&mut conn)).unwrap();
        assert_eq!(actors, ["me", "me"]);
    }
}

case! {
    /// No new active child comes under a deleted parent, by an INSERT or by another foreign key.
    fn an_active_child_under_a_deleted_parent_is_refused(db) {
        guard(&db);
        let mut conn = act!(connect(&db));
        let says = "the parent in leads is deleted: restore it first, or take another";
        let of = |id: i64, lead: i64| diesel::insert_into(callbacks::table).values((callbacks::id.eq(id), callbacks::lead_id.eq(lead)));
        act!(Callback::soft_delete_by_id(&mut conn, 11, Actor::new(1))).unwrap();
        let mut ada: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        act!(ada.soft_delete(&mut conn, Actor::new("me"))).unwrap();

        assert_refused(&db, act!(of(12, 1).execute(&mut conn)), says);
        act!(of(13, 2).execute(&mut conn)).unwrap();
        act!(of(14, 99).execute(&mut conn)).unwrap();
        let moved = diesel::update(callbacks::table.find(13)).set(callbacks::lead_id.eq(1));
        assert_refused(&db, act!(moved.execute(&mut conn)), says);

        // What was there before may change, what is deleted may come, and with the parent everything may come back.
        let touched = diesel::update(callbacks::table.find(10)).set((callbacks::lead_id.eq(1), callbacks::deleted_by.eq(5)));
        assert_eq!(act!(touched.execute(&mut conn)).unwrap(), 1);
        let taken_along = diesel::insert_into(callbacks::table).values((callbacks::id.eq(15), callbacks::lead_id.eq(1), callbacks::deleted_at.eq(time_param(&ada))));
        act!(taken_along.execute(&mut conn)).unwrap();
        assert_eq!(act!(Callback::active().order(callbacks::id).select(callbacks::id).load::<i64>(&mut conn)).unwrap(), [10, 13, 14]);
        act!(Lead::restore_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        act!(Callback::restore_by_id(&mut conn, 11, Actor::new(1))).unwrap();
        act!(of(12, 1).execute(&mut conn)).unwrap();
        assert_eq!(act!(Callback::active().order(callbacks::id).select(callbacks::id).load::<i64>(&mut conn)).unwrap(), [10, 11, 12, 13, 14]);
    }
}

case! {
    /// The library does its work under all guards: one row and many, there and back, with hooks.
    fn the_library_is_not_in_the_way(db) {
        guard(&db);
        let mut conn = act!(connect(&db));
        let mut ada: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        act!(ada.soft_delete(&mut conn, at_noon("admin", "asked to"))).unwrap();
        assert_eq!(act!(ada.soft_delete(&mut conn, Actor::new("again"))).unwrap(), Outcome::Unchanged);
        act!(ada.restore(&mut conn, Actor::new("admin"))).unwrap();
        let gone = act!(Lead::soft_delete_where(&mut conn, leads::owner_id.eq(7), Actor::new("bob"))).unwrap();
        let calls = act!(Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new(7))).unwrap();
        assert_eq!((gone.rows(), calls.rows()), (2, 2));
        let registry = Registry::new().with::<Lead>().with::<Callback>();
        assert_eq!(act!(undo(&mut conn, &registry, gone.id, Actor::new("bob"))).unwrap().rows(), 2);
        assert_eq!(act!(Callback::restore_where(&mut conn, callbacks::id.ge(10), Actor::new(7))).unwrap().rows(), 2);
        act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(3), Actor::new(db.url()))).unwrap();
        assert_eq!(seen(db.url()).len(), 2);
        act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(2), Actor::new(db.url()).because("veto"))).unwrap_err();
        assert_eq!(act!(Lead::active().order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1, 2]);
        assert_eq!(act!(Lead::history_by_id(&mut conn, 1)).unwrap().len(), 4);
    }
}

case! {
    /// Taken away, twice if need be, the guards leave nothing behind and can be put up again.
    fn guards_go_up_and_down(db) {
        guard(&db);
        let table = migrations::guards_for_table(db.database(), Lead::descriptor());
        let (relation, audit) = (of_callbacks(&db), migrations::audit_guards(db.database()));
        for _ in 0..2 {
            for sql in [&table, &relation, &audit] {
                db.sql(&sql.down);
            }
        }
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        assert_eq!(act!(diesel::delete(soft_delete_audit::table).execute(&mut conn)).unwrap(), 1);
        act!(diesel::insert_into(callbacks::table).values((callbacks::id.eq(12), callbacks::lead_id.eq(1))).execute(&mut conn)).unwrap();
        assert_eq!(act!(diesel::delete(leads::table).execute(&mut conn)).unwrap(), 3);
        for sql in [&table, &relation, &audit] {
            db.sql(&sql.up);
        }
    }
}

case! {
    /// Names that would be something else without quotes.
    fn names_are_quoted(db) {
        let table = match db.database() {
            Database::Mysql => "CREATE TABLE `order \"of\" the ``day``, naïve` (`select` BIGINT PRIMARY KEY)",
            _ => "CREATE TABLE \"order \"\"of\"\" the `day`, naïve\" (\"select\" BIGINT PRIMARY KEY)",
        };
        db.create(table, Order::descriptor());
        let guards = migrations::guards_for_table(db.database(), Order::descriptor());
        let relation = migrations::guards_for_relation(db.database(), Order::descriptor(), Order::descriptor(), &["select"]);
        db.sql(&guards.up);
        db.sql(&relation.up);
        let mut conn = act!(connect(&db));
        for id in [1, 2] {
            act!(diesel::insert_into(orders::table).values(orders::id.eq(id)).execute(&mut conn)).unwrap();
        }
        act!(Order::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        let refused = act!(diesel::delete(orders::table.find(2)).execute(&mut conn));
        assert_refused(&db, refused, "an active row of order \"of\" the `day`, naïve cannot be deleted: soft-delete it first");
        assert_eq!(act!(diesel::delete(orders::table.find(1)).execute(&mut conn)).unwrap(), 1);
        db.sql(&relation.down);
        db.sql(&guards.down);
        assert_eq!(act!(diesel::delete(orders::table).execute(&mut conn)).unwrap(), 1);
    }
}

case! {
    /// Cascades, restores, undo and removal work under all guards, which refuse a new child of a deleted row.
    fn families_come_and_go_under_all_guards(db) {
        prepare_kin(&db);
        for model in kin().models() {
            db.sql(&migrations::guards_for_table(db.database(), model).up);
        }
        db.sql(&migrations::audit_guards(db.database()).up);
        db.sql("INSERT INTO teams (id) VALUES (1), (2)");
        db.sql("INSERT INTO members (id, team_id) VALUES (10, 1), (20, 2)");
        db.sql("INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (200, 2, 20)");
        db.sql("INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2)");
        db.sql("INSERT INTO papers (id, folder_id) VALUES (30, 3)");
        let mut conn = act!(connect(&db));
        let gone = act!(Team::soft_delete_where(&mut conn, teams::id.ge(1), at_noon("bob", "all"))).unwrap();
        let new = diesel::insert_into(tasks::table).values((tasks::id.eq(101), tasks::member_id.eq(10)));
        assert_refused(&db, act!(new.execute(&mut conn)), "the parent in members is deleted: restore it first, or take another");
        act!(Team::restore_by_id(&mut conn, 1, at_noon("eve", "one"))).unwrap();
        assert_eq!(act!(undo(&mut conn, &kin(), gone.id, Actor::new("eve"))).unwrap().rows(), 3);
        act!(Folder::soft_delete_by_id(&mut conn, 1, at_noon("bob", "tree"))).unwrap();
        act!(Folder::restore_by_id(&mut conn, 3, at_noon("eve", "leaf").with_parents())).unwrap();
        assert_eq!(act!(Folder::active().count().get_result::<i64>(&mut conn)).unwrap(), 3);
        assert_eq!(act!(Paper::active().count().get_result::<i64>(&mut conn)).unwrap(), 1);
        act!(Folder::soft_delete_by_id(&mut conn, 1, at_noon("bob", "tree"))).unwrap();
        assert_eq!(act!(Folder::force_delete_by_id(&mut conn, 1, at_noon("admin", "gone"))).unwrap().rows(), 4);
        assert_eq!(act!(folders::table.count().get_result::<i64>(&mut conn)).unwrap(), 0);
    }
}
