//! What pages are dressed with, compiled along.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// The sheet that all pages use.
pub(crate) async fn style() -> Response {
    of("text/css; charset=utf-8", include_str!("../assets/style.css"))
}

/// Comfort for those who have scripts: times in their zone, a box that chooses all.
pub(crate) async fn script() -> Response {
    of(
        "text/javascript; charset=utf-8",
        include_str!("../assets/script.js"),
    )
}

// They hold no data, and change with the program.
fn of(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, text).into_response()
}
