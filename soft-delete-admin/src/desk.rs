//! What every page works with, and what it answers when it cannot.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use diesel::Connection;
use soft_delete::{Actor, Clock, Context, Descriptor, Error, Predicate, Registry, RestorePlan, SystemClock};
use uuid::Uuid;

use crate::{
    access::{Access, Right, Visitor},
    cleaner::Cleaner,
    fields::Fields,
    health::Remembered,
    pages,
    source::Source,
    token::Secret,
};

/// The backend of a source's connections.
pub(crate) type Backend<S> = <<S as Source>::Connection as Connection>::Backend;

/// A database, its models, and who may do what.
pub(crate) struct Desk<S: Source, A> {
    pub(crate) source: S,
    pub(crate) registry: Registry,
    pub(crate) access: A,
    pub(crate) secret: Secret,
    pub(crate) sign_out: Option<&'static str>,
    pub(crate) health: Remembered,
    pub(crate) cleaner: Cleaner,
}

/// Why a page is not shown, or a thing not done.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// They may not.
    Forbidden,
    /// There is no such page, model or row, or none that they may know of.
    NotFound,
    /// What they sent makes no sense, or cannot be done, in words for them.
    BadInput(String),
    /// The form is too old, of another session or of another site.
    Stale,
    /// It failed; the log knows why, by this identity.
    Failed(Uuid),
}

impl Refusal {
    fn of(error: &Error) -> Self {
        match error {
            Error::UnknownModel { .. } => Self::NotFound,
            error if error.is_bad_input() => Self::BadInput(error.to_string()),
            // What the rows are in the way of, in words that hold no SQL and no values of columns.
            Error::Held { .. }
            | Error::Restricted { .. }
            | Error::ParentDeleted { .. }
            | Error::ReasonRequired { .. }
            | Error::Conflict { .. } => Self::BadInput(error.to_string()),
            error => Self::failed(error),
        }
    }

    /// How it is told: the status, a title, and words that hold nothing of what is behind it.
    pub(crate) fn told(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "Not allowed",
                "You may not do this. Whoever runs the application decides who may.".to_owned(),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Not found",
                "There is nothing here, or nothing that you may see.".to_owned(),
            ),
            Self::BadInput(words) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "That cannot be done",
                words.clone(),
            ),
            Self::Stale => (
                StatusCode::FORBIDDEN,
                "The form is too old",
                "Nothing was changed. Go back, load the page again and repeat it.".to_owned(),
            ),
            Self::Failed(id) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "That failed",
                format!("Whoever runs the application finds the reason in its log under {id}."),
            ),
        }
    }

    pub(crate) fn failed(error: &dyn std::fmt::Display) -> Self {
        let id = Uuid::new_v4();
        tracing::error!(%error, error_id = %id, "a page failed");
        Self::Failed(id)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        pages::refusal::page(&self).into_response()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

/// A request that somebody who may be here has sent.
pub(crate) struct Asked<S: Source, A> {
    pub(crate) desk: Arc<Desk<S, A>>,
    pub(crate) visitor: Visitor,
    pub(crate) fields: Fields,
    pub(crate) now: DateTime<Utc>,
}

impl<S, A> Asked<S, A>
where
    S: Source,
    A: Access<Backend<S>>,
{
    /// Who it is and what they ask for; nobody's request goes further.
    pub(crate) fn read(desk: Arc<Desk<S, A>>, request: Request) -> Result<(Self, Request), Refusal> {
        let (parts, body) = request.into_parts();
        let visitor = desk.visitor(&parts)?;
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
        let mut plan = match self.rows(model.name()) {
            Some(theirs) => records.within(&*theirs).restore_plan(conn, ids, self.context())?,
            None => records.restore_plan(conn, ids, self.context())?,
        };
        for conflict in &mut plan.conflicts {
            if self.rows(&conflict.model).is_some() {
                conflict.taken_by.clear();
            }
        }
        Ok(plan)
    }

    /// Whether they see all rows of every model: what is told of the whole is for them alone.
    pub(crate) fn sees_everything(&self) -> bool {
        let mut models = self.desk.registry.models();
        models.all(|model| self.may(Right::See, model.name()) && self.rows(model.name()).is_none())
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
            work(&self, &mut conn)
        });
        worked.await.map_err(|error| Refusal::failed(&error))?
    }
}

impl<S, A> Desk<S, A>
where
    S: Source,
    A: Access<Backend<S>>,
{
    fn visitor(&self, request: &Parts) -> Result<Visitor, Refusal> {
        self.access.visitor(request).ok_or(Refusal::Forbidden)
    }
}
