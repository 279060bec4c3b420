//! W6: how many rows of each table are active, deleted, expiring and expired.

use std::time::Instant;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use serde_json::json;
use soft_delete::{Registry, Stats};

use super::model::{Callback, Lead};
use super::statement::{Database, Write, counts};
use super::types::{SqlStamp, Stamp, stamp};
use super::{Answer, COUNTS_TABLES_QUICKLY, Connection, Options, Result, Who, answer};

/// How often it is asked while the clock runs.
const TIMES: usize = 5;

/// Active, deleted, expiring, expired.
type Figures = [i64; 4];

/// One way to ask.
type Ask = fn(&mut Connection, &Options) -> Result<[Figures; 2]>;

pub fn run(conn: &mut Connection, options: &Options) -> Result<Answer> {
    let (ask, how): (Ask, _) = match options.who {
        Who::Ours => (ours, "Stats::run"),
        Who::Floor => (by_hand, "one statement of counts for each table"),
    };
    ask(conn, options)?;
    let mut times = Vec::with_capacity(TIMES);
    let mut figures = [[0; 4]; 2];
    for _ in 0..TIMES {
        let start = Instant::now();
        figures = ask(conn, options)?;
        times.push(start.elapsed());
    }
    let [leads, callbacks] = figures.map(|[active, deleted, expiring, expired]| {
        json!({ "active": active, "deleted": deleted, "expiring": expiring, "expired": expired })
    });
    let check = json!({ "leads": leads, "callbacks": callbacks });
    Ok(Answer::took(answer::median(times), 2).note(how).check(check))
}

fn ours(conn: &mut Connection, options: &Options) -> Result<[Figures; 2]> {
    let registry = Registry::new().with::<Lead>().with::<Callback>();
    let stats = Stats::of(&registry)
        .at(options.now)
        .expiring_within(u32::try_from(options.soon_days)?)
        .run(conn)?;
    let mut figures = [[0; 4]; 2];
    for (figures, model) in figures.iter_mut().zip(stats) {
        for (figure, rows) in
            figures
                .iter_mut()
                .zip([model.active, model.deleted, model.expiring_soon, model.expired])
        {
            *figure = i64::try_from(rows)?;
        }
    }
    Ok(figures)
}

fn by_hand(conn: &mut Connection, options: &Options) -> Result<[Figures; 2]> {
    let expired = options.now - TimeDelta::days(options.retention_days);
    let ends = Ends {
        expired: stamp(expired),
        soon: stamp(expired + TimeDelta::days(options.soon_days)),
    };
    Ok([
        counts::<Leads, _>(conn, &ends)?.into(),
        counts::<Callbacks, _>(conn, &ends)?.into(),
    ])
}

/// The last deletions that are expired, and that will be soon.
struct Ends {
    expired: Stamp,
    soon: Stamp,
}

struct Leads;
struct Callbacks;

macro_rules! counted {
    ($name:ident, $table:literal) => {
        impl Write<Ends> for $name {
            fn write<'b>(ends: &'b Ends, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
                const DELETED: &str = concat!(
                    "(SELECT COUNT(*) FROM ",
                    $table,
                    " WHERE deleted_at IS NOT NULL)"
                );
                out.push_sql(concat!("SELECT (SELECT COUNT(*) FROM ", $table));
                if COUNTS_TABLES_QUICKLY {
                    out.push_sql(") - ");
                    out.push_sql(DELETED);
                } else {
                    out.push_sql(" WHERE deleted_at IS NULL)");
                }
                out.push_sql(", ");
                out.push_sql(DELETED);
                out.push_sql(concat!(
                    ", (SELECT COUNT(*) FROM ",
                    $table,
                    " WHERE deleted_at > "
                ));
                out.push_bind_param::<SqlStamp, _>(&ends.expired)?;
                out.push_sql(" AND deleted_at <= ");
                out.push_bind_param::<SqlStamp, _>(&ends.soon)?;
                out.push_sql(concat!(
                    "), (SELECT COUNT(*) FROM ",
                    $table,
                    " WHERE deleted_at <= "
                ));
                out.push_bind_param::<SqlStamp, _>(&ends.expired)?;
                out.push_sql(")");
                Ok(())
            }
        }
    };
}

counted!(Leads, "leads");
counted!(Callbacks, "callbacks");
