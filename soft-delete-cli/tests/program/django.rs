//! The database of a real Django project: worked on as it is, and Django then sees exactly the right rows.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::{postgres::Database, support::Folder};

/// A Python with Django and a driver for PostgreSQL.
const PYTHON: &str = "SOFT_DELETE_DJANGO_PYTHON";

struct Project<'a> {
    folder: &'a Folder,
    variables: Vec<(&'static str, String)>,
}

impl Project<'_> {
    fn manage(&self, words: &[&str]) -> String {
        let python = std::env::var(PYTHON).unwrap_or_else(|_| {
            panic!("{PYTHON} is set to a Python with Django; `cargo xtask test` makes one and sets it")
        });
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/django");
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(python)
            .arg(project.join("manage.py"))
            .args(words)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONPATH", self.folder.path())
            .env("CRM_DIRECTORY", self.folder.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("python");
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("text")
    }
}

/// `init`, `stats`, `list-deleted`, `restore`, `cleanup --dry-run`, `cleanup --yes`, and what Django sees after each.
fn is_worked_on(project: &Project<'_>) {
    project.manage(&["migrate", "--run-syncdb", "--verbosity", "0"]);
    project.manage(&["fill"]);
    let run = |words: &[&str], code: i32| {
        let ran = project.folder.run(words);
        assert_eq!(ran.code, code, "{words:?} {ran:?}");
        ran.out
    };
    let before = project.manage(&["seen"]);

    run(&["init"], 0);
    let file = std::fs::read_to_string(project.folder.path().join("soft-delete.toml")).expect("the file");
    for told in [
        "table = \"crm_lead\"\ndeleted_at = \"deleted_at\"\ndeleted_by = \"deleted_by_id\"\ndeletion_reason = \"deletion_reason\"\nis_deleted = \"is_deleted\"\nlabel = \"full_name\"",
        "table = \"crm_callback\"",
        "# restrict = [{ table = \"crm_callback\", foreign_key = \"lead_id\" }]",
    ] {
        assert!(file.contains(told), "{file}");
    }
    let stats = run(&["stats", "crm_lead", "--format", "csv"], 0);
    assert!(stats.contains("\ncrm_lead,2,4,3,0,0,"), "{stats}");
    let bin = run(&["list-deleted", "crm_lead", "--expired", "--format", "jsonl"], 0);
    let labels: Vec<serde_json::Value> = bin
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["label"].clone())
        .collect();
    assert_eq!(labels, ["Grace", "Ada", "Edsger"]);
    let by_bob = run(
        &[
            "list-deleted",
            "crm_lead",
            "--by",
            "1",
            "--reason",
            "spam",
            "--format",
            "csv",
        ],
        0,
    );
    assert!(by_bob.contains(",Ada,"), "{by_bob}");
    assert_eq!(project.manage(&["seen"]), before, "looking changes nothing");

    run(&["migrate", "up"], 0);
    run(&["restore", "crm_lead", "2", "--reason", "no duplicate"], 0);
    let restored = project.manage(&["seen"]);
    assert_eq!(
        restored,
        before.replace(
            "Grace: deleted stamped bob a duplicate",
            "Grace: active never - -"
        )
    );
    let forecast = run(&["cleanup", "--dry-run", "--format", "csv"], 0);
    assert_eq!(project.manage(&["seen"]), restored, "a dry run changes nothing");
    // Edsger stays for the sake of the callback that refers to him.
    let cleaned = run(&["cleanup", "--yes", "--format", "csv"], 3);
    assert_eq!(cleaned, forecast);
    assert_eq!(
        project.manage(&["seen"]),
        "Barbara: active never - -\n\
         Charles: deleted stamped bob asked to\n\
         Edsger: deleted stamped bob left\n\
         Grace: active never - -\n\
         Mary: active never - -\n\
         Call Edsger: active never - -, of Edsger\n\
         Call Mary: active never - -, of Mary\n"
    );
    // By number, as Django's column wants it; and Django's own flag follows.
    run(
        &["delete", "crm_lead", "6", "--reason", "asked to", "--actor", "1"],
        0,
    );
    assert!(
        project
            .manage(&["seen"])
            .contains("Barbara: deleted stamped bob asked to\n")
    );
    assert!(run(&["audit", "crm_lead", "--format", "csv"], 0).contains(",purge,crm_lead,1,ann@test,"));
}

#[test]
fn on_sqlite() {
    let folder = Folder::on("app.sqlite");
    is_worked_on(&Project {
        folder: &folder,
        variables: Vec::new(),
    });
}

#[test]
fn on_postgresql() {
    let database = Database::new();
    let folder = Folder::on(&database.url());
    let address = database.address();
    let (host, port) = address.split_once(':').expect("a port");
    let url = database.url();
    let user = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split(['@', ':']).next());
    is_worked_on(&Project {
        folder: &folder,
        variables: vec![
            ("PGHOST", host.to_owned()),
            ("PGPORT", port.to_owned()),
            ("PGUSER", user.expect("a user").to_owned()),
            ("PGDATABASE", database.name().to_owned()),
        ],
    });
}
