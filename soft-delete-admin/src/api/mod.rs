//! The same for programs: JSON under `api/v1`, with the same rights. Described by `api/v1/openapi.json`.

mod answers;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    desk::{Asked, Desk},
    guard,
    refusal::Refusal,
    source::Source,
};

/// What it is, in the words of `OpenAPI`.
const DESCRIPTION: &str = include_str!("../../assets/openapi.json");

type Shared<S> = State<Arc<Desk<S>>>;

/// An answer, or why there is none.
pub(crate) struct Answer(Result<Value, Refusal>);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, value) = match self.0 {
            Ok(value) => (StatusCode::OK, value),
            Err(refusal) => {
                let (status, _, words) = refusal.told();
                (status, json!({ "error": words }))
            }
        };
        document(status, value.to_string())
    }
}

fn document(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Its routes, below the pages.
pub(crate) fn routes<S: Source>() -> Router<Arc<Desk<S>>> {
    /// What only tells.
    macro_rules! told {
        ($answer:path) => {
            get(|State(desk): Shared<S>, request: Request| async move {
                let told = async {
                    let (asked, _) = Asked::read(desk, request)?;
                    asked.work(|asked, conn| $answer(asked, conn)).await
                };
                Answer(told.await)
            })
        };
    }
    /// What changes something.
    macro_rules! done {
        ($answer:path) => {
            post(|State(desk): Shared<S>, request: Request| async move {
                let done = async {
                    let (asked, request) = Asked::read(desk, request)?;
                    let asked = guard::document(asked, request).await?;
                    asked.work(|asked, conn| $answer(asked, conn)).await
                };
                Answer(done.await)
            })
        };
    }
    Router::new()
        .route("/api/v1/openapi.json", get(described::<S>))
        .route("/api/v1/session", get(session::<S>))
        .route("/api/v1/models", told!(answers::models))
        .route("/api/v1/records", told!(answers::records))
        .route("/api/v1/record", told!(answers::record))
        .route("/api/v1/operations", told!(answers::operations))
        .route("/api/v1/runs", told!(answers::runs))
        .route("/api/v1/holds", told!(answers::holds))
        .route("/api/v1/audit", told!(answers::audit))
        .route("/api/v1/act", done!(answers::act))
        .route("/api/v1/undo", done!(answers::undo))
}

// Who it is, and what signs what they change.
async fn session<S: Source>(State(desk): Shared<S>, request: Request) -> Answer {
    Answer(
        Asked::read(desk, request)
            .map(|(asked, _)| json!({ "visitor": asked.visitor.name(), "token": asked.token() })),
    )
}

async fn described<S: Source>(State(desk): Shared<S>, request: Request) -> Result<Response, Refusal> {
    Asked::read(desk, request)?;
    Ok(document(StatusCode::OK, DESCRIPTION.to_owned()))
}
