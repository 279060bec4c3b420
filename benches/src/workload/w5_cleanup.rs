//! W5: every expired callback and lead is removed for good, in batches, one audit row each.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::BigInt;
use soft_delete::{Actor, Cleanup, Clock, FixedClock, Registry, Retention, SystemClock};
use uuid::Uuid;

use super::act::{Act, Action, INTO_AUDIT};
use super::model::{Callback, LeadWithCallbacks};
use super::statement::{Database, Write, execute, last, transaction};
use super::types::{SqlStamp, Stamp, stamp};
use super::{Answer, CHANGES_AND_RECORDS_AT_ONCE, Connection, KEY_TEXT, Options, Result, Who};

pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let pace = Pace::new();
    let start = Instant::now();
    let t0 = unix_seconds();
    let (rows, how, pace) = match options.who {
        Who::Ours => {
            let (rows, pace) = ours(conn, options, pace)?;
            (rows, "Cleanup::run", pace)
        }
        Who::Floor => {
            let (rows, pace) = by_hand(conn, options, pace)?;
            (rows, "by key, a range per batch", pace)
        }
    };
    let took = start.elapsed();
    let answer = Answer::took(took, rows)
        .note(how)
        .check(rows)
        .span(t0, unix_seconds());
    Ok(pace.tell(answer))
}

fn ours(conn: &mut Connection, options: &Options, mut pace: Pace) -> Result<(usize, Pace)> {
    let registry = Registry::new().with::<LeadWithCallbacks>().with::<Callback>();
    let who = Actor::new(options.actor)
        .because(&options.reason)
        .clock(FixedClock::at(options.now));
    let report = Cleanup::new(&registry)
        .by(who)
        .trust_clock(true)
        .retention(Retention::days(options.retention_days)?)
        .batch_size(u32::try_from(options.batch)?)
        .pause(Duration::from_millis(options.pause_ms))
        .max_fraction(1.0)
        .progress(|_| pace.tick())
        .run(conn)?;
    Ok((usize::try_from(report.purged())?, pace))
}

fn by_hand(conn: &mut Connection, options: &Options, mut pace: Pace) -> Result<(usize, Pace)> {
    let actor = options.actor.to_string();
    let act = Act::new(options, &actor, Uuid::now_v7(), SystemClock.now());
    let cutoff = stamp(options.now - TimeDelta::days(options.retention_days));
    let mut batch = Batch {
        act,
        cutoff,
        after: 0,
        up_to: 0,
        size: options.batch,
    };
    let callbacks = table::<Callbacks>(conn, options, &mut batch, &mut pace)?;
    batch.after = 0;
    let leads = table::<Leads>(conn, options, &mut batch, &mut pace)?;
    Ok((callbacks + leads, pace))
}

fn table<T: Table>(
    conn: &mut Connection,
    options: &Options,
    batch: &mut Batch<'_>,
    pace: &mut Pace,
) -> QueryResult<usize> {
    let mut rows = 0;
    loop {
        let end = if CHANGES_AND_RECORDS_AT_ONCE {
            let (gone, end) = last::<AtOnce<T>, _>(conn, batch)?;
            rows += usize::try_from(gone).unwrap_or_default();
            end
        } else {
            transaction(conn, |conn| {
                let (_, end) = last::<End<T>, _>(conn, batch)?;
                if let Some(end) = end {
                    batch.up_to = end;
                    execute::<Record<T>, _>(conn, batch)?;
                    rows += execute::<Remove<T>, _>(conn, batch)?;
                }
                Ok(end)
            })?
        };
        pace.tick();
        let Some(end) = end else { return Ok(rows) };
        batch.after = end;
        if options.pause_ms > 0 {
            std::thread::sleep(Duration::from_millis(options.pause_ms));
        }
    }
}

/// The next rows: those after one key and up to another that are expired.
struct Batch<'o> {
    act: Act<'o>,
    cutoff: Stamp,
    after: i64,
    up_to: i64,
    size: i64,
}

/// What is cleaned.
trait Table: 'static {
    const NAME: &'static str;
    const ACTION: Action;
}

struct Leads;
struct Callbacks;

impl Table for Leads {
    const NAME: &'static str = "leads";
    const ACTION: Action = Action::PURGE_LEAD;
}

impl Table for Callbacks {
    const NAME: &'static str = "callbacks";
    const ACTION: Action = Action::PURGE_CALLBACK;
}

impl Batch<'_> {
    /// `FROM t WHERE id > ? AND deleted_at <= ? ORDER BY id LIMIT ?`, the next rows by their key.
    fn next<'b, T: Table>(&'b self, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(" FROM ");
        out.push_sql(T::NAME);
        out.push_sql(" WHERE id > ");
        out.push_bind_param::<BigInt, _>(&self.after)?;
        // Not by the index on deleted rows, which would have to be sorted.
        out.push_sql(" AND (deleted_at <= ");
        out.push_bind_param::<SqlStamp, _>(&self.cutoff)?;
        out.push_sql(") IS TRUE ORDER BY id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.size)
    }

    /// `FROM t WHERE id > ? AND id <= ? AND deleted_at <= ?`
    fn range<'b, T: Table>(&'b self, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(" FROM ");
        out.push_sql(T::NAME);
        out.push_sql(" WHERE id > ");
        out.push_bind_param::<BigInt, _>(&self.after)?;
        out.push_sql(" AND id <= ");
        out.push_bind_param::<BigInt, _>(&self.up_to)?;
        out.push_sql(" AND (deleted_at <= ");
        out.push_bind_param::<SqlStamp, _>(&self.cutoff)?;
        out.push_sql(") IS TRUE");
        Ok(())
    }
}

/// Where the batch ends.
struct End<T>(T);

impl<T: Table> Write<Batch<'_>> for End<T> {
    fn write<'b>(batch: &'b Batch<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*), MAX(id) FROM (SELECT id");
        batch.next::<T>(out)?;
        out.push_sql(") AS page");
        Ok(())
    }
}

struct Record<T>(T);

impl<T: Table> Write<Batch<'_>> for Record<T> {
    fn write<'b>(batch: &'b Batch<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(INTO_AUDIT);
        out.push_sql("SELECT ");
        batch.act.audit(T::ACTION, out, |out| {
            out.push_sql(KEY_TEXT);
            Ok(())
        })?;
        batch.range::<T>(out)
    }
}

struct Remove<T>(T);

impl<T: Table> Write<Batch<'_>> for Remove<T> {
    fn write<'b>(batch: &'b Batch<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("DELETE");
        batch.range::<T>(out)
    }
}

/// The batch in one statement, for a database that can.
struct AtOnce<T>(T);

impl<T: Table> Write<Batch<'_>> for AtOnce<T> {
    fn write<'b>(batch: &'b Batch<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("WITH page AS (SELECT id");
        batch.next::<T>(out)?;
        out.push_sql("), gone AS (DELETE FROM ");
        out.push_sql(T::NAME);
        out.push_sql(" WHERE id = ANY (ARRAY (SELECT id FROM page)) AND deleted_at <= ");
        out.push_bind_param::<SqlStamp, _>(&batch.cutoff)?;
        out.push_sql(" RETURNING id), recorded AS (");
        out.push_sql(INTO_AUDIT);
        out.push_sql("SELECT ");
        batch.act.audit(T::ACTION, out, |out| {
            out.push_sql(KEY_TEXT);
            Ok(())
        })?;
        out.push_sql(
            " FROM gone RETURNING 1) SELECT (SELECT COUNT(*) FROM recorded), (SELECT MAX(id) FROM page)",
        );
        Ok(())
    }
}

/// How long each batch took: whether the last are as quick as the first.
struct Pace {
    last: Instant,
    batches: Vec<Duration>,
}

impl Pace {
    fn new() -> Self {
        Self {
            last: Instant::now(),
            batches: Vec::new(),
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        self.batches.push(now - self.last);
        self.last = now;
    }

    /// The median of the first ten and of the last ten batches, without the very first and the very last.
    fn tell(&self, answer: Answer) -> Answer {
        let count = self.batches.len();
        if count < 22 {
            return answer;
        }
        let first = crate::answer::median(self.batches[1..11].to_vec());
        let last = crate::answer::median(self.batches[count - 12..count - 2].to_vec());
        answer.part("first batches", first).part("last batches", last)
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the contract asks for the real time, so that others can be measured beside it"
)]
fn unix_seconds() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}
