//! The command lines of the page for operators.

use std::{fs, path::Path};

use crate::support::Folder;

/// Each does what the page says, in its order, on rows that are as the page has them.
#[test]
fn every_command_line_of_the_guide_works() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/operations.md");
    let page = fs::read_to_string(page).expect("the page");
    let folder = Folder::new();
    folder.sql("DELETE FROM invoices; UPDATE leads SET id = 7 WHERE id = 1");
    let mut operation: Option<String> = None;
    let mut lines = 0;
    let commands = page.lines().filter(|line| line.starts_with("soft-delete "));
    // What never ends has tests of its own.
    for line in commands.filter(|line| !line.starts_with("soft-delete schedule run")) {
        let line = line.split(" #").next().unwrap_or_default().trim();
        let line = line
            .replace("/var/backups/app", ".")
            .replace("\"case 17\"", "case-17");
        let line = line.replace("\"a mistake\"", "mistake");
        let line = match &operation {
            Some(id) => line.replace("018cc251-f400-7000-8000-000000000000", id),
            None => line,
        };
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let ran = folder.run(&words);
        assert_eq!(ran.code, 0, "{line} {ran:?}");
        if words[0] == "migrate" {
            // What there is to be undone.
            folder.run(&["delete", "leads", "5"]);
            operation = Some(folder.last_operation());
        }
        lines += 1;
    }
    assert!(lines > 12, "{lines}");
}
