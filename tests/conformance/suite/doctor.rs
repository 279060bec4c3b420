//! What the doctor finds, and that its remedies mend it.

use super::super::*;
use crate::support::clock::at_noon;
use soft_delete::{Check, Finding, Severity};

fn about<'f>(findings: &'f [Finding], table: &str) -> Vec<(Severity, Check, &'f str)> {
    let about = findings.iter().filter(|finding| {
        finding.table == table && !matches!(finding.check, Check::Guards | Check::ChildIndex)
    });
    about
        .map(|finding| (finding.severity, finding.check, finding.remedy.as_str()))
        .collect()
}

fn quote(name: &str) -> String {
    if DATABASE == Database::Mysql {
        format!("`{name}`")
    } else {
        format!("\"{name}\"")
    }
}

case! {
    /// A database that is set up as the library says has nothing but the guards to be wished for, and with them nothing.
    fn a_healthy_database_is_healthy(db) {
        prepare_kin(&db);
        let mut conn = act!(connect(&db));
        let registry = kin().with::<Lead>().with::<Callback>();
        let findings = act!(doctor(&mut conn, &registry)).unwrap();
        for finding in findings.iter().filter(|finding| finding.check == Check::ChildIndex) {
            db.sql(&finding.remedy);
        }
        let findings = act!(doctor(&mut conn, &registry)).unwrap();
        let unexpected: Vec<&Finding> = findings.iter().filter(|finding| finding.check != Check::Guards).collect();
        assert!(unexpected.is_empty(), "{unexpected:#?}");
        assert_eq!(findings.len(), registry.models().len());
        for model in registry.models() {
            batch_guards(&db, model);
        }
        assert_eq!(act!(doctor(&mut conn, &registry)).unwrap(), []);
    }
}

fn batch_guards(db: &TestDatabase, model: &soft_delete::Descriptor) {
    let sql = soft_delete::migrations::guards_for_table(DATABASE, model).up;
    // MySQL's triggers contain semicolons; each stands on a line.
    for statement in sql.lines().filter(|line| !line.contains("CREATE VIEW")) {
        db.sql(statement);
    }
}

case! {
    /// Each planted fault is found in its table, with what mends it.
    fn planted_faults_are_found(db) {
        let leads = quote("leads");
        let now = if DATABASE == Database::Mysql { "UTC_TIMESTAMP(6) + INTERVAL 1 DAY" } else if DATABASE == Database::Postgres { "now() + interval '1 day'" } else { "strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 day')" };
        let drop_index = if DATABASE == Database::Mysql { "DROP INDEX leads_deleted ON leads" } else { "DROP INDEX leads_deleted" };
        let faults: [(&str, String, Severity, Check, String); 8] = [
            ("no index on deleted rows", drop_index.into(), Severity::Warning, Check::DeletedIndex, format!("CREATE INDEX {}", quote("leads_deleted"))),
            ("a plain unique key", "CREATE UNIQUE INDEX leads_owner ON leads (owner_id, full_name)".into(), Severity::Warning, Check::UniqueKeys, "declare `unique(owner_id, full_name)`".into()),
            ("a deletion tomorrow", format!("UPDATE leads SET deleted_at = {now} WHERE id = 1"), Severity::Warning, Check::FutureTimes, "set the clock right".into()),
            ("a column is missing", "ALTER TABLE leads DROP COLUMN deletion_reason".into(), Severity::Error, Check::Columns, format!("ALTER TABLE {leads} ADD COLUMN {} ", quote("deletion_reason"))),
            ("a dangerous foreign key", "CREATE TABLE receipts (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id) ON DELETE CASCADE)".into(), Severity::Error, Check::ForeignKeys, "declare `owns(..)`".into()),
            ("no audit table", "DROP TABLE soft_delete_audit".into(), Severity::Error, Check::OwnTables, "run `soft_delete::migrations::run".into()),
            ("no table at all", format!("DROP TABLE {leads}"), Severity::Error, Check::Columns, "create it".into()),
            ("an unreadable time", "UPDATE leads SET deleted_at = '0000-01-01' WHERE id = 1".into(), Severity::Error, Check::UnreadableTimes, "write it as `YYYY-MM-DD".into()),
        ];
        for (name, plant, severity, check, remedy) in faults {
            if check == Check::UnreadableTimes && DATABASE != Database::Sqlite {
                continue;
            }
            let db = TestDatabase::new(DATABASE);
            prepare(&db);
            let mut conn = act!(connect(&db));
            db.sql(&plant);
            let registry = Registry::new().with::<Lead>();
            let findings = act!(doctor(&mut conn, &registry)).unwrap();
            let table = if check == Check::OwnTables { "soft_delete_audit" } else { "leads" };
            let found = about(&findings, table);
            assert_eq!(found.len(), 1, "{name}: {findings:#?}");
            assert_eq!((found[0].0, found[0].1), (severity, check), "{name}: {findings:#?}");
            assert!(found[0].2.starts_with(&remedy), "{name}: {}", found[0].2);
            if found[0].2.starts_with("CREATE") || found[0].2.starts_with("ALTER") {
                db.sql(found[0].2);
                assert!(about(&act!(doctor(&mut conn, &registry)).unwrap(), table).is_empty(), "{name}: the remedy mends it");
            }
        }
    }
}

case! {
    /// An active row under a deleted one, however it came there; a model that is not registered; a missing unique key.
    fn rows_and_models_that_do_not_fit_are_found(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO teams (id) VALUES (1); INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1)");
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        db.sql("UPDATE members SET deleted_at = NULL, deletion_id = NULL WHERE id = 11");
        db.sql(if DATABASE == Database::Mysql { "DROP INDEX teams_email_active ON teams" } else { "DROP INDEX teams_email_active" });
        let findings = act!(doctor(&mut conn, &kin())).unwrap();
        let members = about(&findings, "members");
        assert_eq!((members.len(), members[0].0, members[0].1), (1, Severity::Error, Check::ActiveUnderDeleted), "{findings:#?}");
        let evidence = &findings.iter().find(|finding| finding.check == Check::ActiveUnderDeleted).unwrap().evidence;
        assert!(evidence.contains("1 active") && evidence.contains("row 11"), "{evidence}");
        let teams = about(&findings, "teams");
        assert_eq!((teams.len(), teams[0].1), (1, Check::UniqueKeys), "{findings:#?}");
        let missing = act!(doctor(&mut conn, &Registry::new().with::<Team>())).unwrap();
        assert!(missing.iter().any(|finding| finding.check == Check::Relations), "{missing:#?}");
    }
}
