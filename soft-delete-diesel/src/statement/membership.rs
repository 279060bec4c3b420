//! Whether a row is of the family of another one: was deleted with it, and would come back with it.

use diesel::result::QueryResult;

use super::Writer;
use crate::{
    Column, Descriptor, Dialect,
    family::{Family, Link},
};

/// How a row that refers to another one is told to be of its family.
#[derive(Clone, Copy)]
pub(crate) enum Membership {
    /// The foreign key is a cascade over which it went along.
    Link(&'static Descriptor),
    /// It is this member of the family of the row that the whole condition is about, and went along over cascades of its own.
    Path(&'static Family, usize),
    /// It is of none.
    No,
}

impl Membership {
    /// The condition for a row of this alias; `root` is the row that the family is told by.
    pub(super) fn write<DB: Dialect>(
        self,
        parent: (&'static Descriptor, &str),
        root: &str,
        (alias, depth): (&str, usize),
        out: &mut Writer<'_, '_, DB>,
    ) -> QueryResult<()> {
        match self {
            Self::Link(child) => same_operation(parent, (child, alias), out),
            Self::Path(family, member) => is_below(family, member, (alias, depth), root, out),
            Self::No => {
                out.sql("1 = 0");
                Ok(())
            }
        }
    }
}

/// `<both are deleted> AND <their operation is the same>`
pub(super) fn same_operation<DB: Dialect>(
    (parent, above): (&'static Descriptor, &str),
    (child, below): (&'static Descriptor, &str),
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let (Some(one), Some(other)) = (&parent.deletion_id, &child.deletion_id) else {
        out.sql("1 = 0");
        return Ok(());
    };
    for (model, alias) in [(parent, above), (child, below)] {
        out.qualified(Some(alias), model.deleted_at.name())?
            .sql(" IS NOT NULL AND ");
    }
    let alike = one.kind() == other.kind();
    operation(one, Some(above), alike, out)?;
    out.sql(" = ");
    operation(other, Some(below), alike, out)
}

fn operation<DB: Dialect>(
    column: &Column,
    alias: Option<&str>,
    alike: bool,
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let (before, after) = if alike {
        ("", "")
    } else {
        out.syntax().text(column.kind())
    };
    out.sql(before).qualified(alias, column.name())?.sql(after);
    Ok(())
}

/// The operation that deleted a row of the nearest table, in a form that compares with that of the other model.
pub(super) fn operation_beside<DB: Dialect>(
    model: &'static Descriptor,
    other: &'static Descriptor,
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let (Some(column), Some(beside)) = (&model.deletion_id, &other.deletion_id) else {
        out.sql("NULL");
        return Ok(());
    };
    operation(column, None, column.kind() == beside.kind(), out)
}

// `(<root is its parent> OR EXISTS (SELECT 1 FROM p WHERE <p is its parent> AND <p is below the root>) ..)`. A link from a table to
// itself is not followed: a row that is only reached over one is of no family here, and keeps what it refers to.
fn is_below<DB: Dialect>(
    family: &'static Family,
    member: usize,
    (alias, depth): (&str, usize),
    root: &str,
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let child = family.models[member];
    if member == 0 {
        let key: Vec<&str> = child.key.iter().map(Column::name).collect();
        return out.equal(Some(root), &key, Some(alias), &key).map(drop);
    }
    out.sql("(1 = 0");
    let into: Vec<&'static Link> = family.links_into(member).collect();
    for link in into.into_iter().filter(|link| link.parent != member) {
        let parent = family.models[link.parent];
        let referred = link.relation.parent_columns(parent);
        out.sql(" OR (");
        if link.parent == 0 {
            out.equal(Some(root), &referred, Some(alias), link.foreign_key)?
                .sql(" AND ");
            same_operation((parent, root), (child, alias), out)?;
        } else {
            let above = format!("above_{depth}");
            out.sql("EXISTS (SELECT 1 FROM ")
                .table(&parent.table)?
                .sql(" AS ")
                .identifier(&above)?
                .sql(" WHERE ");
            out.equal(Some(&above), &referred, Some(alias), link.foreign_key)?
                .sql(" AND ");
            same_operation((parent, &above), (child, alias), out)?;
            out.sql(" AND ");
            is_below(family, link.parent, (&above, depth + 1), root, out)?;
            out.sql(")");
        }
        out.sql(")");
    }
    out.sql(")");
    Ok(())
}
