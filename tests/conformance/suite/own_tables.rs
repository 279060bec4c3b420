//! The library's own tables and the SQL for the application's.

use super::super::*;

case! {
    /// Migrations run once; running them again does nothing.
    fn migrations_are_idempotent(db) {
        let mut conn = act!(connect(&db));
        assert!(act!(migrate(&mut conn)).unwrap().is_empty(), "the set-up ran them");
        for table in ["audit", "holds", "leases", "runs", "migrations"] {
            act!(batch(&mut conn, &format!("DROP TABLE soft_delete_{table}")));
        }
        assert_eq!(act!(migrate(&mut conn)).unwrap(), ["0001_audit", "0002_holds", "0003_runs"]);
        assert!(act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap().is_changed());
    }
}

case! {
    /// The deletion columns of a table can be added and taken away again.
    fn table_sql_goes_up_and_down(db) {
        let sql = soft_delete::migrations::sql_for_table(db.database(), Callback::descriptor());
        db.sql(&sql.down);
        let mut conn = act!(connect(&db));
        assert!(act!(Callback::active().select(callbacks::id).load::<i64>(&mut conn)).is_err(), "the column is gone");
        db.sql(&sql.up);
        let mut conn = act!(connect(&db));
        assert_eq!(act!(Callback::active().count().get_result::<i64>(&mut conn)).unwrap(), 2);
    }
}
