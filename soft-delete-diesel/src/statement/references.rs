//! Children found from their parents as SQLite's foreign keys find them: by the collation of the parent's key.
//!
//! `foreign_key IN (SELECT key ..)` compares by the collation of its left side, the child's. A foreign key compares by the
//! parent's, under which `Ann` may be `ann`. In a join the parent's column stands on the left.

use diesel::result::QueryResult;

use super::Writer;
use crate::{Descriptor, Dialect, Relation, TableName};

const PARENTS: &str = "parents";
const CHILDREN: &str = "children";
const OPERATION: &str = "operation";

/// Whether rows of a relation must be found by a join: elsewhere both sides compare alike, and so do values that are not
/// text.
pub(super) fn compares_by_parent<DB: Dialect>(
    relation: &Relation,
    parent: &Descriptor,
    out: &Writer<'_, '_, DB>,
) -> bool {
    refers_by_parent(parent, &relation.parent_columns(parent), out)
}

/// Whether a child that refers to this model compares with a bound key otherwise than with the row that has it: the value has no
/// collation, and the child's may be another one.
pub(super) fn compare_with_row<DB: Dialect>(parent: &Descriptor, out: &Writer<'_, '_, DB>) -> bool {
    out.syntax().foreign_keys_mix_collations() && parent.key.iter().any(|column| column.kind().is_text())
}

/// As [`compares_by_parent`], of a foreign key to these columns of a model, of which those that are not its key may be text.
pub(super) fn refers_by_parent<DB: Dialect, S: AsRef<str>>(
    parent: &Descriptor,
    columns: &[S],
    out: &Writer<'_, '_, DB>,
) -> bool {
    let is_text = |name: &S| {
        let key = parent.key.iter().find(|column| column.name() == name.as_ref());
        key.is_none_or(|column| column.kind().is_text())
    };
    out.syntax().compares_by_left_side() && columns.iter().any(is_text)
}

/// A child's table and the columns by which it refers to the key of a parent.
pub(super) struct Children<'a, S> {
    pub(super) table: &'a TableName,
    pub(super) foreign_key: &'a [S],
    pub(super) parent: &'a Descriptor,
    /// The parent's columns that they refer to.
    pub(super) referred: &'a [&'a str],
}

impl<S: AsRef<str>> Children<'_, S> {
    /// `<key> IN (SELECT children.<key> FROM <parents> INNER JOIN <children>)`
    ///
    /// `operations` writes the `deletion_id` of a parent and that of a child (of this alias), where both must be the same.
    pub(super) fn by_key<'b, DB: Dialect>(
        &self,
        child: &Descriptor,
        operations: Option<Operations<'_, 'b, DB>>,
        rows: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        out.key(child, None)?.sql(" IN (SELECT ");
        let key: Vec<&str> = child.key.iter().map(crate::Column::name).collect();
        out.list(Some(CHILDREN), &key)?;
        self.joined(operations, rows, out)?;
        out.sql(")");
        Ok(())
    }

    /// `<foreign key> COLLATE BINARY IN (SELECT children.<foreign key> FROM <parents> INNER JOIN <children>)`, for a table
    /// whose key is not known: each spelling that the child has is taken as it is.
    pub(super) fn by_foreign_key<'b, DB: Dialect>(
        &self,
        rows: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        for (number, column) in self.foreign_key.iter().enumerate() {
            out.sql(if number > 0 { ", " } else { "(" })
                .identifier(column.as_ref())?
                .sql(" COLLATE BINARY");
        }
        out.sql(") IN (SELECT ").list(Some(CHILDREN), self.foreign_key)?;
        self.joined(None, rows, out)?;
        out.sql(")");
        Ok(())
    }

    // ` FROM (SELECT <key> FROM p WHERE <rows>) AS parents INNER JOIN c AS children ON parents.<key> = children.<foreign key>`
    fn joined<'b, DB: Dialect>(
        &self,
        operations: Option<Operations<'_, 'b, DB>>,
        rows: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        // Named so that no column of the child has to be told from them.
        let parts: Vec<String> = (0..self.referred.len())
            .map(|part| format!("key_{part}"))
            .collect();
        out.sql(" FROM (SELECT ");
        for (number, (column, part)) in self.referred.iter().zip(&parts).enumerate() {
            out.sql(if number > 0 { ", " } else { "" })
                .identifier(column)?
                .sql(" AS ")
                .identifier(part)?;
        }
        if let Some(operations) = &operations {
            out.sql(", ");
            (operations.of_parent)(out)?;
            out.sql(" AS ").identifier(OPERATION)?;
        }
        out.sql(" FROM ").table(&self.parent.table)?.sql(" WHERE ");
        rows(out)?;
        out.sql(") AS ").identifier(PARENTS)?.sql(" INNER JOIN ");
        out.table(self.table)?
            .sql(" AS ")
            .identifier(CHILDREN)?
            .sql(" ON ");
        out.equal(Some(PARENTS), &parts, Some(CHILDREN), self.foreign_key)?;
        if let Some(operations) = &operations {
            out.sql(" AND ").qualified(Some(PARENTS), OPERATION)?.sql(" = ");
            (operations.of_child)(CHILDREN, out)?;
        }
        Ok(())
    }
}

/// How the `deletion_id` of both is written.
pub(super) struct Operations<'f, 'b, DB: Dialect> {
    pub(super) of_parent: &'f dyn Fn(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
    pub(super) of_child: &'f dyn Fn(&str, &mut Writer<'_, 'b, DB>) -> QueryResult<()>,
}
