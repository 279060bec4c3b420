//! What a command works with.

use std::io;

use diesel::connection::LoadConnection;
use soft_delete::{Actor, Context, Dialect, Registry};

use crate::{
    actor,
    args::{Command, Common, Look, Migrate},
    command::{self, hold::Thing},
    exit::Exit,
    failure::Failure,
    output::{self, Document, Format},
    prompt::Consent,
};

/// What a command answers.
pub(crate) type Answer = Result<Exit, Failure>;

/// A connection, the models, and what was said on the command line.
pub(crate) struct Session<'s, C> {
    pub(crate) conn: &'s mut C,
    pub(crate) registry: &'s Registry,
    pub(crate) common: &'s Common,
}

/// Who acts by this command line, and why.
pub(crate) fn who(common: &Common, reason: Option<String>) -> Context {
    let actor = Actor::new(common.actor.clone().unwrap_or_else(actor::from_system));
    match reason {
        Some(reason) => actor.because(reason),
        None => actor.into(),
    }
}

impl<C> Session<'_, C>
where
    C: LoadConnection<Backend: Dialect>,
{
    /// Does what was asked for.
    pub(crate) fn run(&mut self, command: Command) -> Answer {
        match command {
            Command::Look(Look::Stats {
                models,
                soon,
                estimate_above,
            }) => command::stats::run(self, &models, soon, estimate_above),
            Command::Look(Look::ListDeleted(asked)) => command::list_deleted::run(self, &asked),
            Command::Show { model, id } => command::show::run(self, &model, &id),
            Command::Delete { model, ids, reason } => command::change::delete(self, &model, &ids, reason),
            Command::Restore {
                model,
                ids,
                reason,
                with_parents,
                dry_run,
            } => command::change::restore(self, &model, &ids, reason, with_parents, dry_run),
            Command::Undo {
                operation,
                reason,
                with_parents,
            } => command::change::undo(self, operation, reason, with_parents),
            Command::Operations(page) => command::trail::operations(self, &page),
            Command::Audit(asked) => command::trail::audit(self, &asked),
            Command::Hold {
                model,
                ids,
                operation,
                reason,
                until,
            } => {
                let thing = Thing::of(model.as_deref(), &ids, operation, None)?;
                command::hold::hold(self, thing, reason, until)
            }
            Command::Release {
                model,
                ids,
                operation,
                hold,
            } => {
                let thing = Thing::of(model.as_deref(), &ids, operation, hold)?;
                command::hold::release(self, thing)
            }
            Command::Holds(page) => command::hold::list(self, &page),
            Command::Cleanup(asked) => command::cleanup::run(self, &asked),
            Command::ForceCleanup(asked) => command::force_cleanup::run(self, &asked),
            Command::Runs(page) => command::trail::runs(self, &page),
            Command::Archive(asked) => command::archive::run(self, asked),
            Command::Doctor => command::doctor::run(self),
            Command::Migrate(Migrate::Print { guards }) => command::migrate::print(self, guards.as_deref()),
            Command::Migrate(Migrate::Up) => command::migrate::up(self),
            #[cfg(feature = "admin")]
            Command::Admin(_) => Err(Failure::usage(
                "this is for the program `soft-delete` alone: an application mounts soft-delete-admin in its own router",
            )),
            Command::Init | Command::Schedule(_) | Command::Completions { .. } | Command::Man => Err(
                Failure::usage("this command is for the program `soft-delete` alone"),
            ),
        }
    }

    /// Who acts, and why.
    pub(crate) fn who(&self, reason: Option<String>) -> Context {
        who(self.common, reason)
    }

    /// How questions are answered.
    pub(crate) fn consent(&self) -> Consent {
        Consent {
            yes: self.common.yes,
            no_input: self.common.no_input,
        }
    }

    /// Writes an answer.
    pub(crate) fn answer(&self, document: Document) -> Result<(), Failure> {
        let (mut answer, mut notes) = (Vec::new(), Vec::new());
        document.write(self.common.format, terminal_width(), &mut answer, &mut notes)?;
        // Only a table has colours to be left out.
        match self.common.format {
            Format::Table => output::print_styled(&answer)?,
            _ => output::print(&answer)?,
        }
        if !notes.is_empty() {
            self.say(String::from_utf8_lossy(&notes).trim_end_matches('\n'));
        }
        Ok(())
    }

    /// Says something beside the answer.
    pub(crate) fn say(&self, text: &str) {
        if !self.common.quiet {
            output::tell(text);
        }
    }

    /// Whether the answer is lines of single values.
    pub(crate) fn is_in_columns(&self) -> bool {
        matches!(self.common.format, Format::Table | Format::Csv)
    }
}

// Of the terminal that the answer goes to, if it goes to one.
fn terminal_width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0))
}
