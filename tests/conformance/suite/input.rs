//! Bad input: a clear error or handled exactly, and nothing half done.

use super::super::*;
use soft_delete::{Context, Error};

case! {
    /// An actor that the column cannot hold is refused, naming the column and what it holds.
    fn actors_that_do_not_fit(db) {
        db.create(
            match db.database() {
                soft_delete::Database::Postgres => "CREATE TABLE attachments (id BYTEA PRIMARY KEY)",
                _ => "CREATE TABLE attachments (id VARBINARY(16) PRIMARY KEY)",
            },
            Attachment::descriptor(),
        );
        let mut conn = act!(connect(&db));
        act!(diesel::insert_into(attachments::table).values(attachments::id.eq(vec![1_u8])).execute(&mut conn)).unwrap();
        for actor in ["", "bob", "7 ", "9223372036854775808", "1.5", "0x10", "' OR 1=1"] {
            let error = act!(Callback::soft_delete_by_id(&mut conn, 10, Actor::new(actor))).unwrap_err();
            assert!(matches!(&error, Error::ActorMismatch { column, expected, .. } if column == "deleted_by" && *expected == "a 64-bit integer"), "{actor:?}: {error:?}");
            assert!(error.is_bad_input());
        }
        let error = act!(Attachment::soft_delete_by_id(&mut conn, vec![1_u8], Actor::new(i64::from(i32::MAX) + 1))).unwrap_err();
        assert_eq!(error.to_string(), "the actor \"2147483648\" does not fit attachments.deleted_by, which holds a 32-bit integer");
        for actor in [i64::MIN, i64::MAX, -1] {
            act!(Callback::soft_delete_by_id(&mut conn, 10, Actor::new(actor))).unwrap();
            let stored: Option<i64> = act!(callbacks::table.find(10).select(callbacks::deleted_by).first(&mut conn)).unwrap();
            assert_eq!(stored, Some(actor));
            act!(Callback::restore_by_id(&mut conn, 10, Actor::new("anybody may restore"))).unwrap();
        }
    }
}

case! {
    /// `reason = required` refuses a missing or blank reason before anything is written.
    fn a_required_reason(db) {
        db.create("CREATE TABLE taggings (lead_id BIGINT NOT NULL, tag VARCHAR(50) NOT NULL, PRIMARY KEY (lead_id, tag))", Tagging::descriptor());
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "INSERT INTO taggings (lead_id, tag) VALUES (1, 'hot')"));
        let contexts: [Context; 3] = [Actor::new("me").into(), Actor::new("me").because(""), Actor::new("me").because(" \n\t")];
        for context in contexts {
            let error = act!(Tagging::soft_delete_by_id(&mut conn, (1, "hot"), context)).unwrap_err();
            assert!(matches!(&error, Error::ReasonRequired { model } if model == "taggings"), "{error:?}");
        }
        assert_eq!(act!(Tagging::active().count().get_result::<i64>(&mut conn)).unwrap(), 1);
        assert!(act!(Tagging::soft_delete_by_id(&mut conn, (1, "hot"), Actor::new("me").because("why not"))).unwrap().is_changed());
        assert!(act!(Tagging::restore_by_id(&mut conn, (1, "hot"), Actor::new("me"))).unwrap().is_changed(), "a restore needs none");
    }
}

case! {
    /// NUL is stored unchanged where the database can, and refused by name where it cannot.
    fn nul_characters(db) {
        let mut conn = act!(connect(&db));
        for (actor, reason, what) in [("me", "a\0b", "reason"), ("m\0e", "fine", "actor")] {
            let answer = act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new(actor).because(reason)));
            if db.database() == soft_delete::Database::Postgres {
                let error = answer.unwrap_err();
                assert!(matches!(&error, Error::Unstorable { what: said, .. } if *said == what), "{error:?}");
                assert_eq!(act!(Lead::active().count().get_result::<i64>(&mut conn)).unwrap(), 3);
            } else {
                assert!(answer.unwrap().is_changed());
                let stored: Lead = act!(leads::table.find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
                assert_eq!((stored.deleted_by.as_deref(), stored.deletion_reason.as_deref()), (Some(actor), Some(reason)));
                let mut stale = stored.clone();
                act!(stale.soft_delete(&mut conn, Actor::new("x"))).unwrap();
                assert_eq!(stale, stored);
                let record = act!(Lead::history_by_id(&mut conn, 1)).unwrap().pop().unwrap();
                assert_eq!((record.actor.as_str(), record.reason.as_deref()), (actor, Some(reason)));
                act!(Lead::restore_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
            }
        }
    }
}

case! {
    /// Without the library's tables every operation says so and names the call that makes them; nothing is changed.
    fn missing_tables(db) {
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "DROP TABLE soft_delete_audit"));
        let errors = [
            act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap_err(),
            act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(1), Actor::new("missing"))).unwrap_err(),
            act!(Lead::history_by_id(&mut conn, 1)).unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_schema_missing(), "{error:?}");
            assert!(error.to_string().contains("soft_delete::migrations::run(&mut conn)"), "{error}");
            assert!(error.database().is_some(), "the source is kept");
        }
        assert_eq!(act!(Lead::active().count().get_result::<i64>(&mut conn)).unwrap(), 3);
    }
}

case! {
    /// A table of the application that is missing is not mistaken for one of the library's.
    fn a_missing_table_of_the_application(db) {
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "DROP TABLE leads"));
        let error = act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap_err();
        assert!(matches!(error, Error::Database(_)), "{error:?}");
    }
}
