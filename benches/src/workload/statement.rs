//! Statements written by hand that stay among Diesel's prepared ones.

use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable};

use super::model::{Lead, leads};
use super::{BEGIN, Connection};

/// The database as Diesel names it.
pub type Database = <Connection as diesel::Connection>::Backend;

/// Writes a statement that is always the same text, apart from its values.
pub trait Write<V>: 'static {
    fn write<'b>(values: &'b V, out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()>;
}

/// A statement and its values. Its type is its key among the prepared statements: no text is built to find it there. `T` is
/// what it answers.
struct Statement<'a, V, W, T>(&'a V, PhantomData<fn() -> (W, T)>);

/// Runs the statement that `W` writes with these values; answers how many rows it changed.
pub fn execute<W: Write<V>, V>(conn: &mut Connection, values: &V) -> QueryResult<usize> {
    Statement::<V, W, ()>(values, PhantomData).execute(conn)
}

/// Asks with these values for a number of rows and the key of the last.
pub fn last<W: Write<V>, V>(conn: &mut Connection, values: &V) -> QueryResult<(i64, Option<i64>)> {
    Statement::<V, W, (BigInt, Nullable<BigInt>)>(values, PhantomData).get_result(conn)
}

/// Asks with these values for four counts.
pub fn counts<W: Write<V>, V>(conn: &mut Connection, values: &V) -> QueryResult<(i64, i64, i64, i64)> {
    Statement::<V, W, (BigInt, BigInt, BigInt, BigInt)>(values, PhantomData).get_result(conn)
}

/// Asks with these values for leads, all columns.
pub fn leads<W: Write<V>, V>(conn: &mut Connection, values: &V) -> QueryResult<Vec<Lead>> {
    type Columns = diesel::dsl::SqlTypeOf<<leads::table as diesel::Table>::AllColumns>;
    Statement::<V, W, Columns>(values, PhantomData).load(conn)
}

impl<V, W: Write<V>, T> QueryFragment<Database> for Statement<'_, V, W, T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Database>) -> QueryResult<()> {
        W::write(self.0, &mut out)
    }
}

impl<V, W: 'static, T> QueryId for Statement<'_, V, W, T> {
    type QueryId = W;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<V, W, T> Query for Statement<'_, V, W, T> {
    type SqlType = T;
}

impl<V, W, T> RunQueryDsl<Connection> for Statement<'_, V, W, T> {}

/// What begins a transaction, where something must.
struct Begin;

/// What ends it.
struct Commit;

impl Write<()> for Begin {
    fn write<'b>((): &'b (), out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql(BEGIN.unwrap_or_default());
        Ok(())
    }
}

impl Write<()> for Commit {
    fn write<'b>((): &'b (), out: &mut AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.push_sql("COMMIT");
        Ok(())
    }
}

/// One transaction. An error leaves it open, and ends the process and the transaction with it.
///
/// Diesel's own BEGIN and COMMIT are parsed every time, and on MariaDB take three round trips each.
pub fn transaction<T>(
    conn: &mut Connection,
    work: impl FnOnce(&mut Connection) -> QueryResult<T>,
) -> QueryResult<T> {
    if BEGIN.is_some() {
        execute::<Begin, _>(conn, &())?;
    }
    let answer = work(conn)?;
    execute::<Commit, _>(conn, &())?;
    Ok(answer)
}
