//! The file of figures that a cleanup leaves, which cron began.

use std::fs;

use crate::support::Folder;

const WORDS: [&str; 4] = ["cleanup", "--yes", "--metrics-file", "metrics.prom"];

/// What the file says of this figure.
fn figure(folder: &Folder, name: &str) -> Option<u64> {
    let text = fs::read_to_string(folder.path().join("metrics.prom")).expect("the file");
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map(|value| value.parse().expect(value))
}

fn counted(folder: &Folder) -> [Option<u64>; 5] {
    let names = [
        "soft_delete_runs_total",
        "soft_delete_failures_total",
        "soft_delete_rows_total{model=\"leads\",action=\"purge\"}",
        "soft_delete_blocked_rows{model=\"leads\"}",
        "soft_delete_expired_rows{model=\"leads\"}",
    ];
    names.map(|name| figure(folder, name))
}

#[test]
fn each_cleanup_adds_to_the_figures() {
    const LAST: &str = "soft_delete_last_success_timestamp_seconds";
    let folder = Folder::ready();
    let run = |words: &[&str]| folder.run(&[&WORDS[..], words].concat());
    // One that fails before it has begun.
    assert_eq!(run(&["--database-url", "none.sqlite"]).code, 1);
    assert_eq!(counted(&folder), [Some(0), Some(1), None, None, None]);
    assert_eq!(figure(&folder, LAST), None);
    // A row is purged, and one that is referred to stays.
    assert_eq!(run(&[]).code, 3);
    assert_eq!(counted(&folder), [Some(1), Some(1), Some(1), Some(1), Some(1)]);
    let success = figure(&folder, LAST);
    assert!(success > Some(1_700_000_000), "{success:?}");
    folder.sql("DELETE FROM invoices");
    assert_eq!(run(&[]).code, 0);
    assert_eq!(counted(&folder), [Some(2), Some(1), Some(2), Some(0), Some(0)]);
    // What is known of the last success outlives a failure, for the alarm.
    folder.sql("CREATE TABLE notes (lead_id INTEGER REFERENCES leads (id) ON DELETE CASCADE)");
    let success = figure(&folder, LAST);
    assert_eq!(run(&[]).code, 5);
    assert_eq!(counted(&folder), [Some(2), Some(2), Some(2), Some(0), Some(0)]);
    assert_eq!(figure(&folder, LAST), success);
    // That another one is at it is no failure.
    folder.sql("DROP TABLE notes; UPDATE soft_delete_leases SET holder = 'cron elsewhere', expires_at = '2999-01-01 00:00:00'");
    assert_eq!(run(&[]).code, 4);
    assert_eq!(figure(&folder, "soft_delete_failures_total"), Some(2));
}

/// Without `--yes`, and with nothing to remove.
#[test]
fn a_cleanup_that_removes_nothing_is_counted() {
    let folder = Folder::ready();
    folder.sql("DELETE FROM invoices; DELETE FROM leads");
    let ran = folder.run(&["cleanup", "--metrics-file", "metrics.prom"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(counted(&folder), [Some(1), Some(0), Some(0), Some(0), Some(0)]);
}

#[test]
fn figures_that_cannot_be_written_are_told() {
    let folder = Folder::ready();
    let ran = folder.run(&["cleanup", "--yes", "--metrics-file", "nowhere/metrics.prom"]);
    assert!(
        ran.code == 1 && ran.err.contains("nowhere/metrics.prom"),
        "{ran:?}"
    );
    assert!(ran.out.contains("leads"), "{ran:?}");
    let ran = folder.run(&[&WORDS[..], &["--dry-run"]].concat());
    assert!(
        ran.code == 2 && ran.err.contains("cannot be used with"),
        "{ran:?}"
    );
}
