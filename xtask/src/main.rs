//! `cargo xtask`: the chores of this workspace, one command each.
//!
//! Everything the continuous integration does is here, so that a green run at home means a green run there.

#![forbid(unsafe_code)]

mod axe;
mod bench;
mod bench_pages;
mod bench_place;
mod bench_program;
mod compile_time;
mod django;
mod features;
mod msrv;
mod package;
mod packages;
mod servers;
mod step;
mod test;
mod zoo;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use step::{Failure, Steps};
use test::Scope;

/// What is printed when the command is missing or unknown.
const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  test                 everything: packages, servers, format, lints, tests, docs, msrv, features, package
  test --sqlite-only   the part that needs no database server, no client library and no root
  servers              start PostgreSQL and MariaDB, print their URLs, stop them on Enter
  msrv                 check that the libraries and what they depend on build with the declared Rust version
  features             check the libraries with each of their features alone
  package              build the libraries from what would be published
  bench [OPTIONS]      compare with hand-written statements; options and defaults:
                       --workload W1,W2,.. --backend sqlite,postgres,mariadb --scale 200000 --rounds 3
  bench-program [OPTIONS]
                       compare the command line with queries by hand; options and defaults: --rows 1000000 --rounds 41
  bench-pages          ask for the pages of the recycle bin on a million deleted rows
  zoo [OPTIONS]        random schemas, and an oracle that looks at every row of every table; options and defaults:
                       --schemas 1000 --seed 1 --database sqlite|postgres|mariadb (all) --without FEATURE,FINDING,..
  compile-time         measure what the derive adds to compiling models; option and default: --models 50
";

/// A command with its options.
type Chore<'a> = Box<dyn Fn(&mut Steps) -> Result<(), Failure> + 'a>;

/// Runs the command named on the command line; 0 when it succeeds, 1 when it fails, 2 when there is none.
fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let chore: Chore<'_> = match &words[..] {
        ["test"] => Box::new(|steps| test::run(Scope::Everything, steps)),
        ["test", "--sqlite-only"] => Box::new(|steps| test::run(Scope::SqliteOnly, steps)),
        ["servers"] => Box::new(servers::run_by_hand),
        ["msrv"] => Box::new(msrv::run),
        ["features"] => Box::new(features::run),
        ["package"] => Box::new(package::run),
        ["bench", options @ ..] => Box::new(|steps| bench::run(&bench::Options::read(options)?, steps)),
        ["bench-program", options @ ..] => {
            Box::new(|steps| bench_program::run(&bench_program::Options::read(options)?, steps))
        }
        ["bench-pages"] => Box::new(bench_pages::run),
        ["zoo", options @ ..] => Box::new(|steps| zoo::run(&zoo::Options::read(options)?, steps)),
        ["compile-time", options @ ..] => {
            Box::new(|steps| compile_time::run(compile_time::models(options)?, steps))
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };

    let mut steps = Steps::new();
    let outcome = enter_workspace().and_then(|()| chore(&mut steps));
    print!("{steps}");
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Makes the workspace root the current directory, wherever in the workspace the command was given.
fn enter_workspace() -> Result<(), Failure> {
    let fix = "run it as `cargo xtask`, from anywhere in the workspace";
    let xtask = env::var("CARGO_MANIFEST_DIR")
        .map_err(|_| Failure::new("cargo did not say where the workspace is", fix))?;
    let root = Path::new(&xtask).parent().unwrap_or(Path::new("."));
    env::set_current_dir(root)
        .map_err(|error| Failure::new(format!("cannot enter {}: {error}", root.display()), fix))
}
