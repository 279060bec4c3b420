//! What a long-running process tells: an event a line, never what a row holds.

use std::io::{self, Write};

use serde_json::{Map, Value};
use soft_delete::{CleanupReport, Clock, SystemClock};

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// `time event name=value ..`
    #[default]
    Text,
    /// A document a line.
    Json,
}

/// Where events are told.
pub(crate) struct Log(LogFormat);

impl Log {
    pub(crate) fn new(format: LogFormat) -> Self {
        Self(format)
    }

    /// Tells of something that happened now.
    pub(crate) fn event(&self, event: &str, fields: &[(&str, &str)]) {
        let time = SystemClock
            .now()
            .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let line = match self.0 {
            LogFormat::Text => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!(" {name}={value:?}"))
                    .collect();
                format!("{time} {event}{}", fields.concat())
            }
            LogFormat::Json => {
                let mut line = Map::new();
                line.insert("time".to_owned(), time.into());
                line.insert("event".to_owned(), event.into());
                for (name, value) in fields {
                    line.insert((*name).to_owned(), (*value).into());
                }
                Value::Object(line).to_string()
            }
        };
        // Where nobody listens, nothing is lost.
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Tells what a cleanup did, a line for each model that it had something to do with.
    pub(crate) fn report(&self, report: &CleanupReport) {
        let run = report.run_id.to_string();
        for model in report.models.iter().filter(|model| model.expired > 0) {
            let fields = [
                ("run_id", run.clone()),
                ("model", model.model.clone()),
                ("purged", model.purged.to_string()),
                ("expired", model.expired.to_string()),
                ("held", model.held.to_string()),
                ("blocked", model.blocked_rows.to_string()),
            ];
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            self.event("purge", &fields);
        }
        self.event(
            "cleanup",
            &[
                ("run_id", &run),
                ("purged", &report.purged().to_string()),
                ("stopped", report.stopped.as_str()),
            ],
        );
    }
}
