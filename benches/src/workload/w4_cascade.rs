//! W4: all leads of an owner are deleted as one, with their active callbacks, and exactly these are brought back.

use std::time::Instant;

use diesel::prelude::*;
use soft_delete::{Actor, Clock, Operation, Registry, SoftDeleteDsl, SystemClock};
use uuid::Uuid;

use super::act::Act;
use super::cascade_by_hand::{self, Restoration};
use super::model::{Callback, LeadWithCallbacks, leads};
use super::{Answer, Connection, Options, Result, Who};

/// Whose leads these are.
pub const OWNER: i64 = 2;

pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let start = Instant::now();
    let (deleted, gone, back, how) = match options.who {
        Who::Ours => {
            let gone = delete(conn, options)?;
            let deleted = start.elapsed();
            let back = restore(conn, options, &gone)?;
            (deleted, gone.rows(), back.rows(), "soft_delete_where, undo")
        }
        Who::Floor => {
            let actor = options.actor.to_string();
            let act = || Act::new(options, &actor, Uuid::now_v7(), SystemClock.now());
            let deletion = act();
            let gone = cascade_by_hand::delete(conn, &deletion)?;
            let deleted = start.elapsed();
            let back = cascade_by_hand::restore(conn, &Restoration { deletion, act: act() })?;
            (
                deleted,
                gone as u64,
                back as u64,
                "an UPDATE and an INSERT .. SELECT for each table",
            )
        }
    };
    let both = start.elapsed();
    Ok(Answer::took(both, usize::try_from(gone + back)?)
        .note(how)
        .part("delete", deleted)
        .part("restore", both - deleted)
        .check(gone))
}

fn delete(conn: &mut Connection, options: &Options) -> Result<Operation> {
    let context = Actor::new(options.actor).because(&options.reason);
    let owned = leads::owner_id.eq(OWNER);
    Ok(LeadWithCallbacks::soft_delete_where(conn, owned, context)?)
}

fn restore(conn: &mut Connection, options: &Options, gone: &Operation) -> Result<Operation> {
    let context = Actor::new(options.actor).because(&options.reason);
    let registry = Registry::new().with::<LeadWithCallbacks>().with::<Callback>();
    Ok(soft_delete::undo(conn, &registry, gone.id, context)?)
}
