//! The operations of the past, newest first.

use super::super::*;
use crate::support::clock::noon;
use chrono::TimeDelta;
use soft_delete::{Action, Context, FixedClock, Page};

fn at(minute: i64, actor: &str) -> Context {
    Actor::new(actor)
        .because(format!("minute {minute}"))
        .clock(FixedClock::at(noon() + TimeDelta::minutes(minute)))
}

fn told(models: &[soft_delete::ModelRows]) -> Vec<String> {
    models
        .iter()
        .map(|model| format!("{} {}", model.model, model.rows))
        .collect()
}

case! {
    /// Each operation with who, why, when, what it reached and what is left of it.
    fn operations_are_listed_newest_first(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO teams (id) VALUES (1), (2), (3)");
        db.sql("INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2)");
        let mut conn = act!(connect(&db));
        let gone = act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at(0, "bob"))).unwrap();
        act!(Team::restore_by_id(&mut conn, 2, at(1, "eve"))).unwrap();
        act!(Member::hold_by_id(&mut conn, 10, at(2, "legal"))).unwrap();
        act!(Team::soft_delete_by_id(&mut conn, 3, at(3, "bob"))).unwrap();
        let listed = act!(operations(&mut conn, &kin(), Page::of(10))).unwrap();
        let actions: Vec<(Action, &str)> = listed.iter().map(|entry| (entry.action, entry.actor.as_str())).collect();
        assert_eq!(
            actions,
            [(Action::SoftDelete, "bob"), (Action::Hold, "legal"), (Action::Restore, "eve"), (Action::SoftDelete, "bob")]
        );
        let first = &listed[3];
        assert_eq!((first.id, first.at, first.reason.as_deref(), first.roots), (gone.id, noon(), Some("minute 0"), 2));
        assert_eq!((told(&first.models), told(&first.left)), (vec!["members 3".to_owned(), "teams 2".into()], vec!["teams 1".into(), "members 2".into()]));
        assert!(first.is_undoable() && first.rows() == 5);
        assert_eq!((listed[2].roots, told(&listed[2].models), listed[2].left.len()), (1, vec!["members 1".to_owned(), "teams 1".into()], 0));
        act!(undo(&mut conn, &kin(), gone.id, Actor::new("eve"))).unwrap();
        let listed = act!(operations(&mut conn, &kin(), Page::of(10))).unwrap();
        let first = listed.iter().find(|entry| entry.id == gone.id).unwrap();
        assert!(!first.is_undoable() && first.rows() == 5, "nothing is left, and what it was stays told");
    }
}

case! {
    /// Pages follow each other without a gap, also where an operation has many rows.
    fn pages_follow_each_other(db) {
        let mut conn = act!(connect(&db));
        let values: Vec<String> = (100..400).map(|id| format!("({id}, 'x', 99)")).collect();
        act!(batch(&mut conn, &format!("INSERT INTO leads (id, full_name, owner_id) VALUES {}", values.join(", "))));
        let mut done = Vec::new();
        for minute in 0..7 {
            let gone = match minute {
                3 => act!(Lead::soft_delete_where(&mut conn, leads::owner_id.eq(99), at(minute, "bob"))).unwrap(),
                _ if minute % 2 == 0 => act!(Lead::soft_delete_where(&mut conn, leads::id.le(3), at(minute, "bob"))).unwrap(),
                _ => act!(Lead::restore_where(&mut conn, leads::id.le(3), at(minute, "eve"))).unwrap(),
            };
            if gone.is_changed() {
                done.push(gone.id);
            }
        }
        done.reverse();
        assert_eq!(done.len(), 6);
        let registry = soft_delete::Registry::new().with::<Lead>().with::<Callback>();
        for size in [1, 2, 100] {
            let mut listed = Vec::new();
            let mut page = Page::of(size);
            loop {
                let part = act!(operations(&mut conn, &registry, page)).unwrap();
                assert!(part.len() <= size as usize);
                let Some(last) = part.last() else { break };
                page = Page::of(size).after(last.id);
                listed.extend(part.iter().map(|entry| entry.id));
            }
            assert_eq!(listed, done);
        }
        let many = act!(operations(&mut conn, &registry, Page::of(100))).unwrap();
        let many = many.iter().find(|entry| entry.rows() == 300).unwrap();
        assert_eq!((many.roots, told(&many.left)), (300, vec!["leads 300".to_owned()]));
    }
}
