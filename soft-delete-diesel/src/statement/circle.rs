//! Rows that are reached in circles: a table that refers to itself, or models that refer to each other.

use diesel::result::QueryResult;

use super::{Reach, Way, Writer, reach::deleted_parent, references::compares_by_parent};
use crate::{
    Dialect,
    family::{Group, Link},
};

/// The rows of a group of models that lead to each other, found by one recursive query.
///
/// ```sql
/// id IN (WITH RECURSIVE "went" (..) AS (
///     SELECT id FROM t WHERE <where the group is entered>
///     UNION
///     SELECT t.id FROM "went" INNER JOIN t ON t.parent_id = "went".id AND <can go along>
/// ) SELECT id FROM "went")
/// ```
///
/// A group of several models has columns for the key of each; in every row only those of one model are filled.
///
/// Where a row may hang on several others, a second recursive table holds those that must wait for one that stays deleted,
/// and what is below them:
///
/// ```sql
/// .., "waits" (..) AS (
///     SELECT id FROM t WHERE id IN (SELECT id FROM "went") AND <has a deleted parent that is not in "went">
///     UNION
///     SELECT t.id FROM "waits" INNER JOIN t ON t.parent_id = "waits".id AND t.id IN (SELECT id FROM "went")
/// ) SELECT id FROM "went" WHERE id NOT IN (SELECT id FROM "waits")
/// ```
pub(super) struct Circle<'r, 'a, DB: Dialect> {
    pub(super) reach: &'r Reach<'a, DB>,
    pub(super) group: &'static Group,
}

// A recursive table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Went,
    Waits,
}

impl Found {
    fn name(self) -> &'static str {
        match self {
            Self::Went => "went",
            Self::Waits => "waits",
        }
    }
}

// The name of a row that may have to wait.
const WAITING: &str = "waiting";
// The column with the operation that a row went in.
const OPERATION: &str = "operation";

impl<'r, DB: Dialect> Circle<'r, '_, DB> {
    /// The condition for rows of this member.
    pub(super) fn rows_of<'b>(&self, member: usize, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        self.reached(member, out)?;
        self.reach.does_not_come_of_itself(member, out)
    }

    /// The same with rows that come back of themselves.
    pub(super) fn reached<'b>(&self, member: usize, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        out.key(self.reach.family.models[member], None)?;
        out.sql(" IN (WITH RECURSIVE ").identifier(Found::Went.name())?;
        out.sql(" (").list(None, &self.columns(Found::Went))?;
        out.sql(") AS (");
        self.entrances(member, out)?;
        out.sql(" UNION ");
        self.step(Found::Went, out)?;
        let waits = self.may_wait().next().is_some();
        if waits {
            out.sql("), ").identifier(Found::Waits.name())?;
            out.sql(" (").list(None, &self.columns(Found::Waits))?;
            out.sql(") AS (");
            self.waiting(out)?;
            out.sql(" UNION ");
            self.step(Found::Waits, out)?;
        }
        out.sql(") ");
        self.keys(member, Found::Went, out)?;
        if waits {
            out.sql(" AND ").tuple(None, &self.columns_of(member))?;
            out.sql(" NOT IN (");
            self.keys(member, Found::Waits, out)?;
            out.sql(")");
        }
        out.sql(")");
        Ok(())
    }

    // `SELECT <the member's columns> FROM <the table> WHERE <they are filled>`
    fn keys(&self, member: usize, found: Found, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        let columns = self.columns_of(member);
        out.sql("SELECT ").list(None, &columns)?;
        out.sql(" FROM ").identifier(found.name())?;
        out.sql(" WHERE ").identifier(&columns[0])?.sql(" IS NOT NULL");
        Ok(())
    }

    fn columns_of(&self, member: usize) -> Vec<String> {
        let parts = 0..self.reach.family.models[member].key.len();
        parts.map(|part| format!("key_{member}_{part}")).collect()
    }

    fn columns(&self, found: Found) -> Vec<String> {
        let keys = self
            .group
            .members
            .iter()
            .flat_map(|member| self.columns_of(*member));
        let operation = self.carries_operation(found).then(|| OPERATION.to_owned());
        keys.chain(operation).collect()
    }

    fn carries_operation(&self, found: Found) -> bool {
        found == Found::Went && matches!(self.reach.way, Way::Restoration(_))
    }

    // The members whose rows may have a parent that they did not come over.
    fn may_wait(&self) -> impl Iterator<Item = usize> + '_ {
        let members = self.group.members.iter().copied();
        members.filter(|member| self.reach.may_wait(*member))
    }

    // Where the circle is entered: by the rows that were asked for, or over a link from before it.
    fn entrances<'b>(&self, target: usize, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        let reach = self.reach;
        let mut first = true;
        for member in self.group.members.iter().copied() {
            let model = reach.family.models[member];
            let from_before = reach.links_to(member).filter(|link| !self.is_inside(link));
            let from_before: Vec<&'static Link> = from_before.collect();
            if member > 0 && from_before.is_empty() {
                continue;
            }
            out.sql(if first { "SELECT " } else { " UNION SELECT " });
            first = false;
            self.row_of(member, Found::Went, out)?;
            out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
            match &reach.way {
                // The rows that were asked for are marked by now, unless they are what this is about.
                Way::Deletion(operation) if member == 0 && target > 0 => operation.rows(model, out)?,
                _ if member == 0 => reach.root_rows(out)?,
                _ => {
                    out.sql("(");
                    for (number, link) in from_before.into_iter().enumerate() {
                        out.sql(if number > 0 { " OR " } else { "" });
                        reach.comes_over(link, out)?;
                    }
                    out.sql(") AND ");
                    self.can_pass(member, None, out)?;
                    reach.is_not_held_back(member, |link| !self.is_inside(link), None, out)?;
                }
            }
        }
        Ok(())
    }

    // The rows that were found and hang, inside the circle, on one that stays deleted.
    fn waiting<'b>(&self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        let family = self.reach.family;
        for (number, member) in self.may_wait().enumerate() {
            let model = family.models[member];
            out.sql(if number > 0 { " UNION SELECT " } else { "SELECT " });
            self.row_of(member, Found::Waits, out)?;
            out.sql(" FROM ").table(&model.table)?;
            out.sql(" ").identifier(WAITING)?.sql(" WHERE ");
            self.went_along(member, WAITING, out)?;
            out.sql(" AND (");
            let links = family.links_into(member).filter(|link| self.is_inside(link));
            for (number, link) in links.enumerate() {
                let parent = family.models[link.parent];
                out.sql(if number > 0 { " OR " } else { "" });
                out.sql("EXISTS (SELECT 1 FROM ");
                deleted_parent(parent, WAITING, link.relation, out)?;
                out.sql(" AND ").key(parent, Some(parent.table.name()))?;
                out.sql(" NOT IN (");
                self.keys(link.parent, Found::Went, out)?;
                out.sql(")");
                self.reach.waits_for(parent, out)?;
                out.sql(")");
            }
            out.sql(")");
        }
        Ok(())
    }

    // `<key> IN (<those that went>)`, but for the rows that were asked for: they wait for none.
    fn went_along<'b>(&self, member: usize, alias: &str, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        let model = self.reach.family.models[member];
        out.key(model, Some(alias))?.sql(" IN (");
        self.keys(member, Found::Went, out)?;
        out.sql(")");
        if member == 0 {
            let key: Vec<&str> = model.key.iter().map(crate::Column::name).collect();
            out.sql(" AND ").key(model, Some(alias))?;
            out.sql(" NOT IN (SELECT ").list(None, &key)?;
            out.sql(" FROM ").table(&model.table)?.sql(" WHERE ");
            self.reach.root_rows(out)?;
            out.sql(")");
        }
        Ok(())
    }

    // One row of a recursive table: this member's key, and NULL of the right type for the keys of the others.
    fn row_of<'b>(&self, member: usize, found: Found, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        for (number, other) in self.group.members.iter().enumerate() {
            let model = self.reach.family.models[*other];
            for (part, column) in model.key.iter().enumerate() {
                out.sql(if number + part > 0 { ", " } else { "" });
                if *other == member {
                    out.identifier(column.name())?;
                } else {
                    out.sql("(SELECT ").identifier(column.name())?.sql(" FROM ");
                    out.table(&model.table)?.sql(" WHERE 1 = 0)");
                }
            }
        }
        if self.carries_operation(found) {
            out.sql(", ");
            self.reach
                .operation_of(self.reach.family.models[member], None, out)?;
        }
        Ok(())
    }

    // From rows that were found to the next ones, over every link inside the circle. Databases allow the recursive table to
    // be named once, so several links share one query: each row is tried with the number of each link, and all joins but
    // one find nothing.
    fn step<'b>(&self, found: Found, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        let family = self.reach.family;
        let links: Vec<(usize, &'static Link)> = family
            .links
            .iter()
            .filter(|link| self.is_inside(link))
            .enumerate()
            .collect();
        let one = links.len() == 1;
        out.sql("SELECT ");
        for (position, member) in self.group.members.iter().enumerate() {
            let into: Vec<String> = links
                .iter()
                .filter(|(_, link)| self.reach.ends(link).1 == *member)
                .map(|(number, _)| next(*number))
                .collect();
            for (part, column) in family.models[*member].key.iter().enumerate() {
                out.sql(if position + part > 0 { ", " } else { "" });
                out.first_of(&into, |out, alias| {
                    out.qualified(Some(alias), column.name()).map(drop)
                })?;
            }
        }
        if self.carries_operation(found) {
            // A row that follows went in the same operation.
            out.sql(", ").qualified(Some(found.name()), OPERATION)?;
        }
        out.sql(" FROM ").identifier(found.name())?;
        if !one {
            out.sql(" CROSS JOIN (");
            for (number, _) in &links {
                out.sql(if *number > 0 {
                    " UNION ALL SELECT "
                } else {
                    "SELECT "
                });
                out.number(*number as u64)
                    .sql(if *number > 0 { "" } else { " AS link" });
            }
            out.sql(") ").identifier("turn")?;
        }
        for (number, link) in &links {
            self.join(found, *number, link, one, out)?;
        }
        if !one {
            out.sql(" WHERE ");
            for (number, link) in &links {
                let key = family.models[self.reach.ends(link).1].key[0].name();
                out.sql(if *number > 0 { " OR " } else { "" });
                out.qualified(Some(&next(*number)), key)?.sql(" IS NOT NULL");
            }
        }
        Ok(())
    }

    fn join<'b>(
        &self,
        found: Found,
        number: usize,
        link: &'static Link,
        one: bool,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        'r: 'b,
    {
        let family = self.reach.family;
        let (begin, end) = self.reach.ends(link);
        let (from_columns, to_columns) = self.reach.columns(link);
        let (from_table, to_table) = (&family.models[begin].table, &family.models[end].table);
        let (via, next) = (format!("via_{number}"), next(number));
        let join = if one { " INNER JOIN " } else { " LEFT JOIN " };
        let keys = self.columns_of(begin);
        let turn = |out: &mut Writer<'_, 'b, DB>| -> QueryResult<()> {
            if !one {
                out.qualified(Some("turn"), "link")?
                    .sql(" = ")
                    .number(number as u64)
                    .sql(" AND ");
            }
            Ok(())
        };
        // Down, the next row names the key that was found. Up, or where it names other columns, the row that was found must be
        // read to know them.
        let up = matches!(self.reach.way, Way::Parents(_));
        let parent = family.models[link.parent];
        let by_other_columns = link.relation.is_to_other_columns(parent);
        // A key that was found may have lost its collation on the way; the row that has it has not.
        let by_parent = !up && compares_by_parent(link.relation, parent, out);
        let named = if up || by_parent || by_other_columns {
            out.sql(join)
                .table(from_table)?
                .sql(" ")
                .identifier(&via)?
                .sql(" ON ");
            turn(out)?;
            let key = family.models[begin].key.iter().map(crate::Column::name);
            let key: Vec<&str> = key.collect();
            out.equal(Some(&via), &key, Some(found.name()), &keys)?;
            (
                via,
                from_columns.iter().map(|column| (*column).to_owned()).collect(),
            )
        } else {
            (found.name().to_owned(), keys)
        };
        out.sql(join)
            .table(to_table)?
            .sql(" ")
            .identifier(&next)?
            .sql(" ON ");
        turn(out)?;
        if by_parent {
            out.equal(Some(&named.0), &named.1, Some(&next), &to_columns)?;
        } else {
            out.equal(Some(&next), &to_columns, Some(&named.0), &named.1)?;
        }
        out.sql(" AND ");
        if found == Found::Waits {
            return self.went_along(end, &next, out);
        }
        self.can_pass(end, Some(&next), out)?;
        if self.carries_operation(found) {
            out.sql(" AND ");
            self.reach.operation_of(family.models[end], Some(&next), out)?;
            out.sql(" = ").qualified(Some(found.name()), OPERATION)?;
        }
        self.reach
            .is_not_held_back(end, |link| !self.is_inside(link), Some(&next), out)
    }

    // A member of the circle is changed after another, so a row on the way may have been changed already: deletion has
    // marked it, restoration has left it its operation.
    fn can_pass<'b>(
        &self,
        member: usize,
        alias: Option<&str>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        'r: 'b,
    {
        let model = self.reach.family.models[member];
        let alone = self.group.members.len() == 1 || matches!(self.reach.way, Way::Removal);
        let Some(operation_id) = model.deletion_id.as_ref().filter(|_| !alone) else {
            return self.reach.can_go(member, alias, out);
        };
        out.sql("(");
        self.reach.can_go(member, alias, out)?;
        out.sql(" OR ").qualified(alias, operation_id.name())?;
        match &self.reach.way {
            Way::Deletion(operation) => {
                out.sql(" = ")
                    .operation(operation_id.kind(), &operation.id, &operation.text)?;
            }
            Way::Restoration(_) | Way::Parents(_) | Way::Removal => {
                out.sql(" IS NOT NULL");
            }
        }
        out.sql(")");
        Ok(())
    }

    fn is_inside(&self, link: &Link) -> bool {
        self.group.members.contains(&link.parent) && self.group.members.contains(&link.child)
    }
}

fn next(number: usize) -> String {
    format!("next_{number}")
}
