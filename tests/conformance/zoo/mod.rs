//! The schema zoo: random schemas, rows, registrations and operations, and an oracle that looks at every row of every table.
//!
//! [`generate`] makes a case out of a seed, [`site`] makes it in a database, [`operation`] asks the library, and [`oracle`]
//! compares what was there before with what is there afterwards: what is gone or changed has to be told by the answer and
//! by the audit, and has to have been allowed to. A case that fails is made smaller as far as it still fails before it is
//! printed.
//!
//! `cargo xtask zoo` sets `SOFT_DELETE_ZOO_SEED`, `SOFT_DELETE_ZOO_SCHEMAS` and `SOFT_DELETE_ZOO_WITHOUT`, a list of features
//! of [`generate`] and of kinds of findings that are left out.

mod generate;
mod links;
mod operation;
mod oracle;
mod picture;
mod registration;
mod schema;
mod script;
mod shrink;
mod site;
mod trial;

use std::{collections::BTreeMap, env, time::Instant};

use picture::Picture;
use site::Site;
use trial::Outcome;

/// Where `cargo xtask test` begins: always at the same place.
const SEED: u64 = 13;
const SCHEMAS: u64 = 150;

/// How much the cases did, to see that they are worth their time.
#[derive(Default, Debug)]
struct Figures {
    asked: u64,
    refused: u64,
    removed: u64,
    changed: u64,
}

fn run<S: Site>(site: &mut S) {
    let number = |name: &str, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (seed, schemas) = (
        number("SOFT_DELETE_ZOO_SEED", SEED),
        number("SOFT_DELETE_ZOO_SCHEMAS", SCHEMAS),
    );
    let without: Vec<String> = match env::var("SOFT_DELETE_ZOO_WITHOUT") {
        Ok(names) => names.split(',').map(ToOwned::to_owned).collect(),
        Err(_) => Vec::new(),
    };
    let began = Instant::now();
    let (mut figures, mut invalid) = (Figures::default(), Vec::new());
    let mut found: BTreeMap<&'static str, (u64, String)> = BTreeMap::new();
    for at in 0..schemas {
        // Neighboring seeds make cases that have nothing to do with each other.
        let from = seed.wrapping_mul(1_000_003).wrapping_add(at);
        let mut case = generate::case(site.database(), from, &without);
        (case.home, case.elsewhere) = site.names();
        match trial::attempt(site, &case) {
            Outcome::Done(more) => figures.add(&more),
            Outcome::Invalid(problem) => invalid.push(problem),
            Outcome::Found(finding) if without.iter().any(|kind| kind == finding.kind) => {}
            Outcome::Found(finding) => {
                let known = found.entry(finding.kind).or_default();
                known.0 += 1;
                if known.0 == 1 {
                    known.1 = format!("in schema {at}\n{}", trial::shorten(site, case, finding));
                    eprintln!("FOUND {} {}", site.database().as_str(), known.1);
                }
            }
        }
    }
    println!(
        "{}: {schemas} schemas from seed {seed} in {:.1} s; {figures:?}; {} could not be made, {} kinds of findings",
        site.database().as_str(),
        began.elapsed().as_secs_f64(),
        invalid.len(),
        found.len()
    );
    let told = found
        .iter()
        .map(|(kind, (times, told))| format!("{kind} ({times} times), {told}"));
    assert!(found.is_empty(), "{}", told.collect::<Vec<_>>().join("\n"));
    assert!(
        u64::try_from(invalid.len()).expect("a few") * 10 <= schemas,
        "{:?}",
        invalid.first()
    );
    // A library that refuses everything would be safe as well.
    assert!(
        figures.refused * 10 <= figures.asked * 7
            && figures.removed > schemas / 2
            && figures.changed > schemas / 8,
        "{figures:?}"
    );
}

impl Figures {
    fn note(&mut self, answer: &operation::Answer, before: &Picture, after: &Picture) {
        self.asked += u64::from(!matches!(answer, operation::Answer::NotAsked));
        self.refused += u64::from(matches!(answer, operation::Answer::Refused(_)));
        for (id, row) in &before.rows {
            match after.rows.get(id) {
                None => self.removed += 1,
                Some(now) => self.changed += u64::from(now != row),
            }
        }
    }

    fn add(&mut self, more: &Self) {
        self.asked += more.asked;
        self.refused += more.refused;
        self.removed += more.removed;
        self.changed += more.changed;
    }
}

#[test]
fn on_sqlite() {
    run(&mut site::OnSqlite::default());
}

#[cfg(feature = "servers")]
#[test]
fn on_postgresql() {
    run(&mut site::OnServer::<diesel::PgConnection>::new(
        soft_delete::Database::Postgres,
    ));
}

#[cfg(feature = "servers")]
#[test]
fn on_mariadb() {
    run(&mut site::OnServer::<diesel::MysqlConnection>::new(
        soft_delete::Database::Mysql,
    ));
}
