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
        Workload::W1 | Workload::W6 | Workload::W7 => {
            claims.extend(as_seeded::<B>(options));
        }
        Workload::W2 => {
            claims.extend(as_seeded::<B>(options));
            claims.extend(
                ["soft_delete", "restore"]
                    .map(|action| audited(options, action, "leads", Some(true), options.count)),
            );
            claims.push(audit_rows(2 * options.count));
        }
        Workload::W3 => {
            let rows = options.scale / 10;
            claims.extend(deleted_as_one::<B>(options, rows));
            claims.push(audited(options, "soft_delete", "leads", Some(true), rows));
            claims.push(audit_rows(rows));
        }
        Workload::W4 => {
            claims.extend(as_seeded::<B>(options));
            let (leads, callbacks) = (options.count, 10 * options.count);
            claims.push(audited(options, "soft_delete", "leads", Some(true), leads));
            claims.push(audited(
                options,
                "soft_delete",
                "callbacks",
                Some(false),
                callbacks,
            ));
            claims.push(audited(options, "restore", "leads", Some(true), leads));
            claims.push(audited(options, "restore", "callbacks", Some(true), callbacks));
            claims.push(audit_rows(2 * (leads + callbacks)));
        }
        Workload::W5 => {
            let [leads, callbacks] = Seed(options).tables::<B>();
            let cutoff = B::ago(options.now, &format!("{} * 86400", options.retention_days));
            let mut gone = Vec::new();
            for table in [&leads, &callbacks] {
                let name = table.name;
                let seeded = format!("WITH seeded ({}) AS ({})", table.columns, table.rows);
                let expired = format!("{seeded} SELECT COUNT(*) FROM seeded WHERE deleted_at <= {cutoff}");
                gone.push((name, B::count(conn, &expired)?));
                claims.push(Claim::new(
                    format!("expired rows of {name} that are left"),
                    format!("SELECT COUNT(*) FROM {name} WHERE deleted_at <= {cutoff}"),
                    0,
                ));
                claims.push(Claim::new(
                    format!("rows of {name} that are not expired and are not as before"),
                    format!(
                        "{seeded} SELECT COUNT(*) FROM (SELECT {0} FROM seeded WHERE deleted_at IS NULL OR deleted_at > {cutoff} \
                         EXCEPT SELECT {0} FROM {name}) AS changed",
                        table.columns
                    ),
                    0,
                ));
            }
            // Who keeps families whole tells of callbacks that they went along; who goes table by table does not.
            claims.extend(
                gone.iter()
                    .map(|(name, rows)| audited(options, "purge", name, None, *rows)),
            );
            claims.push(audit_rows(gone.iter().map(|(_, rows)| rows).sum()));
        }
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
    let tables = Seed(options).tables::<B>();
    let claims = tables
        .iter()
        .flat_map(|table| as_before(table, table.columns, "1 = 1"));
    claims.collect()
}

/// These columns of the rows of a table are as the seed made them, and no row came or went.
fn as_before(Table { name, columns, rows }: &Table, compared: &str, of: &str) -> [Claim; 2] {
    let seeded = format!("WITH seeded ({columns}) AS ({rows})");
    [
        Claim::new(
            format!("rows of {name} that are not as before"),
            format!(
                "{seeded} SELECT COUNT(*) FROM \
                 (SELECT {compared} FROM {name} WHERE {of} EXCEPT SELECT {compared} FROM seeded) AS changed"
            ),
            0,
        ),
        Claim::new(
            format!("rows of {name} that came or went"),
            format!("{seeded} SELECT (SELECT COUNT(*) FROM {name}) - (SELECT COUNT(*) FROM seeded)"),
            0,
        ),
    ]
}

/// The active leads of owner 1 went in one operation, and nothing else happened to them or to any other row.
fn deleted_as_one<B: Backend>(options: &Options, rows: i64) -> Vec<Claim> {
    const OWN: &str = "id, full_name, phone, email, owner_id, created_at";
    let (actor, reason) = (options.actor, quoted(&options.reason));
    let [leads, callbacks] = Seed(options).tables::<B>();
    let mut claims = Vec::new();
    claims.extend(as_before(&callbacks, callbacks.columns, "1 = 1"));
    claims.extend(as_before(&leads, OWN, "1 = 1"));
    claims.extend(as_before(&leads, leads.columns, "owner_id <> 1"));
    claims.push(Claim::new(
        "leads of owner 1 whose marks and audit row agree",
        format!(
            "SELECT COUNT(*) FROM (SELECT CONCAT(id, ''), deletion_id, deleted_at FROM leads \
             WHERE owner_id = 1 AND deleted_by = {actor} AND deletion_reason = {reason} \
             INTERSECT SELECT record_id, operation_id, at FROM soft_delete_audit WHERE model = 'leads') AS agreed"
        ),
        rows,
    ));
    claims.push(Claim::new(
        "operations that deleted leads of owner 1",
        "SELECT COUNT(DISTINCT deletion_id) FROM leads WHERE owner_id = 1".into(),
        1,
    ));
    claims
}

/// So many rows of a table have an audit row of this action, with actor and reason; and as rows that were asked for or went along, if
/// that is said.
fn audited(options: &Options, action: &str, table: &str, root: Option<bool>, rows: i64) -> Claim {
    let (actor, reason) = (options.actor, quoted(&options.reason));
    let root = root.map_or(String::new(), |root| format!(" AND root = {root}"));
    Claim::new(
        format!("{table} with an audit row {action}"),
        format!(
            "SELECT COUNT(DISTINCT record_id) FROM soft_delete_audit WHERE action = '{action}' AND model = '{table}' \
             AND actor = '{actor}' AND reason = {reason}{root}"
        ),
        rows,
    )
}

/// So many audit rows and no more.
fn audit_rows(rows: i64) -> Claim {
    Claim::new(
        "audit rows in all",
        "SELECT COUNT(*) FROM soft_delete_audit".into(),
        rows,
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
