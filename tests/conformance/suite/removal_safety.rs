//! Nothing goes that was not decided: what the database would do by itself is refused before anything is removed.

use super::{
    super::*,
    cleanup::{cleaning, due},
};
use crate::support::clock::at_noon;
use soft_delete::{Check, Error, Registry};

/// The rows of a table as `id:lead`, deleted or not.
macro_rules! receipts {
    ($conn:expr) => {{
        let mut rows: Vec<(i64, Option<i64>)> = act!(
            receipts::table
                .select((receipts::id, receipts::lead_id))
                .load($conn)
        )
        .unwrap();
        rows.sort_unstable();
        rows
    }};
}

macro_rules! lead_ids {
    ($conn:expr) => {
        act!(leads::table.order(leads::id).select(leads::id).load::<i64>($conn)).unwrap()
    };
}

diesel::table! {
    receipts (id) {
        id -> BigInt,
        lead_id -> Nullable<BigInt>,
    }
}

case! {
    /// Rows of a table that nobody declared are neither removed nor changed, whichever way their lead would be removed.
    fn undeclared_rows_keep_what_they_refer_to(db) {
        let mut conn = act!(connect(&db));
        let admin = || at_noon("admin", "request 12");
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap();
        for rule in ["CASCADE", "SET NULL"] {
            db.sql(&format!("CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT, CONSTRAINT receipts_lead FOREIGN KEY (lead_id) REFERENCES leads (id) ON DELETE {rule})"));
            db.sql("INSERT INTO receipts (id, lead_id) VALUES (10, 1), (30, 3)");
            let by_key = act!(Lead::force_delete_by_id(&mut conn, 1, admin())).unwrap_err();
            assert!(
                matches!(&by_key, Error::DangerousForeignKey { model, child, rule: told, .. } if model == "leads" && child == "receipts" && told == rule),
                "{by_key:?}"
            );
            let by_condition = act!(Lead::force_delete_where(&mut conn, leads::id.ge(1), admin())).unwrap_err();
            assert!(matches!(&by_condition, Error::DangerousForeignKey { .. }), "{by_condition:?}");
            assert_eq!(lead_ids!(&mut conn), [1, 2, 3], "{rule}");
            assert_eq!(receipts!(&mut conn), [(10, Some(1)), (30, Some(3))], "{rule}");
            db.sql("DROP TABLE receipts");
        }
        assert_eq!(act!(soft_delete_audit::table.filter(soft_delete_audit::action.eq("force_delete")).count().get_result::<i64>(&mut conn)).unwrap(), 0);
        act!(Lead::force_delete_by_id(&mut conn, 2, admin())).unwrap();
        assert_eq!(lead_ids!(&mut conn), [1, 3], "nothing refers to it");
    }
}

case! {
    /// A row that nothing refers to goes, although its table has a foreign key that would change rows.
    fn a_row_without_references_goes(db) {
        db.sql("CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id) ON DELETE CASCADE)");
        db.sql("INSERT INTO receipts (id, lead_id) VALUES (10, 1)");
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap();
        act!(Lead::force_delete_by_id(&mut conn, 2, at_noon("admin", "request 12"))).unwrap();
        assert_eq!(lead_ids!(&mut conn), [1, 3]);
        assert_eq!(receipts!(&mut conn), [(10, Some(1))]);
    }
}

case! {
    /// A foreign key to another unique column is followed by its own columns: by key, by condition and in a cleanup.
    fn a_foreign_key_to_another_key_is_followed_by_its_columns(db) {
        let mut conn = act!(connect(&db));
        db.sql("ALTER TABLE leads ADD COLUMN number BIGINT");
        db.sql("UPDATE leads SET number = 4 - id; CREATE UNIQUE INDEX leads_number ON leads (number)");
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        for rule in ["CASCADE", "SET NULL"] {
            // Lead 1 has the number 3: receipt 10 is its own, receipt 30 is that of the active lead 3.
            db.sql(&format!("CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (number) ON DELETE {rule})"));
            db.sql("INSERT INTO receipts (id, lead_id) VALUES (10, 3), (30, 1)");
            let registry = Registry::new().with::<Lead>();
            let by_key = act!(Lead::force_delete_by_id(&mut conn, 1, at_noon("admin", "request 12"))).unwrap_err();
            assert!(matches!(&by_key, Error::DangerousForeignKey { child, .. } if child == "receipts"), "{by_key:?}");
            let by_age = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap_err();
            assert!(matches!(&by_age, Error::DangerousForeignKey { child, .. } if child == "receipts"), "{by_age:?}");
            assert_eq!(lead_ids!(&mut conn), [1, 2, 3]);
            assert_eq!(receipts!(&mut conn), [(10, Some(3)), (30, Some(1))]);
            db.sql("DROP TABLE receipts");
        }
    }
}

case! {
    /// A relation that is declared over the columns of a foreign key to another key is refused, whatever kind it is.
    fn a_relation_to_another_key_is_refused(db) {
        let mut conn = act!(connect(&db));
        let table = |name: &str| soft_delete::TableName::new(name);
        let kind = match DATABASE {
            soft_delete::Database::Postgres => soft_delete::ColumnKind::ZonedTimestamp,
            _ => soft_delete::ColumnKind::Timestamp,
        };
        let leads_table = || soft_delete::Descriptor::new(table("leads"), soft_delete::Column::new("deleted_at", kind)).key(soft_delete::Column::new("id", soft_delete::ColumnKind::BigInt));
        db.sql("ALTER TABLE leads ADD COLUMN number BIGINT");
        db.sql("UPDATE leads SET number = 4 - id; CREATE UNIQUE INDEX leads_number ON leads (number)");
        db.sql("CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (number) ON DELETE CASCADE)");
        db.sql("INSERT INTO receipts (id, lead_id) VALUES (10, 3), (30, 1)");
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        let owns = soft_delete::TableRelation::owns(table("leads"), table("receipts"), ["lead_id"]);
        let registry = Registry::new().with_tables([leads_table()], &[owns]).unwrap();
        let by_age = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap_err();
        assert!(
            matches!(&by_age, Error::MismatchedRelation { child, references, .. } if (child.as_str(), references.as_str()) == ("receipts", "number")),
            "{by_age:?}"
        );
        let found = act!(doctor(&mut conn, &registry)).unwrap();
        assert!(found.iter().any(|finding| finding.check == Check::Relations && finding.evidence.contains("refers to (number)")), "{found:?}");
        assert_eq!(lead_ids!(&mut conn), [1, 2, 3]);
        assert_eq!(receipts!(&mut conn), [(10, Some(3)), (30, Some(1))]);
    }
}

case! {
    /// A trigger that may change other rows on DELETE is refused by name until it is declared harmless; one that only inserts is not.
    fn a_trigger_that_may_change_rows_is_refused(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap();
        db.sql("CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT)");
        db.sql("INSERT INTO receipts (id, lead_id) VALUES (10, 1), (20, 2)");
        let trigger = |body: &str| match DATABASE {
            soft_delete::Database::Postgres => db.sql(&format!("CREATE OR REPLACE FUNCTION on_lead() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {body}; RETURN OLD; END $body$; DROP TRIGGER IF EXISTS leads_gone ON leads; CREATE TRIGGER leads_gone AFTER DELETE ON leads FOR EACH ROW EXECUTE FUNCTION on_lead()")),
            _ => db.sql(&format!("DROP TRIGGER IF EXISTS leads_gone; CREATE TRIGGER leads_gone AFTER DELETE ON leads FOR EACH ROW BEGIN {body}; END")),
        };
        trigger("DELETE FROM receipts WHERE lead_id = OLD.id");
        let registry = Registry::new().with::<Lead>();
        let by_key = act!(Lead::force_delete_by_id(&mut conn, 1, at_noon("admin", "request 12"))).unwrap_err();
        assert!(matches!(&by_key, Error::DangerousTable { table, cause, .. } if table == "leads" && cause.contains("leads_gone")), "{by_key:?}");
        let by_age = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap_err();
        assert!(matches!(&by_age, Error::DangerousTable { cause, .. } if cause.contains("leads_gone")), "{by_age:?}");
        let found = act!(doctor(&mut conn, &registry)).unwrap();
        assert!(found.iter().any(|finding| finding.check == Check::Reactions && finding.evidence.contains("leads_gone")), "{found:?}");
        assert_eq!(lead_ids!(&mut conn), [1, 2, 3]);
        assert_eq!(receipts!(&mut conn), [(10, Some(1)), (20, Some(2))]);
        trigger("INSERT INTO receipts (id, lead_id) VALUES (100 + OLD.id, OLD.id)");
        act!(Lead::force_delete_by_id(&mut conn, 1, at_noon("admin", "request 12"))).unwrap();
        assert_eq!(act!(clean(&mut conn, cleaning(&registry, due()))).unwrap().purged(), 1);
        assert_eq!(lead_ids!(&mut conn), [3]);
        assert_eq!(receipts!(&mut conn), [(10, Some(1)), (20, Some(2)), (101, Some(1)), (102, Some(2))]);
    }
}

case! {
    /// A foreign key that is added in the middle of a run counts from the next batch on. MySQL does not tell of a change, so there
    /// the facts are read again after a minute, which no test waits for.
    fn a_foreign_key_that_is_added_meanwhile_counts(db) {
        if DATABASE == soft_delete::Database::Mysql {
            return;
        }
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(3), at_noon("bob", "left"))).unwrap();
        let registry = Registry::new().with::<Lead>();
        let cleanup = cleaning(&registry, due()).batch_size(1).max_fraction(1.0).progress(|progress| {
            if progress.purged == 1 {
                db.sql("CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id) ON DELETE CASCADE)");
                db.sql("INSERT INTO receipts (id, lead_id) VALUES (20, 2), (30, 3)");
            }
        });
        let ended = act!(clean(&mut conn, cleanup)).unwrap_err();
        let Error::CleanupFailed { report, source } = &ended else { panic!("{ended:?}") };
        assert!(matches!(source.as_ref(), Error::DangerousForeignKey { child, .. } if child == "receipts"), "{source:?}");
        assert_eq!(report.purged(), 1);
        assert_eq!(lead_ids!(&mut conn), [2, 3]);
        assert_eq!(receipts!(&mut conn), [(20, Some(2)), (30, Some(3))]);
    }
}
