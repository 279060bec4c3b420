//! Many at once.

use super::super::*;
use crate::support::gate::Gate;

case! {
    /// 64 threads soft-delete one row: one change, one audit row, the first stamp kept.
    fn sixty_four_threads_make_one_change(db) {
        const THREADS: usize = 64;
        let gate = Gate::new(THREADS);
        let changed: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (db, gate) = (&db, &gate);
                    scope.spawn(move || one_of_many(db, gate, number))
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(changed.len(), 1, "{changed:?}");
        let mut conn = act!(connect(&db));
        let lead: Lead = act!(leads::table.find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        assert_eq!(lead.deleted_by.as_ref(), Some(&changed[0]));
        let audit: Vec<String> = act!(soft_delete_audit::table.select(soft_delete_audit::actor).load(&mut conn)).unwrap();
        assert_eq!(audit, changed);
    }
}

case! {
    /// Threads that delete and restore one row in turn leave one audit row for each change, in alternation.
    fn deletes_and_restores_alternate_in_the_audit(db) {
        const THREADS: usize = 8;
        let gate = Gate::new(THREADS);
        let changes: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (db, gate) = (&db, &gate);
                    scope.spawn(move || back_and_forth(db, gate, number % 2 == 0))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        let mut conn = act!(connect(&db));
        let acts: Vec<String> = act!(soft_delete_audit::table
            .order(soft_delete_audit::id)
            .select(soft_delete_audit::action)
            .load(&mut conn)).unwrap();
        assert_eq!(acts.len(), changes);
        let expected: Vec<&str> = ["soft_delete", "restore"].into_iter().cycle().take(changes).collect();
        assert_eq!(acts, expected);
    }
}

case! {
    /// With a hook, which must look before it changes, no thread is turned away: SQLite refuses to go on from reading to
    /// writing when somebody else wrote in between.
    fn threads_with_hooks_are_not_turned_away(db) {
        const THREADS: usize = 8;
        let gate = Gate::new(THREADS);
        let changes: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (db, gate) = (&db, &gate);
                    scope.spawn(move || watched_back_and_forth(db, gate, number % 3))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        let mut conn = act!(connect(&db));
        let audit: i64 = act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(usize::try_from(audit).unwrap(), changes);
    }
}

threaded! {
    fn watched_back_and_forth(db: &TestDatabase, gate: &Gate, number: usize) -> usize {
        let mut conn = act!(connect(db));
        let id = LeadId(1 + i64::try_from(number).unwrap());
        gate.wait();
        let mut changes = 0;
        for _ in 0..20 {
            let deleted = act!(WatchedLead::soft_delete_by_id(&mut conn, id, Actor::new("hooked threads")));
            let restored = act!(WatchedLead::restore_by_id(&mut conn, id, Actor::new("hooked threads")));
            changes += usize::from(deleted.expect("no error").is_changed());
            changes += usize::from(restored.expect("no error").is_changed());
        }
        changes
    }
}

threaded! {
    fn one_of_many(db: &TestDatabase, gate: &Gate, number: usize) -> Option<String> {
        let mut conn = act!(connect(db));
        let actor = format!("thread {number}");
        gate.wait();
        let outcome = act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new(&actor))).expect("no error");
        outcome.is_changed().then_some(actor)
    }
}

threaded! {
    fn back_and_forth(db: &TestDatabase, gate: &Gate, deletes: bool) -> usize {
        let mut conn = act!(connect(db));
        gate.wait();
        let mut changes = 0;
        for _ in 0..10 {
            let outcome = if deletes {
                act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me")))
            } else {
                act!(Lead::restore_by_id(&mut conn, 1, Actor::new("me")))
            };
            changes += usize::from(outcome.expect("no error").is_changed());
        }
        changes
    }
}
