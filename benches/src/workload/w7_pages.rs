//! W7: the bin page by page: the newest fifty deleted leads with all columns, and fifty far down.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::BigInt;
use serde_json::json;
use soft_delete::Scopes;

use super::model::{Lead, leads};
use super::statement::{self, Database, Write};
use super::types::{SqlTime, Time};
use super::{Answer, Connection, Options, Result, Who, answer};

/// How often each page is read while the clock runs.
const TIMES: usize = 11;

/// Rows on a page.
const ROWS: i64 = 50;

/// Where a page begins: after this deletion of this lead.
type Place = Option<(Time, i64)>;

/// One way to read a page.
type Page = fn(&mut Connection, &Place) -> QueryResult<Vec<Lead>>;

pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let (page, how): (Page, _) = match options.who {
        Who::Ours => (ours, "Lead::only_deleted() after the last row of the page before"),
        Who::Floor => (
            by_hand,
            "a prepared statement after the last row of the page before",
        ),
    };
    // Somebody has paged there, and their link says where they are.
    let before = Lead::only_deleted()
        .order((leads::deleted_at.desc(), leads::id.desc()))
        .offset((options.page - 1).max(1) * ROWS - 1)
        .select((leads::deleted_at.assume_not_null(), leads::id))
        .first(conn)
        .optional()?;
    let mut sums = [0; 2];
    let mut sum_of_times = Duration::ZERO;
    for (sum, place) in sums.iter_mut().zip([None, before]) {
        page(conn, &place)?;
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let start = Instant::now();
            let leads = page(conn, &place)?;
            times.push(start.elapsed());
            *sum = leads.iter().map(|lead| lead.id).sum();
        }
        sum_of_times += answer::median(times);
    }
    Ok(Answer::took(sum_of_times, 2).note(how).check(json!(sums)))
}

fn ours(conn: &mut Connection, place: &Place) -> QueryResult<Vec<Lead>> {
    let newest = Lead::only_deleted()
        .order((leads::deleted_at.desc(), leads::id.desc()))
        .limit(ROWS)
        .select(Lead::as_select());
    let Some((at, id)) = *place else {
        return newest.load(conn);
    };
    // The first condition is a range of the index, the second tells rows apart that went at the same time.
    newest
        .filter(leads::deleted_at.le(at))
        .filter(leads::deleted_at.lt(at).or(leads::id.lt(id)))
        .load(conn)
}

fn by_hand(conn: &mut Connection, place: &Place) -> QueryResult<Vec<Lead>> {
    match place {
        Some(place) => statement::leads::<After, _>(conn, place),
        None => statement::leads::<First, _>(conn, &()),
    }
}

const COLUMNS: &str = "SELECT id, full_name, phone, email, owner_id, created_at, deleted_at, deleted_by, \
                       deletion_reason, deletion_id FROM leads WHERE deleted_at IS NOT NULL";
const NEWEST: &str = " ORDER BY deleted_at DESC, id DESC LIMIT 50";

struct First;

impl Write<()> for First {
    fn write<'b>((): &'b (), out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(COLUMNS);
        out.push_sql(NEWEST);
        Ok(())
    }
}

struct After;

impl Write<(Time, i64)> for After {
    fn write<'b>((at, id): &'b (Time, i64), out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(COLUMNS);
        out.push_sql(" AND deleted_at <= ");
        out.push_bind_param::<SqlTime, _>(at)?;
        out.push_sql(" AND (deleted_at < ");
        out.push_bind_param::<SqlTime, _>(at)?;
        out.push_sql(" OR id < ");
        out.push_bind_param::<BigInt, _>(id)?;
        out.push_sql(")");
        out.push_sql(NEWEST);
        Ok(())
    }
}
