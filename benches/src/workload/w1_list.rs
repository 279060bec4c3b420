//! W1: the newest active leads as structs, which is what every list of an application asks for.

use std::time::Instant;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use soft_delete::Scopes;

use super::model::{Lead, leads};
use super::{Answer, Connection, Options, Result, Who, answer};

/// How often the list is read while the clock runs.
const TIMES: usize = 20;

/// One way to read the list.
type List = fn(&mut Connection, i64) -> QueryResult<Vec<Lead>>;

pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let (list, how): (List, _) = match options.who {
        Who::Ours => (ours, "Lead::active(), a Diesel query"),
        Who::Floor => (floor, "a prepared statement with the limit in its text"),
    };
    list(conn, options.limit)?;
    let mut times = Vec::with_capacity(TIMES);
    let mut sum = 0;
    for _ in 0..TIMES {
        let start = Instant::now();
        let leads = list(conn, options.limit)?;
        times.push(start.elapsed());
        sum = leads.iter().map(|lead| lead.id).sum();
    }
    Ok(Answer::took(answer::median(times), 1).note(how).check(sum))
}

fn ours(conn: &mut Connection, limit: i64) -> QueryResult<Vec<Lead>> {
    Lead::active()
        .order((leads::created_at.desc(), leads::id.desc()))
        .limit(limit)
        .select(Lead::as_select())
        .load(conn)
}

fn floor(conn: &mut Connection, limit: i64) -> QueryResult<Vec<Lead>> {
    Newest(limit).load(conn)
}

/// The same query, with the limit in the text: PostgreSQL can then plan it once and for all.
struct Newest(i64);

impl<DB: diesel::backend::Backend> QueryFragment<DB> for Newest {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(
            "SELECT id, full_name, phone, email, owner_id, created_at, \
             deleted_at, deleted_by, deletion_reason, deletion_id \
             FROM leads WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ",
        );
        out.push_sql(&self.0.to_string());
        Ok(())
    }
}

// The text is the key of the prepared statement, since it tells one limit from another.
impl QueryId for Newest {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Newest {
    type SqlType = diesel::dsl::SqlTypeOf<<leads::table as diesel::Table>::AllColumns>;
}

impl RunQueryDsl<Connection> for Newest {}
