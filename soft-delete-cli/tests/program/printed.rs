//! The files for other schedulers, read by what they are for, with names that mean something to each of them.

#![cfg(unix)]

use std::{fs, os::unix::fs::symlink, path::PathBuf, process::Command};

use crate::support::{Folder, PROGRAM, Ran};

const ODD: &str = "my app, 100% <Ann's> & \"co\" $(x) \\\\ \u{e9}";

/// A database, a file of models that names it, and the program, in a folder with an odd name below.
fn odd() -> (Folder, PathBuf) {
    let folder = Folder::ready();
    let odd = folder.path().join(ODD);
    fs::create_dir(&odd).expect("a folder");
    fs::rename(folder.path().join("app.sqlite"), odd.join("app.sqlite")).expect("the database");
    let models = fs::read_to_string(folder.path().join("soft-delete.toml")).expect("the file");
    let models = format!("database_url = \"app.sqlite\"\n{models}");
    fs::write(odd.join("soft-delete.toml"), models).expect("the file");
    symlink(PROGRAM, odd.join("soft %delete's")).expect("the program");
    (folder, odd)
}

/// The files of a system for that folder, which is named from the one above it.
fn printed(folder: &Folder, system: &str, more: &[&str]) -> String {
    let program = format!("{ODD}/soft %delete's");
    let mut words = vec![
        "schedule",
        "print",
        system,
        "--directory",
        ODD,
        "--program",
        &program,
    ];
    words.extend(more);
    let ran = folder.run(&words);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

/// As cron has a shell run it: without an environment, in the home.
fn as_cron(folder: &Folder, command: &str) -> Ran {
    let ran = Command::new("env")
        .args(["-i", "PATH=/usr/bin:/bin", "HOME=.", "sh", "-c", command])
        .current_dir(folder.path())
        .output();
    Ran::of(ran.expect("a shell"))
}

/// What cron hands to the shell: some crons take the backslash before `%` away, some leave it, some read two as one.
fn handed_on(command: &str) -> [String; 3] {
    let mut shorter = String::new();
    let mut chars = command.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('%' | '\\')) => shorter.extend(chars.next()),
            ('\\', Some(_)) => shorter.extend([Some(c), chars.next()].into_iter().flatten()),
            ('%', _) => panic!("a line ends at a bare percent sign: {command}"),
            _ => shorter.push(c),
        }
    }
    [command.replace(r"\%", "%"), shorter, command.to_owned()]
}

#[test]
fn a_line_of_a_crontab_does_its_work() {
    for variant in 0..3 {
        let (folder, odd) = odd();
        let crontab = printed(&folder, "cron", &["--at", "4:05"]);
        let line = crontab.lines().last().expect("a line");
        let command = line.strip_prefix("5 4 * * * ").expect("a time");
        let ran = as_cron(&folder, &handed_on(command)[variant]);
        // A row that an invoice refers to stays.
        assert_eq!(ran.code, 3, "{line} {ran:?}");
        let left = Command::new(PROGRAM)
            .args(["list-deleted", "leads", "--format", "csv"])
            .env_remove("DATABASE_URL")
            .current_dir(&odd)
            .output();
        let left = Ran::of(left.expect("the program")).out;
        assert!(left.contains("cmd()") && !left.contains("Ada"), "{left}");
    }
}

/// Without an environment and without an address in the file, the program says where it goes.
#[test]
fn a_line_without_a_database_tells_where_it_is_written() {
    let folder = Folder::ready();
    let crontab = folder.run(&["schedule", "print", "cron"]).out;
    assert!(crontab.contains("\n# DATABASE_URL="), "{crontab}");
    let command = crontab.lines().last().and_then(|line| line.split_once("* * * "));
    let ran = as_cron(&folder, command.expect("a command").1);
    let told =
        "which database? say --database-url, set DATABASE_URL, or write database_url into soft-delete.toml";
    assert!(ran.code == 2 && ran.err.contains(told), "{ran:?}");
}

#[test]
fn a_path_of_two_lines_is_refused() {
    let ran = Folder::new().run(&["schedule", "print", "cron", "--directory", "/etc/a\nb"]);
    assert!(ran.code == 2 && ran.err.contains("no line of text"), "{ran:?}");
}

/// JSON is YAML, so that a reader of JSON reads the strings.
#[test]
fn a_cron_job_names_the_paths() {
    let (folder, odd) = odd();
    let job = printed(&folder, "kubernetes", &[]);
    let value = |key: &str| -> serde_json::Value {
        let line = job.lines().find_map(|line| line.trim().strip_prefix(key));
        serde_json::from_str(line.expect(key)).expect("a value")
    };
    let odd = odd.to_str().expect("text");
    assert_eq!(value("workingDir: "), odd);
    assert_eq!(value("mountPath: "), odd);
    let program = format!("{}/soft %delete's", odd.replace("$(", "$$("));
    assert_eq!(
        value("command: "),
        serde_json::json!([program, "cleanup", "--yes", "--no-input"])
    );
}

/// The full run of the tests has systemd. It finds the folder and the program only where it reads their names as they are.
#[cfg(feature = "postgres")]
#[test]
fn a_unit_names_the_paths() {
    let (folder, odd) = odd();
    let words = ["schedule", "print", "systemd", "--into", ".", "--directory", ODD];
    let named = |program: &str| folder.run(&[&words[..], &["--program", program]].concat());
    let refused = named("./soft-delete's");
    assert!(
        refused.code == 2 && refused.err.contains("no program with quotes"),
        "{refused:?}"
    );
    symlink(PROGRAM, folder.path().join("soft 100%h ${HOME}; delete")).expect("the program");
    let ran = named("./soft 100%h ${HOME}; delete");
    assert_eq!(ran.code, 0, "{ran:?}");
    let unit = fs::read_to_string(folder.path().join("soft-delete-cleanup.service")).expect("the unit");
    let directory = odd.to_str().expect("text").replace('%', "%%");
    assert!(
        unit.contains(&format!("\nWorkingDirectory={directory}\n")),
        "{unit}"
    );
    let verify = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "./soft-delete-cleanup.service"])
        .current_dir(folder.path())
        .output()
        .expect("systemd-analyze, of the Debian package systemd");
    let told = String::from_utf8_lossy(&verify.stderr);
    assert!(
        verify.status.success() && !told.contains("soft-delete-cleanup"),
        "{told}"
    );
}

/// What the schema of the Task Scheduler asks for, by a parser of XML: the elements that have to be there, in its order.
#[cfg(feature = "postgres")]
const READ_TASK: &str = r#"
import sys, xml.etree.ElementTree as tree
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
def names(element):
    assert all(child.tag.startswith(NAMESPACE) for child in element)
    return [child.tag[len(NAMESPACE):] for child in element]
def below(element, *path):
    for name in path:
        (element,) = element.findall(NAMESPACE + name)
    return element
data, directory = open(sys.argv[1], "rb").read(), sys.argv[2]
is_wide = data.startswith(b"\xff\xfe<\x00")
assert is_wide == (b"UTF-16" in data.replace(b"\x00", b"")), data[:99]
task = tree.fromstring(data)
assert task.tag == NAMESPACE + "Task" and task.get("version") == "1.2"
assert names(task) == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
trigger = below(task, "Triggers", "CalendarTrigger")
assert names(trigger) == ["StartBoundary", "RandomDelay", "ScheduleByDay"]
assert below(trigger, "StartBoundary").text == "2020-01-01T04:05:00"
assert below(trigger, "ScheduleByDay", "DaysInterval").text == "1"
principal = below(task, "Principals", "Principal")
assert names(principal) == ["UserId", "RunLevel"]
assert below(task, "Actions").get("Context") == principal.get("id")
known = {"MultipleInstancesPolicy", "StartWhenAvailable", "ExecutionTimeLimit", "Enabled"}
assert set(names(below(task, "Settings"))) <= known
run = below(task, "Actions", "Exec")
assert names(run) == ["Command", "Arguments", "WorkingDirectory"]
assert [part.text for part in run] == [directory + "/soft %delete's", "cleanup --yes --no-input", directory]
print("wide" if is_wide else "narrow")
"#;

/// The full run of the tests has Python.
#[cfg(feature = "postgres")]
#[test]
fn a_task_is_what_windows_asks_for() {
    let (folder, odd) = odd();
    let shown = printed(&folder, "windows", &["--at", "4:05"]);
    fs::write(folder.path().join("shown.xml"), shown).expect("a file");
    printed(&folder, "windows", &["--at", "4:05", "--into", "."]);
    for (file, form) in [("shown.xml", "narrow\n"), ("soft-delete-cleanup.xml", "wide\n")] {
        let read = Command::new("python3")
            .args(["-c", READ_TASK, file])
            .arg(&odd)
            .current_dir(folder.path())
            .output();
        let read = Ran::of(read.expect("python3"));
        assert_eq!(read.out, form, "{read:?}");
    }
    // A path of Windows is absolute there, wherever the file is written.
    let words = [
        "schedule",
        "print",
        "windows",
        "--directory",
        r"C:\Program Files\app",
    ];
    let ran = folder.run(&words);
    assert!(
        ran.out
            .contains(r"<WorkingDirectory>C:\Program Files\app</WorkingDirectory>"),
        "{ran:?}"
    );
}
