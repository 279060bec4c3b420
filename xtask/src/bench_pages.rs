//! `cargo xtask bench-pages`: the pages of the recycle bin on a million deleted rows, with two visitors, and with fifty.

use crate::bench_place::Place;
use crate::step::{self, Failure, Steps};

/// Nine of ten are deleted.
const ROWS: u32 = 1_112_000;

/// Measures on SQLite and on PostgreSQL, and prints what the program `pages` tells; no figure is a failure.
pub fn run(steps: &mut Steps) -> Result<(), Failure> {
    let features = "soft-delete-bench/postgres,soft-delete-cli/postgres,soft-delete-cli/admin";
    let place = Place::prepare(features, steps)?;
    let mut told = String::new();
    for backend in ["sqlite", "postgres"] {
        let site = place.site(backend)?;
        steps.time(&format!("seed {backend}"), || site.seed(ROWS))?;
        let served = site.program("soft-delete", &[]);
        let mut pages = site.program("pages", &[]);
        pages.arg(served.get_program());
        let figures = steps.time(&format!("pages {backend}"), || {
            step::answer(&mut pages, "see what the program says above")
        })?;
        told += &format!("\n{backend}\n{figures}");
    }
    println!("{told}");
    Ok(())
}
