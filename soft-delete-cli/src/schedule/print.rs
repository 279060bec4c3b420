//! `schedule print`: files for what the system has to run programs at regular times.

use std::{env, path::Path};

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
    let program = match &asked.program {
        Some(program) => program.clone(),
        None => env::current_exe()?,
    };
    let directory = match &asked.directory {
        Some(directory) => directory.clone(),
        None => env::current_dir()?,
    };
    let files = asked.system.files();
    let mut printed = String::new();
    for (name, template) in files {
        let text = filled(template, asked.at, &program, &directory);
        if let Some(into) = &asked.into {
            let path = into.join(name);
            std::fs::write(&path, text)
                .map_err(|error| Failure::new(Exit::Failure, format!("{}: {error}", path.display())))?;
            output::tell(&format!("Wrote {}", path.display()));
        } else {
            if files.len() > 1 {
                printed += &format!("# --- {name}\n");
            }
            printed += &text;
        }
    }
    output::print(printed.as_bytes())?;
    Ok(Exit::Done)
}

fn filled(template: &str, at: Time, program: &Path, directory: &Path) -> String {
    template
        .replace("{time}", &format!("{:02}:{:02}", at.hour, at.minute))
        .replace("{hour}", &at.hour.to_string())
        .replace("{minute}", &at.minute.to_string())
        .replace("{program}", &program.display().to_string())
        .replace("{directory}", &directory.display().to_string())
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
