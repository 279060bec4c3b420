//! Which rows go along with the rows that an act is asked for.

use diesel::result::QueryResult;

use super::{
    Circle, OperationRef, Rows, Writer,
    references::{Children, Operations, compares_by_parent},
};
use crate::{
    Column, Descriptor, Dialect, Relation,
    family::{Family, Link},
};

/// The rows that an act is asked for, and the way from them to all others that it is on.
pub(crate) struct Reach<'a, DB: Dialect> {
    pub(crate) family: &'static Family,
    /// Rows of the family's first model.
    pub(crate) roots: &'a Rows<'a, DB>,
    pub(crate) way: Way<'a, DB>,
}

/// How a row leads to the next one.
pub(crate) enum Way<'a, DB: Dialect> {
    /// Down, from rows that this operation has deleted just now to the active ones below them.
    Deletion(&'a OperationRef),
    /// Down, from deleted rows to those below them that went in the same operation.
    Restoration(Waits<'a, DB>),
    /// Up, to the deleted rows that a row hangs on.
    Parents(ButFor<'a, DB>),
    /// Down, to every row below, deleted or not.
    Removal,
}

/// Whether a row that may come back along waits for its deleted parents.
pub(crate) enum Waits<'a, DB: Dialect> {
    /// For all that do not come back on this way as well.
    Always,
    /// For those that do not come back on that way either.
    Unless(&'a Reach<'a, DB>),
    /// For none: this is the way to all rows that come back if their parents do.
    Never,
}

/// Rows that come back of themselves, not as somebody's parents.
pub(crate) enum ButFor<'a, DB: Dialect> {
    /// Those on the way down.
    Below(&'a Reach<'a, DB>),
    /// Those that this operation deleted, because it is taken back.
    DeletedIn(&'a OperationRef),
}

impl<'a, DB: Dialect> Reach<'a, DB> {
    /// The condition for rows of this member of the family. It stands in a statement whose nearest table is the member's.
    pub(super) fn rows_of<'b>(&'b self, member: usize, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let group = self.family.group_of(member);
        if group.is_circle {
            return Circle { reach: self, group }.rows_of(member, out);
        }
        if member == 0 {
            return self.root_rows(out);
        }
        out.sql("(");
        for (number, link) in self.links_to(member).enumerate() {
            out.sql(if number > 0 { " OR " } else { "" });
            self.comes_over(link, out)?;
        }
        out.sql(") AND ");
        self.can_go(member, None, out)?;
        self.is_not_held_back(member, |_| true, None, out)?;
        self.does_not_come_of_itself(member, out)
    }

    /// `AND ..`: on the way up, a row that comes back of itself is no parent.
    pub(super) fn does_not_come_of_itself<'b>(
        &'b self,
        member: usize,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let Way::Parents(but_for) = &self.way else {
            return Ok(());
        };
        let model = self.family.models[member];
        match but_for {
            ButFor::Below(down) => down.is_none_of_these(model, out),
            ButFor::DeletedIn(operation) => {
                out.sql(" AND CASE WHEN ");
                operation.rows(model, out)?;
                out.sql(" THEN 0 ELSE 1 END = 1");
                Ok(())
            }
        }
    }

    /// The rows that were asked for, as far as they are in the state that the act changes.
    pub(super) fn root_rows<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        self.roots
            .in_state(self.family.models[0], self.wants_deleted(), out)
    }

    /// The links that lead to this member.
    pub(super) fn links_to(&self, member: usize) -> impl Iterator<Item = &'static Link> + use<'_, 'a, DB> {
        self.family
            .links
            .iter()
            .filter(move |link| self.ends(link).1 == member)
    }

    /// The link to this member from rows that carry the mark of a deletion by now, if it is the only way to it.
    pub(super) fn only_link_from_marked(&self, member: usize) -> Option<(&'static Link, &'a OperationRef)> {
        let Way::Deletion(operation) = self.way else {
            return None;
        };
        let mut links = self.links_to(member);
        let link = links.next().filter(|_| member > 0 && links.next().is_none())?;
        (!self.family.group_of(member).is_circle).then_some((link, operation))
    }

    /// Where a link begins and where it ends on this way.
    pub(super) fn ends(&self, link: &Link) -> (usize, usize) {
        match self.way {
            Way::Deletion(_) | Way::Restoration(_) | Way::Removal => (link.parent, link.child),
            Way::Parents(_) => (link.child, link.parent),
        }
    }

    /// The columns of both ends of a link, where it begins and where it ends.
    pub(super) fn columns(&self, link: &Link) -> (Vec<&'static str>, Vec<&'static str>) {
        let key = link.relation.parent_columns(self.family.models[link.parent]);
        let foreign_key = link.foreign_key.iter().map(String::as_str).collect();
        match self.way {
            Way::Deletion(_) | Way::Restoration(_) | Way::Removal => (key, foreign_key),
            Way::Parents(_) => (foreign_key, key),
        }
    }

    /// `<columns> IN (SELECT <columns> FROM <where the link begins> WHERE <its rows>)`
    pub(super) fn comes_over<'b>(&'b self, link: &Link, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (begin, end) = self.ends(link);
        let (from_columns, to_columns) = self.columns(link);
        let (from, to) = (self.family.models[begin], self.family.models[end]);
        let same_operation = matches!(self.way, Way::Restoration(_));
        if !matches!(self.way, Way::Parents(_)) && compares_by_parent(link.relation, from, out) {
            let children = Children {
                table: &to.table,
                foreign_key: link.foreign_key,
                parent: from,
                referred: &from_columns,
            };
            let operations = Operations {
                of_parent: &|out| self.operation_of(from, None, out),
                of_child: &|child, out| self.operation_of(to, Some(child), out),
            };
            return children.by_key(
                to,
                same_operation.then_some(operations),
                |out| self.rows_where_it_begins(begin, out),
                out,
            );
        }
        out.sql(if same_operation || to_columns.len() > 1 {
            "("
        } else {
            ""
        });
        out.list(None, &to_columns)?;
        if same_operation {
            out.sql(", ");
            self.operation_of(to, None, out)?;
        }
        out.sql(if same_operation || to_columns.len() > 1 {
            ") IN (SELECT "
        } else {
            " IN (SELECT "
        });
        out.list(None, &from_columns)?;
        if same_operation {
            out.sql(", ");
            self.operation_of(from, None, out)?;
        }
        out.sql(" FROM ").table(&from.table)?.sql(" WHERE ");
        self.rows_where_it_begins(begin, out)?;
        out.sql(")");
        Ok(())
    }

    // The rows of a member that lead on: a deletion has marked them by now.
    fn rows_where_it_begins<'b>(&'b self, begin: usize, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        match &self.way {
            Way::Deletion(operation) => operation.rows(self.family.models[begin], out),
            // Rows of a circle have parents whether they come back as parents themselves or were asked for.
            Way::Parents(_) if self.family.group_of(begin).is_circle => {
                let group = self.family.group_of(begin);
                Circle { reach: self, group }.reached(begin, out)
            }
            Way::Restoration(_) | Way::Parents(_) | Way::Removal => self.rows_of(begin, out),
        }
    }

    /// Whether a row is in the state that the act changes; `alias` names it where it is not the nearest table's.
    pub(super) fn can_go<'b>(
        &'b self,
        member: usize,
        alias: Option<&str>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        if matches!(self.way, Way::Removal) {
            out.sql("1 = 1");
            return Ok(());
        }
        let deleted_at = self.family.models[member].deleted_at.name();
        out.qualified(alias, deleted_at)?;
        out.sql(if self.wants_deleted() {
            " IS NOT NULL"
        } else {
            " IS NULL"
        });
        Ok(())
    }

    /// `AND NOT EXISTS (..)`, for each parent of a row that comes back: it waits for one that stays deleted.
    ///
    /// A row with one parent came over that one. `applies` tells which of the family's links to look at.
    pub(super) fn is_not_held_back<'b>(
        &'b self,
        member: usize,
        applies: impl Fn(&Link) -> bool,
        alias: Option<&str>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        if !self.may_wait(member) {
            return Ok(());
        }
        let child = alias.unwrap_or_else(|| self.family.models[member].table.name());
        for link in self.family.links_into(member).filter(|link| applies(link)) {
            let parent = self.family.models[link.parent];
            out.sql(" AND NOT EXISTS (SELECT 1 FROM ");
            deleted_parent(parent, child, link.relation, out)?;
            self.is_none_of_these(parent, out)?;
            self.waits_for(parent, out)?;
            out.sql(")");
        }
        for link in self.family.outside.iter().filter(|link| link.child == member) {
            out.sql(" AND NOT EXISTS (SELECT 1 FROM ");
            if link.is_mutual {
                deleted_above(link.parent, child, link.relation, out)?;
                // Both went in one operation, and come back together.
                let model = self.family.models[member];
                out.sql(" AND CASE WHEN ");
                self.operation_of(link.parent, Some(ABOVE), out)?;
                out.sql(" = ");
                self.operation_of(model, Some(child), out)?;
                out.sql(" THEN 0 ELSE 1 END = 1");
            } else {
                deleted_parent(link.parent, child, link.relation, out)?;
                self.is_none_of_these(link.parent, out)?;
            }
            self.waits_for(link.parent, out)?;
            out.sql(")");
        }
        Ok(())
    }

    /// Whether a row of this member may have a parent, other than the one that it came over, that keeps it from coming back.
    pub(super) fn may_wait(&self, member: usize) -> bool {
        let waits = matches!(self.way, Way::Restoration(Waits::Always | Waits::Unless(_)));
        waits && self.family.parents_of(member) > 1
    }

    /// `AND ..`: a deleted parent that comes back on another way is not waited for.
    pub(super) fn waits_for<'b>(
        &'b self,
        parent: &Descriptor,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        match &self.way {
            Way::Restoration(Waits::Unless(above)) => above.is_none_of_these(parent, out),
            _ => Ok(()),
        }
    }

    // `AND <a row of this model> is none of those on this way`. Not plainly NOT: what is unknown of a row does not bring it
    // back.
    fn is_none_of_these<'b>(&'b self, model: &Descriptor, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        if let Some(member) = self.member(model) {
            out.sql(" AND CASE WHEN ");
            self.rows_of(member, out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        Ok(())
    }

    /// The `deletion_id` of a row, in a form that compares with that of any other model of the family.
    pub(super) fn operation_of<'b>(
        &'b self,
        model: &'static Descriptor,
        alias: Option<&str>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let Some(column) = &model.deletion_id else {
            out.sql("NULL");
            return Ok(());
        };
        let kinds = self
            .family
            .models
            .iter()
            .filter_map(|model| model.deletion_id.as_ref());
        let alike = kinds.map(Column::kind).all(|kind| kind == column.kind());
        let (before, after) = if alike {
            ("", "")
        } else {
            out.syntax().text(column.kind())
        };
        out.sql(before).qualified(alias, column.name())?.sql(after);
        Ok(())
    }

    /// Whether its rows of the first model are those that were asked for and others.
    pub(super) fn has_roots_in_it(&self) -> bool {
        !matches!(self.way, Way::Parents(_))
    }

    /// The member that this model is.
    pub(super) fn member(&self, model: &Descriptor) -> Option<usize> {
        self.family
            .models
            .iter()
            .position(|known| known.name() == model.name())
    }

    /// The rows of a member as rows of an act.
    pub(crate) fn rows_at(&'a self, member: usize) -> Rows<'a, DB> {
        Rows::Along(self, member)
    }

    /// These rows, or what the caller asked for where that is the same: outside of a circle.
    pub(crate) fn first_rows<'r>(&'r self, rows: &'r Rows<'r, DB>) -> &'r Rows<'r, DB>
    where
        'a: 'r,
    {
        match rows {
            Rows::Along(_, 0) if !rows.is_in_circle() => self.roots,
            other => other,
        }
    }

    pub(super) fn wants_deleted(&self) -> bool {
        !matches!(self.way, Way::Deletion(_))
    }
}

// The row that a row refers to, which may be of the same table.
const ABOVE: &str = "above";

/// As [`deleted_parent`], of a parent that may be a row of the child's own table.
pub(super) fn deleted_above<DB: Dialect>(
    parent: &Descriptor,
    child: &str,
    relation: &Relation,
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let referred = relation.parent_columns(parent);
    out.table(&parent.table)?
        .sql(" AS ")
        .identifier(ABOVE)?
        .sql(" WHERE ");
    out.equal(Some(ABOVE), &referred, Some(child), relation.foreign_key())?
        .sql(" AND ");
    out.qualified(Some(ABOVE), parent.deleted_at.name())?
        .sql(" IS NOT NULL");
    Ok(())
}

/// `p WHERE p.<what the foreign key refers to> = child.<foreign key> AND p.deleted_at IS NOT NULL`
pub(super) fn deleted_parent<DB: Dialect>(
    parent: &Descriptor,
    child: &str,
    relation: &Relation,
    out: &mut Writer<'_, '_, DB>,
) -> QueryResult<()> {
    let own = Some(parent.table.name());
    out.table(&parent.table)?.sql(" WHERE ");
    let referred = relation.parent_columns(parent);
    out.equal(own, &referred, Some(child), relation.foreign_key())?
        .sql(" AND ");
    out.qualified(own, parent.deleted_at.name())?.sql(" IS NOT NULL");
    Ok(())
}
