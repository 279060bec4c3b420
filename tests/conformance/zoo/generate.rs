//! Cases, out of a seed.

use std::collections::BTreeMap;

use soft_delete::Database;

use super::schema::{
    Case, Declared, Deletion, Extra, FIRST_IN_PART, Flag, ForeignKey, Key, Kind, Mark, Part, Row, Rule, Step,
    Table, Target, When,
};
use crate::property::random::Random;

/// A generator of one case; `without` are features that it leaves out.
struct Generator<'a> {
    random: Random,
    database: Database,
    without: &'a [String],
}

/// The case that follows from a seed.
pub fn case(database: Database, seed: u64, without: &[String]) -> Case {
    let mut generator = Generator {
        random: Random::new(seed),
        database,
        without,
    };
    generator.case()
}

impl Generator<'_> {
    fn case(&mut self) -> Case {
        let is_restricted = self.has("restricted", self.on(&[Database::Postgres, Database::Mysql]), 12);
        let count = usize::try_from(self.random.between(2, 6)).expect("a small number");
        let mut tables: Vec<Table> = (0..count)
            .map(|number| self.table(number, is_restricted))
            .collect();
        for number in 0..count {
            for name in 0..self.random.between(0, 2) {
                let name = usize::try_from(name).expect("a small number");
                if let Some(key) = self.foreign_key(name, number, &tables) {
                    tables[number].foreign_keys.push(key);
                }
            }
        }
        for table in &mut tables {
            table.extras = self.extras(table, count, is_restricted);
        }
        let mut case = Case {
            database: self.database,
            home: String::new(),
            elsewhere: String::new(),
            tables,
            rows: Vec::new(),
            relations: Vec::new(),
            is_discovered: self.has("discovery", true, 30),
            is_restricted,
            steps: Vec::new(),
        };
        for number in 0..count {
            for n in 1..=self.random.between(1, 5) {
                let row = self.row(&case, number, n);
                case.rows.push(row);
            }
        }
        self.give_parents(&mut case);
        self.declare(&mut case);
        for _ in 0..self.random.between(1, 4) {
            if let Some(step) = self.step(&case) {
                case.steps.push(step);
            }
        }
        let ends_with = self.cleanup(&case);
        case.steps.push(ends_with);
        case
    }

    /// Whether this database has it, it is not left out, and chance wills it.
    fn has(&mut self, feature: &str, exists: bool, chance: i64) -> bool {
        let chosen = self.random.percent(chance);
        chosen && exists && !self.without.iter().any(|other| other == feature)
    }

    fn on(&self, databases: &[Database]) -> bool {
        databases.contains(&self.database)
    }

    fn table(&mut self, number: usize, is_restricted: bool) -> Table {
        let postgres = self.on(&[Database::Postgres]);
        let part = if self.has("partition", postgres, 12) {
            Some(Part::Partition)
        } else if self.has("inheritance", postgres, 8) {
            Some(Part::Inheritance)
        } else {
            None
        };
        let any_case = self.has("collation", self.on(&[Database::Sqlite, Database::Mysql]), 40);
        let key = match self.random.between(0, 9) {
            _ if part.is_some() => Key::Number,
            0..6 => Key::Number,
            6..8 if any_case => Key::AnyCase,
            6..8 => Key::Text,
            _ => Key::Pair,
        };
        let deletion = match self.random.between(0, 9) {
            0..2 if number > 0 => Deletion::None,
            0..4 => Deletion::Time,
            _ => Deletion::TimeAndOperation,
        };
        let is_deleted = deletion != Deletion::None;
        let flag = if is_deleted && self.has("flag", true, 15) {
            Some(if self.has("integer flag", true, 40) {
                Flag::Integer
            } else {
                Flag::Bool
            })
        } else {
            None
        };
        let is_elsewhere = self.has("elsewhere", self.on(&[Database::Postgres, Database::Mysql]), 10);
        let is_partial = self.has("partial", true, 12);
        let hides = self.has("hidden", is_restricted, 25);
        let is_hidden = hides && (is_elsewhere || self.database == Database::Postgres);
        Table {
            number,
            key,
            has_number: part != Some(Part::Partition) && self.random.percent(50),
            deletion,
            flag,
            is_registered: is_deleted && !is_partial && !is_hidden && !is_elsewhere,
            part,
            is_elsewhere,
            is_hidden,
            has_transactions: !self.has("myisam", self.on(&[Database::Mysql]), 6),
            foreign_keys: Vec::new(),
            extras: Vec::new(),
        }
    }

    // Mostly to a table before it, sometimes to itself or to one behind it, so that there are trees and cycles.
    fn foreign_key(&mut self, name: usize, child: usize, tables: &[Table]) -> Option<ForeignKey> {
        let last = i64::try_from(tables.len()).expect("a few tables") - 1;
        let before = i64::try_from(child).expect("a few tables") - 1;
        let parent = match self.random.between(0, 9) {
            0 if self.has("tree", true, 100) => child,
            1 if self.has("cycle", true, 100) => index(self.random.between(0, last)),
            _ if before >= 0 => index(self.random.between(0, before)),
            _ => return None,
        };
        let other = &tables[parent];
        let to_number = self.has("other keys", other.has_number, 35);
        let to_part = self.has("keys to parts", other.part.is_some(), 40);
        let target = match (to_number, to_part) {
            (true, _) => Target::Number,
            (_, true) => Target::Part,
            _ => Target::Primary,
        };
        let with_rule = tables[child].has_transactions && other.has_transactions && !self.random.percent(8);
        let default = self.on(&[Database::Sqlite, Database::Postgres]);
        let rule = match self.random.between(0, 9) {
            0..4 => Rule::NoAction,
            4 => Rule::Restrict,
            5..8 if self.has("cascade rule", true, 100) => Rule::Cascade,
            8 if self.has("set null", true, 100) => Rule::SetNull,
            9 if self.has("set default", default, 100) => Rule::SetDefault,
            _ => Rule::NoAction,
        };
        let defers = rule != Rule::Restrict && self.has("deferred", default, 20);
        Some(ForeignKey {
            name,
            parent,
            target,
            rule: with_rule.then_some(rule),
            is_deferred: with_rule && defers,
        })
    }

    fn extras(&mut self, table: &Table, count: usize, is_restricted: bool) -> Vec<Extra> {
        let mut extras = Vec::new();
        let postgres = self.on(&[Database::Postgres]);
        let quiet = self.on(&[Database::Postgres, Database::Sqlite]);
        let other = index(
            self.random
                .between(0, i64::try_from(count).expect("a few tables") - 1),
        );
        let others = other != table.number;
        if self.has("ignoring triggers", quiet, 4) {
            extras.push(Extra::IgnoreDelete(self.random.percent(50).then_some(1)));
        }
        if self.has("ignoring triggers", quiet, 2) {
            extras.push(Extra::IgnoreUpdate);
        }
        if self.has("triggers", others, 4) {
            let removes = self.random.percent(50);
            extras.push(if removes {
                Extra::DeleteOther(other)
            } else {
                Extra::UpdateOther(other)
            });
        }
        if self.has("rules", postgres && table.part.is_none(), 5) {
            extras.push(match self.random.between(0, 3) {
                0 => Extra::RuleNothing,
                1 if table.deletion != Deletion::None => Extra::RuleUpdate,
                2 if others => Extra::RuleAlso(other),
                _ => Extra::RuleUpdateNothing,
            });
        }
        if is_restricted && self.has("policies", postgres, 30) {
            extras.push(if self.random.percent(60) {
                Extra::HideFirst
            } else {
                Extra::NoDelete
            });
        }
        extras
    }

    fn row(&mut self, case: &Case, table: usize, n: i64) -> Row {
        let with = case.table(table).deletion;
        let is_deleted = with != Deletion::None && self.random.percent(65);
        let spelled = self.has("time zones", self.on(&[Database::Sqlite]), 8);
        let mark = is_deleted.then(|| Mark {
            at: match self.random.between(0, 9) {
                _ if spelled => When::AlmostWest,
                0..8 => When::LongAgo,
                _ => When::Recently,
            },
            operation: (with == Deletion::TimeAndOperation && self.random.percent(75))
                .then(|| u8::try_from(self.random.between(1, 2)).expect("a small number")),
        });
        let is_odd = self.has("flags out of step", is_deleted, 15);
        Row {
            table,
            n,
            mark,
            is_flagged: is_deleted && !is_odd,
            parents: BTreeMap::new(),
        }
    }

    fn give_parents(&mut self, case: &mut Case) {
        for at in 0..case.rows.len() {
            let keys = case.table(case.rows[at].table).foreign_keys.clone();
            for key in keys {
                let part = case.table(key.parent).part;
                let fits = |row: &&Row| {
                    row.table == key.parent
                        && match (key.target, part) {
                            (Target::Part, _) => row.n >= FIRST_IN_PART,
                            (_, Some(Part::Inheritance)) => row.n < FIRST_IN_PART,
                            _ => true,
                        }
                };
                let possible: Vec<i64> = case.rows.iter().filter(fits).map(|row| row.n).collect();
                if !possible.is_empty() && self.random.percent(80) {
                    let to = self.random.one_of(&possible);
                    case.rows[at].parents.insert(key.name, to);
                }
            }
        }
    }

    fn declare(&mut self, case: &mut Case) {
        for child in &case.tables {
            for key in &child.foreign_keys {
                let parent = case.table(key.parent);
                let wrong = self.has("wrong registrations", true, 7);
                let says = self.random.between(0, 9);
                if !parent.is_registered || says < 3 {
                    continue;
                }
                let operations = |table: &Table| table.deletion == Deletion::TimeAndOperation;
                let kind = match says {
                    _ if !child.is_registered => Kind::Owns,
                    _ if wrong && says == 9 => Kind::Owns,
                    3..8 if operations(child) && operations(parent) => Kind::Cascade,
                    _ => Kind::Restrict,
                };
                let mut columns = case.columns(key);
                if wrong {
                    // Another foreign key's columns, or one too few.
                    let others = child.foreign_keys.iter().find(|other| other.name != key.name);
                    match others {
                        Some(other) if self.random.percent(60) => columns = case.columns(other),
                        _ if columns.len() > 1 => drop(columns.pop()),
                        _ => {}
                    }
                }
                if kind != Kind::Owns || self.has("owns", true, 100) {
                    case.relations.push(Declared {
                        kind,
                        parent: parent.number,
                        child: child.number,
                        columns,
                    });
                }
            }
        }
    }

    fn step(&mut self, case: &Case) -> Option<Step> {
        let models: Vec<usize> = case
            .tables
            .iter()
            .filter(|table| table.is_registered)
            .map(|table| table.number)
            .collect();
        if models.is_empty() {
            return None;
        }
        let table = self.random.one_of(&models);
        let own: Vec<i64> = case
            .rows
            .iter()
            .filter(|row| row.table == table)
            .map(|row| row.n)
            .collect();
        let several = 1..=self.random.between(1, 2);
        let rows: Vec<i64> = several.map(|_| self.random.one_of(&own)).collect();
        let n = rows[0];
        let batch = u32::try_from(self.random.between(1, 5)).expect("a small number");
        Some(match self.random.between(0, 99) {
            0..14 => Step::Hold { table, n },
            14..16 => Step::HoldModel(table),
            16..19 => Step::HoldLatest,
            19..42 => Step::Delete {
                table,
                rows,
                at: if self.random.percent(70) {
                    When::LongAgo
                } else {
                    When::Recently
                },
            },
            42..54 => Step::Restore {
                table,
                rows,
                with_parents: self.random.percent(30),
            },
            54..59 => Step::UndoLatest {
                with_parents: self.random.percent(30),
            },
            59..72 => self.cleanup(case),
            72..92 => Step::Force { table, rows },
            _ => Step::ForceAll { table, batch },
        })
    }

    fn cleanup(&mut self, case: &Case) -> Step {
        let models: Vec<usize> = case
            .tables
            .iter()
            .filter(|table| table.is_registered)
            .map(|table| table.number)
            .collect();
        let one = self.random.percent(20) && !models.is_empty();
        Step::Cleanup {
            model: one.then(|| self.random.one_of(&models)),
            batch: u32::try_from(self.random.between(1, 5)).expect("a small number"),
            after_dry_run: self.random.percent(60),
        }
    }
}

fn index(number: i64) -> usize {
    usize::try_from(number).expect("not negative")
}
