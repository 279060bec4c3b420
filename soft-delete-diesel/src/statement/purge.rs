//! Removing a batch of rows for good.

use diesel::result::QueryResult;

use super::{Act, Asked, Order, Place, Removable, Statement, Writer, order::Compared, record::insert};
use crate::{Column, ColumnKind, Descriptor, Dialect, KeyBinds, Relation};

/// The next rows that may be removed, locked; rows that somebody else has locked are left out:
/// `SELECT <order>, <key>, <key as text> FROM t WHERE <after the place> AND <removable> ORDER BY .. LIMIT .. FOR UPDATE SKIP LOCKED`
pub(crate) struct TakeBatch<'a, DB: Dialect> {
    pub(crate) removable: &'a Removable<'a>,
    pub(crate) order: &'a Order,
    pub(crate) which: Which<'a, DB>,
}

/// Which rows a batch is made of.
pub(crate) enum Which<'a, DB: Dialect> {
    /// So many after this place.
    Next {
        after: Option<&'a Place>,
        limit: u64,
        /// Whether they stay locked, or are only looked at.
        locked: bool,
    },
    /// Those with these keys.
    Among(&'a [&'a dyn KeyBinds<DB>]),
}

impl<DB: Dialect> Statement<DB> for TakeBatch<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.removable.model;
        out.sql("SELECT ");
        for column in self.order.columns().chain(&model.key) {
            out.column_text(column)?.sql(", ");
        }
        out.key_text(model)?
            .sql(" FROM ")
            .table(&model.table)?
            .sql(" WHERE ");
        match &self.which {
            Which::Next {
                after: Some(place), ..
            } => self.order.compare(Compared::After, place, out)?,
            Which::Next { after: None, .. } => {
                out.sql("1 = 1");
            }
            Which::Among(keys) => out.key_is_one_of(model, keys)?,
        }
        out.sql(" AND ");
        self.removable.condition(Asked::All, out)?;
        out.sql(" ORDER BY ");
        self.order.list("", out)?;
        let skip_locked = out.syntax().skip_locked();
        match self.which {
            Which::Next { limit, locked, .. } => {
                out.sql(" LIMIT ").number(limit);
                out.sql(if locked { skip_locked } else { "" });
            }
            Which::Among(_) => {
                out.sql(skip_locked);
            }
        }
        Ok(())
    }
}

/// Where a batch of so many rows ends: `SELECT <order> FROM t WHERE <after the place> AND <removable> ORDER BY .. LIMIT 1 OFFSET ..`
pub(crate) struct SpanEnd<'a> {
    pub(crate) removable: &'a Removable<'a>,
    pub(crate) order: &'a Order,
    pub(crate) after: Option<&'a Place>,
    pub(crate) limit: u64,
}

impl<DB: Dialect> Statement<DB> for SpanEnd<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.removable.model;
        for (number, column) in self.order.columns().enumerate() {
            out.sql(if number > 0 { ", " } else { "SELECT " })
                .column_text(column)?;
        }
        out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
        if let Some(place) = self.after {
            self.order.compare(Compared::After, place, out)?;
            out.sql(" AND ");
        }
        self.removable.condition(Asked::All, out)?;
        out.sql(" ORDER BY ");
        self.order.list("", out)?;
        out.sql(" LIMIT 1 OFFSET ").number(self.limit.saturating_sub(1));
        Ok(())
    }
}

/// A whole batch in one statement, where the database can:
///
/// ```sql
/// WITH gate AS (SELECT term FROM soft_delete_leases WHERE name = 'holds' FOR SHARE),
///     taken AS (SELECT .. FROM t WHERE <the gate is as it was> AND <after the place> AND <removable> ORDER BY .. LIMIT .. FOR UPDATE SKIP LOCKED),
///     changed AS (DELETE FROM t WHERE id = ANY (ARRAY (SELECT .. FROM taken)) AND <due> RETURNING <key as text>)
///     recorded AS (INSERT INTO soft_delete_audit SELECT .. FROM changed RETURNING 1)
/// SELECT <whether the gate is as it was>, <taken>, <removed>, <place of the last>
/// ```
///
/// Who places a hold raises the gate's term. A statement sees what was there when it began, and its lock on the gate what is
/// there now: if the two differ, a hold was placed in between that the rest of the statement cannot see.
pub(crate) struct PurgeAtOnce<'a> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) removable: &'a Removable<'a>,
    pub(crate) order: &'a Order,
    pub(crate) after: Option<&'a Place>,
    pub(crate) limit: u64,
}

const SAME_GATE: &str =
    "(SELECT term FROM gate) = (SELECT term FROM soft_delete_leases WHERE name = 'holds')";

impl<DB: Dialect> Statement<DB> for PurgeAtOnce<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, model) = (self.act, self.act.model);
        let places: Vec<String> = (0..self.order.len())
            .map(|part| format!("place_{part}"))
            .collect();
        let keys: Vec<String> = (0..model.key.len()).map(|part| format!("key_{part}")).collect();
        out.sql(
            "WITH gate AS (SELECT term FROM soft_delete_leases WHERE name = 'holds' FOR SHARE), taken AS (SELECT ",
        );
        let columns = self.order.columns().chain(&model.key);
        for (number, (column, name)) in columns.zip(places.iter().chain(&keys)).enumerate() {
            out.sql(if number > 0 { ", " } else { "" })
                .identifier(column.name())?
                .sql(" AS ")
                .identifier(name)?;
        }
        out.sql(" FROM ")
            .table(&model.table)?
            .sql(" WHERE ")
            .sql(SAME_GATE);
        if let Some(place) = self.after {
            out.sql(" AND ");
            self.order.compare(Compared::After, place, out)?;
        }
        out.sql(" AND ");
        self.removable.condition(Asked::All, out)?;
        out.sql(" ORDER BY ");
        self.order.list("", out)?;
        let skip_locked = out.syntax().skip_locked();
        out.sql(" LIMIT ").number(self.limit).sql(skip_locked);
        out.sql("), changed AS (DELETE FROM ")
            .table(&model.table)?
            .sql(" WHERE ");
        self.is_taken(&keys, out)?;
        out.sql(" AND ");
        self.removable.condition(Asked::Due, out)?;
        out.sql(" RETURNING ").key_text(model)?.sql(" AS record_id)");
        if model.audited {
            out.sql(", recorded AS (");
            insert(
                act,
                out,
                "SELECT ",
                |out| {
                    out.sql("record_id");
                    Ok(())
                },
                |out| {
                    out.sql("TRUE");
                    Ok(())
                },
            )?;
            out.sql(" FROM changed RETURNING 1)");
        }
        let number = out.syntax().text(ColumnKind::BigInt);
        out.sql(" SELECT CASE WHEN ")
            .sql(SAME_GATE)
            .sql(" THEN 'same' WHEN NOT EXISTS (SELECT 1 FROM gate) THEN 'missing' ELSE 'raised' END, ");
        out.sql(number.0)
            .sql("(SELECT COUNT(*) FROM taken)")
            .sql(number.1)
            .sql(", ");
        out.sql(number.0)
            .sql(if model.audited {
                "(SELECT COUNT(*) FROM recorded)"
            } else {
                "(SELECT COUNT(*) FROM changed)"
            })
            .sql(number.1);
        for (column, place) in self.order.columns().zip(&places) {
            let (before, after) = out.syntax().text(column.kind());
            out.sql(", ").sql(before).identifier(place)?.sql(after);
        }
        out.sql(" FROM (SELECT 1) AS here LEFT JOIN (SELECT * FROM taken ORDER BY ");
        for (number, place) in places.iter().enumerate() {
            out.sql(if number > 0 { ", " } else { "" })
                .identifier(place)?
                .sql(" DESC");
        }
        out.sql(" LIMIT 1) AS last ON TRUE");
        Ok(())
    }
}

impl PurgeAtOnce<'_> {
    // An array is looked up in the index of the key, whatever the planner thinks of the size of the table.
    fn is_taken<DB: Dialect>(&self, keys: &[String], out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        let model = self.act.model;
        out.key(model, Some(model.table.name()))?;
        let single = keys.len() == 1;
        out.sql(if single {
            " = ANY (ARRAY (SELECT "
        } else {
            " IN (SELECT "
        });
        out.list(None, keys)?.sql(" FROM taken");
        out.sql(if single { "))" } else { ")" });
        Ok(())
    }
}

/// `DELETE FROM c WHERE <foreign key> IN (?, ..) AND <conditions>`: rows that are owned by the rows of a batch.
pub(crate) struct RemoveOwnedBy<'a, DB: Dialect> {
    pub(crate) owner: &'a Descriptor,
    pub(crate) relation: &'static Relation,
    pub(crate) owners: &'a [&'a dyn KeyBinds<DB>],
}

impl<DB: Dialect> Statement<DB> for RemoveOwnedBy<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("DELETE FROM ")
            .table(self.relation.child_table())?
            .sql(" WHERE ");
        self.relation.are_of(self.owner, self.owners, out)
    }
}

/// How many rows there are of which this is true, and when the first of them was deleted.
pub(crate) struct CountOf<'a> {
    pub(crate) removable: &'a Removable<'a>,
    pub(crate) asked: Asked,
}

impl<DB: Dialect> Statement<DB> for CountOf<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.removable.model;
        let (number, time) = (
            out.syntax().text(ColumnKind::BigInt),
            out.syntax().text(model.deleted_at.kind()),
        );
        out.sql("SELECT ").sql(number.0).sql("COUNT(*)").sql(number.1);
        out.sql(", ")
            .sql(time.0)
            .sql("MIN(")
            .identifier(model.deleted_at.name())?
            .sql(")")
            .sql(time.1);
        out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
        self.removable.condition(self.asked, out)
    }
}

/// `SELECT COUNT(*) FROM (SELECT 1 FROM t LIMIT ?)`: whether a table has so many rows, without counting more.
pub(crate) struct CountUpTo {
    pub(crate) model: &'static Descriptor,
    pub(crate) limit: u64,
}

impl<DB: Dialect> Statement<DB> for CountUpTo {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let number = out.syntax().text(ColumnKind::BigInt);
        // The limit differs from run to run.
        out.never_twice();
        out.sql("SELECT ").sql(number.0).sql("COUNT(*)").sql(number.1);
        out.sql(" FROM (SELECT 1 AS one FROM ")
            .table(&self.model.table)?
            .sql(" LIMIT ")
            .number(self.limit)
            .sql(") ");
        out.identifier("some")?;
        Ok(())
    }
}

/// The first rows that something refers to, by their keys: `SELECT <key as text> FROM t WHERE <due, not held> AND EXISTS (..) LIMIT ..`
pub(crate) struct BlockedBy<'a> {
    pub(crate) removable: &'a Removable<'a>,
    pub(crate) limit: usize,
}

impl<DB: Dialect> Statement<DB> for BlockedBy<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let model = self.removable.model;
        out.sql("SELECT ")
            .key_text(model)?
            .sql(" FROM ")
            .table(&model.table)?
            .sql(" WHERE ");
        self.removable.condition(Asked::Blocked, out)?;
        let keys: Vec<&str> = model.key.iter().map(Column::name).collect();
        out.sql(" ORDER BY ")
            .list(Some(model.table.name()), &keys)?
            .sql(" LIMIT ")
            .number(self.limit as u64);
        Ok(())
    }
}
