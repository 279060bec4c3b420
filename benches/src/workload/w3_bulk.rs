//! W3: all active leads of an owner are deleted as one, with actor, reason and audit.

use std::time::Instant;

use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::BigInt;
use soft_delete::{Actor, Clock, SoftDeleteDsl, SystemClock};
use uuid::Uuid;

use super::act::{Act, Action, INTO_AUDIT};
use super::model::{Lead, leads};
use super::statement::{Database, Write, execute, transaction};
use super::{Answer, Connection, KEY_TEXT, Options, Result, Who};

/// Whose leads these are.
const OWNER: i64 = 1;

pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let start = Instant::now();
    let (rows, how) = match options.who {
        Who::Ours => {
            let context = Actor::new(options.actor).because(&options.reason);
            let gone = Lead::soft_delete_where(conn, leads::owner_id.eq(OWNER), context)?;
            (usize::try_from(gone.rows())?, "Lead::soft_delete_where")
        }
        Who::Floor => (by_hand(conn, options)?, "UPDATE, then INSERT .. SELECT"),
    };
    Ok(Answer::took(start.elapsed(), rows).note(how).check(rows))
}

fn by_hand(conn: &mut Connection, options: &Options) -> QueryResult<usize> {
    let actor = options.actor.to_string();
    let act = Act::new(options, &actor, Uuid::now_v7(), SystemClock.now());
    transaction(conn, |conn| {
        let marked = execute::<Mark, _>(conn, &act)?;
        execute::<Record, _>(conn, &act)?;
        Ok(marked)
    })
}

/// Marks the leads.
struct Mark;

impl Write<Act<'_>> for Mark {
    fn write<'b>(act: &'b Act<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("UPDATE leads SET ");
        act.mark(out)?;
        out.push_sql(" WHERE owner_id = ");
        out.push_bind_param::<BigInt, _>(&OWNER)?;
        out.push_sql(" AND deleted_at IS NULL");
        Ok(())
    }
}

/// Records those that were marked.
struct Record;

impl Write<Act<'_>> for Record {
    fn write<'b>(act: &'b Act<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(INTO_AUDIT);
        out.push_sql("SELECT ");
        act.audit(Action::DELETE_LEAD, out, |out| {
            out.push_sql(KEY_TEXT);
            Ok(())
        })?;
        out.push_sql(" FROM leads WHERE ");
        act.marked(out)
    }
}
