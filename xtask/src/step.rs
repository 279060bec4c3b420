//! A named step: a command, how long it took, and the way out when it fails.

use std::env;
use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

/// Why a step failed, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong, in the words of the one who noticed.
    what: String,
    /// The way out.
    fix: String,
}

impl Failure {
    /// Pairs what went wrong with the way out.
    pub fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed: {}\nto fix: {}", self.what, self.fix)
    }
}

/// One step that ended.
struct Ended {
    /// The name it was announced by.
    name: String,
    /// How long it ran.
    took: Duration,
    /// Whether it succeeded.
    passed: bool,
}

/// The steps of one chore, in order; displayed, they are the summary.
pub struct Steps {
    /// Variables that every command of every step sees.
    environment: Vec<(&'static str, String)>,
    /// The steps so far.
    ended: Vec<Ended>,
}

impl Steps {
    /// No steps yet.
    pub fn new() -> Self {
        let mut steps = Self {
            environment: Vec::new(),
            ended: Vec::new(),
        };
        if env::var_os("CI").is_some() {
            // A clean build never reads its incremental data back; not writing it is faster and smaller.
            steps.set("CARGO_INCREMENTAL", "0");
            // Nobody steps through a test there, and half of what is written to the disk is for those who do.
            steps.set("CARGO_PROFILE_DEV_DEBUG", "0");
        }
        steps
    }

    /// Sets an environment variable for all commands from here on.
    pub fn set(&mut self, variable: &'static str, value: impl Into<String>) {
        self.environment.push((variable, value.into()));
    }

    /// The variables that were set.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.environment
            .iter()
            .map(|(variable, value)| (*variable, value.as_str()))
    }

    /// Runs `command` as the step `name`; `fix` says what to do when it fails.
    pub fn run(&mut self, name: &str, command: &mut Command, fix: &str) -> Result<(), Failure> {
        let line = command_line(command);
        command.envs(self.environment.iter().map(|(variable, value)| (variable, value)));
        self.time(name, || {
            println!("    {line}");
            match command.status() {
                Ok(status) if status.success() => Ok(()),
                Ok(status) => Err(Failure::new(format!("{line} ({status})"), fix)),
                Err(error) => Err(Failure::new(format!("{line} ({error})"), fix)),
            }
        })
    }

    /// Does `work` as the step `name`.
    pub fn time<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        println!("==> {name}");
        let start = Instant::now();
        let outcome = work();
        self.ended.push(Ended {
            name: name.to_owned(),
            took: start.elapsed(),
            passed: outcome.is_ok(),
        });
        outcome
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ended.is_empty() {
            return Ok(());
        }
        let width = self
            .ended
            .iter()
            .map(|step| step.name.len())
            .max()
            .unwrap_or_default()
            .max("total".len());
        writeln!(f, "\n{:width$}  {:>7}", "step", "seconds")?;
        for Ended { name, took, passed } in &self.ended {
            let remark = if *passed { "" } else { "  FAILED" };
            writeln!(f, "{name:width$}  {:>7.1}{remark}", took.as_secs_f64())?;
        }
        let total: Duration = self.ended.iter().map(|step| step.took).sum();
        writeln!(f, "{:width$}  {:>7.1}", "total", total.as_secs_f64())
    }
}

/// What `command` prints on its standard output, for commands that are asked rather than run.
pub fn answer(command: &mut Command, fix: &str) -> Result<String, Failure> {
    let line = command_line(command);
    let failure = |reason: String| Failure::new(format!("{line} ({reason})"), fix);
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => return Err(failure(error.to_string())),
    };
    if !output.status.success() {
        return Err(failure(format!(
            "{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    String::from_utf8(output.stdout).map_err(|error| failure(error.to_string()))
}

/// The command as it would be typed, with the variables that it alone sets.
fn command_line(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(variable, value)| {
        // PATH is only longer here than at the prompt; printed, it would drown the rest.
        let value = value.filter(|_| variable != "PATH")?;
        Some(format!(
            "{}={}",
            variable.display(),
            quoted(&value.to_string_lossy())
        ))
    });
    let words = [command.get_program()].into_iter().chain(command.get_args());
    variables
        .chain(words.map(|word| quoted(&word.to_string_lossy())))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The word, in quotes when a shell would split it.
fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains([' ', '$', '*']) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_typed() {
        let mut command = Command::new("cargo");
        command
            .args(["doc", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .env("PATH", "/somewhere");
        assert_eq!(
            command_line(&command),
            "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
        );
    }

    #[test]
    fn a_failing_command_names_itself_and_the_way_out() {
        let mut steps = Steps::new();
        let failure = steps
            .run("no", &mut Command::new("false"), "try `true`")
            .expect_err("false fails");
        assert_eq!(
            failure.to_string(),
            "failed: false (exit status: 1)\nto fix: try `true`"
        );
        assert!(
            steps.to_string().contains("FAILED"),
            "the summary shows which step failed: {steps}"
        );
    }

    #[test]
    fn commands_see_the_variables_set_before_them() {
        let mut steps = Steps::new();
        steps.set("SOFT_DELETE_XTASK_TEST", "seen");
        let mut command = Command::new("sh");
        command.args(["-c", r#"test "$SOFT_DELETE_XTASK_TEST" = seen"#]);
        steps
            .run("see", &mut command, "set it")
            .expect("the variable is set");
    }
}
