//! The library's migrations in the application's own set, and many instances that start at once.

use diesel::{
    connection::SimpleConnection,
    migration::{MigrationSource, MigrationVersion},
    prelude::*,
    sqlite::Sqlite,
};
use diesel_migrations::MigrationHarness;
use soft_delete::{Database, migrations};

use crate::support::{
    database::{TestDatabase, sqlite},
    gate::Gate,
};

#[test]
fn run_with_diesels_own_harness_and_revert() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let applied: Vec<String> = conn
        .run_pending_migrations(migrations::source())
        .unwrap()
        .iter()
        .map(MigrationVersion::to_string)
        .collect();
    assert_eq!(applied, ["softdelete0001", "softdelete0002", "softdelete0003"]);
    conn.batch_execute("SELECT operation_id FROM soft_delete_audit")
        .unwrap();
    assert!(!conn.has_pending_migration(migrations::source()).unwrap());
    conn.revert_all_migrations(migrations::source()).unwrap();
    assert!(
        conn.batch_execute("SELECT operation_id FROM soft_delete_audit")
            .is_err()
    );
}

#[test]
fn have_a_name_for_people() {
    let all = MigrationSource::<Sqlite>::migrations(&migrations::source()).unwrap();
    let names: Vec<String> = all.iter().map(|migration| migration.name().to_string()).collect();
    assert_eq!(
        names,
        [
            "soft_delete_0001_audit",
            "soft_delete_0002_holds",
            "soft_delete_0003_runs"
        ]
    );
}

#[test]
fn the_printed_sql_is_what_runs() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(&migrations::sql(Database::Sqlite)).unwrap();
    conn.batch_execute("SELECT operation_id FROM soft_delete_audit")
        .unwrap();
}

fn all_at_once<C>(db: &TestDatabase, connect: impl Fn(&str) -> C + Sync)
where
    C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect>,
{
    const INSTANCES: usize = 8;
    let gate = Gate::new(INSTANCES);
    let applied: usize = std::thread::scope(|scope| {
        let instance = || {
            let mut conn = connect(db.url());
            gate.wait();
            migrations::run(&mut conn).expect("every instance starts").len()
        };
        let threads: Vec<_> = (0..INSTANCES).map(|_| scope.spawn(instance)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(applied >= 1);
    assert!(migrations::run(&mut connect(db.url())).unwrap().is_empty());
}

#[test]
fn eight_instances_start_at_once_on_sqlite() {
    all_at_once(&TestDatabase::new(Database::Sqlite), sqlite);
}

#[cfg(feature = "servers")]
#[test]
fn eight_instances_start_at_once_on_postgresql() {
    all_at_once(&TestDatabase::new(Database::Postgres), |url| {
        PgConnection::establish(url).unwrap()
    });
}

#[cfg(feature = "servers")]
#[test]
fn eight_instances_start_at_once_on_mariadb() {
    all_at_once(&TestDatabase::new(Database::Mysql), |url| {
        MysqlConnection::establish(url).unwrap()
    });
}
