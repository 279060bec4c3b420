//! Keys that are unique among active rows.

use super::super::*;

case! {
    /// Deleted rows never block new ones, however many there are; their values stay.
    fn deleted_rows_never_block_new_ones(db) {
        let mut conn = act!(connect(&db));
        for id in 4..8 {
            act!(batch(&mut conn, &format!("INSERT INTO leads (id, full_name, email, owner_id) VALUES ({id}, 'x', 'x@example.com', 1)")));
            act!(Lead::soft_delete_by_id(&mut conn, id, Actor::new("me"))).unwrap();
        }
        act!(batch(&mut conn, "INSERT INTO leads (id, full_name, email, owner_id) VALUES (8, 'x', 'x@example.com', 1)"));
        let same: Vec<i64> = act!(leads::table
            .filter(leads::email.eq("x@example.com"))
            .order(leads::id)
            .select(leads::id)
            .load(&mut conn)).unwrap();
        assert_eq!(same, [4, 5, 6, 7, 8]);
    }
}

case! {
    /// A duplicate of an active row is refused by the database; values that are NULL are no duplicates.
    fn duplicates_of_active_rows_are_refused(db) {
        let mut conn = act!(connect(&db));
        let insert = |id: i64, email: Option<&'static str>| {
            diesel::insert_into(leads::table).values((
                leads::id.eq(id),
                leads::full_name.eq("x"),
                leads::email.eq(email),
                leads::owner_id.eq(1),
            ))
        };
        let refused = act!(insert(4, Some("ada@example.com")).execute(&mut conn)).unwrap_err();
        assert!(matches!(
            refused,
            diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)
        ));
        act!(insert(5, None).execute(&mut conn)).unwrap();
        act!(insert(6, None).execute(&mut conn)).unwrap();
        assert_eq!(act!(Lead::active().order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1, 2, 3, 5, 6]);
    }
}

case! {
    /// Of two deleted rows with one value, the first that is restored wins and the other is a conflict.
    fn the_first_restore_wins(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        act!(batch(&mut conn, "INSERT INTO leads (id, full_name, email, owner_id) VALUES (4, 'Ada II', 'ada@example.com', 7)"));
        act!(Lead::soft_delete_by_id(&mut conn, 4, Actor::new("me"))).unwrap();
        assert!(act!(Lead::restore_by_id(&mut conn, 4, Actor::new("me"))).unwrap().is_changed());
        let error = act!(Lead::restore_by_id(&mut conn, 1, Actor::new("me"))).unwrap_err();
        assert!(error.is_conflict(), "{error:?}");
        assert_eq!(act!(Lead::only_deleted().select(leads::id).load::<i64>(&mut conn)).unwrap(), [1]);
    }
}
