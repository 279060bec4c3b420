//! What somebody sees who gets no page.

use axum::{http::StatusCode, response::IntoResponse};
use maud::html;

use super::layout;
use crate::desk::Refusal;

/// Says why, and nothing of what is behind it.
pub(crate) fn page(refusal: &Refusal) -> impl IntoResponse + use<> {
    let (status, title, words) = match refusal {
        Refusal::Forbidden => (
            StatusCode::FORBIDDEN,
            "Not allowed",
            "You may not do this. Whoever runs the application decides who may.".to_owned(),
        ),
        Refusal::NotFound => (
            StatusCode::NOT_FOUND,
            "Not found",
            "There is nothing here, or nothing that you may see.".to_owned(),
        ),
        Refusal::BadInput(words) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "That cannot be done",
            words.clone(),
        ),
        Refusal::Stale => (
            StatusCode::FORBIDDEN,
            "The form is too old",
            "Nothing was changed. Go back, load the page again and repeat it.".to_owned(),
        ),
        Refusal::Failed(id) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "That failed",
            format!("Whoever runs the application finds the reason in its log under {id}."),
        ),
    };
    let content = html! {
        p { (words) }
        p { a href="overview" { "To the overview" } }
    };
    (status, layout::bare(title, &content))
}
