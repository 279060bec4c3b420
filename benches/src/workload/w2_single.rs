//! W2: single leads are deleted and brought back, each in a transaction of its own, with actor, reason and audit.

use std::marker::PhantomData;
use std::time::Instant;

use chrono::Utc;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::{BigInt, Text};
use soft_delete::{Actor, Clock, Outcome, Scopes, SoftDeleteDsl, SystemClock};
use uuid::Uuid;

use super::act::{Act, Action, INTO_AUDIT, UNMARKED};
use super::model::{Lead, leads};
use super::statement::{Database, Write, execute, transaction};
use super::{Answer, CHANGES_AND_RECORDS_AT_ONCE, Connection, Options, Result, SET_UP, Who};

/// Whose leads these are.
const OWNER: i64 = 3;

pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let ids: Vec<i64> = Lead::active()
        .filter(leads::owner_id.eq(OWNER))
        .order(leads::id)
        .limit(options.count)
        .select(leads::id)
        .load(conn)?;

    if let (Who::Floor, Some(set_up)) = (options.who, SET_UP) {
        conn.batch_execute(set_up)?;
    }
    let start = Instant::now();
    let (deleted, how) = match options.who {
        Who::Ours => {
            ours::delete(conn, options, &ids)?;
            let deleted = start.elapsed();
            ours::restore(conn, options, &ids)?;
            (deleted, "Lead::soft_delete_by_id, Lead::restore_by_id")
        }
        Who::Floor => {
            let mut hand = Hand::new(options);
            hand.run::<Mark>(conn, &ids)?;
            let deleted = start.elapsed();
            hand.run::<Unmark>(conn, &ids)?;
            (deleted, "prepared statements of our own")
        }
    };
    let both = start.elapsed();
    Ok(Answer::took(both, 2 * ids.len())
        .note(how)
        .part("delete", deleted)
        .part("restore", both - deleted)
        .check(ids.len()))
}

mod ours {
    use super::{Actor, Connection, Lead, Options, Outcome, Result, SoftDeleteDsl};

    pub fn delete(conn: &mut Connection, options: &Options, ids: &[i64]) -> Result<()> {
        for id in ids {
            let context = Actor::new(options.actor).because(&options.reason);
            super::expect_change(
                *id,
                Lead::soft_delete_by_id(conn, *id, context)? == Outcome::Changed,
            )?;
        }
        Ok(())
    }

    pub fn restore(conn: &mut Connection, options: &Options, ids: &[i64]) -> Result<()> {
        for id in ids {
            let context = Actor::new(options.actor).because(&options.reason);
            super::expect_change(*id, Lead::restore_by_id(conn, *id, context)? == Outcome::Changed)?;
        }
        Ok(())
    }
}

fn expect_change(id: i64, changed: bool) -> Result<()> {
    if changed {
        return Ok(());
    }
    Err(format!("lead {id} was not changed").into())
}

/// One change to one lead.
struct OneLead<'o> {
    act: Act<'o>,
    id: i64,
    record_id: String,
}

/// Somebody who writes statements by hand.
struct Hand<'o> {
    options: &'o Options,
    actor: String,
    operations: Operations,
}

impl<'o> Hand<'o> {
    fn new(options: &'o Options) -> Self {
        Self {
            options,
            actor: options.actor.to_string(),
            operations: Operations(Uuid::now_v7().as_u128()),
        }
    }

    fn run<C: Change>(&mut self, conn: &mut Connection, ids: &[i64]) -> Result<()> {
        for id in ids {
            let at = SystemClock.now();
            let lead = OneLead {
                act: Act::new(self.options, &self.actor, self.operations.next(at), at),
                id: *id,
                record_id: id.to_string(),
            };
            expect_change(*id, change::<C>(conn, &lead)? == 1)?;
        }
        Ok(())
    }
}

/// One transaction, which on PostgreSQL one statement is.
fn change<C: Change>(conn: &mut Connection, lead: &OneLead<'_>) -> QueryResult<usize> {
    if CHANGES_AND_RECORDS_AT_ONCE {
        return execute::<UpdateAndRecord<C>, _>(conn, lead);
    }
    transaction(conn, |conn| {
        let changed = execute::<Update<C>, _>(conn, lead)?;
        execute::<Record<C>, _>(conn, lead)?;
        Ok(changed)
    })
}

/// The identities of operations: version 7, of the moment and a random number that counts on.
struct Operations(u128);

impl Operations {
    fn next(&mut self, at: chrono::DateTime<Utc>) -> Uuid {
        const BELOW_TIME: u128 = (1 << 80) - 1;
        self.0 = self.0.wrapping_add(1);
        let millis = u128::from(at.timestamp_millis().unsigned_abs());
        Uuid::from_u128((millis << 80) | (self.0 & BELOW_TIME))
    }
}

/// A change of a lead, as an `UPDATE` that changes it once.
trait Change: 'static {
    /// What the audit row says.
    const ACTION: Action;

    fn update<'b>(lead: &'b OneLead<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()>;
}

/// Soft delete.
struct Mark;

impl Change for Mark {
    const ACTION: Action = Action::DELETE_LEAD;

    fn update<'b>(lead: &'b OneLead<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("UPDATE leads SET ");
        lead.act.mark(out)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&lead.id)?;
        out.push_sql(" AND deleted_at IS NULL");
        Ok(())
    }
}

/// Restore.
struct Unmark;

impl Change for Unmark {
    const ACTION: Action = Action::RESTORE_LEAD;

    fn update<'b>(lead: &'b OneLead<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("UPDATE leads SET ");
        out.push_sql(UNMARKED);
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&lead.id)?;
        out.push_sql(" AND deleted_at IS NOT NULL");
        Ok(())
    }
}

/// The `UPDATE` alone.
struct Update<C>(PhantomData<C>);

impl<C: Change> Write<OneLead<'_>> for Update<C> {
    fn write<'b>(lead: &'b OneLead<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        C::update(lead, out)
    }
}

/// The audit row alone.
struct Record<C>(PhantomData<C>);

impl<C: Change> Write<OneLead<'_>> for Record<C> {
    fn write<'b>(lead: &'b OneLead<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(INTO_AUDIT);
        out.push_sql("VALUES (");
        audit::<C>(lead, out)?;
        out.push_sql(")");
        Ok(())
    }
}

/// Both in one, where the database can.
struct UpdateAndRecord<C>(PhantomData<C>);

impl<C: Change> Write<OneLead<'_>> for UpdateAndRecord<C> {
    fn write<'b>(lead: &'b OneLead<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("WITH changed AS (");
        C::update(lead, out)?;
        out.push_sql(" RETURNING id) ");
        out.push_sql(INTO_AUDIT);
        out.push_sql("SELECT ");
        audit::<C>(lead, out)?;
        out.push_sql(" FROM changed");
        Ok(())
    }
}

fn audit<'b, C: Change>(lead: &'b OneLead<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
    lead.act.audit(C::ACTION, out, |out| {
        out.push_bind_param::<Text, _>(&lead.record_id)
    })
}
