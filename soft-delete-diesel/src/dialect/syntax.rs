//! What statements ask a database to spell for them.

use super::short_name;
use crate::{ColumnKind, Descriptor, TableName};

/// SQL to be written around something: before it and after it.
pub(crate) type Around = (&'static str, &'static str);

/// How one database spells what the others spell differently.
pub(crate) trait Syntax: Sync {
    /// Around a bound text that becomes a value of this kind.
    fn cast(&self, kind: ColumnKind) -> Around;

    /// Around a bound text that was read from a column of this kind, which becomes the same value again.
    fn stored(&self, kind: ColumnKind) -> Around {
        self.cast(kind)
    }

    /// Around a column or bound key part of this kind that becomes text.
    fn text(&self, kind: ColumnKind) -> Around;

    /// Before, between and after texts that become one text with commas.
    fn joined_by_comma(&self) -> (&'static str, &'static str, &'static str);

    /// The kind of the `at` column of the audit table.
    fn audit_time(&self) -> ColumnKind;

    /// The kind of the `operation_id` column of the audit table.
    fn audit_id(&self) -> ColumnKind;

    /// The day in UTC of an audit row, as text: `2026-01-15`.
    fn audit_day(&self) -> &'static str;

    /// Written after a `SELECT` to see the latest committed row rather than the transaction's snapshot.
    fn latest(&self) -> &'static str {
        ""
    }

    /// Written after a `SELECT` to keep others from changing its rows until the transaction ends.
    fn locked(&self) -> &'static str {
        ""
    }

    /// Written after a `SELECT` to keep its rows as they are until the transaction ends, and let others read them.
    fn shared(&self) -> &'static str {
        ""
    }

    /// Written after a `SELECT` to lock its rows and leave out those that somebody else has locked.
    fn skip_locked(&self) -> &'static str {
        self.locked()
    }

    /// Whether subqueries of a locking `SELECT` can lock what they read, and must, because a statement of its own would not
    /// see more.
    fn subqueries_lock(&self) -> bool {
        false
    }

    /// Whether `(a, b) > (?, ?)` finds its rows by an index.
    fn compares_rows(&self) -> bool {
        true
    }

    /// Whether `(a, b) IN (VALUES (?, ?), ..)` finds its rows by an index. Many an `OR` would be too deep for SQLite.
    fn lists_rows(&self) -> bool {
        false
    }

    /// Whether a foreign key may stand between texts of different collations.
    fn foreign_keys_mix_collations(&self) -> bool {
        true
    }

    /// Whether a comparison of texts goes by the collation of its left side, as a foreign key goes by that of the parent.
    fn compares_by_left_side(&self) -> bool {
        false
    }

    /// Around the name of a table without its schema, each: the other names that it goes by, or NULL.
    fn names_without_schema(&self) -> &'static [Around];

    /// Around a schema and a table's name: the name alone if it means this very table, or NULL.
    fn name_with_schema(&self) -> [&'static str; 3];

    /// Around a list of names of one table: the names that holds are on among these, whatever their letters where those
    /// of tables count for nothing.
    fn any_letters(&self) -> Around {
        ("", "")
    }

    /// The text columns of a table's key whose values may be equal in several spellings, around its schema (or NULL) and its
    /// name: a row for each, with its character set, its collation's schema (both NULL where they are not said) and its
    /// collation.
    fn key_collations(&self) -> [&'static str; 3];

    /// The schemas of tables named `soft_delete_holds` that a statement of this session does not mean.
    fn other_tables_of_holds(&self) -> &'static str {
        "SELECT NULL WHERE 1 = 0"
    }

    /// The time that the database's clock shows, in UTC, as the audit table would store it.
    fn now(&self) -> &'static str;

    /// Around a number of seconds: that much later than [`Syntax::now`].
    fn seconds_from_now(&self) -> Around;

    /// The name of a setting that a cleanup is quicker without, where there is one.
    fn slowing_setting(&self) -> Option<&'static str> {
        None
    }

    /// The time zone of the session, where columns exist that are read and written in it.
    fn session_time_zone(&self) -> Option<&'static str> {
        None
    }

    /// How a transaction is kept from writing.
    fn read_only(&self) -> ReadOnly;

    /// Around a schema (or NULL) and a table's name: how many rows the catalogue thinks that it has.
    fn estimated_rows(&self) -> Option<[&'static str; 3]> {
        None
    }

    /// Whether a time is bound in the type of its column, and not in one type for all columns.
    fn has_kinds_of_times(&self) -> bool {
        false
    }

    /// How times that are kept as text are compared by what they mean.
    fn text_times(&self) -> Option<TextTimes> {
        None
    }

    /// Whether a whole table is counted more quickly than a part of it that an index is for.
    fn counts_tables_quickly(&self) -> bool {
        false
    }

    /// `1` if the session lets the database enforce foreign keys.
    fn enforces_foreign_keys(&self) -> &'static str;

    /// `SELECT` of the user as `GRANT .. TO` names it; NULL where there are no users.
    fn current_user(&self) -> &'static str {
        "SELECT NULL"
    }

    /// What stands behind a text so that `LIKE` can search it, whatever its collation.
    fn searchable(&self) -> &'static str {
        ""
    }

    /// Around the column that marks a deletion: whether a row found by its key is deleted, or is not.
    fn is_marked(&self, deleted: bool) -> Around {
        ("", if deleted { " IS NOT NULL" } else { " IS NULL" })
    }

    /// Whether a text column can hold the character NUL.
    fn stores_nul(&self) -> bool {
        true
    }

    /// Whether one statement can change a row and record it.
    fn changes_and_records_at_once(&self) -> bool {
        false
    }

    /// Whether rows that are told by other tables are found much faster by a join than by `IN (SELECT ..)` in an `UPDATE`.
    fn changes_by_join(&self) -> bool {
        false
    }

    /// A query with one row if the named table of the library exists; the name is bound where `?` stands.
    fn table_exists(&self) -> Around;

    /// The library's own tables, by version: what makes them and what removes them.
    fn migrations(&self) -> &'static [(&'static str, &'static str, &'static str)];

    /// Creates the table of applied migrations unless it exists.
    fn create_migrations_table(&self) -> &'static str;

    /// Records a migration as applied unless it is; its name is bound between the two.
    fn record_migration(&self) -> Around;

    /// An identifier in this database's quotes.
    fn quoted(&self, identifier: &str) -> String;

    /// The type of a column in `ALTER TABLE`.
    fn column_type(&self, kind: ColumnKind) -> &'static str;

    /// The statement that makes an index.
    fn create_index(&self, model: &Descriptor, index: &Index) -> String;

    /// The statement that removes it again.
    fn drop_index(&self, model: &Descriptor, index: &Index) -> String;

    /// The statement that makes an index on the columns by which rows of this table refer to others.
    fn create_child_index(&self, child: &TableName, columns: &[String]) -> String {
        let (schema, table) = (self.quoted_prefix(child), self.quoted(child.name()));
        let (name, columns) = (
            self.quoted(&child_index_name(child, columns)),
            self.quoted_list(columns),
        );
        format!("CREATE INDEX {name} ON {schema}{table} ({columns});")
    }

    /// The column that unique indexes need where an index cannot be of active rows alone: what adds it, what drops it.
    fn active_column(&self, model: &Descriptor) -> Option<(String, String)> {
        let _ = model;
        None
    }

    /// A table's name in this database's quotes, with its schema where it has one.
    fn quoted_table(&self, model: &Descriptor) -> String {
        self.quoted_schema(model) + &self.quoted(model.table.name())
    }

    /// The schema of a model's table in this database's quotes with a dot behind it, or nothing.
    fn quoted_schema(&self, model: &Descriptor) -> String {
        self.quoted_prefix(&model.table)
    }

    /// The schema of a table in this database's quotes with a dot behind it, or nothing.
    fn quoted_prefix(&self, table: &TableName) -> String {
        table
            .schema()
            .map(|schema| self.quoted(schema) + ".")
            .unwrap_or_default()
    }

    /// Columns in this database's quotes, with commas.
    fn quoted_list(&self, columns: &[String]) -> String {
        let quoted: Vec<String> = columns.iter().map(|column| self.quoted(column)).collect();
        quoted.join(", ")
    }
}

/// `callbacks_by_lead_id`, which no database makes by itself.
pub(super) fn child_index_name(child: &TableName, columns: &[String]) -> String {
    short_name(&format!("{}_by_{}", child.name(), columns.join("_")))
}

/// How times that are kept as text are compared.
pub(crate) struct TextTimes {
    /// The instant that a text means, in UTC, as `YYYY-MM-DD HH:MM:SS.ffffff` without the zeros at its end; NULL if it means none.
    /// The column stands wherever there is a `{}`.
    pub(crate) instant: &'static str,
    /// Whether the text begins with the second that it means, in UTC, so that it sorts among others of this kind as that second
    /// does; written like the instant. It may deny it and never claims it wrongly.
    pub(crate) begins_with_second: &'static str,
    /// Before a column that is compared as it is, whatever its type.
    pub(crate) bare: &'static str,
}

/// Statements that keep a transaction from writing: before it begins, in it, and after its end.
pub(crate) struct ReadOnly {
    pub(crate) before: Option<&'static str>,
    pub(crate) inside: Option<&'static str>,
    pub(crate) after: Option<&'static str>,
}

/// An index that the library asks for.
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: IndexedRows,
}

/// The rows that an index is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexedRows {
    /// The deleted ones, to find what is expired.
    Deleted,
    /// The active ones, among which the columns are unique.
    Active,
}
