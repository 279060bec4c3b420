//! Which page is where.

use std::sync::Arc;

use axum::{
    Router,
    extract::{OriginalUri, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    act, api, assets,
    desk::{Asked, Desk},
    export::{self, Form},
    guard, pages,
    refusal::Refusal,
    source::Source,
};

type Shared<S> = State<Arc<Desk<S>>>;
type Answered<T> = Result<T, Refusal>;

/// All pages of a desk.
pub(crate) fn of<S: Source>(desk: Arc<Desk<S>>) -> Router {
    /// A page that only shows.
    macro_rules! shown {
        ($page:path) => {
            get(|State(desk): Shared<S>, request: Request| async move {
                let (asked, _) = Asked::read(desk, request)?;
                asked.work(|asked, conn| $page(asked, conn)).await as Answered<_>
            })
        };
    }
    /// A form of this session, and what comes of it.
    macro_rules! sent {
        ($page:path) => {
            post(|State(desk): Shared<S>, request: Request| async move {
                let (asked, request) = Asked::read(desk, request)?;
                let asked = guard::form(asked, request).await?;
                asked.work(|asked, conn| $page(asked, conn)).await as Answered<_>
            })
        };
    }
    /// The audit trail as a file.
    macro_rules! exported {
        ($form:expr) => {
            get(|State(desk): Shared<S>, request: Request| async move {
                let (asked, _) = Asked::read(desk, request)?;
                export::run(asked, $form)
            })
        };
    }
    let router = Router::new()
        .route("/", get(front::<S>))
        .route("/overview", shown!(pages::overview::page))
        .route("/records", shown!(pages::records::page))
        .route("/record", shown!(pages::record::page))
        .route("/operations", shown!(pages::operations::page))
        .route("/runs", shown!(pages::runs::page))
        .route("/holds", shown!(pages::holds::page))
        .route("/audit", shown!(pages::audit::page))
        .route("/audit.csv", exported!(Form::Csv))
        .route("/audit.jsonl", exported!(Form::JsonLines))
        .route("/confirm", sent!(pages::confirm::page))
        .route("/act", sent!(act::run))
        .route("/undo", sent!(pages::undo::run))
        .route("/clean", sent!(pages::runs::run))
        .merge(api::routes())
        .route("/style.css", get(assets::style))
        .route("/script.js", get(assets::script))
        .fallback(|State(desk): Shared<S>, request: Request| async move {
            // Who may not be here does not learn what is here.
            Asked::read(desk, request).map_or_else(|refusal| refusal, |_| Refusal::NotFound)
        })
        .with_state(desk);
    guard::around(router)
}

// All links are relative to the folder that the pages are in. The address of the folder itself may come without a slash at its end, so
// it leads on by its own last name.
async fn front<S: Source>(
    State(desk): Shared<S>,
    OriginalUri(address): OriginalUri,
    request: Request,
) -> Result<Response, Refusal> {
    Asked::read(desk, request)?;
    let folder = match address.path().rsplit('/').next() {
        None | Some("") => String::new(),
        Some(last) => format!("{last}/"),
    };
    Ok((
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, format!("{folder}overview"))],
    )
        .into_response())
}
