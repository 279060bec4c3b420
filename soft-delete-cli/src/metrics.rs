//! Figures for Prometheus, as text: on a port, or in a file for the collector of text files.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use soft_delete::CleanupReport;

/// The figures since the program began, or since the file did: it counts on there, and knows the last success after a failure.
#[derive(Clone)]
pub(crate) struct Metrics {
    figures: Arc<Mutex<Figures>>,
    file: Option<PathBuf>,
}

#[derive(Default)]
struct Figures {
    purged: BTreeMap<String, u64>,
    blocked: BTreeMap<String, u64>,
    expired: BTreeMap<String, u64>,
    runs: u64,
    failures: u64,
    seconds: f64,
    last_success: Option<DateTime<Utc>>,
}

impl Metrics {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        let known = file.as_deref().and_then(|file| fs::read_to_string(file).ok());
        let figures = Figures::read(&known.unwrap_or_default());
        Self {
            figures: Arc::new(Mutex::new(figures)),
            file,
        }
    }

    /// A cleanup has come to its end.
    pub(crate) fn ran(&self, report: &CleanupReport, now: DateTime<Utc>) {
        let mut figures = self.figures();
        figures.runs += 1;
        figures.last_success = Some(now);
        figures.seconds = report
            .models
            .iter()
            .map(|model| model.elapsed.as_secs_f64())
            .sum();
        figures.add(report);
    }

    /// What a cleanup had done when an error ended it.
    pub(crate) fn broke_off(&self, report: &CleanupReport) {
        self.figures().add(report);
    }

    /// The turn is another process's, and done: so far as the alarm goes, all is well.
    pub(crate) fn done_elsewhere(&self, now: DateTime<Utc>) {
        self.figures().last_success = Some(now);
    }

    /// A cleanup, or the connection for it, has failed.
    pub(crate) fn failed(&self) {
        self.figures().failures += 1;
    }

    /// The text.
    pub(crate) fn text(&self) -> String {
        let figures = self.figures();
        let mut text = String::new();
        let mut of_models =
            |name: &str, kind: &str, help: &str, values: &BTreeMap<String, u64>, labels: &str| {
                let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
                for (model, value) in values {
                    let model = model.replace('\\', "\\\\").replace('"', "\\\"");
                    let _ = writeln!(text, "{name}{{model=\"{model}\"{labels}}} {value}");
                }
            };
        let purge = ",action=\"purge\"";
        of_models(
            "soft_delete_rows_total",
            "counter",
            "Rows by what was done to them.",
            &figures.purged,
            purge,
        );
        of_models(
            "soft_delete_blocked_rows",
            "gauge",
            "Rows that were due and could not go.",
            &figures.blocked,
            "",
        );
        of_models(
            "soft_delete_expired_rows",
            "gauge",
            "Rows that are still due.",
            &figures.expired,
            "",
        );
        let mut single = |name: &str, kind: &str, help: &str, value: String| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        };
        single(
            "soft_delete_runs_total",
            "counter",
            "Cleanups.",
            figures.runs.to_string(),
        );
        single(
            "soft_delete_failures_total",
            "counter",
            "Cleanups that failed.",
            figures.failures.to_string(),
        );
        single(
            "soft_delete_run_seconds",
            "gauge",
            "How long the last cleanup took.",
            figures.seconds.to_string(),
        );
        if let Some(last) = figures.last_success {
            let name = "soft_delete_last_success_timestamp_seconds";
            single(
                name,
                "gauge",
                "When a cleanup last came to its end.",
                last.timestamp().to_string(),
            );
        }
        text
    }

    /// Writes the file, if there is to be one; a reader never sees half of it.
    pub(crate) fn write(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let beside = file.with_extension("tmp");
        fs::write(&beside, self.text())?;
        fs::rename(beside, file)
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Figures {
    fn add(&mut self, report: &CleanupReport) {
        for model in &report.models {
            *self.purged.entry(model.model.clone()).or_default() += model.purged;
            self.blocked.insert(model.model.clone(), model.blocked_rows);
            let left = model.expired.saturating_sub(model.purged);
            self.expired.insert(model.model.clone(), left);
        }
    }

    // What it has not written itself is none of it.
    fn read(text: &str) -> Self {
        let mut figures = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.rsplit_once(' ')) {
            let (name, labels) = name.split_once('{').unwrap_or((name, ""));
            let whole = value.parse::<u64>().unwrap_or_default();
            let models = match name {
                "soft_delete_rows_total" => &mut figures.purged,
                "soft_delete_blocked_rows" => &mut figures.blocked,
                "soft_delete_expired_rows" => &mut figures.expired,
                _ => {
                    match name {
                        "soft_delete_runs_total" => figures.runs = whole,
                        "soft_delete_failures_total" => figures.failures = whole,
                        "soft_delete_run_seconds" => figures.seconds = value.parse().unwrap_or_default(),
                        "soft_delete_last_success_timestamp_seconds" => {
                            let seconds = value.parse().ok();
                            figures.last_success =
                                seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
                        }
                        _ => {}
                    }
                    continue;
                }
            };
            models.extend(model_in(labels).map(|model| (model, whole)));
        }
        figures
    }
}

// The model that labels begin with.
fn model_in(labels: &str) -> Option<String> {
    let mut model = String::new();
    let mut chars = labels.strip_prefix("model=\"")?.chars();
    loop {
        match chars.next()? {
            '"' => return Some(model),
            '\\' => model.push(chars.next()?),
            other => model.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_of_another_process_is_a_success_and_no_run_of_this_one() {
        let metrics = Metrics::new(None);
        assert!(!metrics.text().contains("last_success"));
        metrics.done_elsewhere(DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
        let text = metrics.text();
        assert!(
            text.contains("soft_delete_last_success_timestamp_seconds 1800000000\n"),
            "{text}"
        );
        assert!(text.contains("soft_delete_runs_total 0\n"), "{text}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut figures = Figures {
            runs: 7,
            failures: 2,
            seconds: 0.25,
            last_success: DateTime::from_timestamp(1_800_000_000, 0),
            ..Figures::default()
        };
        let odd = r#"the "odd" \ one} 3"#;
        figures.purged = [("leads".to_owned(), 12), (odd.to_owned(), 34)].into();
        figures.blocked = [("leads".to_owned(), 1)].into();
        figures.expired = [(odd.to_owned(), 5)].into();
        let metrics = Metrics::new(None);
        *metrics.figures() = figures;
        let again = Metrics::new(None);
        *again.figures() = Figures::read(&metrics.text());
        assert_eq!(again.text(), metrics.text());
        assert!(again.text().contains("soft_delete_failures_total 2\n"));
        *again.figures() = Figures::read("node_load1 0.5\nsoft_delete_rows_total{model=\"leads");
        assert_eq!(again.text(), Metrics::new(None).text());
    }
}
