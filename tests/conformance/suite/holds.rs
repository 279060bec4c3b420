//! What is held is not removed, whoever asks.

use super::super::*;
use crate::support::clock::{at_noon, noon};
use chrono::TimeDelta;
use soft_delete::{DeletionId, Error, HeldThing, Page};

fn legal() -> soft_delete::Context {
    at_noon("legal", "case 17")
}

fn request() -> soft_delete::Context {
    at_noon("admin", "request 12")
}

macro_rules! held {
    ($answer:expr, $model:literal, $rows:literal) => {
        let error = $answer.unwrap_err();
        assert!(matches!(&error, Error::Held { model, rows } if model == $model && *rows == $rows), "{error:?}");
    };
}

macro_rules! all {
    ($conn:expr, $table:ident) => {
        act!(
            $table::table
                .order($table::id)
                .select($table::id)
                .load::<i64>($conn)
        )
        .unwrap()
    };
}

case! {
    /// A held record stays, active or deleted, until the last hold on it is lifted.
    fn a_held_record_stays(db) {
        let mut conn = act!(connect(&db));
        let lead: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        let hold = act!(lead.hold(&mut conn, legal())).unwrap();
        assert_eq!(hold.on, HeldThing::Record { model: "leads".into(), record_id: "1".into() });
        assert_eq!((hold.actor.as_str(), hold.reason.as_str(), hold.placed_at, hold.ends_at), ("legal", "case 17", noon(), None));
        act!(Lead::hold_by_id(&mut conn, 1, at_noon("tax", "audit"))).unwrap();
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap();
        held!(act!(Lead::force_delete_by_id(&mut conn, 1, request())), "leads", 1);
        held!(act!(Lead::force_delete_where(&mut conn, leads::id.ge(1), request())), "leads", 1);
        assert_eq!(all!(&mut conn, leads), [1, 2, 3], "all or nothing");
        act!(Lead::restore_by_id(&mut conn, 1, request())).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        act!(release(&mut conn, hold.id, Actor::new("legal"))).unwrap();
        held!(act!(Lead::force_delete_by_id(&mut conn, 1, request())), "leads", 1);
        assert_eq!(act!(lead.release(&mut conn, Actor::new("tax"))).unwrap(), 1);
        assert_eq!(act!(lead.release(&mut conn, Actor::new("tax"))).unwrap(), 0);
        act!(Lead::force_delete_by_id(&mut conn, 1, request())).unwrap();
        assert_eq!(all!(&mut conn, leads), [2, 3]);
        let acts: Vec<String> = act!(Lead::history_by_id(&mut conn, 1)).unwrap().iter().map(|act| format!("{} {}", act.action, act.actor)).collect();
        assert_eq!(
            acts,
            ["hold legal", "hold tax", "soft_delete bob", "restore admin", "soft_delete bob", "release legal", "release tax", "force_delete admin"]
        );
        let unknown = act!(release(&mut conn, hold.id, Actor::new("legal"))).unwrap_err();
        assert!(matches!(unknown, Error::UnknownHold { .. }), "{unknown:?}");
    }
}

case! {
    /// A hold on an operation keeps what it deleted, in every model; one on a model keeps every row of it.
    fn operations_and_models_are_held(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO teams (id) VALUES (1), (2)");
        db.sql("INSERT INTO members (id, team_id) VALUES (10, 1), (20, 2)");
        let mut conn = act!(connect(&db));
        act!(Member::soft_delete_by_id(&mut conn, 10, at_noon("bob", "left"))).unwrap();
        let gone = act!(Member::history_by_id(&mut conn, 10)).unwrap()[0].operation_id;
        let hold = act!(hold_operation(&mut conn, gone, legal())).unwrap();
        assert_eq!(hold.on, HeldThing::Operation(gone));
        act!(Team::soft_delete_where(&mut conn, teams::id.ge(1), at_noon("bob", "closed"))).unwrap();
        held!(act!(Team::force_delete_by_id(&mut conn, 1, request())), "members", 1);
        assert_eq!(act!(release_operation(&mut conn, gone, Actor::new("legal"))).unwrap(), 1);
        act!(Member::hold_model(&mut conn, legal())).unwrap();
        held!(act!(Team::force_delete_where(&mut conn, teams::id.ge(1), request())), "members", 2);
        assert_eq!(all!(&mut conn, members), [10, 20]);
        assert_eq!(act!(Member::release_by_id(&mut conn, 10, Actor::new("legal"))).unwrap(), 0, "the hold is on the model");
        assert_eq!(act!(Member::release_model(&mut conn, Actor::new("legal"))).unwrap(), 1);
        act!(Team::force_delete_by_id(&mut conn, 1, request())).unwrap();
        assert_eq!(all!(&mut conn, members), [20]);
        let told: Vec<(String, String, String)> = act!(soft_delete_audit::table
            .filter(soft_delete_audit::action.eq_any(["hold", "release"]))
            .order(soft_delete_audit::id)
            .select((soft_delete_audit::action, soft_delete_audit::model, soft_delete_audit::record_id))
            .load(&mut conn)).unwrap();
        let told: Vec<String> = told.iter().map(|(action, model, id)| format!("{action} {model} {id}")).collect();
        let operation = format!("* {gone}");
        assert_eq!(told, [format!("hold {operation}"), format!("release {operation}"), "hold members *".into(), "release members *".into()]);
        let unknown = act!(hold_operation(&mut conn, "018cc251-f400-7000-8000-000000000000".parse().unwrap(), legal())).unwrap_err();
        assert!(matches!(unknown, Error::UnknownOperation { .. }), "{unknown:?}");
    }
}

case! {
    /// A hold ends by itself at its end, to the microsecond, and is listed until it is lifted.
    fn a_hold_may_end(db) {
        let mut conn = act!(connect(&db));
        let end = noon() + TimeDelta::days(1);
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        let hold = act!(Lead::hold_by_id(&mut conn, 1, legal().until(end))).unwrap();
        let at = |instant| Actor::new("admin").because("request 12").clock(soft_delete::FixedClock::at(instant));
        held!(act!(Lead::force_delete_by_id(&mut conn, 1, at(end - TimeDelta::microseconds(1)))), "leads", 1);
        act!(Lead::force_delete_by_id(&mut conn, 1, at(end))).unwrap();
        let listed = act!(holds(&mut conn, Page::of(10))).unwrap();
        assert_eq!(listed, std::slice::from_ref(&hold));
        assert!(hold.is_in_force_at(end - TimeDelta::microseconds(1)) && !hold.is_in_force_at(end));
        let over = act!(Lead::hold_by_id(&mut conn, 2, legal().until(noon()))).unwrap_err();
        assert!(matches!(over, Error::HoldIsOver { until } if until == noon()), "{over:?}");
    }
}

case! {
    /// A hold needs a reason and something to hold; nothing is written otherwise.
    fn what_cannot_be_held_is_refused(db) {
        let mut conn = act!(connect(&db));
        let silent = act!(Lead::hold_by_id(&mut conn, 1, Actor::new("legal"))).unwrap_err();
        assert!(matches!(silent, Error::ReasonRequired { .. }), "{silent:?}");
        let blank = act!(Lead::hold_model(&mut conn, at_noon("legal", "  "))).unwrap_err();
        assert!(matches!(blank, Error::ReasonRequired { .. }), "{blank:?}");
        let missing = act!(Lead::hold_by_id(&mut conn, 99, legal())).unwrap_err();
        assert!(missing.is_not_found(), "{missing:?}");
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        act!(Lead::force_delete_by_id(&mut conn, 1, request())).unwrap();
        let gone = act!(Lead::hold_by_id(&mut conn, 1, legal())).unwrap_err();
        assert!(gone.is_purged(), "{gone:?}");
        assert_eq!(act!(holds(&mut conn, Page::of(10))).unwrap(), []);
        for size in [0, 1_001] {
            let refused = act!(holds(&mut conn, Page::of(size))).unwrap_err();
            assert!(matches!(refused, Error::PageSize { .. }) && refused.is_bad_input(), "{refused:?}");
        }
        db.sql("DROP TABLE soft_delete_holds");
        let missing = act!(Lead::hold_by_id(&mut conn, 2, legal())).unwrap_err();
        assert!(matches!(&missing, Error::SchemaMissing { table, .. } if table == "soft_delete_holds"), "{missing:?}");
    }
}

case! {
    /// Pages of holds follow each other without a gap; keys of several columns are held too.
    fn holds_are_listed_in_pages(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO stores (region, code) VALUES ('north', 1), ('north', 2)");
        let mut conn = act!(connect(&db));
        let mut placed: Vec<DeletionId> = Vec::new();
        for minute in 0..5 {
            let clock = soft_delete::FixedClock::at(noon() + TimeDelta::minutes(minute));
            placed.push(act!(Store::hold_by_id(&mut conn, ("north", 1), legal().clock(clock))).unwrap().id);
        }
        let mut listed: Vec<DeletionId> = Vec::new();
        let mut page = Page::of(2);
        loop {
            let part = act!(holds(&mut conn, page)).unwrap();
            let Some(last) = part.last() else { break };
            page = Page::of(2).after(last.id);
            listed.extend(part.iter().map(|hold| hold.id));
        }
        assert_eq!(listed, placed);
        act!(Store::soft_delete_where(&mut conn, stores::code.ge(1), at_noon("bob", "closed"))).unwrap();
        held!(act!(Store::force_delete_where(&mut conn, stores::code.ge(1), request())), "stores", 1);
        act!(Store::force_delete_by_id(&mut conn, ("north", 2), request())).unwrap();
        let store: Store = act!(stores::table.select(Store::as_select()).first(&mut conn)).unwrap();
        assert_eq!((store.code, act!(store.holds(&mut conn)).unwrap().len()), (1, 5));
    }
}
