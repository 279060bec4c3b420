//! What somebody sees who gets no page.

use axum::response::IntoResponse;
use maud::html;

use super::layout;
use crate::desk::Refusal;

/// Says why, and nothing of what is behind it.
pub(crate) fn page(refusal: &Refusal) -> impl IntoResponse + use<> {
    let (status, title, words) = refusal.told();
    let content = html! {
        p { (words) }
        p { a href="overview" { "To the overview" } }
    };
    (status, layout::bare(title, &content))
}
