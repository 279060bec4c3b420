//! Whether a run left the database as it should.

use crate::Result;
use crate::answer::Answer;
use crate::backend::Backend;
use crate::cli::{Options, Workload};
use crate::seed::{Seed, Table};

/// Compares the database with what the workload should have left; the error names what differs.
pub fn verify<B: Backend>(options: &Options, conn: &mut B::Connection) -> Result<Answer> {
    let mut claims = Vec::new();
    match options.workload {
        Workload::W1 => {
            claims.extend(as_seeded::<B>(options));
        }
        Workload::W2 => {
            claims.extend(as_seeded::<B>(options));
            claims.extend(["soft_delete", "restore"].map(|action| audited(options, action, options.count)));
            claims.push(Claim::new(
                "audit rows in all",
                "SELECT COUNT(*) FROM soft_delete_audit".into(),
                2 * options.count,
            ));
        }
        _ => return Ok(Answer::skip("nothing is known of this workload")),
    }
    let mut broken = Vec::new();
    for claim in claims {
        let found = B::count(conn, &claim.query)?;
        if found != claim.expected {
            broken.push(format!("{}: {found} instead of {}", claim.what, claim.expected));
        }
    }
    if broken.is_empty() {
        return Ok(Answer::done("verified"));
    }
    Err(broken.join("\n").into())
}

/// A number that a query must find.
struct Claim {
    what: String,
    query: String,
    expected: i64,
}

impl Claim {
    fn new(what: impl Into<String>, query: String, expected: i64) -> Self {
        Self {
            what: what.into(),
            query,
            expected,
        }
    }
}

/// Every row is as the seed made it.
fn as_seeded<B: Backend>(options: &Options) -> Vec<Claim> {
    let mut claims = Vec::new();
    for Table { name, columns, rows } in Seed(options).tables::<B>() {
        let seeded = format!("WITH seeded ({columns}) AS ({rows})");
        claims.push(Claim::new(
            format!("rows of {name} that are not as before"),
            format!(
                "{seeded} SELECT COUNT(*) FROM \
                 (SELECT {columns} FROM {name} EXCEPT SELECT {columns} FROM seeded) AS changed"
            ),
            0,
        ));
        claims.push(Claim::new(
            format!("rows of {name} that came or went"),
            format!("{seeded} SELECT (SELECT COUNT(*) FROM {name}) - (SELECT COUNT(*) FROM seeded)"),
            0,
        ));
    }
    claims
}

/// So many leads have an audit row of this action, with actor and reason.
fn audited(options: &Options, action: &str, leads: i64) -> Claim {
    let (actor, reason) = (options.actor, options.reason.replace('\'', "''"));
    Claim::new(
        format!("leads with an audit row {action}"),
        format!(
            "SELECT COUNT(DISTINCT record_id) FROM soft_delete_audit WHERE action = '{action}' AND model = 'leads' \
             AND actor = '{actor}' AND reason = '{reason}' AND root"
        ),
        leads,
    )
}
