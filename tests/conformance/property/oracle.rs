//! What operations have to do, in sets and loops.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    kin::{Key, Table, record_id, store},
    sequence::{Asked, Step},
};

/// Everything there is.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub rows: BTreeMap<Key, Row>,
    pub audit: Vec<Event>,
    /// Milliseconds since the clock was set.
    pub now: i64,
    holds: Vec<Hold>,
    operations: usize,
}

/// Rows that are not removed, up to an end if there is one.
#[derive(Debug, Clone)]
struct Hold {
    on: Held,
    end: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Row(Key),
    Operation(usize),
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it hangs on, link by link.
    pub parents: Vec<Option<i64>>,
    pub email: Option<i64>,
    pub deleted: Option<Mark>,
}

/// That a row is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub at: i64,
    /// None for a row that somebody else's program has marked.
    pub operation: Option<usize>,
}

/// A row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub operation: usize,
    pub action: &'static str,
    pub model: &'static str,
    pub record_id: String,
    pub root: bool,
    pub at: i64,
}

/// What an operation answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Whether one row was changed.
    Changed(bool),
    /// How many rows of each table.
    Rows(BTreeMap<&'static str, u64>),
    NotFound,
    /// One of these stands in the way.
    ParentDeleted(BTreeSet<(&'static str, String)>),
    Conflict,
    Restricted(u64),
    UnknownOperation,
    NotADeletion,
    /// The row was removed for good.
    Purged,
    /// The row is active, and only deleted ones are removed.
    NotDeleted,
    /// So many rows refer to those that were to be removed.
    StillReferenced(u64),
    Held,
    /// So many rows would come back with others, which stay.
    PartOfFamily(u64),
    /// A hold was placed.
    Placed,
    /// So many holds were lifted.
    Lifted(u64),
}

type Keys = BTreeSet<Key>;

impl World {
    /// Whether the database would take this step; what it does not take is passed over.
    pub fn allows(&self, step: &Step) -> bool {
        let names_a_row = |table: Table, link: usize, to: Option<i64>| {
            // Authors may name a book that is not there yet.
            to.is_none_or(|to| {
                table == Table::Authors || self.rows.contains_key(&(table.links()[link].parent, to))
            })
        };
        match step {
            Step::Insert {
                table,
                row,
                parents,
                email,
            } => {
                let mut links = parents.iter().enumerate();
                !self.rows.contains_key(&(*table, *row))
                    && links.all(|(link, to)| names_a_row(*table, link, *to))
                    && !self.active().any(|row| email.is_some() && row.email == *email)
            }
            Step::Move { table, row, link, to } => {
                self.rows.contains_key(&(*table, *row)) && names_a_row(*table, *link, *to)
            }
            Step::Mark { table, row } => self
                .rows
                .get(&(*table, *row))
                .is_some_and(|row| row.deleted.is_none()),
            _ => true,
        }
    }

    /// Does what is no operation.
    pub fn prepare(&mut self, step: &Step) {
        match step {
            Step::Insert {
                table,
                row,
                parents,
                email,
            } => {
                let (parents, email) = (parents.clone(), *email);
                self.rows.insert(
                    (*table, *row),
                    Row {
                        parents,
                        email,
                        deleted: None,
                    },
                );
            }
            Step::Move { table, row, link, to } => {
                if let Some(row) = self.rows.get_mut(&(*table, *row)) {
                    row.parents[*link] = *to;
                }
            }
            Step::Mark { table, row } => {
                let mark = Mark {
                    at: self.now,
                    operation: None,
                };
                if let Some(row) = self.rows.get_mut(&(*table, *row)) {
                    row.deleted = Some(mark);
                }
            }
            Step::Wait(by) => self.now += by,
            _ => {}
        }
    }

    /// Marks the rows that were asked for and everything active below them.
    pub fn delete(&mut self, table: Table, asked: &Asked) -> Answer {
        let roots = self.asked_for(table, asked, |row| row.deleted.is_none());
        let gone = self.closure(&roots, |world, _, child| world.rows[child].deleted.is_none());
        let restricting = self.rows.iter().filter(|((table, _), row)| {
            let team = |team: Option<i64>| team.is_some_and(|team| gone.contains(&(Table::Teams, team)));
            *table == Table::Invoices && row.deleted.is_none() && team(row.parents[0])
        });
        let restricting = restricting.count() as u64;
        if restricting > 0 {
            return Answer::Restricted(restricting);
        }
        if !gone.is_empty() {
            let mark = Mark {
                at: self.now,
                operation: Some(self.operations),
            };
            for key in &gone {
                self.row(*key).deleted = Some(mark);
            }
        }
        self.record("soft_delete", &gone, &roots);
        self.answer(table, asked, &roots, &gone)
    }

    /// Brings back the rows that were asked for, what went with each of them below it, and their parents if they are wanted.
    pub fn restore(&mut self, table: Table, asked: &Asked, with_parents: bool) -> Answer {
        let roots = self.asked_for(table, asked, |row| row.deleted.is_some());
        let parents = self.parents_if(with_parents, &roots);
        let went_along = |world: &Self, parent: &Key, child: &Key| {
            let operation = |key: &Key| world.rows[key].deleted.and_then(|mark| mark.operation);
            operation(child).is_some() && operation(child) == operation(parent)
        };
        let mut back = self.closure(&roots, went_along);
        back.extend(&parents);
        // What hangs on a row that stays deleted waits, and what hangs on that.
        loop {
            let waits = |key: &&Key| {
                !roots.contains(key)
                    && !parents.contains(key)
                    && !self.deleted_parents(**key, &back).is_empty()
            };
            let waiting: Keys = back.iter().filter(waits).copied().collect();
            if waiting.is_empty() {
                break;
            }
            back.retain(|key| !waiting.contains(key));
        }
        match self.bring_back(&back, &roots) {
            Ok(()) => match asked {
                Asked::One(row) if !self.rows.contains_key(&(table, *row)) => self.gone((table, *row)),
                _ => self.answer(table, asked, &roots, &back),
            },
            Err(refused) => refused,
        }
    }

    /// Removes the deleted rows that were asked for with everything below them, unless something is active or held.
    pub fn remove(&mut self, table: Table, asked: &Asked) -> Answer {
        let roots = self.asked_for(table, asked, |row| row.deleted.is_some());
        if let Asked::One(row) = asked {
            let key = (table, *row);
            match self.rows.get(&key) {
                None => return self.gone(key),
                Some(row) if row.deleted.is_none() => return Answer::NotDeleted,
                Some(_) => {}
            }
        }
        let doomed = self.closure(&roots, |_, _, _| true);
        // Authors and books lead to each other, and are of no family.
        if !matches!(table, Table::Authors | Table::Books) {
            let operation = |key: &Key| self.rows.get(key).and_then(|row| row.deleted?.operation);
            // With the rows of its own table that go along.
            let parted: Vec<u64> = table
                .links()
                .iter()
                .enumerate()
                .filter(|(_, link)| link.cascades)
                .map(|(place, link)| {
                    let comes_over = |key: &&Key| {
                        let parent = self.rows[*key].parents[place].map(|id| (link.parent, id));
                        parent.is_some_and(|parent| {
                            let stays = parent.0 != table || !doomed.contains(&parent);
                            stays && operation(key).is_some() && operation(&parent) == operation(key)
                        })
                    };
                    roots.iter().filter(comes_over).count() as u64
                })
                .collect();
            if let Some(rows) = parted.into_iter().find(|rows| *rows > 0) {
                return Answer::PartOfFamily(rows);
            }
        }
        let refers = |((table, _), row): &(&Key, &Row)| {
            *table == Table::Invoices
                && row.parents[0].is_some_and(|team| doomed.contains(&(Table::Teams, team)))
        };
        let referring = self.rows.iter().filter(refers).count();
        let active = doomed
            .iter()
            .filter(|key| self.rows[key].deleted.is_none())
            .count();
        if referring + active > 0 {
            return Answer::StillReferenced((referring + active) as u64);
        }
        if doomed.iter().any(|key| self.is_held(*key)) {
            return Answer::Held;
        }
        self.record("force_delete", &doomed, &roots);
        let answer = Answer::Rows(counts(&doomed));
        self.rows.retain(|key, _| !doomed.contains(key));
        answer
    }

    /// Holds a row.
    pub fn hold(&mut self, key: Key, lasting: Option<i64>) -> Answer {
        if !self.rows.contains_key(&key) {
            return self.gone(key);
        }
        self.record_one("hold", key.0.name(), record_id(key));
        self.holds.push(Hold {
            on: Held::Row(key),
            end: lasting.map(|lasting| self.now + lasting),
        });
        Answer::Placed
    }

    /// Holds what an operation deleted; `id` is its identity.
    pub fn hold_operation(&mut self, operation: usize, id: &str) -> Answer {
        match self.did(operation) {
            None => Answer::UnknownOperation,
            Some("soft_delete") => {
                self.record_one("hold", "*", id.to_owned());
                self.holds.push(Hold {
                    on: Held::Operation(operation),
                    end: None,
                });
                Answer::Placed
            }
            Some(_) => Answer::NotADeletion,
        }
    }

    /// Lifts all holds on a row, whether it is there or not.
    pub fn release(&mut self, key: Key) -> Answer {
        let before = self.holds.len();
        self.holds.retain(|hold| hold.on != Held::Row(key));
        let lifted = before - self.holds.len();
        if lifted > 0 {
            self.record_one("release", key.0.name(), record_id(key));
        }
        Answer::Lifted(lifted as u64)
    }

    fn is_held(&self, key: Key) -> bool {
        let operation = self.rows[&key].deleted.and_then(|mark| mark.operation);
        let mut in_force = self
            .holds
            .iter()
            .filter(|hold| hold.end.is_none_or(|end| self.now < end));
        in_force.any(|hold| match &hold.on {
            Held::Row(row) => *row == key,
            Held::Operation(number) => operation == Some(*number),
        })
    }

    // A row that is not there: removed for good, or never seen.
    fn gone(&self, key: Key) -> Answer {
        let (model, id) = (key.0.name(), record_id(key));
        let mut audit = self.audit.iter();
        let removed = audit
            .any(|event| event.action == "force_delete" && event.model == model && event.record_id == id);
        if removed { Answer::Purged } else { Answer::NotFound }
    }

    fn did(&self, operation: usize) -> Option<&'static str> {
        let mut audit = self.audit.iter();
        audit
            .find(|event| event.operation == operation)
            .map(|event| event.action)
    }

    /// Brings back what still is deleted by an operation.
    pub fn undo(&mut self, operation: usize, with_parents: bool) -> Answer {
        match self.did(operation) {
            None => return Answer::UnknownOperation,
            Some("soft_delete") => {}
            Some(_) => return Answer::NotADeletion,
        }
        let went = |row: &Row| row.deleted.is_some_and(|mark| mark.operation == Some(operation));
        let roots: Keys = self
            .rows
            .iter()
            .filter(|(_, row)| went(row))
            .map(|(key, _)| *key)
            .collect();
        let mut back = self.parents_if(with_parents, &roots);
        back.extend(&roots);
        match self.bring_back(&back, &roots) {
            Ok(()) => Answer::Rows(counts(&back)),
            Err(refused) => refused,
        }
    }

    /// How many operations have changed something.
    pub fn operations(&self) -> usize {
        self.operations
    }

    fn bring_back(&mut self, back: &Keys, roots: &Keys) -> Result<(), Answer> {
        let in_the_way: Keys = roots
            .iter()
            .flat_map(|root| self.deleted_parents(*root, back))
            .collect();
        if !in_the_way.is_empty() {
            let named = in_the_way.into_iter().map(|key| (key.0.name(), record_id(key)));
            return Err(Answer::ParentDeleted(named.collect()));
        }
        let mut emails: Vec<i64> = self.active().filter_map(|row| row.email).collect();
        emails.extend(back.iter().filter_map(|key| self.rows[key].email));
        if emails.len() > emails.iter().collect::<BTreeSet<_>>().len() {
            return Err(Answer::Conflict);
        }
        for key in back {
            self.row(*key).deleted = None;
        }
        self.record("restore", back, roots);
        Ok(())
    }

    fn row(&mut self, key: Key) -> &mut Row {
        self.rows.get_mut(&key).expect("a row that was found")
    }

    fn active(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().filter(|row| row.deleted.is_none())
    }

    fn asked_for(&self, table: Table, asked: &Asked, state: impl Fn(&Row) -> bool) -> Keys {
        let is_asked_for = |number: i64, row: &Row| match asked {
            Asked::One(one) => number == *one,
            Asked::Many(many) => many.contains(&number),
            Asked::UpTo(last) if table == Table::Stores => i64::from(store(number).1) <= *last,
            Asked::UpTo(last) => number <= *last,
            Asked::Under(email) if table == Table::Teams => row.email == Some(*email),
            Asked::Under(_) if table == Table::Stores => false,
            Asked::Under(parent) => row.parents[0] == Some(*parent),
        };
        let rows = self.rows.iter();
        let rows =
            rows.filter(|((of, number), row)| *of == table && state(row) && is_asked_for(*number, row));
        rows.map(|(key, _)| *key).collect()
    }

    // The rows that a row goes along with.
    fn parents(&self, key: Key) -> impl Iterator<Item = Key> {
        let links = key.0.links().iter().zip(&self.rows[&key].parents);
        let named = links
            .filter(|(link, _)| link.cascades)
            .filter_map(|(link, to)| Some((link.parent, (*to)?)));
        named.filter(|parent| self.rows.contains_key(parent))
    }

    fn deleted_parents(&self, key: Key, but_for: &Keys) -> Vec<Key> {
        // A row waits for whatever it refers to, whether it goes along with it or not.
        let links = key.0.links().iter().zip(&self.rows[&key].parents);
        let named = links.filter_map(|(link, to)| Some((link.parent, (*to)?)));
        named
            .filter(|parent| self.rows.contains_key(parent))
            .filter(|parent| self.rows[parent].deleted.is_some() && !but_for.contains(parent))
            .collect()
    }

    // These rows and all below them, as far as one leads to the next.
    fn closure(&self, roots: &Keys, leads: impl Fn(&Self, &Key, &Key) -> bool) -> Keys {
        let mut found = roots.clone();
        loop {
            let next = |child: &&Key| {
                !found.contains(child)
                    && self
                        .parents(**child)
                        .any(|parent| found.contains(&parent) && leads(self, &parent, child))
            };
            let more: Keys = self.rows.keys().filter(next).copied().collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    // The deleted rows that these hang on, up to the first.
    fn parents_if(&self, wanted: bool, roots: &Keys) -> Keys {
        let mut found = Keys::new();
        let mut next: Vec<Key> = roots.iter().copied().filter(|_| wanted).collect();
        while let Some(key) = next.pop() {
            for parent in self.deleted_parents(key, roots) {
                if found.insert(parent) {
                    next.push(parent);
                }
            }
        }
        found
    }

    fn record(&mut self, action: &'static str, changed: &Keys, roots: &Keys) {
        let (operation, at) = (self.operations, self.now);
        self.audit.extend(changed.iter().map(|key| Event {
            operation,
            action,
            model: key.0.name(),
            record_id: record_id(*key),
            root: roots.contains(key),
            at,
        }));
        self.operations += usize::from(!changed.is_empty());
    }

    fn record_one(&mut self, action: &'static str, model: &'static str, record_id: String) {
        self.audit.push(Event {
            operation: self.operations,
            action,
            model,
            record_id,
            root: true,
            at: self.now,
        });
        self.operations += 1;
    }

    fn answer(&self, table: Table, asked: &Asked, roots: &Keys, changed: &Keys) -> Answer {
        match asked {
            Asked::One(row) if !self.rows.contains_key(&(table, *row)) => Answer::NotFound,
            Asked::One(_) => Answer::Changed(!roots.is_empty()),
            _ => Answer::Rows(counts(changed)),
        }
    }
}

fn counts(rows: &Keys) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for (table, _) in rows {
        *counts.entry(table.name()).or_default() += 1;
    }
    counts
}
