//! A sequence, done to a database and to the oracle.

use std::{
    collections::BTreeMap,
    fmt::Write,
    hash::{BuildHasher, RandomState},
};

use chrono::TimeDelta;
use soft_delete::{Context, RestorePlan, prelude::*};

use super::{
    kin::{self, Table},
    oracle::{Answer, Event, World},
    sequence::{Asked, Sequence, Step},
};
use crate::support::clock::noon;

/// A database that a sequence is done to.
pub trait Subject {
    fn sql(&mut self, sql: &str);
    fn delete(&mut self, table: Table, asked: &Asked, context: Context) -> Given;
    fn restore(&mut self, table: Table, asked: &Asked, context: Context) -> Given;
    /// None for keys: no plan is made of those.
    fn plan(
        &mut self,
        table: Table,
        asked: &Asked,
        context: Context,
    ) -> Option<soft_delete::Result<RestorePlan>>;
    fn undo(&mut self, operation: soft_delete::DeletionId, context: Context) -> Given;
    /// None for keys: rows are not removed by those.
    fn remove(&mut self, table: Table, asked: &Asked, context: Context) -> Option<Given>;
    fn hold(&mut self, table: Table, row: i64, context: Context) -> Given;
    fn hold_operation(&mut self, operation: soft_delete::DeletionId, context: Context) -> Given;
    fn release(&mut self, table: Table, row: i64, context: Context) -> Given;
    fn rows(&mut self, family: &[Table]) -> Vec<SeenRow>;
    fn audit(&mut self) -> Vec<SeenEvent>;
}

/// What an operation answered, with its identity where it tells.
pub type Given = Result<(Answer, Option<String>), soft_delete::Error>;

/// A row as the database has it: table, number, time and operation of the deletion.
pub type SeenRow = (String, String, Option<String>, Option<String>);

/// A row of the audit trail as the database has it: operation, action, model, key, whether it was asked for, time.
pub type SeenEvent = (String, String, String, String, bool, String);

/// Does a thousand sequences, or as many as the environment says.
pub fn run(subject: &mut dyn Subject) {
    let number = |variable: &str| {
        std::env::var(variable)
            .ok()
            .map(|text| text.parse::<u64>().expect(variable))
    };
    let seed = number("SOFT_DELETE_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    for done_before in 0..number("SOFT_DELETE_SEQUENCES").unwrap_or(1_000) {
        let seed = seed.wrapping_add(done_before);
        let mut sequence = Sequence::new(seed);
        if done(subject, &sequence).is_err() {
            shorten(subject, &mut sequence);
            let problem = done(subject, &sequence).err().unwrap_or_default();
            let mut steps = String::new();
            for step in &sequence.steps {
                let _ = writeln!(steps, "    {step:?}");
            }
            panic!(
                "after {done_before} sequences SOFT_DELETE_SEED={seed} fails, shortened:\n{steps}{problem}"
            );
        }
    }
}

// Leaves out steps, one after another, as long as what remains still fails.
fn shorten(subject: &mut dyn Subject, sequence: &mut Sequence) {
    let mut place = sequence.steps.len();
    while place > 0 {
        place -= 1;
        let left_out = sequence.steps.remove(place);
        if done(subject, sequence).is_ok() {
            sequence.steps.insert(place, left_out);
        } else if place == 0 {
            // What was needed before may be needed no more.
            place = sequence.steps.len();
        }
    }
}

fn done(subject: &mut dyn Subject, sequence: &Sequence) -> Result<(), String> {
    subject.sql(&kin::empty(sequence.family));
    let mut trial = Trial {
        subject,
        family: sequence.family,
        world: World::default(),
        operations: Vec::new(),
    };
    for step in sequence.steps.iter() {
        if trial.world.allows(step) {
            trial.step(step)?;
        }
    }
    Ok(())
}

struct Trial<'s> {
    subject: &'s mut dyn Subject,
    family: &'static [Table],
    world: World,
    /// The identities of the operations that the oracle has numbered.
    operations: Vec<String>,
}

impl Trial<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.world.prepare(step);
        let (expected, given) = match step {
            Step::Insert {
                table,
                row,
                parents,
                email,
            } => {
                self.subject.sql(&kin::insert(*table, *row, parents, *email));
                return Ok(());
            }
            Step::Move { table, row, link, to } => {
                self.subject.sql(&kin::hang(*table, *row, *link, *to));
                return Ok(());
            }
            Step::Mark { table, row } => {
                let at = self.time();
                self.subject.sql(&kin::mark(*table, *row, &at));
                return Ok(());
            }
            Step::Wait(_) => return Ok(()),
            Step::Delete { table, asked } => {
                let context = self.context(false);
                (
                    self.world.delete(*table, asked),
                    self.subject.delete(*table, asked, context),
                )
            }
            Step::Restore {
                table,
                asked,
                with_parents,
            } => {
                self.plan(*table, asked, *with_parents)?;
                let context = self.context(*with_parents);
                (
                    self.world.restore(*table, asked, *with_parents),
                    self.subject.restore(*table, asked, context),
                )
            }
            Step::Undo {
                operation,
                with_parents,
            } => {
                let context = self.context(*with_parents);
                let (number, id) = self.operation(*operation);
                (
                    self.world.undo(number, *with_parents),
                    self.subject.undo(id, context),
                )
            }
            Step::Remove { table, asked } => {
                let context = self.context(false);
                let Some(given) = self.subject.remove(*table, asked, context) else {
                    return Ok(());
                };
                (self.world.remove(*table, asked), given)
            }
            Step::Hold { table, row, lasting } => {
                let context = self.context(false);
                let context = match lasting {
                    Some(lasting) => {
                        context.until(noon() + TimeDelta::milliseconds(self.world.now + lasting))
                    }
                    None => context,
                };
                (
                    self.world.hold((*table, *row), *lasting),
                    self.subject.hold(*table, *row, context),
                )
            }
            Step::HoldOperation(operation) => {
                let context = self.context(false);
                let (number, id) = self.operation(*operation);
                (
                    self.world.hold_operation(number, &id.to_string()),
                    self.subject.hold_operation(id, context),
                )
            }
            Step::Release { table, row } => {
                let context = self.context(false);
                (
                    self.world.release((*table, *row)),
                    self.subject.release(*table, *row, context),
                )
            }
        };
        let (given, id) = given.map_err(|error| format!("{step:?} failed: {error:?}"))?;
        if !is_as_expected(&given, &expected) {
            return Err(format!("{step:?} answered {given:?} instead of {expected:?}"));
        }
        self.compare_audit(id)
            .map_err(|problem| format!("{step:?}: {problem}"))?;
        self.compare_rows()
            .map_err(|problem| format!("{step:?}: {problem}"))
    }

    // What the plan tells is what the restore would do.
    fn plan(&mut self, table: Table, asked: &Asked, with_parents: bool) -> Result<(), String> {
        let context = self.context(with_parents);
        let Some(plan) = self.subject.plan(table, asked, context) else {
            return Ok(());
        };
        let plan = plan.map_err(|error| format!("the plan failed: {error:?}"))?;
        let mut ahead = self.world.clone();
        let told_before = ahead.audit.len();
        let expected = ahead.restore(table, asked, with_parents);
        let right = match &expected {
            Answer::ParentDeleted(parents) => {
                let mut named = plan.deleted_parents.iter();
                !plan.deleted_parents.is_empty()
                    && named.all(|row| parents.contains(&(row.model.as_str(), row.id.clone())))
            }
            Answer::Conflict => plan.deleted_parents.is_empty() && !plan.conflicts.is_empty(),
            _ => {
                let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
                for event in &ahead.audit[told_before..] {
                    *counts.entry(event.model).or_default() += 1;
                }
                let told: BTreeMap<&str, u64> = plan
                    .models
                    .iter()
                    .map(|model| (model.model.as_str(), model.rows))
                    .collect();
                plan.is_possible() && told == counts
            }
        };
        if right {
            return Ok(());
        }
        Err(format!(
            "the plan of {asked:?} of {table:?} {} was {plan:#?}, but {expected:?} comes to {:?}",
            if with_parents { "with parents" } else { "" },
            &ahead.audit[told_before..]
        ))
    }

    fn compare_audit(&mut self, id: Option<String>) -> Result<(), String> {
        let mut seen = self.subject.audit();
        if self.world.operations() > self.operations.len() {
            let last = seen
                .last()
                .map(|event| event.0.clone())
                .ok_or("nothing was recorded")?;
            if id.is_some_and(|id| id != last) || self.operations.contains(&last) {
                return Err(format!("{last} is not the operation"));
            }
            self.operations.push(last);
        }
        let told = |event: &Event| {
            let time = time(event.at);
            let id = self.operations[event.operation].clone();
            (
                id,
                event.action.to_owned(),
                event.model.to_owned(),
                event.record_id.clone(),
                event.root,
                time,
            )
        };
        let mut expected: Vec<SeenEvent> = self.world.audit.iter().map(told).collect();
        expected.sort();
        seen.sort();
        differences("the audit trail", &seen, &expected)
    }

    fn compare_rows(&mut self) -> Result<(), String> {
        let mut seen = self.subject.rows(self.family);
        let told = |((table, number), row): (&kin::Key, &super::oracle::Row)| {
            let operation = row.deleted.and_then(|mark| mark.operation);
            let operation = operation.map(|number| self.operations[number].clone());
            (
                table.name().to_owned(),
                number.to_string(),
                row.deleted.map(|mark| time(mark.at)),
                operation,
            )
        };
        let mut expected: Vec<SeenRow> = self.world.rows.iter().map(told).collect();
        expected.sort();
        seen.sort();
        differences("the rows", &seen, &expected)
    }

    // The number and the identity of an operation, counted round; of one that nobody knows where there was none.
    fn operation(&self, operation: usize) -> (usize, soft_delete::DeletionId) {
        let number = operation.checked_rem(self.operations.len()).unwrap_or(operation);
        let id = self
            .operations
            .get(number)
            .map_or("018cc251-f400-7000-8000-000000000000", String::as_str);
        (number, id.parse().expect("an identity"))
    }

    fn time(&self) -> String {
        time(self.world.now)
    }

    fn context(&self, with_parents: bool) -> Context {
        let now = noon() + TimeDelta::milliseconds(self.world.now);
        let context = Actor::new("chance")
            .because("a test")
            .clock(soft_delete::FixedClock::at(now));
        if with_parents {
            context.with_parents()
        } else {
            context
        }
    }
}

fn time(now: i64) -> String {
    let time = noon() + TimeDelta::milliseconds(now);
    time.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

fn is_as_expected(given: &Answer, expected: &Answer) -> bool {
    match (given, expected) {
        (Answer::ParentDeleted(given), Answer::ParentDeleted(expected)) => given.is_subset(expected),
        _ => given == expected,
    }
}

fn differences<T: std::fmt::Debug + PartialEq>(what: &str, seen: &[T], expected: &[T]) -> Result<(), String> {
    if seen == expected {
        return Ok(());
    }
    let mut told = format!("{what}:");
    for row in seen.iter().filter(|row| !expected.contains(row)) {
        let _ = write!(told, "\n    not expected {row:?}");
    }
    for row in expected.iter().filter(|row| !seen.contains(row)) {
        let _ = write!(told, "\n    missing {row:?}");
    }
    if seen.len() != expected.len() {
        let _ = write!(told, "\n    {} instead of {}", seen.len(), expected.len());
    }
    Err(told)
}
