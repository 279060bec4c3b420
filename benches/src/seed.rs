//! The rows, as arithmetic on the row number: every run of every system meets the same ones.
//!
//! Row `n` of the series makes the active lead `2n - 1` and the deleted lead `2n`. The rows stand here as queries, so
//! that they are made by the database itself and can be compared with what a run left behind.

use crate::backend::Backend;
use crate::cli::Options;

/// A day in seconds.
const DAY: i64 = 86_400;

/// A table and the query that makes its rows.
pub struct Table {
    pub name: &'static str,
    pub columns: &'static str,
    pub rows: String,
}

/// The tables of a database of some size.
pub struct Seed<'a>(pub &'a Options);

impl Seed<'_> {
    /// Everything that fills an empty database.
    pub fn script<B: Backend>(&self) -> String {
        let mut script = B::TABLES.to_owned();
        for Table { name, columns, rows } in self.tables::<B>() {
            script += &format!("INSERT INTO {name} ({columns}) {rows};\n");
        }
        script + B::AFTER_SEED
    }

    /// The tables, parents first.
    pub fn tables<B: Backend>(&self) -> [Table; 2] {
        [
            Table {
                name: "leads",
                columns: "id, full_name, phone, email, owner_id, created_at, \
                          deleted_at, deleted_by, deletion_reason, deletion_id",
                rows: format!(
                    "{} UNION ALL {}",
                    self.active_leads::<B>(),
                    self.deleted_leads::<B>()
                ),
            },
            Table {
                name: "callbacks",
                columns: "id, lead_id, scheduled_for, note, deleted_at, deleted_by, deletion_reason, deletion_id",
                rows: format!(
                    "{} UNION ALL {}",
                    self.busy_callbacks::<B>(),
                    self.expired_callbacks::<B>()
                ),
            },
        ]
    }

    /// One of every so many active leads is owner 2's, and the next one owner 3's. A multiple of five, because every
    /// fifth is owner 1's.
    fn stride(&self) -> i64 {
        5 * (self.0.scale / (10 * self.0.count.max(1))).max(1)
    }

    /// Whether the active lead of row `n` is owner 2's (1) or owner 3's (2).
    fn is_at(&self, place: i64) -> String {
        let stride = self.stride();
        format!("(n % {stride} = {place} AND n < {})", stride * self.0.count)
    }

    fn active_leads<B: Backend>(&self) -> String {
        let owner = format!(
            "CASE WHEN n % 5 = 0 THEN 1 WHEN {} THEN 2 WHEN {} THEN 3 ELSE 10 + n % 90 END",
            self.is_at(1),
            self.is_at(2)
        );
        let rows = B::series("n", self.0.scale / 2);
        format!(
            "SELECT {}, {owner}, {}, NULL, NULL, NULL, NULL FROM {rows}",
            person("2 * n - 1"),
            self.created::<B>("2 * n - 1")
        )
    }

    fn deleted_leads<B: Backend>(&self) -> String {
        let rows = B::series("n", self.0.scale / 2);
        format!(
            "SELECT {}, 10 + n % 90, {}, {}, {}, {}, {} FROM {rows}",
            person("2 * n"),
            self.created::<B>("2 * n"),
            self.deleted::<B>(),
            "10 + n % 7",
            "CONCAT('reason ', n % 13)",
            B::operation("2 * n")
        )
    }

    /// Each lead of owner 2 has ten active callbacks, and two that had been deleted on their own before.
    fn busy_callbacks<B: Backend>(&self) -> String {
        let (rows, each) = (B::series("n", self.0.scale / 2), B::series("k", 12));
        let before = B::ago(self.0.now, &format!("{DAY} * 3 + n % {DAY}"));
        let id = "12 * (2 * n - 1) + k";
        format!(
            "SELECT {}, CASE WHEN k > 10 THEN {before} END, CASE WHEN k > 10 THEN 5 END, \
             CASE WHEN k > 10 THEN 'on its own' END, CASE WHEN k > 10 THEN {} END \
             FROM {rows} CROSS JOIN {each} WHERE {}",
            self.callback::<B>(id, "2 * n - 1"),
            B::operation(&format!("1000000000 + {id}")),
            self.is_at(1)
        )
    }

    /// Every tenth expired lead has two callbacks that were deleted together with it.
    fn expired_callbacks<B: Backend>(&self) -> String {
        let (rows, each) = (B::series("n", self.0.scale / 2), B::series("k", 2));
        format!(
            "SELECT {}, {}, 10 + n % 7, CONCAT('reason ', n % 13), {} FROM {rows} CROSS JOIN {each} WHERE n % 20 = 0",
            self.callback::<B>("12 * 2 * n + k", "2 * n"),
            self.deleted::<B>(),
            B::operation("2 * n")
        )
    }

    /// A callback's own columns.
    fn callback<B: Backend>(&self, id: &str, lead: &str) -> String {
        let scheduled = B::ago(self.0.now, &format!("n % {DAY}"));
        format!("{id}, {lead}, {scheduled}, CONCAT('note ', k)")
    }

    /// Long before any deletion, and in another order than the ids.
    fn created<B: Backend>(&self, id: &str) -> String {
        B::ago(
            self.0.now,
            &format!("100 * {DAY} + (({id}) * 7919) % (365 * {DAY})"),
        )
    }

    /// Of the deleted half is expired, a tenth expires soon, the rest is younger; no row lies on a boundary.
    fn deleted<B: Backend>(&self) -> String {
        let (kept, soon) = (self.0.retention_days * DAY, self.0.soon_days * DAY);
        let young = kept - soon;
        let age = format!(
            "CASE WHEN n % 10 < 5 THEN {kept} + 3600 + (n * 6007) % {} \
             WHEN n % 10 = 5 THEN {young} + 3600 + (n * 6007) % {} \
             ELSE 3600 + (n * 6007) % {} END",
            60 * DAY - 7200,
            soon - 7200,
            young - 7200
        );
        B::ago(self.0.now, &age)
    }
}

/// A lead's own columns up to the owner.
fn person(id: &str) -> String {
    format!(
        "{id}, CONCAT('Lead ', {id}), CONCAT('+49 30 ', 1000000 + ({id}) % 9000000), CONCAT('lead', {id}, '@example.com')"
    )
}
