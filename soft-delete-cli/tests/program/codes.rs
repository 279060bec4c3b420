//! Every exit code, which scripts rely on.

use std::process::Command;

use crate::{
    schedule::until,
    support::{Folder, Ran},
};

#[test]
fn done_is_0() {
    assert_eq!(Folder::ready().run(&["stats"]).code, 0);
}

#[test]
fn failure_is_1() {
    let folder = Folder::ready();
    for (words, told) in [
        (
            &["restore", "leads", "4"][..],
            "nothing was changed: leads 4 is active",
        ),
        (
            &["restore", "leads", "77"],
            "nothing was changed: leads 77 is not there",
        ),
        (
            &["stats", "--database-url", "none.sqlite"],
            "there is no such file",
        ),
        (&["show", "leads", "5"], "nothing is known of 5"),
        (&["hold", "leads", "1", "77", "--reason", "x"], "no row 77"),
        (&["release", "leads", "1"], "no hold"),
        (
            &[
                "force-cleanup",
                "leads",
                "77",
                "--reason",
                "x",
                "--confirm",
                "leads",
            ],
            "nothing was changed",
        ),
        (&["init"], "never written over"),
    ] {
        let ran = folder.run(words);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(told), "{ran:?}");
    }
    let path = folder.path().join("soft-delete.toml");
    let file = std::fs::read_to_string(&path).expect("the file");
    std::fs::write(
        &path,
        format!("database_url = \"postgres://ann:secret@db/crm\"\n{file}"),
    )
    .expect("the file");
    let warned = folder.run(&["stats"]);
    assert!(
        warned.code == 0 && warned.err.contains("chmod 600") && !warned.err.contains("secret"),
        "{warned:?}"
    );
    let secret = folder.run(&["stats", "--database-url", "oracle://ann:secret@db/crm"]);
    assert!(secret.code == 2 && !secret.err.contains("secret"), "{secret:?}");
}

/// Neither we nor a driver tell a part of it, however an address is written.
#[test]
fn no_part_of_a_password_is_told() {
    let folder = Folder::ready();
    for address in [
        "postgres://ann:s3c?r3t@127.0.0.1:1/x",
        "postgres://ann:s3c/r3t@127.0.0.1:1/x",
        "postgres://ann:s3c%zzr3t@127.0.0.1:1/x",
        "postgres://ann:s3c@r3t@127.0.0.1:1/x",
        "postgres://127.0.0.1:1/x?password=s3c@r3t&connect_timeout=r3t",
        "mysql://ann:s3c?r3t@127.0.0.1:1/x",
        "mariadb://ann:s3c#r3t@127.0.0.1:1/x",
        "POSTGRES://ann:s3cr3t@127.0.0.1:1/x",
        "postgres//ann:s3cr3t@h/x",
        "postgres:ann:s3cr3t@h/x",
        "host=127.0.0.1 password=s3cr3t",
        "host=127.0.0.1 password=s3cr3t://x",
    ] {
        let ran = folder.run(&["stats", "--database-url", address]);
        assert!([1, 2].contains(&ran.code), "{address} {ran:?}");
        let told = ran.out + &ran.err;
        assert!(!told.contains("s3c") && !told.contains("r3t"), "{address} {told}");
    }
    let file = "database_url = \"postgres://ann:s3cr3t@h/x\n[[models]]\n";
    std::fs::write(folder.path().join("soft-delete.toml"), file).expect("the file");
    let ran = folder.run(&["stats"]);
    assert!(ran.code == 2 && !ran.err.contains("s3cr3t"), "{ran:?}");
}

#[test]
fn usage_is_2() {
    let folder = Folder::ready();
    for (words, told) in [
        (&["statz"][..], "stats"),
        (&["list-deleted", "leeds"], "did you mean \"leads\"?"),
        (&["restore", "leads", "one"], "is no key of leads"),
        (&["cleanup"], "say --yes"),
        (&["cleanup", "--batch-size", "0", "--yes"], "1 to 10,000"),
        (
            &["force-cleanup", "leads", "--reason", "x"],
            "say --confirm leads",
        ),
        (
            &["force-cleanup", "leads", "--reason", "x", "--confirm", "lead"],
            "is not leads",
        ),
        (&["list-deleted", "leads", "--since", "yesterday"], "give a day"),
        (&["undo", "7"], "7"),
        (&["hold", "--reason", "x"], "MODEL"),
        (
            &[
                "release",
                "leads",
                "--hold",
                "018cc251-f400-7000-8000-000000000000",
            ],
            "cannot be used with",
        ),
        (&["audit", "--action", "erase"], "erase"),
        (&["audit", "leeds"], "did you mean \"leads\"?"),
        (&["audit", "--limit", "0"], "1 to 1000"),
        (&["schedule", "run", "--every", "1h30m"], "give a time like"),
        (&["schedule", "run", "--cron", "every night"], "minute, hour"),
        (
            &[
                "schedule",
                "run",
                "--cron",
                "17 3 * * *",
                "--time-zone",
                "Europe/Atlantis",
            ],
            "IANA",
        ),
        (&["stats", "--config", "other.toml"], "`init` writes it"),
    ] {
        let ran = folder.run(words);
        assert_eq!(ran.code, 2, "{words:?} {ran:?}");
        assert!(ran.err.contains(told), "{words:?} {ran:?}");
    }
    std::fs::write(
        folder.path().join("soft-delete.toml"),
        "[[models]]\ntabel = \"leads\"\n",
    )
    .expect("a file");
    let ran = folder.run(&["stats"]);
    assert!(ran.code == 2 && ran.err.contains("tabel"), "{ran:?}");
    std::fs::write(
        folder.path().join("soft-delete.toml"),
        "[[models]]\ntable = \"leads\"\nlabel = \"nom\"\n",
    )
    .expect("a file");
    let ran = folder.run(&["stats"]);
    assert!(ran.code == 2 && ran.err.contains("no column nom"), "{ran:?}");
    std::fs::write(
        folder.path().join("soft-delete.toml"),
        "[[models]]\ntable = \"leads\"\n[[models]]\ntable = \"leads\"\nretention = \"1 day\"\n",
    )
    .expect("a file");
    let ran = folder.run(&["stats"]);
    assert!(
        ran.code == 2 && ran.err.contains("leads is named twice"),
        "{ran:?}"
    );
}

#[test]
fn partly_done_is_3() {
    let folder = Folder::ready();
    let ran = folder.run(&["cleanup", "--yes"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("leads 2 stays"), "{ran:?}");
    let ran = folder.run(&["delete", "leads", "4", "77"]);
    assert!(ran.code == 3 && ran.err.contains("1 of 2 rows"), "{ran:?}");
    assert_eq!(folder.run(&["hold", "leads", "5", "--reason", "x"]).code, 0);
    let ran = folder.run(&["release", "leads", "5", "6"]);
    assert!(ran.code == 3 && ran.err.contains("no hold on 6"), "{ran:?}");
}

#[test]
fn another_cleanup_is_4() {
    let folder = Folder::ready();
    folder.sql("UPDATE soft_delete_leases SET holder = 'cron elsewhere', expires_at = '2999-01-01 00:00:00' WHERE name = 'cleanup'; INSERT INTO soft_delete_leases (name, holder, expires_at, term) SELECT 'cleanup', 'cron elsewhere', '2999-01-01 00:00:00', 1 WHERE NOT EXISTS (SELECT 1 FROM soft_delete_leases WHERE name = 'cleanup')");
    let ran = folder.run(&["cleanup", "--yes"]);
    assert!(ran.code == 4 && ran.err.contains("cron elsewhere"), "{ran:?}");
}

#[test]
fn refused_beforehand_is_5() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["init"]).code, 0);
    let ran = folder.run(&["cleanup", "--yes"]);
    assert!(ran.code == 5 && ran.err.contains("migrate up"), "{ran:?}");
    assert_eq!(folder.run(&["migrate", "up"]).code, 0);
    folder.sql("CREATE TABLE notes (lead_id INTEGER REFERENCES leads (id) ON DELETE CASCADE)");
    let ran = folder.run(&["cleanup", "--yes"]);
    assert!(ran.code == 5 && ran.err.contains("notes"), "{ran:?}");
}

/// More of a table than is taken unasked: told by the dry run and before anybody is asked, and allowed by the option that is named.
#[test]
fn too_much_of_a_table_is_5() {
    let folder = Folder::ready();
    folder.sql("WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 2100) INSERT INTO leads (id, full_name, is_deleted, deleted_at) SELECT i, 'x', 1, '2020-01-15 12:00:00' FROM n");
    for words in [&["cleanup", "--dry-run"][..], &["cleanup", "--yes"], &["cleanup"]] {
        let ran = folder.run(words);
        assert!(ran.code == 5 && ran.err.contains("--max-fraction"), "{ran:?}");
    }
    let dry = folder.run(&["cleanup", "--dry-run", "--max-fraction", "1", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&dry.out).expect("JSON");
    assert_eq!(
        (dry.code, &report["models"][0]["is_too_many"]),
        (0, &false.into())
    );
}

/// A database that nobody may write to.
#[test]
fn a_read_only_database_is_5() {
    let folder = Folder::ready();
    let url = format!("file:{}?mode=ro", folder.path().join("app.sqlite").display());
    let by_url = ["--database-url", url.as_str()];
    assert_eq!(folder.run(&[&["stats"][..], &by_url].concat()).code, 0);
    for command in [
        &["delete", "leads", "4"][..],
        &["hold", "leads", "1", "--reason", "x"],
        &["restore", "leads", "1"],
    ] {
        let ran = folder.run(&[command, &by_url].concat());
        assert!(ran.code == 5 && ran.err.contains("make it writable"), "{ran:?}");
    }
}

/// A signal ends the cleanup after its batch: what is told to be gone is gone, the rest is there.
#[cfg(unix)]
#[test]
fn signals_are_130_and_143() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let folder = Folder::ready();
        folder.sql("WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 2100) INSERT INTO leads (id, full_name, is_deleted, deleted_at) SELECT i, 'x', 1, '2020-01-15 12:00:00' FROM n");
        let words = [
            "cleanup",
            "--yes",
            "--batch-size",
            "10",
            "--pause",
            "50",
            "--max-fraction",
            "1",
            "--format",
            "json",
        ];
        let child = folder
            .command(&words)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program");
        let deleted = || {
            let stats = folder.run(&["stats", "--format", "json"]);
            let stats: serde_json::Value = serde_json::from_str(&stats.out).expect("JSON");
            stats["models"][0]["deleted"].as_u64().expect("a number")
        };
        until("it is at work", || deleted() < 3 + 2_001);
        let kill = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(kill.expect("kill").success());
        let ran = Ran::of(child.wait_with_output().expect("the program"));
        assert_eq!(ran.code, code, "{ran:?}");
        let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!(report["stopped"], "requested");
        let purged = report["models"][0]["purged"].as_u64().expect("a number");
        assert!(purged > 0 && purged < 2_000 && purged % 10 == 0, "{purged}");
        assert_eq!(deleted(), 3 + 2_001 - purged);
    }
}
