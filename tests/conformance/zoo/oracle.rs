//! What may have happened to the rows, the audit and the report. It knows nothing of how the library works.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use soft_delete::Database;

use super::{
    links,
    operation::{Answer, Held, Past, now},
    picture::{Id, Picture},
    schema::{Case, Extra, Kind, Step},
};

/// What is wrong: a kind, by which a case is shortened, and the details.
#[derive(Debug)]
pub struct Finding {
    pub kind: &'static str,
    pub details: String,
}

pub type Verdict = Result<(), Finding>;

/// A step that was done, and everything before and after it.
pub struct Scene<'a> {
    pub case: &'a Case,
    pub step: &'a Step,
    pub past: &'a Past,
    /// The tables that the registry knows, by number, with the names of their models.
    pub models: &'a BTreeMap<usize, String>,
    pub before: &'a Picture,
    pub after: &'a Picture,
    pub answer: &'a Answer,
}

fn fail<T>(kind: &'static str, details: impl std::fmt::Debug) -> Result<T, Finding> {
    Err(Finding {
        kind,
        details: format!("{details:?}"),
    })
}

fn none<T: std::fmt::Debug>(kind: &'static str, mut wrong: impl Iterator<Item = T>) -> Verdict {
    wrong.next().map_or(Ok(()), |first| fail(kind, first))
}

/// Everything that holds for a step.
pub fn check(scene: &Scene<'_>) -> Verdict {
    if matches!(scene.answer, Answer::Refused(_) | Answer::NotAsked) {
        // A hold that was placed is in the audit.
        let is_hold = matches!(
            scene.step,
            Step::Hold { .. } | Step::HoldModel(_) | Step::HoldLatest
        );
        // What a storage engine without transactions has done stays done; `doctor` names it, and a removal refuses it.
        if scene.case.tables.iter().any(|table| !table.has_transactions) && !scene.is_removal() {
            return Ok(());
        }
        return unchanged(scene.before, scene.after, is_hold);
    }
    let Scene { before, after, .. } = scene;
    none(
        "rows came into being",
        after.rows.keys().filter(|id| !before.rows.contains_key(*id)),
    )?;
    if !after.audit.starts_with(&before.audit) {
        return fail("the audit of before has changed", &after.audit);
    }
    scene.removals()?;
    scene.changes()?;
    scene.families()?;
    if let Answer::Report(report) = scene.answer
        && !report.dry_run
    {
        if report.stopped == soft_delete::Stopped::MaxDuration {
            return fail("a cleanup does not end", report.to_string());
        }
        scene.completeness(report)?;
    }
    Ok(())
}

/// What a refusal, a dry run and a question leave as they found it.
pub fn unchanged(before: &Picture, after: &Picture, but_for_audit: bool) -> Verdict {
    none(
        "a refusal or a dry run changed rows",
        differences(before, after).into_iter(),
    )?;
    if !but_for_audit && before.audit != after.audit {
        return fail(
            "a refusal or a dry run wrote audit",
            &after.audit[before.audit.len()..],
        );
    }
    Ok(())
}

/// Whether the figures of a dry run are those of the run.
///
/// Nobody foresees what a trigger does. Who may read and not remove may ask, and is refused when it comes to removing.
pub fn same_figures(case: &Case, before: &Picture, dry: &Answer, run: &Answer) -> Verdict {
    let is_beyond = links::have_circles(case, before) || links::come_back_to_a_table(case, before);
    if case.has_surprises() || is_beyond || links::lead_to_owned(case) {
        return Ok(());
    }
    match (dry, run) {
        (Answer::Report(dry), Answer::Report(run)) => {
            let figures = |report: &soft_delete::CleanupReport| -> Vec<_> {
                let figure = |model: &soft_delete::ModelReport| {
                    (
                        model.model.clone(),
                        model.purged,
                        model.owned,
                        model.held,
                        model.blocked_rows + model.with_family,
                    )
                };
                let mut figures: Vec<_> = report.models.iter().map(figure).collect();
                figures.sort();
                figures
            };
            if figures(dry) == figures(run) {
                return Ok(());
            }
            fail(
                "a dry run says something else than the run",
                (figures(dry), figures(run)),
            )
        }
        (Answer::Refused(_), Answer::Refused(_)) | (Answer::NotAsked, _) | (_, Answer::NotAsked) => Ok(()),
        // What is wrong in a registration may be an error of the database's for the one that asks.
        _ if case
            .relations
            .iter()
            .any(|declared| !links::is_right(case, declared)) =>
        {
            Ok(())
        }
        (dry, run) => fail("a dry run and its run: one is refused", (dry, run)),
    }
}

fn differences(before: &Picture, after: &Picture) -> Vec<String> {
    let mut all = Vec::new();
    for (id, row) in &before.rows {
        match after.rows.get(id) {
            None => all.push(format!("{id:?} is gone: {row:?}")),
            Some(now) if now != row => all.push(format!("{id:?} was {row:?}, is {now:?}")),
            Some(_) => {}
        }
    }
    let new = after.rows.keys().filter(|id| !before.rows.contains_key(*id));
    all.extend(new.map(|id| format!("{id:?} is new")));
    all
}

impl Scene<'_> {
    fn gone(&self) -> impl Iterator<Item = &Id> {
        self.before
            .rows
            .keys()
            .filter(|id| !self.after.rows.contains_key(*id))
    }

    fn is_removal(&self) -> bool {
        matches!(
            self.step,
            Step::Cleanup { .. } | Step::Force { .. } | Step::ForceAll { .. }
        )
    }

    /// The rows that the audit says were changed so by this step, each as often as it says so.
    fn audited(&self, actions: &[&str]) -> Vec<(String, String)> {
        let new = self.after.audit[self.before.audit.len()..].iter();
        let told = new.filter(|entry| actions.contains(&entry.action.as_str()));
        let mut told: Vec<_> = told
            .map(|entry| (entry.model.clone(), entry.record.clone()))
            .collect();
        told.sort();
        told
    }

    // Rows of models and no others, audited once and counted; what is owned is counted.
    fn removals(&self) -> Verdict {
        let (known, unknown): (Vec<&Id>, Vec<&Id>) =
            self.gone().partition(|id| self.models.contains_key(&id.0));
        if !self.is_removal() {
            return none("rows went where nothing was to be removed", self.gone());
        }
        for id in &known {
            self.may_go(id)?;
        }
        let mut went: Vec<_> = known
            .iter()
            .map(|id| (self.models[&id.0].clone(), id.1.clone()))
            .collect();
        went.sort();
        let told = self.audited(&["purge", "force_delete"]);
        if went != told {
            let kind = match went.len() > told.len() {
                true => "rows went that no audit tells of",
                false => "the audit tells of rows that are still there",
            };
            return fail(kind, (went, told));
        }
        let owned = links::of_kind(self.case, self.before, Kind::Owns);
        let gone: BTreeSet<&Id> = self.gone().collect();
        let is_owned = |id: &&Id| {
            owned
                .iter()
                .any(|link| link.child == **id && gone.contains(&link.parent))
        };
        none(
            "rows of unknown tables went",
            unknown.iter().copied().filter(|id| !is_owned(id)),
        )?;
        self.counts(&went, &unknown)
    }

    fn counts(&self, went: &[(String, String)], owned: &[&Id]) -> Verdict {
        let of = |model: &str| {
            u64::try_from(went.iter().filter(|(name, _)| name == model).count()).expect("a few")
        };
        let owned = u64::try_from(owned.len()).expect("a few");
        match self.answer {
            Answer::Report(report) => {
                let counted: u64 = report.models.iter().map(|model| model.owned).sum();
                if counted != owned {
                    return fail("the report miscounts what is owned", (counted, owned));
                }
                for name in self.models.values() {
                    let counted = report.model(name).map_or(0, |model| model.purged);
                    if counted != of(name) {
                        return fail("the report miscounts", (name, counted, of(name)));
                    }
                }
                Ok(())
            }
            Answer::Operation(operation) => {
                let total = u64::try_from(went.len()).expect("a few") + owned;
                match operation.rows() == total {
                    true => Ok(()),
                    false => fail("the operation miscounts", (&operation.models, went, owned)),
                }
            }
            _ => Ok(()),
        }
    }

    fn may_go(&self, id: &Id) -> Verdict {
        if !self.before.is_deleted(id) {
            return fail("an active row went", id);
        }
        if self.before.is_out_of_step(id) {
            return fail("a row went that its flag calls active", id);
        }
        if self.is_held(self.before, id) {
            return fail("a held row went", id);
        }
        if matches!(self.step, Step::Cleanup { .. }) && !is_due(self.before, id) {
            return fail("a row went that was not due", (id, &self.before.rows[id]));
        }
        Ok(())
    }

    fn is_held(&self, picture: &Picture, id: &Id) -> bool {
        self.past.held.iter().any(|held| match held {
            Held::Row(table, key) => (*table, key) == (id.0, &id.1),
            Held::Model(table) => *table == id.0,
            Held::Operation(operation) => {
                picture.rows[id].get("deletion_id").cloned().flatten().as_ref() == Some(operation)
            }
        })
    }

    // Only the columns of a deletion, of rows of models, as the audit tells.
    fn changes(&self) -> Verdict {
        let changed: Vec<&Id> = self
            .before
            .rows
            .iter()
            .filter(|(id, row)| self.after.rows.get(*id).is_some_and(|now| now != *row))
            .map(|(id, _)| id)
            .collect();
        let action = match self.step {
            Step::Delete { .. } => "soft_delete",
            Step::Restore { .. } | Step::UndoLatest { .. } => "restore",
            _ => return none("a removal changed rows that stay", differences_of(self, &changed)),
        };
        let own = ["deleted_at", "deletion_id", "is_deleted"];
        let others = |id: &Id, picture: &Picture| -> BTreeMap<String, Option<String>> {
            let row = picture.rows[id].clone().into_iter();
            row.filter(|(column, _)| !own.contains(&column.as_str()))
                .collect()
        };
        let touched = changed
            .iter()
            .filter(|id| others(id, self.before) != others(id, self.after));
        none(
            "other columns changed",
            differences_of(self, &touched.copied().collect::<Vec<_>>()),
        )?;
        let mut went: Vec<_> = Vec::new();
        for id in &changed {
            let Some(model) = self.models.get(&id.0) else {
                return fail("a row of an unknown table changed", id);
            };
            let is_deletion = action == "soft_delete";
            if self.before.is_deleted(id) == is_deletion || self.after.is_deleted(id) != is_deletion {
                return fail("a row changed that was so already", id);
            }
            if self.after.is_out_of_step(id) {
                return fail(
                    "the flag of a changed row is out of step",
                    (id, &self.after.rows[*id]),
                );
            }
            went.push((model.clone(), id.1.clone()));
        }
        went.sort();
        let told = self.audited(&[action]);
        if went != told {
            return fail("audit and changes differ", (went, told));
        }
        if let Answer::Operation(operation) = self.answer
            && operation.rows() != u64::try_from(went.len()).expect("a few")
        {
            return fail("the operation miscounts", (&operation.models, went));
        }
        let changed: BTreeSet<&Id> = changed.into_iter().collect();
        match action {
            "restore" => self.parents_are_there(&changed),
            _ => self.children_went_along(&changed),
        }
    }

    // No row comes back under a deleted one, by all that a model says of its parents. Types are not told what the catalog alone knows.
    fn parents_are_there(&self, changed: &BTreeSet<&Id>) -> Verdict {
        let mut links = links::declared(self.case, self.after);
        if self.case.is_discovered {
            links.extend(links::discovered(self.case, self.after));
        }
        let wrong = links.into_iter().filter(|link| {
            // A trigger that keeps rows from being updated keeps parents deleted, without a word.
            let extras = &self.case.table(link.parent.0).extras;
            let is_known = !extras.contains(&Extra::IgnoreUpdate) && self.models.contains_key(&link.parent.0);
            let is_seen = is_known && !self.case.hides(&link.parent);
            changed.contains(&link.child) && is_seen && self.after.is_deleted(&link.parent)
        });
        none("a row came back under a deleted one", wrong)
    }

    fn children_went_along(&self, changed: &BTreeSet<&Id>) -> Verdict {
        for declared in &self.case.relations {
            if !links::is_right(self.case, declared) || !self.models.contains_key(&declared.child) {
                continue;
            }
            let kind = match declared.kind {
                Kind::Cascade => "an active row was left under what it cascades from",
                Kind::Restrict => "a row was deleted in spite of a restriction",
                Kind::Owns => continue,
            };
            // A trigger that keeps rows from being updated keeps them active, without a word.
            if self
                .case
                .table(declared.child)
                .extras
                .contains(&Extra::IgnoreUpdate)
            {
                continue;
            }
            let links = links::of_kind(self.case, self.after, declared.kind);
            let left = links.into_iter().filter(|link| {
                (link.parent.0, link.child.0) == (declared.parent, declared.child)
                    && changed.contains(&link.parent)
                    && !self.after.is_deleted(&link.child)
                    && !self.case.hides(&link.child)
            });
            none(kind, left)?;
        }
        Ok(())
    }

    // All of a family go, or none.
    fn families(&self) -> Verdict {
        if !self.is_removal() {
            return Ok(());
        }
        let gone: BTreeSet<&Id> = self.gone().collect();
        let links = links::of_kind(self.case, self.before, Kind::Cascade).into_iter();
        let by_hand = matches!(self.step, Step::Force { .. });
        let split = links.filter(|link| {
            let (parent, child) = (gone.contains(&link.parent), gone.contains(&link.child));
            // Who removes a row by name removes what is below it, and not what is above.
            let is_split = if by_hand {
                parent && !child
            } else {
                parent != child
            };
            let is_mutual = links::is_mutual(self.case, link.parent.0, link.child.0);
            is_split && !is_mutual && links::went_together(self.before, link)
        });
        none("a family was split", split)
    }

    // What stays is told, and could not go.
    fn completeness(&self, report: &soft_delete::CleanupReport) -> Verdict {
        let Step::Cleanup { model: None, .. } = self.step else {
            return Ok(());
        };
        // Rows may be together by what is wrong in a registration.
        let is_wrong = |declared| !links::is_right(self.case, declared);
        if !report.stopped.is_complete()
            || self.case.has_surprises()
            || self.case.relations.iter().any(is_wrong)
        {
            return Ok(());
        }
        let mut free: BTreeSet<Id> = links::families(self.case, self.after)
            .into_iter()
            .filter(|family| self.is_free(family) && !links::is_circle(self.case, self.after, family))
            .flatten()
            .collect();
        if let Some(first) = free.pop_first() {
            return fail("a row could go and was left", (first, report.to_string()));
        }
        if report.is_complete() {
            let left = self.after.rows.keys().filter(|id| {
                self.models.contains_key(&id.0) && is_due(self.after, id) && !self.is_held(self.after, id)
            });
            let held = links::families(self.case, self.after);
            let waits = |id: &&Id| {
                let family = held
                    .iter()
                    .find(|family| family.contains(*id))
                    .expect("its family");
                let may_go = |id| is_due(self.after, id) && !self.is_held(self.after, id);
                family.iter().all(may_go) && !links::is_circle(self.case, self.after, family)
            };
            return none(
                "a run that left due rows calls itself complete",
                left.filter(waits),
            );
        }
        Ok(())
    }

    // Whether nothing stands against the removal of a family.
    fn is_free(&self, family: &BTreeSet<Id>) -> bool {
        let each = |id: &Id| {
            self.models.contains_key(&id.0)
                && is_due(self.after, id)
                && !self.after.is_out_of_step(id)
                && !self.is_held(self.after, id)
        };
        let referred = |link: &links::Link| family.contains(&link.parent) && !family.contains(&link.child);
        let all = links::all(self.case, self.after);
        // MariaDB lets no row go that refers to itself, unless the library is told of it and sets the key to NULL.
        let is_stuck = |link: &links::Link| {
            self.case.database == Database::Mysql && link.child == link.parent && family.contains(&link.child)
        };
        family.iter().all(each) && !all.iter().any(|link| referred(link) || is_stuck(link))
    }
}

fn differences_of<'a>(scene: &'a Scene<'_>, ids: &[&'a Id]) -> impl Iterator<Item = String> + use<> {
    let told: Vec<String> = ids
        .iter()
        .map(|id| {
            format!(
                "{id:?} was {:?}, is {:?}",
                scene.before.rows[*id], scene.after.rows[*id]
            )
        })
        .collect();
    told.into_iter()
}

/// Whether thirty days have gone since the row was deleted, whatever the spelling of the time.
fn is_due(picture: &Picture, id: &Id) -> bool {
    let Some(Some(text)) = picture.rows[id].get("deleted_at") else {
        return false;
    };
    let zoned = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%:z").map(|time| time.to_utc());
    let plain = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").map(|time| time.and_utc());
    let at: DateTime<Utc> = zoned
        .or_else(|_| plain())
        .unwrap_or_else(|_| panic!("{text} is no time"));
    at + TimeDelta::days(30) <= now()
}
