//! Why a page is not shown, or a thing not done, and how that is told.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use soft_delete::Error;
use uuid::Uuid;

use crate::pages;

/// Why a page is not shown, or a thing not done.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// They may not.
    Forbidden,
    /// There is no such page, model or row, or none that they may know of.
    NotFound,
    /// What they sent makes no sense, or cannot be done, in words for them.
    BadInput(String),
    /// What they asked for makes no sense, in words for them; the page has the form as they filled it in.
    OnForm(String, Markup),
    /// It came so slowly that nobody waited for it.
    TooSlow,
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
            | Error::StillReferenced { .. }
            | Error::PartOfFamily { .. }
            | Error::Blocked { .. }
            | Error::NotDeleted { .. }
            | Error::Purged { .. }
            | Error::ReasonRequired { .. }
            | Error::KeptByTrigger { .. }
            | Error::KeptByPolicy { .. }
            | Error::FlaggedActive { .. }
            | Error::MismatchedRelation { .. }
            | Error::AmbiguousOwner { .. }
            | Error::Vetoed { .. } => Self::BadInput(error.to_string()),
            // The ways out are for whoever runs the application, who finds them in the doctor's findings.
            Error::DangerousForeignKey { child, .. } => Self::BadInput(format!(
                "It stays: removing it would have the database remove or change rows of {child}, which nobody has decided about. The doctor tells whoever runs the application what to do."
            )),
            Error::DangerousTable { table, .. } => Self::BadInput(format!(
                "It stays: the database may do more than remove it, because of the table {table}. The doctor tells whoever runs the application what to do."
            )),
            // They would name keys of rows that may not be the visitor's; the page of the record tells what may be told.
            Error::ParentDeleted { .. } => Self::BadInput(
                "It hangs on a record that is deleted as well: restore that one first.".to_owned(),
            ),
            Error::Conflict { .. } => {
                Self::BadInput("It cannot come back: an active record has what must be unique.".to_owned())
            }
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
            Self::BadInput(words) | Self::OnForm(words, _) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "That cannot be done",
                words.clone(),
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "That took too long",
                "The form did not arrive in time, and nothing was changed. Go back and repeat it.".to_owned(),
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
        let (status, title, words) = self.told();
        if let Self::OnForm(_, page) = self {
            return (status, page).into_response();
        }
        let content = html! {
            p { (words) }
            p { a href="overview" { "To the overview" } }
        };
        (status, pages::bare(title, &content)).into_response()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl From<diesel::result::Error> for Refusal {
    fn from(error: diesel::result::Error) -> Self {
        Self::failed(&error)
    }
}
