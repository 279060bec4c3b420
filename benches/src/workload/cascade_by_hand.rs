//! The statements of W4's floor: for each table one that changes and one that records.

use diesel::QueryResult;
use diesel::query_builder::AstPass;
use diesel::sql_types::BigInt;

use super::act::{Act, Action, INTO_AUDIT, UNMARKED};
use super::statement::{Database, Write, execute, transaction};
use super::w4_cascade::OWNER;
use super::{Connection, KEY_TEXT, UPDATES_BY_JOIN};

/// Deletes the leads, then the active callbacks of those that carry the mark by now.
pub fn delete(conn: &mut Connection, act: &Act<'_>) -> QueryResult<usize> {
    transaction(conn, |conn| {
        let leads = execute::<MarkLeads, _>(conn, act)?;
        execute::<RecordLeads, _>(conn, act)?;
        let callbacks = execute::<MarkCallbacks, _>(conn, act)?;
        execute::<RecordCallbacks, _>(conn, act)?;
        Ok(leads + callbacks)
    })
}

/// Brings back what carries the mark, which is recorded before: afterwards nothing tells it from other rows.
pub fn restore(conn: &mut Connection, restoration: &Restoration<'_>) -> QueryResult<usize> {
    transaction(conn, |conn| {
        execute::<RecordLeadsBack, _>(conn, restoration)?;
        execute::<RecordCallbacksBack, _>(conn, restoration)?;
        let leads = execute::<UnmarkLeads, _>(conn, restoration)?;
        let callbacks = execute::<UnmarkCallbacks, _>(conn, restoration)?;
        Ok(leads + callbacks)
    })
}

/// A deletion to be taken back, and the operation that does it.
pub struct Restoration<'o> {
    pub deletion: Act<'o>,
    pub act: Act<'o>,
}

struct MarkLeads;

impl Write<Act<'_>> for MarkLeads {
    fn write<'b>(act: &'b Act<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("UPDATE leads SET ");
        act.mark(out)?;
        out.push_sql(" WHERE owner_id = ");
        out.push_bind_param::<BigInt, _>(&OWNER)?;
        out.push_sql(" AND deleted_at IS NULL");
        Ok(())
    }
}

struct MarkCallbacks;

impl Write<Act<'_>> for MarkCallbacks {
    fn write<'b>(act: &'b Act<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        const GONE: &str = "(SELECT id AS gone FROM leads WHERE ";
        out.push_sql("UPDATE callbacks ");
        if UPDATES_BY_JOIN {
            out.push_sql("INNER JOIN ");
            out.push_sql(GONE);
            act.marked(out)?;
            out.push_sql(") leads ON lead_id = gone ");
        }
        out.push_sql("SET ");
        act.mark(out)?;
        out.push_sql(" WHERE deleted_at IS NULL");
        if !UPDATES_BY_JOIN {
            out.push_sql(" AND lead_id IN ");
            out.push_sql(GONE);
            act.marked(out)?;
            out.push_sql(")");
        }
        Ok(())
    }
}

/// A statement of the audit rows of all that a deletion marked.
macro_rules! record {
    ($name:ident, $values:ty, $table:literal, $action:ident, $act:ident, $deletion:expr, $of:expr) => {
        struct $name;

        impl Write<$values> for $name {
            fn write<'b>($act: &'b $values, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
                out.push_sql(INTO_AUDIT);
                out.push_sql("SELECT ");
                $of.audit(Action::$action, out, |out| {
                    out.push_sql(KEY_TEXT);
                    Ok(())
                })?;
                out.push_sql(concat!(" FROM ", $table, " WHERE "));
                $deletion.marked(out)
            }
        }
    };
}

record!(RecordLeads, Act<'_>, "leads", DELETE_LEAD, act, act, act);
record!(
    RecordCallbacks,
    Act<'_>,
    "callbacks",
    DELETE_CALLBACK,
    act,
    act,
    act
);
record!(
    RecordLeadsBack,
    Restoration<'_>,
    "leads",
    RESTORE_LEAD,
    back,
    back.deletion,
    back.act
);
record!(
    RecordCallbacksBack,
    Restoration<'_>,
    "callbacks",
    RESTORE_CALLBACK,
    back,
    back.deletion,
    back.act
);

/// A statement that takes the marks of a deletion away.
macro_rules! unmark {
    ($name:ident, $table:literal) => {
        struct $name;

        impl Write<Restoration<'_>> for $name {
            fn write<'b>(back: &'b Restoration<'_>, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
                out.push_sql(concat!("UPDATE ", $table, " SET "));
                out.push_sql(UNMARKED);
                out.push_sql(" WHERE ");
                back.deletion.marked(out)
            }
        }
    };
}

unmark!(UnmarkLeads, "leads");
unmark!(UnmarkCallbacks, "callbacks");
