//! The random sequences on this style's database.

use super::*;
use crate::property::{
    kin::{Table, select, store},
    oracle::Answer,
    sequence::Asked,
    trial::{Given, SeenEvent, SeenRow, Subject, run},
};
use soft_delete::{Context, Error, Operation, Outcome, RestorePlan};

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    model: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    number: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    deleted_at: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    deletion_id: Option<String>,
}

#[derive(QueryableByName)]
struct TextEvent {
    #[diesel(sql_type = diesel::sql_types::Text)]
    operation: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    action: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    model: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    record_id: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    root: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    at: String,
}

/// Calls one of the three forms of an operation: on a key, on keys, on a condition.
macro_rules! called {
    ($conn:expr, $asked:expr, $context:expr, $model:ident, $one:ident, $many:ident, $matching:ident,
        $key:expr, $up_to:expr, $under:expr) => {
        match $asked {
            Asked::One(row) => one($model::$one($conn, $key(*row), $context)),
            Asked::Many(rows) => several($model::$many($conn, rows.iter().map(|row| $key(*row)), $context)),
            Asked::UpTo(last) => several($model::$matching($conn, $up_to(*last), $context)),
            Asked::Under(parent) => several($model::$matching($conn, $under(*parent), $context)),
        }
    };
}

/// The same for plans, which are not made of keys.
macro_rules! planned {
    ($conn:expr, $asked:expr, $context:expr, $model:ident, $one:ident, $many:ident, $matching:ident,
        $key:expr, $up_to:expr, $under:expr) => {
        match $asked {
            Asked::One(row) => Some($model::$one($conn, $key(*row), $context)),
            Asked::Many(_) => None,
            Asked::UpTo(last) => Some($model::$matching($conn, $up_to(*last), $context)),
            Asked::Under(parent) => Some($model::$matching($conn, $under(*parent), $context)),
        }
    };
}

/// The same for removals.
macro_rules! removed {
    ($conn:expr, $asked:expr, $context:expr, $model:ident, $one:ident, $many:ident, $matching:ident,
        $key:expr, $up_to:expr, $under:expr) => {
        match $asked {
            Asked::One(row) => Some(several($model::$one($conn, $key(*row), $context))),
            Asked::Many(_) => None,
            Asked::UpTo(last) => Some(several($model::$matching($conn, $up_to(*last), $context))),
            Asked::Under(parent) => Some(several($model::$matching($conn, $under(*parent), $context))),
        }
    };
}

/// Calls an operation on a key.
macro_rules! keyed {
    ($conn:expr, $row:expr, $context:expr, $model:ident, $one:ident, $many:ident, $matching:ident,
        $key:expr, $up_to:expr, $under:expr) => {
        $model::$one($conn, $key($row), $context)
    };
}

/// Chooses the model.
macro_rules! on_table {
    ($call:ident($conn:expr, $table:expr, $asked:expr, $context:expr, $one:ident, $many:ident, $matching:ident)) => {{
        let (conn, asked, context) = ($conn, $asked, $context);
        macro_rules! of {
            ($model:ident, $key:expr, $up_to:expr, $under:expr) => {
                $call!(
                    conn, asked, context, $model, $one, $many, $matching, $key, $up_to, $under
                )
            };
        }
        let row = |row: i64| row;
        match $table {
            Table::Teams => of!(Team, row, |n| teams::id.le(n), |n: i64| teams::email
                .eq(n.to_string())),
            Table::Members => of!(Member, row, |n| members::id.le(n), |n| members::team_id.eq(n)),
            Table::Tasks => of!(Task, row, |n| tasks::id.le(n), |n| tasks::team_id.eq(n)),
            Table::Invoices => of!(Invoice, row, |n| invoices::id.le(n), |n| invoices::team_id.eq(n)),
            Table::Folders => of!(Folder, row, |n| folders::id.le(n), |n| folders::parent_id.eq(n)),
            Table::Papers => of!(Paper, row, |n| papers::id.le(n), |n| papers::folder_id.eq(n)),
            Table::Authors => of!(Author, row, |n| authors::id.le(n), |n| authors::inspired_by.eq(n)),
            Table::Books => of!(Book, row, |n| books::id.le(n), |n| books::author_id.eq(n)),
            Table::Tickets => of!(Ticket, row, |n| tickets::id.le(n), |n| tickets::parent_id.eq(n)),
            Table::Stores => of!(
                Store,
                store,
                |n| stores::code.le(i32::try_from(n).expect("a small number")),
                |_| stores::region.eq("nowhere")
            ),
            Table::Shelves => of!(Shelf, row, |n| shelves::id.le(n), |n| {
                let (region, code) = store(n);
                shelves::region.eq(region).and(shelves::code.eq(code))
            }),
        }
    }};
}

struct OnDatabase(Conn);

impl Subject for OnDatabase {
    fn sql(&mut self, sql: &str) {
        batch(&mut self.0, sql);
    }

    fn delete(&mut self, table: Table, asked: &Asked, context: Context) -> Given {
        on_table!(called(
            &mut self.0,
            table,
            asked,
            context,
            soft_delete_by_id,
            soft_delete_by_ids,
            soft_delete_where
        ))
    }

    fn restore(&mut self, table: Table, asked: &Asked, context: Context) -> Given {
        on_table!(called(
            &mut self.0,
            table,
            asked,
            context,
            restore_by_id,
            restore_by_ids,
            restore_where
        ))
    }

    fn plan(
        &mut self,
        table: Table,
        asked: &Asked,
        context: Context,
    ) -> Option<soft_delete::Result<RestorePlan>> {
        on_table!(planned(
            &mut self.0,
            table,
            asked,
            context,
            restore_plan_by_id,
            none,
            restore_plan_where
        ))
    }

    fn undo(&mut self, operation: DeletionId, context: Context) -> Given {
        several(soft_delete::undo(&mut self.0, &kin(), operation, context))
    }

    fn remove(&mut self, table: Table, asked: &Asked, context: Context) -> Option<Given> {
        on_table!(removed(
            &mut self.0,
            table,
            asked,
            context,
            force_delete_by_id,
            none,
            force_delete_where
        ))
    }

    fn hold(&mut self, table: Table, row: i64, context: Context) -> Given {
        placed(on_table!(keyed(
            &mut self.0,
            table,
            row,
            context,
            hold_by_id,
            none,
            none
        )))
    }

    fn hold_operation(&mut self, operation: DeletionId, context: Context) -> Given {
        placed(soft_delete::hold_operation(&mut self.0, operation, context))
    }

    fn release(&mut self, table: Table, row: i64, context: Context) -> Given {
        let lifted = on_table!(keyed(&mut self.0, table, row, context, release_by_id, none, none));
        lifted.map_or_else(refused, |lifted| Ok((Answer::Lifted(lifted), None)))
    }

    fn rows(&mut self, family: &[Table]) -> Vec<SeenRow> {
        let (time, text) = spelling();
        let rows: Vec<TextRow> = diesel::sql_query(select(family, &time.replace("{}", "deleted_at"), text))
            .load(&mut self.0)
            .expect("the rows");
        rows.into_iter()
            .map(|row| (row.model, row.number, row.deleted_at, row.deletion_id))
            .collect()
    }

    fn audit(&mut self) -> Vec<SeenEvent> {
        let (time, text) = spelling();
        let time = time.replace("{}", "soft_delete_audit.at");
        let sql = format!(
            "SELECT CAST(operation_id AS {text}) AS operation, action, model, record_id, CASE WHEN root THEN 'root' ELSE '' END AS root, {time} AS at FROM soft_delete_audit ORDER BY id"
        );
        let events: Vec<TextEvent> = diesel::sql_query(sql).load(&mut self.0).expect("the audit trail");
        let seen = |event: TextEvent| {
            (
                event.operation,
                event.action,
                event.model,
                event.record_id,
                event.root == "root",
                event.at,
            )
        };
        events.into_iter().map(seen).collect()
    }
}

// A time with milliseconds, as text, and the type that is text.
fn spelling() -> (&'static str, &'static str) {
    match DATABASE {
        Database::Sqlite => ("strftime('%Y-%m-%d %H:%M:%f', {})", "TEXT"),
        Database::Postgres => ("to_char({}, 'YYYY-MM-DD HH24:MI:SS.MS')", "TEXT"),
        _ => (
            "SUBSTRING(DATE_FORMAT({}, '%Y-%m-%d %H:%i:%s.%f'), 1, 23)",
            "CHAR",
        ),
    }
}

fn one(outcome: soft_delete::Result<Outcome>) -> Given {
    match outcome {
        Ok(outcome) => Ok((Answer::Changed(outcome.is_changed()), None)),
        Err(error) => refused(error),
    }
}

fn placed(hold: soft_delete::Result<soft_delete::Hold>) -> Given {
    hold.map_or_else(refused, |hold| Ok((Answer::Placed, Some(hold.id.to_string()))))
}

fn several(operation: soft_delete::Result<Operation>) -> Given {
    match operation {
        Ok(operation) => {
            let id = operation.is_changed().then(|| operation.id.to_string());
            let counts = operation
                .models
                .iter()
                .map(|model| (name(&model.model), model.rows));
            Ok((Answer::Rows(counts.collect()), id))
        }
        Err(error) => refused(error),
    }
}

fn refused(error: Error) -> Given {
    let answer = match error {
        Error::NotFound { .. } => Answer::NotFound,
        Error::ParentDeleted { model, id, .. } => Answer::ParentDeleted([(name(&model), id)].into()),
        Error::Conflict { .. } => Answer::Conflict,
        Error::Restricted { children, .. } => Answer::Restricted(children.iter().map(|(_, rows)| rows).sum()),
        Error::UnknownOperation { .. } => Answer::UnknownOperation,
        Error::NotADeletion { .. } => Answer::NotADeletion,
        Error::Purged { .. } => Answer::Purged,
        Error::NotDeleted { .. } => Answer::NotDeleted,
        Error::StillReferenced { children, .. } => {
            Answer::StillReferenced(children.iter().map(|(_, rows)| rows).sum())
        }
        Error::PartOfFamily { rows, .. } => Answer::PartOfFamily(rows),
        Error::Held { .. } => Answer::Held,
        other => return Err(other),
    };
    Ok((answer, None))
}

fn name(model: &str) -> &'static str {
    let mut tables = crate::property::kin::FAMILIES
        .into_iter()
        .flatten()
        .map(|table| table.name());
    tables.find(|name| *name == model).expect("a table of the kin")
}

#[test]
fn random_sequences_do_what_the_oracle_says() {
    let db = TestDatabase::new(DATABASE);
    prepare(&db);
    prepare_kin(&db);
    let mut conn = connect(&db);
    if DATABASE == Database::Postgres {
        // Tables that were never analysed look large to the planner, which then compiles every statement for a handful of rows.
        batch(&mut conn, "SET TIME ZONE 'UTC'; SET jit = off");
    }
    run(&mut OnDatabase(conn));
}
