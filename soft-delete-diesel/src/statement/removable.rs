//! Which rows may be removed for good: due, not held, deleted by their own flag too, and with nothing that refers to them.

use diesel::result::QueryResult;

use super::{
    Due, Instant, Writer,
    hold::{is_among_held, is_held},
    membership::{Membership, same_operation},
    references::refers_by_parent,
};
use crate::{Column, Descriptor, Dialect, Relation, foreign_key::ForeignKey};

/// The condition that a row may be removed, as a piece of a statement.
pub(crate) struct Removable<'a> {
    pub(crate) model: &'static Descriptor,
    pub(crate) due: Due,
    /// The instant at which a hold is in force or over.
    pub(crate) now: Instant,
    /// Who must not refer to it.
    pub(crate) referring: Vec<Referrer<'a>>,
    /// With whom it would come back.
    pub(crate) heads: Vec<HeadLink<'a>>,
    /// Whether it goes with one of those alone, because nobody looks for the row itself.
    pub(crate) only_along: bool,
    /// What keeps rows of the same table below it, for saying beforehand what will be removed.
    pub(crate) kept_below: Option<Box<KeptBelow<'a>>>,
    /// Whether the index on deleted rows must not be taken.
    pub(crate) by_key: bool,
    /// Whether what is looked at in other tables stays as it is until the transaction ends.
    pub(crate) locks: bool,
}

/// Rows that refer to a row, and keep it from being removed.
pub(crate) struct Referrer<'a> {
    pub(crate) key: &'a ForeignKey,
    /// Not these, which are removed with it, or are gone by then.
    pub(crate) unless: Option<Unless<'a>>,
}

/// Rows that refer to a row without keeping it.
pub(crate) struct Unless<'a> {
    /// How they are told to be of the row's family.
    pub(crate) membership: Membership,
    /// Whether only rows of the family are removed with it. A dry run asks what is gone by then, of the family or not.
    pub(crate) is_only_family: bool,
    /// What they must be, if they are asked.
    pub(crate) removable: Option<Box<Removable<'a>>>,
}

/// A cascade over which a row may have been deleted: it is removed with the row that it would come back with, its head.
pub(crate) struct HeadLink<'a> {
    pub(crate) parent: &'static Descriptor,
    pub(crate) relation: &'static Relation,
    /// What the head must be; without it there must be none.
    pub(crate) unless: Option<Box<Removable<'a>>>,
}

/// Rows of a tree that stay, because they or rows below them are held or referred to, or because their family stays.
pub(crate) struct KeptBelow<'a> {
    /// What keeps a row by itself.
    pub(crate) removable: Removable<'a>,
    /// The foreign keys by which rows of the table hang on others of it.
    pub(crate) links: Vec<&'a ForeignKey>,
    /// The cascades over which rows of the table are removed together.
    pub(crate) together: Vec<&'static Relation>,
}

/// What of the condition is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it.
    All,
    /// That the row is due, for rows of which the rest is known and cannot have changed.
    Due,
    /// That it is due and held.
    Held,
    /// That it is due, not held, and something outside of its family refers to it, or its own flag says that it is active.
    Blocked,
    /// That the row itself may go, whatever becomes of the others of its family.
    Itself,
}

impl Removable<'_> {
    /// How many tables the condition names, holds left out.
    pub(crate) fn size(&self) -> usize {
        let referring = self.referring.iter().map(|referrer| {
            let unless = referrer.unless.as_ref();
            1 + unless
                .and_then(|unless| unless.removable.as_ref())
                .map_or(0, |one| one.size())
        });
        let heads = self
            .heads
            .iter()
            .map(|head| 1 + head.unless.as_ref().map_or(0, |one| one.size()));
        let below = self
            .kept_below
            .iter()
            .map(|kept| 1 + kept.links.len() + kept.removable.size());
        referring.chain(heads).chain(below).sum()
    }

    /// The condition on a row of the model's table. It stands in a statement whose nearest table that is.
    pub(super) fn condition<'b, DB: Dialect>(
        &'b self,
        asked: Asked,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let row = Row::outermost(self.model.table.name());
        self.is_due(out)?;
        match asked {
            Asked::Due => return Ok(()),
            Asked::Held => {
                out.sql(" AND ");
                return is_among_held(self.model, &self.now, out);
            }
            Asked::All | Asked::Blocked | Asked::Itself => {}
        }
        out.sql(" AND ");
        self.is_not_held(row.name, out)?;
        match asked {
            Asked::Blocked => self.is_blocked(row, out),
            Asked::Itself => {
                self.is_flagged(out)?;
                for referrer in &self.referring {
                    out.sql(" AND NOT ");
                    referrer.exists(self.model, row, Keepers::Outside, self.latest(out), out)?;
                }
                Ok(())
            }
            _ => {
                self.is_flagged(out)?;
                self.is_not_referred_to(row, out)?;
                self.is_with_its_head(row, out)
            }
        }
    }

    // ` AND (<active by its flag> OR <something outside of its family refers to it> ..)`
    fn is_blocked<'b, DB: Dialect>(&'b self, row: Row<'_>, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql(" AND (1 = 0");
        self.or_is_not_flagged(out)?;
        for referrer in &self.referring {
            out.sql(" OR ");
            referrer.exists(self.model, row, Keepers::Outside, "", out)?;
        }
        match &self.kept_below {
            Some(kept) if kept.together.is_empty() => {
                out.sql(" OR ");
                kept.contains(row, out)?;
            }
            // What keeps others of its family is another matter.
            Some(kept) => {
                for referrer in &kept.removable.referring {
                    out.sql(" OR ");
                    referrer.exists(self.model, row, Keepers::Outside, "", out)?;
                }
                kept.or_holds_from_outside(row, out)?;
            }
            None => {}
        }
        out.sql(")");
        Ok(())
    }

    /// The same on a row of this alias, which is the nearest table, as part of a condition on another row.
    fn nested<'b, DB: Dialect>(&'b self, row: Row<'_>, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        self.is_due(out)?;
        out.sql(" AND ");
        self.is_not_held(row.name, out)?;
        self.is_flagged(out)?;
        self.is_not_referred_to(row, out)?;
        self.is_with_its_head(row, out)
    }

    fn latest<DB: Dialect>(&self, out: &Writer<'_, '_, DB>) -> &'static str {
        if self.locks { out.syntax().latest() } else { "" }
    }

    fn is_due<'b, DB: Dialect>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        // `IS TRUE` keeps optimizers from an index that they would have to sort by the key.
        out.sql(if self.by_key { "(" } else { "" });
        self.due.condition(!self.by_key, out)?;
        out.sql(if self.by_key { ") IS TRUE" } else { "" });
        Ok(())
    }

    // Where there are no holds at all, which is asked once, no row is asked for.
    fn is_not_held<'b, DB: Dialect>(&'b self, row: &str, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let latest = self.latest(out);
        out.sql("(NOT EXISTS (SELECT 1 FROM soft_delete_holds")
            .sql(latest)
            .sql(") OR NOT ");
        is_held(self.model, row, &self.now, latest, out)?;
        out.sql(")");
        Ok(())
    }

    // An application may go by the flag alone: a row that it holds for active stays.
    fn is_flagged<DB: Dialect>(&self, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        if let Some(flag) = &self.model.is_deleted {
            out.sql(" AND ")
                .identifier(flag.name())?
                .sql(" = ")
                .sql(self.model.flag.deleted);
        }
        Ok(())
    }

    fn or_is_not_flagged<DB: Dialect>(&self, out: &mut Writer<'_, '_, DB>) -> QueryResult<()> {
        if let Some(flag) = &self.model.is_deleted {
            out.sql(" OR (")
                .identifier(flag.name())?
                .sql(" = ")
                .sql(self.model.flag.deleted)
                .sql(") IS NOT TRUE");
        }
        Ok(())
    }

    fn is_not_referred_to<'b, DB: Dialect>(
        &'b self,
        row: Row<'_>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let latest = self.latest(out);
        for referrer in &self.referring {
            out.sql(" AND NOT ");
            referrer.exists(self.model, row, Keepers::Anywhere, latest, out)?;
        }
        if let Some(kept) = &self.kept_below {
            out.sql(" AND NOT ");
            kept.contains(row, out)?;
        }
        Ok(())
    }

    // A row that would come back with another one does not go without it.
    fn is_with_its_head<'b, DB: Dialect>(
        &'b self,
        row: Row<'_>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        for head in &self.heads {
            out.sql(" AND NOT ");
            head.exists(self.model, row, self.latest(out), out)?;
        }
        if self.only_along {
            out.sql(" AND (1 = 0");
            for head in &self.heads {
                out.sql(" OR ");
                head.exists_at_all(self.model, row, out)?;
            }
            out.sql(")");
        }
        Ok(())
    }
}

/// A row that a condition is about, by the name that its table has there.
#[derive(Clone, Copy)]
struct Row<'n> {
    name: &'n str,
    /// The name of the row that the whole condition is about.
    root: &'n str,
    depth: usize,
}

impl<'n> Row<'n> {
    fn outermost(name: &'n str) -> Self {
        Self {
            name,
            root: name,
            depth: 0,
        }
    }

    fn next(self, name: &'n str) -> Self {
        Self {
            name,
            depth: self.depth + 1,
            ..self
        }
    }
}

/// Whose rows keep a row that they refer to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keepers {
    /// All that are not removed with it.
    Anywhere,
    /// Those outside of its family alone.
    Outside,
}

impl KeptBelow<'_> {
    /// `<key> IN (SELECT .. FROM (WITH RECURSIVE kept AS (<rows that are kept by themselves> UNION <those that they hang on>) SELECT ..) AS rows_kept)`
    fn contains<'b, DB: Dialect>(&'b self, row: Row<'_>, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        const LINK: &str = "link";
        const KEPT: &str = "kept";
        let model = self.removable.model;
        let key: Vec<&str> = model.key.iter().map(Column::name).collect();
        let kept: Vec<String> = (0..key.len()).map(|part| format!("kept_{part}")).collect();
        let (below, above): (Vec<String>, Vec<String>) = (0..key.len())
            .map(|part| (format!("below_{part}"), format!("above_{part}")))
            .unzip();
        out.tuple(Some(row.name), &key)?.sql(" IN (SELECT ");
        out.list(None, &kept)?.sql(" FROM (WITH RECURSIVE kept (");
        out.list(None, &kept)?.sql(") AS (SELECT ");
        out.list(None, &key)?.sql(" FROM ").table(&model.table)?;
        out.sql(" WHERE ");
        self.removable.is_due(out)?;
        out.sql(" AND (NOT ");
        self.removable.is_not_held(model.table.name(), out)?;
        self.removable.or_is_not_flagged(out)?;
        let own = Row::outermost(model.table.name());
        for referrer in &self.removable.referring {
            out.sql(" OR ");
            referrer.exists(model, own, Keepers::Anywhere, "", out)?;
        }
        for head in &self.removable.heads {
            out.sql(" OR ");
            head.exists(model, own, "", out)?;
        }
        out.sql(") UNION SELECT ").list(Some(LINK), &above)?;
        out.sql(" FROM kept INNER JOIN (");
        for (number, link) in self.links.iter().enumerate() {
            out.sql(if number > 0 { " UNION ALL " } else { "" });
            self.hanging(link, &key, &below, &above, out)?;
        }
        for relation in &self.together {
            self.along_with_head(relation, &key, &below, &above, out)?;
        }
        out.sql(") AS link ON ");
        out.equal(Some(LINK), &below, Some(KEPT), &kept)?.sql(") SELECT ");
        out.list(None, &kept)?.sql(" FROM kept) AS rows_kept)");
        Ok(())
    }

    // `SELECT <the row's key>, <the key of the one that it hangs on> FROM t AS hanging INNER JOIN t AS above ON ..`
    fn hanging<DB: Dialect>(
        &self,
        link: &ForeignKey,
        key: &[&str],
        below: &[String],
        above: &[String],
        out: &mut Writer<'_, '_, DB>,
    ) -> QueryResult<()> {
        const HANGING: &str = "hanging";
        const ABOVE: &str = "above";
        let model = self.removable.model;
        let is_to_key = link
            .parent_columns
            .iter()
            .map(String::as_str)
            .eq(key.iter().copied());
        // The foreign key holds the other one's key, or that is read.
        let columns: Vec<&str> = link.columns.iter().map(String::as_str).collect();
        let (other, other_columns) = if is_to_key {
            (HANGING, columns.as_slice())
        } else {
            (ABOVE, key)
        };
        let own = key.iter().map(|column| (HANGING, *column)).zip(below);
        let others = other_columns.iter().map(|column| (other, *column)).zip(above);
        for (number, ((alias, column), name)) in own.chain(others).enumerate() {
            out.sql(if number > 0 { ", " } else { "SELECT " })
                .qualified(Some(alias), column)?
                .sql(" AS ")
                .identifier(name)?;
        }
        out.sql(" FROM ")
            .table(&model.table)?
            .sql(" AS ")
            .identifier(HANGING)?;
        if !is_to_key {
            out.sql(" INNER JOIN ")
                .table(&model.table)?
                .sql(" AS ")
                .identifier(ABOVE)?
                .sql(" ON ");
            out.equal(Some(ABOVE), &link.parent_columns, Some(HANGING), &columns)?;
            return Ok(());
        }
        for (part, column) in columns.iter().enumerate() {
            out.sql(if part > 0 { " AND " } else { " WHERE " })
                .qualified(Some(HANGING), column)?
                .sql(" IS NOT NULL");
        }
        Ok(())
    }

    // ` OR EXISTS (SELECT 1 FROM t AS hanging WHERE <it hangs on the row> AND <it is not of its family> AND <it is kept>)`
    fn or_holds_from_outside<'b, DB: Dialect>(
        &'b self,
        row: Row<'_>,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        const HANGING: &str = "hanging";
        let model = self.removable.model;
        for link in &self.links {
            out.sql(" OR EXISTS (SELECT 1 FROM ")
                .table(&model.table)?
                .sql(" AS ")
                .identifier(HANGING)?;
            out.sql(" WHERE ");
            out.equal(Some(HANGING), &link.columns, Some(row.name), &link.parent_columns)?;
            let is_together = |relation: &&'static Relation| link.is_over(relation.foreign_key());
            if self.together.iter().any(is_together) {
                out.sql(" AND CASE WHEN ");
                same_operation((model, row.name), (model, HANGING), out)?;
                out.sql(" THEN 0 ELSE 1 END = 1");
            }
            out.sql(" AND ");
            self.contains(row.next(HANGING), out)?;
            out.sql(")");
        }
        Ok(())
    }

    // ` UNION ALL SELECT <the head's key>, <the row's key> FROM t AS along INNER JOIN t AS head ..`: what is removed with a row stays
    // with it.
    fn along_with_head<DB: Dialect>(
        &self,
        relation: &'static Relation,
        key: &[&str],
        below: &[String],
        above: &[String],
        out: &mut Writer<'_, '_, DB>,
    ) -> QueryResult<()> {
        const ALONG: &str = "along";
        const HEAD: &str = "head";
        let model = self.removable.model;
        let sides = key.iter().map(|column| (HEAD, column)).zip(below);
        let other = key.iter().map(|column| (ALONG, column)).zip(above);
        for (number, ((alias, column), name)) in sides.chain(other).enumerate() {
            out.sql(if number > 0 { ", " } else { " UNION ALL SELECT " })
                .qualified(Some(alias), column)?
                .sql(" AS ")
                .identifier(name)?;
        }
        out.sql(" FROM ")
            .table(&model.table)?
            .sql(" AS ")
            .identifier(ALONG)?;
        out.sql(" INNER JOIN ")
            .table(&model.table)?
            .sql(" AS ")
            .identifier(HEAD)?;
        out.sql(" ON ");
        let referred = relation.parent_columns(model);
        out.equal(Some(HEAD), &referred, Some(ALONG), relation.foreign_key())?;
        out.sql(" AND ");
        same_operation((model, HEAD), (model, ALONG), out)
    }
}

impl Referrer<'_> {
    // `EXISTS (SELECT 1 FROM c AS referring WHERE referring.<foreign key> = t.<key>)`
    fn exists<'b, DB: Dialect>(
        &'b self,
        parent: &'static Descriptor,
        row: Row<'_>,
        from: Keepers,
        latest: &'static str,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let alias = format!("referring_{}", row.depth);
        out.sql("EXISTS (SELECT 1 FROM ")
            .table(&self.key.child)?
            .sql(" AS ")
            .identifier(&alias)?
            .sql(" WHERE ");
        let (child_columns, parent_columns) = (&self.key.columns, &self.key.parent_columns);
        if refers_by_parent(parent, parent_columns, out) {
            out.equal(Some(row.name), parent_columns, Some(&alias), child_columns)?;
        } else {
            out.equal(Some(&alias), child_columns, Some(row.name), parent_columns)?;
        }
        if self.key.child.is_same_as(&parent.table) {
            // A row that refers to itself goes with itself.
            let key: Vec<&str> = parent.key.iter().map(Column::name).collect();
            out.sql(" AND NOT (");
            out.equal(Some(&alias), &key, Some(row.name), &key)?.sql(")");
        }
        if let Some(unless) = &self.unless {
            // Not plainly NOT: what is unknown of a row keeps it.
            out.sql(" AND CASE WHEN ");
            unless.holds(parent, row, &alias, from, out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        out.sql(latest).sql(")");
        Ok(())
    }
}

impl Unless<'_> {
    // Whether a row of this alias, which refers to the other one, does not keep it.
    fn holds<'b, DB: Dialect>(
        &'b self,
        parent: &'static Descriptor,
        row: Row<'_>,
        alias: &str,
        from: Keepers,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let own = row.next(alias);
        let removable = self.removable.as_deref();
        let is_member = |out: &mut Writer<'_, 'b, DB>| {
            self.membership
                .write((parent, row.name), row.root, (alias, own.depth), out)
        };
        match (from, removable) {
            (_, None) => is_member(out),
            (Keepers::Outside, Some(_)) if self.is_only_family => is_member(out),
            (Keepers::Outside, Some(removable)) => {
                out.sql("(");
                is_member(out)?;
                out.sql(" OR ");
                removable.nested(own, out)?;
                out.sql(")");
                Ok(())
            }
            (Keepers::Anywhere, Some(removable)) => {
                if self.is_only_family {
                    is_member(out)?;
                    out.sql(" AND ");
                }
                removable.nested(own, out)
            }
        }
    }
}

impl HeadLink<'_> {
    // Whether there is a head that keeps the row.
    fn exists<'b, DB: Dialect>(
        &'b self,
        model: &'static Descriptor,
        row: Row<'_>,
        latest: &'static str,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let alias = format!("head_{}", row.depth);
        self.begin(model, row, &alias, out)?;
        if let Some(head) = &self.unless {
            out.sql(" AND CASE WHEN ");
            head.nested(row.next(&alias), out)?;
            out.sql(" THEN 0 ELSE 1 END = 1");
        }
        out.sql(latest).sql(")");
        Ok(())
    }

    // The same, whatever the head is.
    fn exists_at_all<DB: Dialect>(
        &self,
        model: &'static Descriptor,
        row: Row<'_>,
        out: &mut Writer<'_, '_, DB>,
    ) -> QueryResult<()> {
        self.begin(model, row, &format!("head_{}", row.depth), out)?;
        out.sql(")");
        Ok(())
    }

    // `EXISTS (SELECT 1 FROM p AS head WHERE head.<key> = t.<foreign key> AND <both went in one operation>`
    fn begin<DB: Dialect>(
        &self,
        model: &'static Descriptor,
        row: Row<'_>,
        alias: &str,
        out: &mut Writer<'_, '_, DB>,
    ) -> QueryResult<()> {
        out.sql("EXISTS (SELECT 1 FROM ")
            .table(&self.parent.table)?
            .sql(" AS ")
            .identifier(alias)?
            .sql(" WHERE ");
        let referred = self.relation.parent_columns(self.parent);
        out.equal(
            Some(alias),
            &referred,
            Some(row.name),
            self.relation.foreign_key(),
        )?
        .sql(" AND ");
        same_operation((self.parent, alias), (model, row.name), out)?;
        if self.parent.name() == model.name() {
            // A row that refers to itself is its own head.
            let key: Vec<&str> = model.key.iter().map(Column::name).collect();
            out.sql(" AND NOT (");
            out.equal(Some(alias), &key, Some(row.name), &key)?.sql(")");
        }
        Ok(())
    }
}
