//! The audit trail.

use super::super::*;
use crate::support::clock::{at_noon, noon};
use chrono::TimeDelta;
use soft_delete::{Action, Trail};

case! {
    /// One row for each object and act: operation, action, table, key, actor, reason, time, root.
    fn one_row_for_each_act(db) {
        let mut conn = act!(connect(&db));
        let mut ada: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        act!(ada.soft_delete(&mut conn, at_noon("admin", "asked to"))).unwrap();
        let deletion = ada.deletion_id.clone().map(|id| id.to_string());
        act!(ada.restore(&mut conn, at_noon("support", "wrong Ada"))).unwrap();
        let history = act!(ada.history(&mut conn)).unwrap();
        let told: Vec<_> = history
            .iter()
            .map(|act| (act.action, act.model.as_str(), act.record_id.as_str(), act.actor.as_str(), act.reason.as_deref(), act.root))
            .collect();
        assert_eq!(told, [
            (Action::SoftDelete, "leads", "1", "admin", Some("asked to"), true),
            (Action::Restore, "leads", "1", "support", Some("wrong Ada"), true),
        ]);
        assert!(history.iter().all(|act| act.at == noon()));
        assert_eq!(Some(history[0].operation_id.to_string()), deletion, "the row and its audit row name one operation");
        assert_ne!(history[0].operation_id, history[1].operation_id);
        assert!(history[0].id < history[1].id);
        let columns: Vec<(String, String, String, String, Option<String>, bool)> = act!(soft_delete_audit::table
            .order(soft_delete_audit::id)
            .select((
                soft_delete_audit::action,
                soft_delete_audit::model,
                soft_delete_audit::record_id,
                soft_delete_audit::actor,
                soft_delete_audit::reason,
                soft_delete_audit::root,
            ))
            .load(&mut conn)).unwrap();
        assert_eq!(columns[1], ("restore".into(), "leads".into(), "1".into(), "support".into(), Some("wrong Ada".into()), true));
    }
}

case! {
    /// The history is that of one record, by row or by key, and outlives the row.
    fn history_is_of_one_record_and_outlives_it(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("a"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 2, Actor::new("b"))).unwrap();
        act!(Callback::soft_delete_by_id(&mut conn, 10, Actor::new(1))).unwrap();
        act!(batch(&mut conn, "DELETE FROM leads WHERE id = 2"));
        let actors = |history: Vec<soft_delete::AuditRecord>| history.into_iter().map(|act| act.actor).collect::<Vec<_>>();
        assert_eq!(actors(act!(Lead::history_by_id(&mut conn, 1)).unwrap()), ["a"]);
        assert_eq!(actors(act!(Lead::history_by_id(&mut conn, 2)).unwrap()), ["b"]);
        assert_eq!(actors(act!(Lead::history_by_id(&mut conn, 3)).unwrap()), [""; 0]);
        assert_eq!(actors(act!(Lead::history_by_id(&mut conn, 10)).unwrap()), [""; 0], "a callback is not a lead");
    }
}

case! {
    /// Reasons of any length and any text survive unchanged, in the row and in the audit.
    fn reasons_survive_unchanged(db) {
        let mut conn = act!(connect(&db));
        let long = "x".repeat(1024 * 1024) + "end";
        for reason in ["", " ", "it's \"quoted\" `so`; DROP TABLE leads; --", "line\nbreak\r\n\ttab", "日本語 🦀 עברית \u{202e}rtl\u{200b}", "%s ? $1 :x \\ \\0", &long] {
            act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me").because(reason))).unwrap();
            let stored: Option<String> = act!(leads::table.find(1).select(leads::deletion_reason).first(&mut conn)).unwrap();
            assert!(stored.as_deref() == Some(reason), "{reason:.40?}");
            let history = act!(Lead::history_by_id(&mut conn, 1)).unwrap();
            assert!(history.last().unwrap().reason.as_deref() == Some(reason), "{reason:.40?}");
            act!(Lead::restore_by_id(&mut conn, 1, Actor::new("me"))).unwrap();
        }
    }
}

case! {
    /// A model that says `audit = false` leaves no audit row and keeps its flag in step.
    fn a_model_without_audit_leaves_none(db) {
        db.create("CREATE TABLE notes (slug VARCHAR(50) PRIMARY KEY)", Note::descriptor());
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "INSERT INTO notes (slug) VALUES ('a'), ('b')"));
        let mut note: Note = act!(Note::active().find("a").select(Note::as_select()).first(&mut conn)).unwrap();
        assert!(act!(note.soft_delete(&mut conn, Actor::new("me"))).unwrap().is_changed());
        assert!(note.hidden && note.is_deleted());
        let hidden: Vec<String> = act!(notes::table.filter(notes::hidden).select(notes::slug).load(&mut conn)).unwrap();
        assert_eq!(hidden, ["a"]);
        assert!(act!(note.restore(&mut conn, Actor::new("me"))).unwrap().is_changed());
        let hidden: Vec<String> = act!(notes::table.filter(notes::hidden).select(notes::slug).load(&mut conn)).unwrap();
        assert_eq!((hidden.len(), note.hidden), (0, false));
        let audit: i64 = act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(audit, 0);
        assert_eq!(act!(Note::restore_by_id(&mut conn, "zzz", Actor::new("me"))).unwrap_err().to_string(), "there is no row zzz in notes");
    }
}

case! {
    /// The trail of all rows, newest first, by every filter and page by page.
    fn the_trail_of_all_rows(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("ann", "100 % spam"))).unwrap();
        act!(Callback::soft_delete_by_id(&mut conn, 10, at_noon("1", "spam"))).unwrap();
        let later = Actor::new("bob").because("asked to").clock(soft_delete::FixedClock::at(noon() + TimeDelta::hours(1)));
        act!(Lead::restore_by_id(&mut conn, 1, later)).unwrap();
        let restored = act!(audit(&mut conn, &Trail::new().action(Action::Restore))).unwrap().remove(0).operation_id;
        let hour = noon() + TimeDelta::hours(1);
        for (trail, expected) in [
            (Trail::new(), &["restore leads 1", "soft_delete callbacks 10", "soft_delete leads 1"][..]),
            (Trail::new().model("leads"), &["restore leads 1", "soft_delete leads 1"]),
            (Trail::new().record("10"), &["soft_delete callbacks 10"]),
            (Trail::new().model("leads").record("10"), &[]),
            (Trail::new().by("ann"), &["soft_delete leads 1"]),
            (Trail::new().action(Action::SoftDelete).model("leads"), &["soft_delete leads 1"]),
            (Trail::new().operation(restored), &["restore leads 1"]),
            (Trail::new().reason_contains("0 %"), &["soft_delete leads 1"]),
            (Trail::new().reason_contains("_"), &[]),
            (Trail::new().since(hour), &["restore leads 1"]),
            (Trail::new().until(hour), &["soft_delete callbacks 10", "soft_delete leads 1"]),
            (Trail::new().since(hour).until(hour), &[]),
        ] {
            let told: Vec<String> = act!(audit(&mut conn, &trail))
                .unwrap()
                .iter()
                .map(|act| format!("{} {} {}", act.action, act.model, act.record_id))
                .collect();
            assert_eq!(told, expected, "{trail:?}");
        }
        let first = act!(audit(&mut conn, &Trail::new().size(2))).unwrap();
        let second = act!(audit(&mut conn, &Trail::new().size(2).before(first[1].id))).unwrap();
        assert_eq!((first.len(), second.len(), second[0].actor.as_str()), (2, 1, "ann"));
        assert!(act!(audit(&mut conn, &Trail::new().before(-1))).unwrap().is_empty());
        assert!(act!(audit(&mut conn, &Trail::new().size(0))).unwrap_err().is_bad_input());
        db.sql("DROP TABLE soft_delete_audit");
        assert!(act!(audit(&mut conn, &Trail::new())).unwrap_err().is_schema_missing());
    }
}

case! {
    /// What was done is counted by day, in UTC, since an instant.
    fn activity_is_counted_by_day(db) {
        let mut conn = act!(connect(&db));
        let on = |moment: chrono::DateTime<Utc>| Actor::new("bob").because("a test").clock(soft_delete::FixedClock::at(moment));
        let midnight = "2026-01-15T00:00:00Z".parse::<chrono::DateTime<Utc>>().unwrap();
        let before = midnight - TimeDelta::microseconds(1);
        act!(Lead::soft_delete_by_id(&mut conn, 1, on(before))).unwrap();
        act!(Lead::soft_delete_where(&mut conn, leads::id.gt(1), on(midnight))).unwrap();
        act!(Lead::restore_by_id(&mut conn, 1, on(midnight + TimeDelta::hours(23)))).unwrap();
        let told = |days: Vec<soft_delete::DayActivity>| -> Vec<String> {
            days.iter().map(|day| format!("{} {} {}", day.day, day.action, day.rows)).collect()
        };
        let all = told(act!(activity(&mut conn, midnight - TimeDelta::days(2))).unwrap());
        assert_eq!(all, ["2026-01-14 soft_delete 1", "2026-01-15 restore 1", "2026-01-15 soft_delete 2"]);
        let since = told(act!(activity(&mut conn, midnight)).unwrap());
        assert_eq!(since, all[1..]);
        assert!(act!(activity(&mut conn, midnight + TimeDelta::days(1))).unwrap().is_empty());
    }
}
