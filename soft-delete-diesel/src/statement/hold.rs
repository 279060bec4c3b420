//! Holds: placing, lifting and listing them, and the condition that keeps what is held.

use diesel::result::QueryResult;
use soft_delete_core::chrono::{DateTime, NaiveDateTime, Utc};

use super::{Act, Names, OperationRef, Rows, Statement, Writer, act::time_text, time_range::of_column};
use crate::{ColumnKind, Descriptor, Dialect, dialect::Around};

/// An instant as it is bound.
pub(crate) struct Instant {
    pub(super) time: NaiveDateTime,
    pub(super) text: String,
}

impl Instant {
    pub(crate) fn new(at: DateTime<Utc>) -> Self {
        let time = at.naive_utc();
        Self {
            time,
            text: time_text(&time),
        }
    }
}

/// What a hold is on, as it is bound.
pub(crate) enum HoldOn<'a> {
    Record {
        model: &'a Descriptor,
        record_id: &'a str,
    },
    Operation(OperationRef),
    Model(&'a Descriptor),
}

/// `INSERT INTO soft_delete_holds (..) VALUES (..)`
pub(crate) struct PlaceHold<'a> {
    pub(crate) act: &'a Act<'a>,
    pub(crate) reason: &'a str,
    pub(crate) on: &'a HoldOn<'a>,
    pub(crate) ends_at: Option<&'a Instant>,
}

impl<DB: Dialect> Statement<DB> for PlaceHold<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (act, syntax) = (self.act, out.syntax());
        out.storable("actor", act.actor)?
            .storable("reason", self.reason)?;
        out.sql("INSERT INTO soft_delete_holds (id, model, record_id, operation_id, reason, actor, placed_at, ends_at) VALUES (");
        out.operation(syntax.audit_id(), act.operation.uuid(), &act.operation_text)?
            .sql(", ");
        match self.on {
            HoldOn::Record { model, record_id } => {
                out.text(model.name())?.sql(", ").text(record_id)?.sql(", NULL");
            }
            HoldOn::Operation(operation) => {
                out.sql("NULL, NULL, ")
                    .operation(syntax.audit_id(), &operation.id, &operation.text)?;
            }
            HoldOn::Model(model) => {
                out.text(model.name())?.sql(", NULL, NULL");
            }
        }
        out.sql(", ")
            .text(self.reason)?
            .sql(", ")
            .text(act.actor)?
            .sql(", ");
        out.time(syntax.audit_time(), &act.time, &act.time_text)?
            .sql(", ");
        match self.ends_at {
            Some(end) => out.time(syntax.audit_time(), &end.time, &end.text)?,
            None => out.sql("NULL"),
        };
        out.sql(")");
        Ok(())
    }
}

/// Which holds a list or a release is about.
pub(crate) enum WhichHolds<'a> {
    /// The one with this identity.
    Id(OperationRef),
    /// All of this scope on this very thing.
    On(HoldOn<'a>),
    /// Those after this one, in the order of their placing.
    After(Option<OperationRef>),
}

impl WhichHolds<'_> {
    fn write<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let kind = out.syntax().audit_id();
        match self {
            Self::Id(id) => {
                out.sql("id = ").operation(kind, &id.id, &id.text)?;
            }
            Self::On(HoldOn::Record { model, record_id }) => {
                out.sql("model");
                Names::of(model).are(out)?;
                out.sql(" AND record_id = ").text(record_id)?;
            }
            Self::On(HoldOn::Operation(operation)) => {
                out.sql("operation_id = ")
                    .operation(kind, &operation.id, &operation.text)?;
            }
            Self::On(HoldOn::Model(model)) => {
                out.sql("model");
                Names::of(model).are(out)?;
                out.sql(" AND record_id IS NULL");
            }
            Self::After(Some(last)) => {
                out.sql("soft_delete_holds.id > ")
                    .operation(kind, &last.id, &last.text)?;
            }
            Self::After(None) => {
                out.sql("1 = 1");
            }
        }
        Ok(())
    }
}

/// Holds with all that there is to know of them, as text, oldest first.
pub(crate) struct Holds<'a> {
    pub(crate) which: &'a WhichHolds<'a>,
    pub(crate) limit: u32,
}

impl<DB: Dialect> Statement<DB> for Holds<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let syntax = out.syntax();
        let columns = [
            ("id", syntax.audit_id()),
            ("model", ColumnKind::Text),
            ("record_id", ColumnKind::Text),
            ("operation_id", syntax.audit_id()),
            ("reason", ColumnKind::Text),
            ("actor", ColumnKind::Text),
            ("placed_at", syntax.audit_time()),
            ("ends_at", syntax.audit_time()),
        ];
        for (number, (name, kind)) in columns.into_iter().enumerate() {
            let (before, after) = syntax.text(kind);
            out.sql(if number > 0 { ", " } else { "SELECT " })
                .sql(before)
                .sql(name)
                .sql(after);
        }
        out.sql(" FROM soft_delete_holds WHERE ");
        self.which.write(out)?;
        out.sql(" ORDER BY soft_delete_holds.id LIMIT ")
            .number(self.limit.into());
        Ok(())
    }
}

/// The models that holds are on, or on rows of which, with how many there are.
pub(crate) struct HeldModels;

impl<DB: Dialect> Statement<DB> for HeldModels {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT model, ").sql(before).sql("COUNT(*)").sql(after);
        out.sql(" FROM soft_delete_holds WHERE model IS NOT NULL GROUP BY model ORDER BY model");
        Ok(())
    }
}

/// The schemas of other tables of holds, which nobody asks who sees this one.
pub(crate) struct OtherTablesOfHolds;

impl<DB: Dialect> Statement<DB> for OtherTablesOfHolds {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let query = out.syntax().other_tables_of_holds();
        out.sql(query);
        Ok(())
    }
}

/// `DELETE FROM soft_delete_holds WHERE ..`
pub(crate) struct LiftHolds<'a>(pub(crate) &'a WhichHolds<'a>);

impl<DB: Dialect> Statement<DB> for LiftHolds<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("DELETE FROM soft_delete_holds WHERE ");
        self.0.write(out)
    }
}

/// Whether the row of this table or alias is held at this instant: by itself, with its model, or with its operation.
/// `latest` stands behind what looks for holds, so that they are seen whatever the transaction saw before.
pub(super) fn is_held<'b, DB: Dialect>(
    model: &'static Descriptor,
    row: &str,
    now: &'b Instant,
    latest: &'static str,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    let row = Some(row);
    out.sql("(EXISTS (SELECT 1 FROM soft_delete_holds AS hold WHERE ");
    Names::of(model).may_be_held("hold", out)?;
    out.sql(" AND (hold.record_id IS NULL OR ");
    match model.key.as_slice() {
        [column] if column.kind().is_text() => {
            let (before, after) = record_in_kind(model, out);
            comparable_key(model, row, out)?;
            out.sql(" = ").sql(before).sql("hold.record_id").sql(after);
        }
        _ => {
            out.sql("hold.record_id = ").key_text_of(model, row)?;
        }
    }
    out.sql(")");
    in_force(now, out)?;
    out.sql(latest);
    if let Some(column) = &model.deletion_id {
        out.sql(") OR EXISTS (SELECT 1 FROM soft_delete_holds AS hold WHERE hold.operation_id = ");
        // The holds' own kind of identity, whatever the model's is.
        let own = out.syntax().audit_id();
        let (before, after) = if column.kind() == own {
            ("", "")
        } else {
            out.syntax().cast(own)
        };
        out.sql(before).qualified(row, column.name())?.sql(after);
        in_force(now, out)?;
        out.sql(latest);
    }
    out.sql("))");
    Ok(())
}

/// As [`is_held`], for statements that look at many rows: the holds are looked up once, and not for every row.
pub(super) fn is_among_held<'b, DB: Dialect>(
    model: &'static Descriptor,
    now: &'b Instant,
    out: &mut Writer<'_, 'b, DB>,
) -> QueryResult<()> {
    let row = Some(model.table.name());
    out.sql("(EXISTS (SELECT 1 FROM soft_delete_holds AS hold WHERE ");
    Names::of(model).may_be_held("hold", out)?;
    out.sql(" AND hold.record_id IS NULL");
    in_force(now, out)?;
    out.sql(") OR ");
    let (before, after) = record_in_kind(model, out);
    comparable_key(model, row, out)?;
    out.sql(" IN (SELECT ")
        .sql(before)
        .sql("hold.record_id")
        .sql(after)
        .sql(" FROM soft_delete_holds AS hold WHERE ");
    Names::of(model).may_be_held("hold", out)?;
    out.sql(" AND hold.record_id IS NOT NULL");
    in_force(now, out)?;
    if let Some(column) = &model.deletion_id {
        let own = out.syntax().audit_id();
        let (before, after) = if column.kind() == own {
            ("", "")
        } else {
            out.syntax().cast(own)
        };
        out.sql(") OR (")
            .qualified(row, column.name())?
            .sql(" IS NOT NULL AND ");
        out.sql(before).qualified(row, column.name())?.sql(after);
        out.sql(" IN (SELECT hold.operation_id FROM soft_delete_holds AS hold WHERE hold.operation_id IS NOT NULL");
        in_force(now, out)?;
        out.sql(")");
    }
    out.sql("))");
    Ok(())
}

// The key of a row as it is compared with the record that a hold is on: by the equality of its column. A cast leaves the
// collation of the column on the left side as it is; the type of `citext` it would not.
fn comparable_key<DB: Dialect>(
    model: &Descriptor,
    row: Option<&str>,
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    match model.key.as_slice() {
        [column] if column.kind() == ColumnKind::Citext => out.qualified(row, column.name()),
        _ => out.key_text_of(model, row),
    }
    .map(drop)
}

// Around the record that a hold is on, for that comparison.
fn record_in_kind<DB: Dialect>(model: &Descriptor, out: &Writer<'_, '_, DB>) -> Around {
    match model.key.as_slice() {
        [column] if column.kind() == ColumnKind::Citext => out.syntax().cast(ColumnKind::Citext),
        _ => ("", ""),
    }
}

// Where times are text, an end is compared by the instant that it means; one that means none has not come.
fn in_force<'b, DB: Dialect>(now: &'b Instant, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
    out.sql(" AND (hold.ends_at IS NULL OR ");
    if let Some(times) = out.syntax().text_times() {
        out.sql("COALESCE(");
        ends_at("hold.ends_at", times.instant, out)?;
        out.sql(" > ").text(&now.text)?.sql(", 1)");
    } else {
        let kind = out.syntax().audit_time();
        out.sql("hold.ends_at > ").time(kind, &now.time, &now.text)?;
    }
    out.sql(")");
    Ok(())
}

fn ends_at<DB: Dialect>(
    column: &'static str,
    template: &'static str,
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let column = |out: &mut Writer<'_, '_, DB>| {
        out.sql(column);
        Ok(())
    };
    of_column(template, column, out)
}

/// How many holds have an end that means no instant, so that they hold until they are released.
pub(crate) struct CountUnreadableEnds;

impl<DB: Dialect> Statement<DB> for CountUnreadableEnds {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT ").sql(before).sql("COUNT(*)").sql(after);
        out.sql(" FROM soft_delete_holds WHERE ends_at IS NOT NULL AND ");
        match out.syntax().text_times() {
            Some(times) => {
                ends_at("ends_at", times.instant, out)?;
                out.sql(" IS NULL");
            }
            None => {
                out.sql("1 = 0");
            }
        }
        Ok(())
    }
}

/// How many of these deleted rows are held.
pub(crate) struct CountHeld<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: &'a Rows<'a, DB>,
    pub(crate) now: &'a Instant,
}

impl<DB: Dialect> Statement<DB> for CountHeld<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(ColumnKind::BigInt);
        out.sql("SELECT ")
            .sql(before)
            .sql("COUNT(*)")
            .sql(after)
            .sql(" FROM ");
        out.table(&self.model.table)?.sql(" WHERE ");
        self.rows.in_state(self.model, true, out)?;
        out.sql(" AND ");
        let latest = out.syntax().latest();
        is_held(self.model, self.model.table.name(), self.now, latest, out)
    }
}
