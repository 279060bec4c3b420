//! Which page is where.

use std::sync::Arc;

use axum::{
    Router,
    extract::{OriginalUri, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::Markup;

use crate::{
    access::Access,
    act, api, assets,
    desk::{Asked, Backend, Desk, Refusal},
    export::{self, Form},
    guard, pages,
    source::Source,
};

type Shared<S, A> = State<Arc<Desk<S, A>>>;
type Page = Result<Markup, Refusal>;

/// All pages of a desk.
pub(crate) fn of<S, A>(desk: Arc<Desk<S, A>>) -> Router
where
    S: Source,
    A: Access<Backend<S>>,
{
    /// A page that only shows.
    macro_rules! shown {
        ($page:path) => {
            get(|State(desk): Shared<S, A>, request: Request| async move {
                let (asked, _) = Asked::read(desk, request)?;
                $page(asked).await as Page
            })
        };
    }
    /// The audit trail as a file.
    macro_rules! exported {
        ($form:expr) => {
            get(|State(desk): Shared<S, A>, request: Request| async move {
                let (asked, _) = Asked::read(desk, request)?;
                export::run(asked, $form)
            })
        };
    }
    let router = Router::new()
        .route("/", get(front::<S, A>))
        .route("/overview", shown!(pages::overview::page))
        .route("/records", shown!(pages::records::page))
        .route("/record", shown!(pages::record::page))
        .route("/operations", shown!(pages::operations::page))
        .route("/runs", shown!(pages::runs::page))
        .route("/holds", shown!(pages::holds::page))
        .route("/audit", shown!(pages::audit::page))
        .route("/audit.csv", exported!(Form::Csv))
        .route("/audit.jsonl", exported!(Form::JsonLines))
        .route(
            "/confirm",
            post(|State(desk): Shared<S, A>, request: Request| async move {
                let (asked, request) = Asked::read(desk, request)?;
                let asked = guard::form(asked, request).await?;
                pages::confirm::page(asked).await as Page
            }),
        )
        .route(
            "/act",
            post(|State(desk): Shared<S, A>, request: Request| async move {
                let (asked, request) = Asked::read(desk, request)?;
                let asked = guard::form(asked, request).await?;
                act::run(asked).await
            }),
        )
        .route(
            "/undo",
            post(|State(desk): Shared<S, A>, request: Request| async move {
                let (asked, request) = Asked::read(desk, request)?;
                let asked = guard::form(asked, request).await?;
                pages::undo::run(asked).await
            }),
        )
        .route(
            "/clean",
            post(|State(desk): Shared<S, A>, request: Request| async move {
                let (asked, request) = Asked::read(desk, request)?;
                let asked = guard::form(asked, request).await?;
                pages::runs::run(asked).await
            }),
        )
        .merge(api::routes())
        .route("/style.css", get(assets::style))
        .route("/script.js", get(assets::script))
        .fallback(|State(desk): Shared<S, A>, request: Request| async move {
            // Who may not be here does not learn what is here.
            Asked::read(desk, request).map_or_else(|refusal| refusal, |_| Refusal::NotFound)
        })
        .with_state(desk);
    guard::around(router)
}

// All links are relative to the folder that the pages are in. The address of the folder itself may come without a slash at its end, so
// it leads on by its own last name.
async fn front<S, A>(
    State(desk): Shared<S, A>,
    OriginalUri(address): OriginalUri,
    request: Request,
) -> Result<Response, Refusal>
where
    S: Source,
    A: Access<Backend<S>>,
{
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
