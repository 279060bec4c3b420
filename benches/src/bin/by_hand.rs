//! What a developer would write instead of `soft-delete stats` and `list-deleted`: a compiled program with two queries.
//!
//! `by_hand URL seed ROWS` makes the table, a tenth of its rows active and the rest deleted within 60 days; `by_hand URL stats` and
//! `by_hand URL list` answer CSV. The table of holds is the library's own.

use std::{env, error::Error, process::ExitCode};

use diesel::{
    connection::{LoadConnection, SimpleConnection},
    prelude::*,
    query_builder::SqlQuery,
    query_dsl::LoadQuery,
    sql_query,
    sql_types::Text,
};

/// What both databases understand, but for the name of a type.
const TABLE: &str = "
    CREATE TABLE leads (id BIGINT PRIMARY KEY, full_name TEXT NOT NULL, deleted_at TIMESTAMP, deleted_by TEXT, deletion_reason TEXT);
    INSERT INTO leads WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {rows})
        SELECT i, 'Lead number ' || i, CASE WHEN i % 10 > 0 THEN {time} END, CASE WHEN i % 10 > 0 THEN 'user-' || (i % 7) END, CASE WHEN i % 10 > 0 THEN 'reason ' || (i % 100) END FROM numbers;
    CREATE INDEX leads_deleted ON leads (deleted_at, id) WHERE deleted_at IS NOT NULL";

const STATS: &str = "
    SELECT 'leads,' || (SELECT COUNT(*) FROM leads WHERE deleted_at IS NULL)
        || ',' || (SELECT COUNT(*) FROM leads WHERE deleted_at IS NOT NULL)
        || ',' || (SELECT COUNT(*) FROM leads WHERE deleted_at <= {30})
        || ',' || (SELECT COUNT(*) FROM leads WHERE deleted_at > {30} AND deleted_at <= {23})
        || ',' || (SELECT COUNT(*) FROM soft_delete_holds WHERE model = 'leads')
        || ',' || (SELECT MIN(deleted_at) FROM leads) AS line";

const LIST: &str = "
    SELECT 'leads,' || id || ',' || full_name || ',' || deleted_at || ',' || deleted_by || ',' || deletion_reason
        || ',' || CASE WHEN deleted_at <= {30} THEN 'expired' ELSE 'deleted' END
        || ',' || CASE WHEN EXISTS (SELECT 1 FROM soft_delete_holds AS held WHERE held.model = 'leads' AND held.record_id = CAST(leads.id AS TEXT) AND (held.ends_at IS NULL OR held.ends_at > {0})) THEN 'held' ELSE '' END AS line
    FROM leads WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT 50";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What the two databases say differently.
struct Words {
    seed_time: &'static str,
    days_ago: fn(u32) -> String,
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), Box<dyn Error>> {
    let [url, rest @ ..] = words else {
        return Err("by_hand URL seed ROWS | stats | list".into());
    };
    #[cfg(feature = "postgres")]
    if url.starts_with("postgres") {
        let words = Words {
            seed_time: "timestamp '2000-01-01' + (now() AT TIME ZONE 'UTC' - timestamp '2000-01-01') - i * 5 % 5184000 * interval '1 second'",
            days_ago: |days| format!("now() AT TIME ZONE 'UTC' - interval '{days} days'"),
        };
        return on(&mut PgConnection::establish(url)?, &words, rest);
    }
    let words = Words {
        seed_time: "strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-' || (i * 5 % 5184000) || ' seconds')",
        days_ago: |days| format!("strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-{days} days')"),
    };
    on(&mut SqliteConnection::establish(url)?, &words, rest)
}

fn on<C>(conn: &mut C, words: &Words, asked: &[String]) -> Result<(), Box<dyn Error>>
where
    C: LoadConnection + SimpleConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let query = match asked[..] {
        ["seed", rows] => {
            let seed = TABLE.replace("{rows}", rows).replace("{time}", words.seed_time);
            return Ok(conn.batch_execute(&seed)?);
        }
        ["stats"] => {
            println!("model,active,deleted,expired,expiring_soon,held,oldest_deleted_at");
            STATS
        }
        ["list"] => {
            println!("model,id,label,deleted_at,deleted_by,reason,status,held");
            LIST
        }
        _ => return Err("seed ROWS, stats or list".into()),
    };
    let query = query
        .replace("{30}", &(words.days_ago)(30))
        .replace("{23}", &(words.days_ago)(23))
        .replace("{0}", &(words.days_ago)(0));
    for Line { line } in sql_query(query).load::<Line>(conn)? {
        println!("{line}");
    }
    Ok(())
}
