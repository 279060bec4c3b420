//! What a cleanup removes, and what it leaves where it is.

use super::super::*;
use crate::support::{
    clock::{at_noon, noon},
    hook::seen,
};
use chrono::{DateTime as Instant, TimeDelta};
use soft_delete::{Check, Context, Error, FixedClock, Page, Registry, RunState};

/// A cleanup of everything, by a clock that shows this.
pub fn cleaning(registry: &Registry, instant: Instant<Utc>) -> Cleanup<'_> {
    Cleanup::new(registry)
        .by(cron(instant))
        .trust_clock(true)
        .pause(std::time::Duration::ZERO)
}

pub fn cron(instant: Instant<Utc>) -> Context {
    Actor::new("cron")
        .because("thirty days")
        .clock(FixedClock::at(instant))
}

/// When what was deleted at noon is due.
pub fn due() -> Instant<Utc> {
    noon() + TimeDelta::days(30)
}

/// The keys of all rows of a table, deleted or not.
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

/// What the audit trail tells of rows that are gone.
macro_rules! purged {
    ($conn:expr) => {{
        let mut rows: Vec<(String, String)> = act!(
            soft_delete_audit::table
                .filter(soft_delete_audit::action.eq("purge"))
                .select((soft_delete_audit::model, soft_delete_audit::record_id))
                .load($conn)
        )
        .unwrap();
        rows.sort();
        rows.into_iter()
            .map(|(model, id)| format!("{model} {id}"))
            .collect::<Vec<_>>()
    }};
}

case! {
    /// A row goes at the microsecond at which it is due and not before, with one audit row; the next run finds nothing.
    fn rows_go_when_they_are_due(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 2, Actor::new("bob").because("left").clock(FixedClock::at(noon() + TimeDelta::microseconds(1))))).unwrap();
        let early = act!(clean(&mut conn, cleaning(&registry, due() - TimeDelta::microseconds(1)))).unwrap();
        assert_eq!((early.purged(), early.is_complete(), early.dry_run), (0, true, false));
        let report = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!(all!(&mut conn, leads), [2, 3]);
        let leads = report.model("leads").unwrap();
        assert_eq!((leads.expired, leads.purged, leads.batches, leads.held, leads.blocked_rows, leads.skipped), (1, 1, 1, 0, 0, 0));
        assert_eq!(leads.oldest_deleted_at, Some(noon()));
        let audit = act!(Lead::history_by_id(&mut conn, 1)).unwrap();
        let last = audit.last().unwrap();
        assert_eq!((last.action, last.actor.as_str(), last.reason.as_deref(), last.at, last.root), (soft_delete::Action::Purge, "cron", Some("thirty days"), due(), true));
        assert_eq!(last.operation_id.as_uuid(), report.run_id);
        assert_eq!(purged!(&mut conn), ["leads 1"]);
        let again = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!((again.purged(), again.model("leads").unwrap().batches), (0, 0));
        assert!(act!(Lead::restore_by_id(&mut conn, 1, at_noon("bob", "back"))).unwrap_err().is_purged());
    }
}

case! {
    /// A row whose own flag says that it is active stays, whatever its time of deletion says; the doctor finds it.
    fn a_row_whose_flag_says_active_stays(db) {
        db.create("CREATE TABLE notes (slug VARCHAR(50) NOT NULL PRIMARY KEY)", Note::descriptor());
        let mut conn = act!(connect(&db));
        db.sql("INSERT INTO notes (slug) VALUES ('a'), ('b'), ('c'), ('d')");
        for slug in ["a", "b", "c"] {
            act!(Note::soft_delete_by_id(&mut conn, slug, at_noon("bob", "left"))).unwrap();
        }
        // An application that undoes a deletion by its flag alone, and one that deletes by it.
        db.sql("UPDATE notes SET hidden = FALSE WHERE slug = 'b'");
        db.sql("UPDATE notes SET hidden = TRUE WHERE slug = 'd'");
        let registry = Registry::new().with::<Note>();
        let findings = act!(doctor(&mut conn, &registry)).unwrap();
        let found = findings.iter().find(|finding| finding.check == Check::Flags).unwrap();
        assert!(found.evidence.contains("2 rows") && found.evidence.contains("row b"), "{found:?}");
        let dry = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).max_fraction(1.0))).unwrap();
        for report in [&dry, &report] {
            let notes = report.model("notes").unwrap();
            assert_eq!((notes.expired, notes.purged, notes.blocked_rows, notes.skipped), (3, 2, 1, 0), "{report:?}");
            assert_eq!((notes.blocked[0].id.as_str(), notes.blocked[0].constraint.as_str()), ("b", "hidden says that it is active"));
            assert_eq!(notes.causes.iter().map(|cause| cause.describe("notes")).collect::<Vec<_>>(), ["1 row of notes stays: hidden says that it is active; restore the rows, or set the flag as well"]);
        }
        act!(force(&mut conn, cleaning(&registry, due()).max_fraction(1.0), cron(due()))).unwrap();
        let left: Vec<String> = act!(notes::table.select(notes::slug).order(notes::slug).load(&mut conn)).unwrap();
        assert_eq!(left, ["b", "d"]);
        let by_key = act!(Note::force_delete_by_id(&mut conn, "b", cron(due()))).unwrap_err();
        assert!(matches!(&by_key, Error::FlaggedActive { model, flag, rows: 1 } if (model.as_str(), flag.as_str()) == ("notes", "hidden")), "{by_key:?}");
        let left: Vec<String> = act!(notes::table.select(notes::slug).order(notes::slug).load(&mut conn)).unwrap();
        assert_eq!(left, ["b", "d"]);
        // Once the flag says so too, it goes.
        db.sql("UPDATE notes SET hidden = TRUE WHERE slug = 'b'");
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()).max_fraction(1.0))).unwrap().purged(), 1);
        db.sql("UPDATE notes SET hidden = FALSE WHERE slug = 'd'");
        assert!(act!(doctor(&mut conn, &registry)).unwrap().iter().all(|finding| finding.check != Check::Flags));
    }
}

const FAMILY: &str = "
    INSERT INTO teams (id) VALUES (1), (2), (3);
    INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2), (30, 3);
    INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (101, 1, NULL), (102, 1, 11), (200, 2, 20);
    INSERT INTO pictures (id, team_id) VALUES (5, 1), (6, 1), (7, 2)";

case! {
    /// Children go before their parents, owned rows with them; a parent that is still referred to stays, named with what keeps it.
    fn children_go_first_and_keep_their_parents(db) {
        prepare_kin(&db);
        db.sql(FAMILY);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        act!(Task::restore_where(&mut conn, tasks::id.eq(200), at_noon("bob", "no"))).unwrap_err();
        db.sql("UPDATE tasks SET deleted_at = NULL, deletion_id = NULL WHERE id = 200");
        let registry = kin();
        let forecast = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        assert_eq!(forecast.model("teams").unwrap().owned, 2);
        let report = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!(all!(&mut conn, tasks), [200], "active rows stay");
        assert_eq!(all!(&mut conn, members), [20, 30]);
        assert_eq!(all!(&mut conn, teams), [2, 3]);
        assert_eq!(all!(&mut conn, pictures), [7], "owned rows go with their team and with no other");
        assert_eq!(purged!(&mut conn), ["members 10", "members 11", "tasks 100", "tasks 101", "tasks 102", "teams 1"]);
        let teams = report.model("teams").unwrap();
        assert_eq!((teams.expired, teams.purged, teams.owned, teams.blocked_rows), (2, 1, 2, 1));
        assert_eq!(teams.blocked[0].id, "2");
        assert!(!teams.blocked[0].constraint.is_empty());
        assert!(!report.is_complete());
        let order: Vec<&str> = report.models.iter().map(|model| model.model.as_str()).collect();
        let place = |name| order.iter().position(|model| *model == name).unwrap();
        assert!(place("tasks") < place("members") && place("members") < place("teams"), "{order:?}");
    }
}

case! {
    /// Trees go from the leaves, however deep; a living leaf keeps everything above it and nothing else.
    fn trees_go_from_the_leaves(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO folders (id, parent_id) VALUES (9, NULL)");
        for (id, parent) in [(8, 9), (7, 8), (6, 7), (5, 6), (4, 9), (3, 4), (2, 3)] {
            db.sql(&format!("INSERT INTO folders (id, parent_id) VALUES ({id}, {parent})"));
        }
        db.sql("INSERT INTO papers (id, folder_id) VALUES (50, 5), (20, 2)");
        let mut conn = act!(connect(&db));
        // Each folder in an operation of its own, so that none is of another's family.
        for id in [5, 6, 7, 8, 2, 3, 4, 9] {
            act!(Folder::soft_delete_by_id(&mut conn, id, at_noon("bob", "closed"))).unwrap();
        }
        db.sql("UPDATE papers SET deleted_at = NULL, deletion_id = NULL WHERE id = 20");
        let registry = kin();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(2))).unwrap();
        assert_eq!(all!(&mut conn, folders), [2, 3, 4, 9]);
        assert_eq!(all!(&mut conn, papers), [20]);
        let folders = report.model("folders").unwrap();
        assert_eq!((folders.purged, folders.blocked_rows, folders.with_family, folders.skipped), (4, 4, 0, 0));
        db.sql("DELETE FROM papers");
        let rest = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!((rest.purged(), all!(&mut conn, folders).len()), (4, 0));
    }
}

case! {
    /// What is held stays: by itself, with its operation, with its model; and goes when the hold is over.
    fn what_is_held_stays(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        let legal = || at_noon("legal", "case 17");
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 2, at_noon("bob", "left"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 3, at_noon("bob", "left"))).unwrap();
        act!(Lead::hold_by_id(&mut conn, 1, legal().until(due() + TimeDelta::microseconds(1)))).unwrap();
        let operation = act!(Lead::history_by_id(&mut conn, 2)).unwrap()[0].operation_id;
        act!(hold_operation(&mut conn, operation, legal())).unwrap();
        act!(Lead::hold_model(&mut conn, legal())).unwrap();
        let held = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!((held.purged(), held.model("leads").unwrap().held), (0, 3));
        assert!(held.to_string().contains("3 rows of leads stay: a hold protects them; release the holds that `holds` lists\n3 rows that were due stay"), "{held}");
        let told = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        assert_eq!(told.models[0].causes, held.models[0].causes);
        act!(Lead::release_model(&mut conn, Actor::new("legal"))).unwrap();
        let one = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!((one.purged(), one.model("leads").unwrap().held), (1, 2));
        assert_eq!(all!(&mut conn, leads), [1, 2]);
        let forced = act!(force(&mut conn, cleaning(&registry, due()), cron(due()))).unwrap();
        assert_eq!((forced.purged(), forced.model("leads").unwrap().held), (0, 2), "nobody removes what is held");
        act!(clean(&mut conn, cleaning(&registry, due() + TimeDelta::microseconds(1)))).unwrap();
        assert_eq!(all!(&mut conn, leads), [2], "a hold ends at its end");
    }
}

case! {
    /// Keys of every kind are walked through batch by batch, each row once, with and without audit.
    fn keys_of_every_kind_are_walked_through(db) {
        db.create("CREATE TABLE taggings (lead_id BIGINT NOT NULL, tag VARCHAR(50) NOT NULL, PRIMARY KEY (lead_id, tag))", Tagging::descriptor());
        db.create("CREATE TABLE notes (slug VARCHAR(50) NOT NULL PRIMARY KEY)", Note::descriptor());
        let binary = if DATABASE == Database::Postgres { "BYTEA" } else { "VARBINARY(16)" };
        db.create(&format!("CREATE TABLE attachments (id {binary} NOT NULL PRIMARY KEY)"), Attachment::descriptor());
        for row in 0..7 {
            db.sql(&format!("INSERT INTO taggings (lead_id, tag) VALUES ({}, 'ta,g%{row}'), ({row}, '')", row / 3));
            db.sql(&format!("INSERT INTO notes (slug) VALUES ('Note {row}'), ('naïve {row}')"));
            let bytes = if DATABASE == Database::Postgres { format!("'\\x00{row}f'") } else { format!("x'00{row}f'") };
            db.sql(&format!("INSERT INTO attachments (id) VALUES ({bytes})"));
        }
        let mut conn = act!(connect(&db));
        let deleted = if DATABASE == Database::Mysql { "'2026-01-15 12:00:00.12'" } else { "'2026-01-15 12:00:00.12+00:00'" };
        db.sql(&format!("UPDATE taggings SET deleted_at = {deleted}; UPDATE attachments SET deleted_at = {deleted}"));
        let (removed_on, quoted) = (if DATABASE == Database::Mysql { "`removed on`" } else { "\"removed on\"" }, "'naïve 3'");
        db.sql(&format!("UPDATE notes SET {removed_on} = {deleted}, hidden = TRUE WHERE slug <> {quoted}"));
        let registry = Registry::new().with::<Tagging>().with::<Note>().with::<Attachment>();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(3))).unwrap();
        let told: Vec<(&str, u64, u64)> = report.models.iter().map(|model| (model.model.as_str(), model.purged, model.batches)).collect();
        assert_eq!(told, [("taggings", 14, 5), ("notes", 13, 5), ("attachments", 7, 3)]);
        let notes: Vec<String> = act!(notes::table.select(notes::slug).load(&mut conn)).unwrap();
        assert_eq!(notes, ["naïve 3"]);
        let audited = purged!(&mut conn);
        assert_eq!(audited.len(), 21, "notes are not audited");
        assert!(audited.contains(&"taggings 0,ta%2Cg%250".to_owned()) && audited.contains(&"attachments 003f".to_owned()), "{audited:?}");
    }
}

case! {
    /// Rows that say when they are due are asked; a retention of the run is for the others.
    fn rows_may_say_when_they_are_due(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Contract>();
        act!(Contract::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left").keep_for(Retention::days(90).unwrap()))).unwrap();
        act!(Contract::soft_delete_by_id(&mut conn, 2, at_noon("bob", "left").keep_for(Retention::Forever))).unwrap();
        act!(Contract::soft_delete_by_id(&mut conn, 3, at_noon("bob", "left"))).unwrap();
        db.sql("UPDATE contracts SET purge_after = NULL WHERE id = 3");
        let short = Retention::days(1).unwrap();
        let report = act!(clean(&mut conn, cleaning(&registry, noon() + TimeDelta::days(1)).retention(short))).unwrap();
        assert_eq!((report.purged(), all!(&mut conn, contracts)), (1, vec![1, 2]));
        act!(clean(&mut conn, cleaning(&registry, noon() + TimeDelta::days(90)).retention(Retention::Forever))).unwrap();
        assert_eq!(all!(&mut conn, contracts), [2]);
        act!(clean(&mut conn, cleaning(&registry, "9999-12-31T23:59:59Z".parse().unwrap()))).unwrap();
        assert_eq!(all!(&mut conn, contracts), [2], "forever");
    }
}

case! {
    /// A hook sees the ids before and after; what it refuses stays and keeps no other row.
    fn a_hook_may_keep_rows(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO folders (id) VALUES (1)");
        db.sql("INSERT INTO papers (id, folder_id) VALUES (10, 1), (11, 1), (12, 1)");
        let mut conn = act!(connect(&db));
        act!(Paper::soft_delete_where(&mut conn, papers::id.le(11), at_noon("bob", "left"))).unwrap();
        let registry = Registry::new().with::<Paper>();
        let who = format!("cron {}", db.url());
        let vetoed = Actor::new(&who).because("veto").clock(FixedClock::at(due()));
        let report = act!(clean(&mut conn, cleaning(&registry, due()).by(vetoed))).unwrap();
        let papers = report.model("papers").unwrap();
        assert_eq!((papers.purged, papers.blocked_rows), (0, 2));
        assert_eq!(papers.blocked[1].constraint, "refused by watcher");
        assert_eq!(all!(&mut conn, papers), [10, 11, 12]);
        seen(&who);
        let allowed = Actor::new(&who).because("thirty days").clock(FixedClock::at(due()));
        act!(clean(&mut conn, cleaning(&registry, due()).by(allowed))).unwrap();
        assert_eq!(all!(&mut conn, papers), [12]);
        assert_eq!(seen(&who), ["before purge papers [\"10\", \"11\"]", "after purge papers [\"10\", \"11\"]"]);
    }
}

case! {
    /// A table that no model stands for keeps what it refers to, row by row; the rows around go.
    fn unknown_tables_keep_what_they_refer_to(db) {
        db.sql("CREATE TABLE tickets_of_old (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id))");
        db.sql("INSERT INTO leads (id, full_name, owner_id) VALUES (4, 'Alan', 9), (5, 'Barbara', 9), (6, 'Edsger', 9), (7, 'Tony', 9)");
        db.sql("INSERT INTO tickets_of_old (id, lead_id) VALUES (1, 2), (2, 5), (3, 2)");
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.ne(7), at_noon("bob", "left"))).unwrap();
        let registry = Registry::new().with::<Lead>();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(2))).unwrap();
        assert_eq!(all!(&mut conn, leads), [2, 5, 7]);
        let leads = report.model("leads").unwrap();
        assert_eq!((leads.purged, leads.blocked_rows, leads.skipped), (4, 2, 0));
        let named: Vec<&str> = leads.blocked.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(named, ["2", "5"]);
        assert!(leads.blocked[0].constraint.contains("tickets_of_old"), "{:?}", leads.blocked);
        let [cause] = leads.causes.as_slice() else { panic!("{:?}", leads.causes) };
        assert_eq!((cause.kind, cause.rows, cause.table.as_deref()), (soft_delete::CauseKind::Referenced, 2, Some("tickets_of_old")));
        assert!(cause.constraint.as_deref().is_some_and(|name| name.contains("tickets_of_old")), "{cause:?}");
        assert!(report.to_string().contains("refers to them; remove or restore those first\n2 rows that were due stay"), "{report}");
    }
}

case! {
    /// What the database would do to rows that nobody told of is refused by name before anything is removed.
    fn dangerous_foreign_keys_are_refused(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        act!(Lead::soft_delete_by_id(&mut conn, 2, at_noon("bob", "left"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 3, at_noon("bob", "left"))).unwrap();
        for rule in ["CASCADE", "SET NULL"] {
            db.sql(&format!("CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id) ON DELETE {rule})"));
            db.sql("INSERT INTO receipts (id, lead_id) VALUES (1, 2)");
            for dry_run in [true, false] {
                let refused = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(dry_run))).unwrap_err();
                assert!(
                    matches!(&refused, Error::DangerousForeignKey { model, child, rule: told, .. } if model == "leads" && child == "receipts" && told == rule),
                    "{refused:?}"
                );
            }
            assert_eq!(all!(&mut conn, leads), [1, 2, 3]);
            db.sql("DROP TABLE receipts");
        }
    }
}

case! {
    /// A foreign key of a known model that would take living rows along keeps the parent instead.
    fn living_children_keep_their_parent_whatever_the_database_would_do(db) {
        for rule in ["CASCADE", "SET NULL"] {
            db.sql(&format!("CREATE TABLE stores (region VARCHAR(20) NOT NULL, code INTEGER NOT NULL, PRIMARY KEY (region, code)); CREATE TABLE shelves (id BIGINT PRIMARY KEY, region VARCHAR(20), code INTEGER, FOREIGN KEY (region, code) REFERENCES stores (region, code) ON DELETE {rule})"));
            db.sql(&soft_delete::migrations::sql_for_table(DATABASE, Store::descriptor()).up);
            db.sql(&soft_delete::migrations::sql_for_table(DATABASE, Shelf::descriptor()).up);
            db.sql("INSERT INTO stores (region, code) VALUES ('north', 1), ('north', 2), ('south', 1), ('south', 2)");
            db.sql("INSERT INTO shelves (id, region, code) VALUES (1, 'north', 1), (2, 'south', 1), (3, 'south', 2)");
            let mut conn = act!(connect(&db));
            act!(Store::soft_delete_where(&mut conn, stores::code.ge(1), at_noon("bob", "left"))).unwrap();
            db.sql("UPDATE shelves SET deleted_at = NULL, deletion_id = NULL WHERE id = 2");
            let registry = Registry::new().with::<Store>().with::<Shelf>();
            let report = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
            let left: Vec<(String, i32)> = act!(stores::table.select((stores::region, stores::code)).load(&mut conn)).unwrap();
            assert_eq!(left, [("south".to_owned(), 1)], "{rule}");
            let shelf: Vec<(i64, String)> = act!(shelves::table.select((shelves::id, shelves::region)).load(&mut conn)).unwrap();
            assert_eq!(shelf, [(2, "south".to_owned())], "{rule}");
            assert_eq!(report.model("stores").unwrap().blocked_rows, 1);
            db.sql("DROP TABLE shelves; DROP TABLE stores");
        }
    }
}

case! {
    /// Every deleted row goes when somebody says so aloud, with a reason; active and held rows do not.
    fn force_takes_every_deleted_row(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap();
        act!(Lead::hold_by_id(&mut conn, 2, at_noon("legal", "case 17"))).unwrap();
        let silent = act!(force(&mut conn, cleaning(&registry, noon()), Actor::new("admin").into())).unwrap_err();
        assert!(matches!(silent, Error::ReasonRequired { .. }), "{silent:?}");
        let report = act!(force(&mut conn, cleaning(&registry, noon()), at_noon("admin", "request 12"))).unwrap();
        assert_eq!((report.purged(), report.model("leads").unwrap().held), (1, 1));
        assert_eq!(all!(&mut conn, leads), [2, 3]);
        let last = act!(Lead::history_by_id(&mut conn, 1)).unwrap().pop().unwrap();
        assert_eq!((last.action, last.actor.as_str(), last.reason.as_deref()), (soft_delete::Action::ForceDelete, "admin", Some("request 12")));
    }
}

case! {
    /// A run is on record, model by model, with who, why, and what became of it.
    fn runs_are_on_record(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>().with::<Contract>();
        create_papers(&db);
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap();
        act!(Lead::hold_by_id(&mut conn, 2, at_noon("legal", "case 17"))).unwrap();
        let first = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        let second = act!(clean(&mut conn, cleaning(&registry, due() + TimeDelta::seconds(1)).model("contracts"))).unwrap();
        let dry = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        let told = act!(runs(&mut conn, Page::of(10))).unwrap();
        assert!(told.iter().all(|run| run.id.as_uuid() != dry.run_id), "a dry run leaves no trace");
        let ids: Vec<(uuid::Uuid, &str)> = told.iter().map(|run| (run.id.as_uuid(), run.model.as_str())).collect();
        assert_eq!(ids, [(second.run_id, "contracts"), (first.run_id, "leads"), (first.run_id, "contracts")]);
        let leads = &told[1];
        assert_eq!((leads.state, leads.stopped.as_deref(), leads.error.as_deref()), (RunState::Completed, Some("completed"), None));
        assert_eq!((leads.actor.as_str(), leads.reason.as_deref(), leads.cutoff), ("cron", Some("thirty days"), Some(noon())));
        assert_eq!((leads.expired, leads.purged, leads.held, leads.batches), (2, 1, 1, 1));
        assert!(leads.finished_at.is_some_and(|end| end >= leads.started_at));
        let older = act!(runs(&mut conn, Page::of(10).after(told[0].id))).unwrap();
        assert_eq!(older.len(), 2);
    }
}

case! {
    /// Where little of a table is due, its rows are walked through in the order of their deletion, each once, many at the same time.
    fn little_of_a_table_is_found_by_time(db) {
        let zone = if DATABASE == Database::Mysql { "" } else { "+00:00" };
        let rows: Vec<String> = (10..300).map(|id| format!("({id}, 'Lead', 7)")).collect();
        db.sql(&format!("INSERT INTO leads (id, full_name, owner_id) VALUES {}", rows.join(", ")));
        // Two and three at a time, younger ones with smaller keys; one is not due.
        for id in 0..20 {
            let at = format!("2026-01-{:02} 12:00:00.{}{zone}", 14 - id / 3, if id % 2 == 0 { "5" } else { "500001" });
            db.sql(&format!("UPDATE leads SET deleted_at = '{at}' WHERE id = {}", 50 + 7 * id));
        }
        db.sql(&format!("UPDATE leads SET deleted_at = '2026-01-15 12:00:00.120001{zone}' WHERE id = 299"));
        db.sql("CREATE TABLE tickets_of_old (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id))");
        db.sql("INSERT INTO tickets_of_old (id, lead_id) VALUES (1, 57)");
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(3))).unwrap();
        let leads = report.model("leads").unwrap();
        assert_eq!((leads.expired, leads.purged, leads.blocked_rows, leads.skipped), (20, 19, 1, 0));
        assert_eq!(leads.blocked[0].id, "57");
        let left: Vec<i64> = act!(leads::table.filter(leads::deleted_at.is_not_null()).order(leads::id).select(leads::id).load(&mut conn)).unwrap();
        assert_eq!(left, [57, 299]);
        assert_eq!(act!(leads::table.count().get_result::<i64>(&mut conn)).unwrap(), 3 + 290 - 19);
        assert_eq!(purged!(&mut conn).len(), 19);
    }
}

case! {
    /// The same with a hook that wants to know the rows, so that a batch is made of keys.
    fn little_of_a_watched_table_is_found_by_time(db) {
        prepare_kin(&db);
        let zone = if DATABASE == Database::Mysql { "" } else { "+00:00" };
        db.sql("INSERT INTO folders (id) VALUES (1)");
        let rows: Vec<String> = (1..200).map(|id| format!("({id}, 1)")).collect();
        db.sql(&format!("INSERT INTO papers (id, folder_id) VALUES {}", rows.join(", ")));
        for id in 0..10 {
            db.sql(&format!("UPDATE papers SET deleted_at = '2026-01-{:02} 12:00:00.5{zone}' WHERE id = {}", 14 - id / 4, 20 + 11 * id));
        }
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Paper>();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(3))).unwrap();
        assert_eq!((report.purged(), report.models[0].batches, report.is_complete()), (10, 4, true));
        assert_eq!(all!(&mut conn, papers).len(), 189);
        assert_eq!(act!(Paper::only_deleted().count().get_result::<i64>(&mut conn)).unwrap(), 0);
    }
}

case! {
    /// The zone of the session changes nothing: not the boundary, not the clocks, not the lease.
    fn session_time_zones_change_nothing(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        for (id, zone) in [(1, "+13:00"), (2, "-12:00"), (3, "-03:30")] {
            let sql = match DATABASE {
                // PostgreSQL counts zones of this form the other way round, which is as good.
                Database::Postgres => format!("SET TIME ZONE '{zone}'"),
                Database::Mysql => format!("SET time_zone = '{zone}'"),
                _ => "SELECT 1".to_owned(),
            };
            act!(batch(&mut conn, &sql));
            act!(Lead::soft_delete_by_id(&mut conn, id, at_noon("bob", "left"))).unwrap();
            let early = cleaning(&registry, due() - TimeDelta::microseconds(1));
            assert_eq!(act!(clean(&mut conn, early)).unwrap().purged(), 0, "{zone}");
            assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()))).unwrap().purged(), 1, "{zone}");
            // By the real clocks, which must be seen to agree.
            assert_eq!(act!(clean(&mut conn, Cleanup::new(&registry))).unwrap().purged(), 0, "{zone}");
        }
        assert!(all!(&mut conn, leads).is_empty());
        let told = act!(runs(&mut conn, Page::of(1))).unwrap();
        let age = soft_delete::Clock::now(&soft_delete::SystemClock) - told[0].started_at;
        assert!(age.abs() < TimeDelta::seconds(60), "{age}");
    }
}
