//! The workloads, written once: each database includes this module and lends it its connection and types.

mod act;
mod cascade_by_hand;
mod model;
mod statement;
mod w1_list;
mod w2_single;
mod w3_bulk;
mod w4_cascade;
mod w5_cleanup;
mod w6_stats;
mod w7_pages;

use super::{
    BEGIN, CHANGES_AND_RECORDS_AT_ONCE, COUNTS_TABLES_QUICKLY, Connection, KEY_TEXT, SET_UP, UPDATES_BY_JOIN,
    types,
};
use crate::Result;
use crate::answer::{self, Answer};
use crate::cli::{Options, Who, Workload};

/// Runs the workload of the options; the library's own tables are there before the clock starts.
pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let workload = match options.workload {
        Workload::W1 => w1_list::run,
        Workload::W2 => w2_single::run,
        Workload::W3 => w3_bulk::run,
        Workload::W4 => w4_cascade::run,
        Workload::W5 => w5_cleanup::run,
        Workload::W6 => w6_stats::run,
        Workload::W7 => w7_pages::run,
    };
    soft_delete::migrations::run(conn)?;
    workload(conn, options)
}
