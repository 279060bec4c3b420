//! The pages of the CRM itself: sign in, see the leads, delete one with a reason.

use axum::{
    Extension, Form, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use diesel::prelude::*;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use soft_delete::prelude::*;

use crate::{
    Crm,
    model::{Callback, Lead, leads},
    session::User,
};

/// All of them.
pub fn routes() -> Router<Crm> {
    Router::new()
        .route("/", get(front))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/delete", post(delete))
}

/// Something failed; what it was is for the log.
struct Failed(String);

impl<E: std::fmt::Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("error: {}", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, "That failed.").into_response()
    }
}

async fn front(State(crm): State<Crm>, user: Option<Extension<User>>) -> Result<Markup, Failed> {
    let Some(Extension(user)) = user else {
        return Ok(page("Sign in", &sign_in_form()));
    };
    let found = tokio::task::spawn_blocking(move || -> Result<_, Failed> {
        let mut conn = crm.connections.get()?;
        // The scope is said in every query: deleted rows are not leads.
        let leads: Vec<Lead> = Lead::active()
            .order(leads::full_name)
            .select(Lead::as_select())
            .load(&mut conn)?;
        let callbacks: Vec<Callback> = Callback::active().select(Callback::as_select()).load(&mut conn)?;
        Ok((leads, callbacks))
    });
    let (leads, callbacks) = found.await??;
    let content = html! {
        p { "Signed in as " strong { (user.name) } ". " a href="/admin/bin" { "Recycle bin" } }
        form method="post" action="/sign-out" { button { "Sign out" } }
        ul {
            @for lead in &leads {
                li {
                    strong { (lead.full_name) } " " (lead.email)
                    ul { @for callback in callbacks.iter().filter(|callback| callback.lead_id == lead.id) { li { (callback.subject) } } }
                    form method="post" action="/delete" {
                        input type="hidden" name="id" value=(lead.id);
                        label { "Reason " input name="reason" required; }
                        button { "Delete " (lead.full_name) }
                    }
                }
            }
        }
    };
    Ok(page("Leads", &content))
}

fn sign_in_form() -> Markup {
    html! {
        form method="post" action="/sign-in" {
            p { label { "Name " input name="name" autocomplete="username" required; } }
            p { label { "Password " input type="password" name="password" autocomplete="current-password" required; } }
            button { "Sign in" }
        }
    }
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

async fn sign_in(State(crm): State<Crm>, Form(given): Form<Credentials>) -> Response {
    match crm.sessions.sign_in(&given.name, &given.password) {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        None => (
            StatusCode::FORBIDDEN,
            page(
                "Sign in",
                &html! { p role="alert" { "That is not right." } (sign_in_form()) },
            ),
        )
            .into_response(),
    }
}

async fn sign_out(State(crm): State<Crm>, user: Option<Extension<User>>) -> Response {
    let forgotten = user.and_then(|Extension(user)| crm.sessions.sign_out(&user));
    match forgotten {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        None => Redirect::to("/").into_response(),
    }
}

#[derive(Deserialize)]
struct Deletion {
    id: i32,
    reason: String,
}

async fn delete(
    State(crm): State<Crm>,
    user: Option<Extension<User>>,
    Form(asked): Form<Deletion>,
) -> Result<Response, Failed> {
    let Some(Extension(user)) = user else {
        return Ok(StatusCode::FORBIDDEN.into_response());
    };
    let deleted = tokio::task::spawn_blocking(move || -> Result<_, Failed> {
        let mut conn = crm.connections.get()?;
        let who = Actor::new(user.name).because(asked.reason);
        Ok(Lead::soft_delete_by_id(&mut conn, asked.id, who)?)
    });
    deleted.await??;
    Ok(Redirect::to("/").into_response())
}

fn page(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; meta name="viewport" content="width=device-width"; title { (title) " · CRM" } }
            body { main { h1 { (title) } (content) } }
        }
    }
}
