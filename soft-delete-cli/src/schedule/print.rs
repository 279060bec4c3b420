//! `schedule print`: files for what the system has to run programs at regular times.

use std::{
    env,
    path::{self, Path},
};

use super::quoted;
use crate::{args::SchedulePrint, exit::Exit, failure::Failure, output, session::Answer};

/// What runs programs at regular times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum System {
    /// A line of a crontab.
    Cron,
    /// A service and its timer.
    Systemd,
    /// A task of the Task Scheduler.
    Windows,
    /// A `CronJob`.
    Kubernetes,
}

impl System {
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Cron => &[("crontab", include_str!("../../templates/crontab"))],
            Self::Systemd => &[
                (
                    "soft-delete-cleanup.service",
                    include_str!("../../templates/soft-delete-cleanup.service"),
                ),
                (
                    "soft-delete-cleanup.timer",
                    include_str!("../../templates/soft-delete-cleanup.timer"),
                ),
            ],
            Self::Windows => &[(
                "soft-delete-cleanup.xml",
                include_str!("../../templates/windows.xml"),
            )],
            Self::Kubernetes => &[("cronjob.yaml", include_str!("../../templates/cronjob.yaml"))],
        }
    }
}

/// Prints the files, or writes them into a directory.
pub(crate) fn run(asked: &SchedulePrint) -> Answer {
    let system = asked.system;
    let program = match &asked.program {
        // What the system finds by its name is left to it.
        Some(name) if name.components().count() == 1 => text(name)?.to_owned(),
        Some(program) => absolute(system, program)?,
        None => absolute(system, &env::current_exe()?)?,
    };
    let directory = match &asked.directory {
        Some(directory) => absolute(system, directory)?,
        None => absolute(system, &env::current_dir()?)?,
    };
    let files = system.files();
    let mut printed = String::new();
    for (name, template) in files {
        let text = filled(system, template, asked.at, &program, &directory)?;
        if let Some(into) = &asked.into {
            let path = into.join(name);
            std::fs::write(&path, bytes(system, &text))
                .map_err(|error| Failure::new(Exit::Failure, format!("{}: {error}", path.display())))?;
            output::tell(&format!("Wrote {}", path.display()));
        } else {
            if files.len() > 1 {
                printed += &format!("# --- {name}\n");
            }
            // In which encoding a shell writes this to a file is its own choice, so that the text says none.
            printed += &text.replace("{encoding}", "");
        }
    }
    output::print(printed.as_bytes())?;
    Ok(Exit::Done)
}

// `schtasks` takes UTF-16 in little endian with its mark, as Windows writes tasks itself; UTF-8 only as far as it is ASCII.
fn bytes(system: System, text: &str) -> Vec<u8> {
    if system != System::Windows {
        return text.as_bytes().to_vec();
    }
    let text = format!("\u{feff}{}", text.replace("{encoding}", " encoding=\"UTF-16\""));
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn filled(
    system: System,
    template: &str,
    at: Time,
    program: &str,
    directory: &str,
) -> Result<String, Failure> {
    let (program, directory) = match system {
        System::Cron => (quoted::in_crontab(program), quoted::in_crontab(directory)),
        System::Systemd => {
            let command = quoted::in_command(program).ok_or_else(|| {
                Failure::usage(format!("{program}: systemd runs no program with quotes or backslashes in its name: give another one with --program"))
            })?;
            (command, quoted::in_unit(directory))
        }
        System::Windows => (quoted::in_xml(program), quoted::in_xml(directory)),
        System::Kubernetes => (quoted::in_container(program), quoted::in_yaml(directory)),
    };
    Ok(template
        .replace("{time}", &format!("{:02}:{:02}", at.hour, at.minute))
        .replace("{hour}", &at.hour.to_string())
        .replace("{minute}", &at.minute.to_string())
        .replace("{program}", &program)
        .replace("{directory}", &directory))
}

// No system begins in this folder. What is absolute there may not be so here: the file may be for another machine.
fn absolute(system: System, path: &Path) -> Result<String, Failure> {
    let path = text(path)?;
    let is_absolute = match system {
        System::Windows => path.starts_with(r"\\") || path.get(1..2) == Some(":"),
        _ => path.starts_with('/'),
    };
    if is_absolute {
        return Ok(path.to_owned());
    }
    text(&path::absolute(path)?).map(ToOwned::to_owned)
}

// None of the files could say a path of several lines.
fn text(path: &Path) -> Result<&str, Failure> {
    let text = path.to_str().filter(|path| !path.contains(char::is_control));
    text.ok_or_else(|| {
        Failure::usage(format!(
            "{} cannot be written into such a file: it is no line of text",
            path.display()
        ))
    })
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    hour: u8,
    minute: u8,
}

impl std::str::FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = text.split_once(':').and_then(|(hour, minute)| {
            Some(Self {
                hour: hour.parse().ok().filter(|hour| *hour < 24)?,
                minute: minute.parse().ok().filter(|minute| *minute < 60)?,
            })
        });
        time.ok_or_else(|| "give a time of day like 03:17".to_owned())
    }
}
