//! Rows that are reached in circles: a table that refers to itself, or models that refer to each other.

use diesel::result::QueryResult;

use super::{Reach, Way, Writer};
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
pub(super) struct Circle<'r, 'a, DB: Dialect> {
    pub(super) reach: &'r Reach<'a, DB>,
    pub(super) group: &'static Group,
}

// The name of the recursive table.
const WENT: &str = "went";
// The column with the operation that a row went in.
const OPERATION: &str = "operation";

impl<'r, DB: Dialect> Circle<'r, '_, DB> {
    /// The condition for rows of this member.
    pub(super) fn rows_of<'b>(&self, member: usize, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
    where
        'r: 'b,
    {
        out.key(self.reach.family.models[member], None)?;
        out.sql(" IN (WITH RECURSIVE ").identifier(WENT)?.sql(" (");
        out.list(None, &self.columns())?;
        out.sql(") AS (");
        self.entrances(member, out)?;
        out.sql(" UNION ");
        self.step(out)?;
        out.sql(") SELECT ");
        let columns = self.columns_of(member);
        out.list(None, &columns)?;
        out.sql(" FROM ")
            .identifier(WENT)?
            .sql(" WHERE ")
            .identifier(&columns[0])?;
        out.sql(" IS NOT NULL)");
        let Way::Parents(down) = &self.reach.way else {
            return Ok(());
        };
        if let Some(member) = down.member(self.reach.family.models[member]) {
            // What comes back of itself, or below what does, is no parent here.
            out.sql(" AND CASE WHEN ");
            down.rows_of(member, out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        Ok(())
    }

    fn columns_of(&self, member: usize) -> Vec<String> {
        let parts = 0..self.reach.family.models[member].key.len();
        parts.map(|part| format!("key_{member}_{part}")).collect()
    }

    fn columns(&self) -> Vec<String> {
        let keys = self
            .group
            .members
            .iter()
            .flat_map(|member| self.columns_of(*member));
        let operation = self.carries_operation().then(|| OPERATION.to_owned());
        keys.chain(operation).collect()
    }

    fn carries_operation(&self) -> bool {
        matches!(self.reach.way, Way::Restoration)
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
            self.row_of(member, out)?;
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

    // One row of the recursive table: this member's key, and NULL of the right type for the keys of the others.
    fn row_of<'b>(&self, member: usize, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
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
        if self.carries_operation() {
            out.sql(", ");
            self.reach
                .operation_of(self.reach.family.models[member], None, out)?;
        }
        Ok(())
    }

    // From rows that were found to the next ones, over every link inside the circle. Databases allow the recursive table to
    // be named once, so several links share one query: each row is tried with the number of each link, and all joins but
    // one find nothing.
    fn step<'b>(&self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>
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
        if self.carries_operation() {
            // A row that follows went in the same operation.
            out.sql(", ").qualified(Some(WENT), OPERATION)?;
        }
        out.sql(" FROM ").identifier(WENT)?;
        if !one {
            out.sql(" CROSS JOIN (");
            for (number, _) in &links {
                out.sql(if *number > 0 {
                    " UNION ALL SELECT "
                } else {
                    "SELECT "
                });
                out.number(*number).sql(if *number > 0 { "" } else { " AS link" });
            }
            out.sql(") ").identifier("turn")?;
        }
        for (number, link) in &links {
            self.join(*number, link, one, out)?;
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
        let found = self.columns_of(begin);
        let turn = |out: &mut Writer<'_, 'b, DB>| -> QueryResult<()> {
            if !one {
                out.qualified(Some("turn"), "link")?
                    .sql(" = ")
                    .number(number)
                    .sql(" AND ");
            }
            Ok(())
        };
        // Down, the next row names the key that was found. Up, the row that was found must be read to know what it names.
        let named = if matches!(self.reach.way, Way::Parents(_)) {
            out.sql(join)
                .table(from_table)?
                .sql(" ")
                .identifier(&via)?
                .sql(" ON ");
            turn(out)?;
            let key = family.models[begin].key.iter().map(crate::Column::name);
            let key: Vec<&str> = key.collect();
            out.equal(Some(&via), &key, Some(WENT), &found)?;
            (
                via,
                from_columns.iter().map(|column| (*column).to_owned()).collect(),
            )
        } else {
            (WENT.to_owned(), found)
        };
        out.sql(join)
            .table(to_table)?
            .sql(" ")
            .identifier(&next)?
            .sql(" ON ");
        turn(out)?;
        out.equal(Some(&next), &to_columns, Some(&named.0), &named.1)?;
        out.sql(" AND ");
        self.can_pass(end, Some(&next), out)?;
        if self.carries_operation() {
            out.sql(" AND ");
            self.reach.operation_of(family.models[end], Some(&next), out)?;
            out.sql(" = ").qualified(Some(WENT), OPERATION)?;
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
            Way::Restoration | Way::Parents(_) | Way::Removal => {
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
