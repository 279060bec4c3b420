//! What every page works with, and what it answers when it cannot.

use std::{sync::Arc, time::Duration};

use axum::extract::Request;
use chrono::{DateTime, Utc};
use diesel::Connection;
use soft_delete::{
    Actor, AuditRecord, Clock, Context, Descriptor, ModelStats, Page, Predicate, Registry, RestorePlan,
    SystemClock, Timetable,
};

use crate::{
    access::{Access, Right, Visitor},
    cleaner::Cleaner,
    fields::Fields,
    health::{Health, Remembered},
    limit,
    refusal::Refusal,
    source::Source,
    token::Secret,
};

/// As many entries as a page of a list has unless it is said, and at most.
const ENTRIES: u32 = 50;
const MOST_ENTRIES: u32 = 200;

/// The backend of a source's connections.
pub(crate) type Backend<S> = <<S as Source>::Connection as Connection>::Backend;

/// A database, its models, and who may do what.
pub(crate) struct Desk<S: Source> {
    pub(crate) source: S,
    pub(crate) registry: Registry,
    pub(crate) access: Arc<dyn Access<Backend<S>>>,
    pub(crate) secret: Secret,
    pub(crate) sign_out: Option<&'static str>,
    pub(crate) statement_limit: Duration,
    pub(crate) timetable: Option<Timetable>,
    pub(crate) health: Remembered<Health>,
    pub(crate) figures: Remembered<Vec<ModelStats>>,
    pub(crate) cleaner: Cleaner,
}

/// A request that somebody who may be here has sent.
pub(crate) struct Asked<S: Source> {
    pub(crate) desk: Arc<Desk<S>>,
    pub(crate) visitor: Visitor,
    pub(crate) fields: Fields,
    pub(crate) now: DateTime<Utc>,
}

impl<S: Source> Asked<S> {
    /// Who it is and what they ask for; nobody's request goes further.
    pub(crate) fn read(desk: Arc<Desk<S>>, request: Request) -> Result<(Self, Request), Refusal> {
        let (parts, body) = request.into_parts();
        let visitor = desk.access.visitor(&parts).ok_or(Refusal::Forbidden)?;
        let asked = Self {
            desk,
            visitor,
            fields: Fields::read(parts.uri.query().unwrap_or_default().as_bytes()),
            now: SystemClock.now(),
        };
        Ok((asked, Request::from_parts(parts, body)))
    }

    /// The models that they may see.
    pub(crate) fn models(&self) -> Vec<&'static Descriptor> {
        let models = self.desk.registry.models();
        models
            .filter(|model| self.may(Right::See, model.name()))
            .collect()
    }

    pub(crate) fn may(&self, right: Right, model: &str) -> bool {
        self.desk.access.may(&self.visitor, right, model)
    }

    /// The model that is named, if they may do this to its rows; one that they may not see is not there.
    pub(crate) fn model(&self, right: Right) -> Result<&'static Descriptor, Refusal> {
        let name = self.fields.one("model").ok_or(Refusal::NotFound)?;
        let model = self.desk.registry.model(name).map_err(|_| Refusal::NotFound)?;
        if !self.may(Right::See, name) {
            return Err(Refusal::NotFound);
        }
        if !self.may(right, name) {
            tracing::warn!(visitor = self.visitor.name(), ?right, model = name, "refused");
            return Err(Refusal::Forbidden);
        }
        Ok(model)
    }

    /// Whether they may see what this column holds.
    pub(crate) fn shows(&self, model: &str, column: &str) -> bool {
        self.desk.access.shows(&self.visitor, model, column)
    }

    /// Whether they may see what names a row to people.
    pub(crate) fn shows_label(&self, model: &Descriptor) -> bool {
        model
            .label_column()
            .is_some_and(|column| self.shows(model.name(), column))
    }

    /// Whether they may see who deleted rows of a model, which tells it.
    pub(crate) fn shows_actor(&self, model: &Descriptor) -> bool {
        model
            .actor_column()
            .is_some_and(|column| self.shows(model.name(), column))
    }

    /// Whether they may see why rows of a model were deleted, which tells it.
    pub(crate) fn shows_reason(&self, model: &Descriptor) -> bool {
        model
            .reason_column()
            .is_some_and(|column| self.shows(model.name(), column))
    }

    /// The condition that makes rows of a model theirs.
    pub(crate) fn rows(&self, model: &str) -> Option<Box<Predicate<'static, Backend<S>>>> {
        self.desk.access.rows(&self.visitor, model)
    }

    /// What a restore of rows of theirs would do, without the keys of rows that are not.
    pub(crate) fn plan(
        &self,
        conn: &mut S::Connection,
        model: &Descriptor,
        ids: &[&str],
    ) -> Result<RestorePlan, Refusal> {
        let records = self.desk.registry.records(model.name())?;
        let theirs = records.within(self.rows(model.name()));
        let mut plan = theirs.restore_plan(conn, ids, self.context())?;
        let is_open = |model: &str| self.may(Right::See, model) && self.rows(model).is_none();
        for conflict in &mut plan.conflicts {
            if !is_open(&conflict.model) {
                conflict.taken_by.clear();
            }
        }
        for parent in &mut plan.deleted_parents {
            if !is_open(&parent.model) {
                parent.id.clear();
            }
        }
        plan.models.retain(|rows| self.may(Right::See, &rows.model));
        plan.gone.retain(|gone| is_open(&gone.model));
        for gone in &mut plan.gone {
            let column = self.desk.registry.model(&gone.model)?.actor_column();
            if column.is_some_and(|column| !self.shows(&gone.model, column)) {
                gone.by.clear();
            }
        }
        plan.unchecked.retain(|key| self.may(Right::See, &key.model));
        Ok(plan)
    }

    /// What was done to a row, as far as they may see who did it and why.
    pub(crate) fn history(
        &self,
        conn: &mut S::Connection,
        model: &Descriptor,
        id: &str,
    ) -> Result<Vec<AuditRecord>, Refusal> {
        let mut acts = self.desk.registry.records(model.name())?.history(conn, id)?;
        let is_hidden = |column: Option<&str>| column.is_some_and(|column| !self.shows(model.name(), column));
        let (hides_actor, hides_reason) = (is_hidden(model.actor_column()), is_hidden(model.reason_column()));
        for act in &mut acts {
            if hides_actor {
                "somebody".clone_into(&mut act.actor);
            }
            if hides_reason {
                act.reason = None;
            }
        }
        Ok(acts)
    }

    /// Whether they see all rows of every model, and who did what to them and why: what is told of the whole is for them alone.
    pub(crate) fn sees_everything(&self) -> bool {
        let sees = |model: &Descriptor| {
            let columns = [model.actor_column(), model.reason_column()];
            self.may(Right::See, model.name())
                && self.rows(model.name()).is_none()
                && columns
                    .into_iter()
                    .flatten()
                    .all(|column| self.shows(model.name(), column))
        };
        let mut models = self.desk.registry.models().peekable();
        models.peek().is_some() && models.all(sees)
    }

    /// As many entries of a list as are asked for.
    pub(crate) fn size(&self) -> u32 {
        self.fields
            .parsed::<u32>("size")
            .unwrap_or(ENTRIES)
            .clamp(1, MOST_ENTRIES)
    }

    /// The part of a list of the whole that is asked for, by whoever sees the whole.
    pub(crate) fn part(&self) -> Result<Page, Refusal> {
        if !self.sees_everything() {
            return Err(Refusal::Forbidden);
        }
        let part = Page::of(self.size());
        Ok(match self.fields.parsed("after") {
            Some(after) => part.after(after),
            None => part,
        })
    }

    /// Who acts, and why.
    pub(crate) fn context(&self) -> Context {
        let actor = Actor::new(self.visitor.name());
        match self.fields.one("reason") {
            Some(reason) => actor.because(reason),
            None => actor.into(),
        }
    }

    /// What signs the forms of this page.
    pub(crate) fn token(&self) -> String {
        self.desk.secret.token(self.visitor.session(), self.now)
    }

    /// Does something on a connection, where waiting blocks nobody.
    pub(crate) async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self, &mut S::Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let worked = tokio::task::spawn_blocking(move || {
            let mut conn = self
                .desk
                .source
                .connection()
                .map_err(|error| Refusal::failed(&error))?;
            limit::within(&mut conn, self.desk.statement_limit, |conn| work(&self, conn))
        });
        worked.await.map_err(|error| Refusal::failed(&error))?
    }
}
