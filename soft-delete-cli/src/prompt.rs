//! Asking before something is done that cannot be taken back lightly.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::{exit::Exit, failure::Failure, output::text};

/// How a confirmation is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Consent {
    /// `--yes` was given.
    pub(crate) yes: bool,
    /// `--no-input` was given.
    pub(crate) no_input: bool,
}

impl Consent {
    /// Asks, unless it was said beforehand; `false` is a no.
    pub(crate) fn to(self, what: &str) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        if !self.can_ask() {
            return Err(Failure::new(
                Exit::Usage,
                format!("{what}: nobody can be asked here, say --yes"),
            ));
        }
        let answer = ask(&format!("{what}? [y/N] "))?;
        Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Has a name typed in, unless it was given beforehand.
    pub(crate) fn by_name(self, what: &str, name: &str, given: Option<&str>) -> Result<bool, Failure> {
        match given {
            Some(given) if given == name => return Ok(true),
            Some(given) => {
                return Err(Failure::usage(format!(
                    "--confirm {given} is not {name}: nothing was done"
                )));
            }
            None => {}
        }
        if !self.can_ask() {
            return Err(Failure::new(
                Exit::Usage,
                format!("{what}: nobody can be asked here, say --confirm {name}"),
            ));
        }
        Ok(ask(&format!("{what}. Type {name} to go on: "))? == name)
    }

    fn can_ask(self) -> bool {
        !self.no_input && io::stdin().is_terminal()
    }
}

fn ask(question: &str) -> Result<String, Failure> {
    let mut err = io::stderr();
    write!(err, "{}", text::line(question))?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
