//! Sequences of steps, out of a seed.

use super::{
    kin::{FAMILIES, Table},
    random::Random,
};

/// What is done next.
#[derive(Debug, Clone)]
pub enum Step {
    Insert {
        table: Table,
        row: i64,
        parents: Vec<Option<i64>>,
        email: Option<i64>,
    },
    /// A row is hung on another parent.
    Move {
        table: Table,
        row: i64,
        link: usize,
        to: Option<i64>,
    },
    /// Somebody else's program marks a row deleted, without an operation.
    Mark {
        table: Table,
        row: i64,
    },
    /// The clock goes on by so many milliseconds, or back.
    Wait(i64),
    Delete {
        table: Table,
        asked: Asked,
    },
    Restore {
        table: Table,
        asked: Asked,
        with_parents: bool,
    },
    /// Takes back the operation with this number, counted from the first and round again at the end.
    Undo {
        operation: usize,
        with_parents: bool,
    },
    /// A row is held, for so many milliseconds if it says so.
    Hold {
        table: Table,
        row: i64,
        lasting: Option<i64>,
    },
    HoldOperation(usize),
    /// All holds on a row are lifted.
    Release {
        table: Table,
        row: i64,
    },
    /// Deleted rows are removed for good.
    Remove {
        table: Table,
        asked: Asked,
    },
}

/// Which rows an operation is asked for.
#[derive(Debug, Clone)]
pub enum Asked {
    One(i64),
    Many(Vec<i64>),
    /// Those with a number up to this one; of stores, a code.
    UpTo(i64),
    /// Those that hang on this row; of teams, those with this e-mail address.
    Under(i64),
}

/// A sequence.
pub struct Sequence {
    pub family: &'static [Table],
    pub steps: Vec<Step>,
}

impl Sequence {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        // The diamond and the tree first of all.
        let family = FAMILIES[random.one_of(&[0, 0, 0, 1, 1, 2, 3, 3, 4])];
        let mut steps = Vec::new();
        for table in family.iter().copied() {
            for row in 1..=table.rows() {
                if random.percent(if table == Table::Invoices { 15 } else { 85 }) {
                    steps.push(insert(&mut random, table, row));
                }
            }
        }
        for _ in 0..random.between(3, 14) {
            steps.push(step(&mut random, family));
        }
        Self { family, steps }
    }
}

fn step(random: &mut Random, family: &'static [Table]) -> Step {
    let table = random.one_of(family);
    let row = random.between(1, table.rows());
    match random.between(0, 99) {
        0..30 => Step::Delete {
            table,
            asked: asked(random, table),
        },
        30..58 => Step::Restore {
            table,
            asked: asked(random, table),
            with_parents: random.percent(40),
        },
        58..68 => Step::Remove {
            table,
            asked: asked(random, table),
        },
        68..72 => Step::Hold {
            table,
            row,
            lasting: random.percent(40).then(|| random.one_of(&[1, 1_000, 86_400_000])),
        },
        72 => Step::HoldOperation(usize::try_from(random.between(0, 9)).expect("a small number")),
        73..75 => Step::Release { table, row },
        75..82 => Step::Undo {
            operation: usize::try_from(random.between(0, 9)).expect("a small number"),
            with_parents: random.percent(40),
        },
        82..87 => insert(random, table, row),
        87..92 if !table.links().is_empty() => {
            let link = usize::try_from(random.between(0, 1)).expect("an index") % table.links().len();
            Step::Move {
                table,
                row,
                link,
                to: parent(random, table, link, 99),
            }
        }
        92..95 => Step::Mark { table, row },
        _ => Step::Wait(random.one_of(&[1, 1_000, 86_400_000, -3_600_000])),
    }
}

fn insert(random: &mut Random, table: Table, row: i64) -> Step {
    let links = 0..table.links().len();
    let parents = links.map(|link| parent(random, table, link, row)).collect();
    let email = (table == Table::Teams && random.percent(70)).then(|| random.between(1, 2));
    Step::Insert {
        table,
        row,
        parents,
        email,
    }
}

// A row of its own table is named after it, mostly the one right before, so that trees are deep.
fn parent(random: &mut Random, table: Table, link: usize, row: i64) -> Option<i64> {
    let link = &table.links()[link];
    if link.nullable && random.percent(25) {
        return None;
    }
    let last = link.parent.rows();
    if link.parent != table || row > last {
        return Some(random.between(1, last));
    }
    match row - 1 {
        0 => None,
        before if random.percent(60) => Some(before),
        before => Some(random.between(1, before)),
    }
}

fn asked(random: &mut Random, table: Table) -> Asked {
    // One more than there are: a row that was never there.
    let never_there = i64::from(random.percent(10));
    let row = random.between(1, table.rows() + never_there);
    match random.between(0, 9) {
        0..5 => Asked::One(row),
        5..7 => {
            let several = 0..random.between(0, 3);
            Asked::Many(several.map(|_| random.between(1, table.rows())).collect())
        }
        7..9 => Asked::UpTo(row),
        _ => Asked::Under(random.between(1, 4)),
    }
}
