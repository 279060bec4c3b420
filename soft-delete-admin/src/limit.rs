//! How long a statement of a page may take.

use std::time::Duration;

use soft_delete::{Database, Dialect};

/// The longest limit in milliseconds that every database understands: some three weeks.
const LONGEST: u128 = 2_000_000_000;

/// Does something on a connection whose statements end with an error after so long; afterwards the connection is as it was.
///
/// SQLite has no such limit: what its pages look at is bounded in rows.
pub(crate) fn within<C, T, E>(
    conn: &mut C,
    longest: Duration,
    work: impl FnOnce(&mut C) -> Result<T, E>,
) -> Result<T, E>
where
    C: diesel::Connection<Backend: Dialect>,
    E: From<diesel::result::Error>,
{
    let Some([limit, as_before]) = statements(<C::Backend as Dialect>::DATABASE, longest) else {
        return work(conn);
    };
    conn.batch_execute(&limit)?;
    let worked = work(conn);
    if let Err(error) = conn.batch_execute(&as_before) {
        // What was done is done, whatever becomes of the connection.
        tracing::warn!(%error, "a connection keeps the limit of the pages");
    }
    worked
}

// What sets the limit unless a stricter one is in force, and what sets the one before. The value is a number of ours.
fn statements(database: Option<Database>, longest: Duration) -> Option<[String; 2]> {
    // No database counts further.
    let milliseconds = longest.as_millis().clamp(1, LONGEST);
    match database {
        Some(Database::Postgres) => Some([
            format!(
                "SELECT set_config('soft_delete.statement_timeout', setting, false), set_config('statement_timeout', CAST(LEAST(NULLIF(CAST(setting AS BIGINT), 0), {milliseconds}) AS TEXT), false) FROM pg_settings WHERE name = 'statement_timeout'"
            ),
            "SELECT set_config('statement_timeout', COALESCE(NULLIF(current_setting('soft_delete.statement_timeout', true), ''), reset_val), false) FROM pg_settings WHERE name = 'statement_timeout'"
                .to_owned(),
        ]),
        // MariaDB counts seconds for every statement, MySQL milliseconds for those that read; each takes the other's for a comment.
        Some(Database::Mysql) => {
            let seconds = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX)).as_secs_f64();
            Some([
                format!(
                    "SET @soft_delete_limit = 0 /*M!100101 , @soft_delete_limit = @@SESSION.max_statement_time, SESSION max_statement_time = IF(@@SESSION.max_statement_time = 0, {seconds}, LEAST(@@SESSION.max_statement_time, {seconds})) */ /*!50708 , @soft_delete_limit = @@SESSION.max_execution_time, SESSION max_execution_time = IF(@@SESSION.max_execution_time = 0, {milliseconds}, LEAST(@@SESSION.max_execution_time, {milliseconds})) */"
                ),
                "SET @soft_delete_now = 0 /*M!100101 , SESSION max_statement_time = @soft_delete_limit */ /*!50708 , SESSION max_execution_time = @soft_delete_limit */".to_owned(),
            ])
        }
        _ => None,
    }
}
