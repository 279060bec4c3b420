//! Signing in and out.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};

use super::{House, SignIn, users::Role};
use crate::{assets, fields::Fields, pages};

const COOKIE: &str = "soft_delete_session";
const COOKIE_FOR_TLS: &str = "__Host-soft_delete_session";

/// A name and a password fit.
const LARGEST_FORM: usize = 4_096;

pub(super) fn routes(house: Arc<House>) -> Router {
    Router::new()
        .route("/sign-in", get(form).post(sign_in))
        .route("/enter", get(before_entering).post(enter))
        .route("/sign-out", post(sign_out))
        .route("/closed", get(closed))
        .route("/style.css", get(assets::style))
        .route("/script.js", get(assets::script))
        .with_state(house)
}

/// The token that a request carries.
pub(super) fn cookie_in(headers: &HeaderMap, is_behind_tls: bool) -> Option<&str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == name_of(is_behind_tls))
        .map(|(_, token)| token)
}

fn name_of(is_behind_tls: bool) -> &'static str {
    if is_behind_tls { COOKIE_FOR_TLS } else { COOKIE }
}

impl House {
    fn cookie(&self, token: &str, end: &str) -> [(header::HeaderName, String); 1] {
        let secure = if self.is_behind_tls { "; Secure" } else { "" };
        let name = name_of(self.is_behind_tls);
        [(
            header::SET_COOKIE,
            format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{end}"),
        )]
    }

    // A new session, whatever the visitor came with, which ends with that.
    fn welcome(&self, headers: &HeaderMap, name: &str, role: Role) -> Response {
        if let Some(before) = cookie_in(headers, self.is_behind_tls) {
            self.sessions.end(before);
        }
        let token = self.sessions.begin(name, role, self.clock.now());
        tracing::info!(visitor = name, role = role.as_str(), "signed in");
        (self.cookie(&token, ""), Redirect::to("bin/overview")).into_response()
    }
}

async fn form(State(house): State<Arc<House>>) -> Response {
    match house.sign_in {
        SignIn::Users(_) => sign_in_page(None).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn sign_in(State(house): State<Arc<House>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let SignIn::Users(users) = house.sign_in.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(bytes) = to_bytes(body, LARGEST_FORM).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let fields = Fields::read(&bytes);
    let (Some(name), Some(password)) = (fields.one("name"), fields.one("password")) else {
        return (
            StatusCode::FORBIDDEN,
            sign_in_page(Some("Give a name and a password.")),
        )
            .into_response();
    };
    if !house.throttle.lets(name, house.clock.now()) {
        tracing::warn!(visitor = name, "too many wrong passwords");
        let page = sign_in_page(Some("Too many attempts: wait a minute."));
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")], page).into_response();
    }
    // It is meant to take long.
    let (name, password) = (name.to_owned(), password.to_owned());
    let asked = name.clone();
    let checked = tokio::task::spawn_blocking(move || users.check(&asked, &password)).await;
    if let Ok(Some(role)) = checked {
        return house.welcome(&parts.headers, &name, role);
    }
    house.throttle.wrong(&name, house.clock.now());
    tracing::warn!(visitor = name, "a wrong password");
    let page = sign_in_page(Some("Name and password do not belong together."));
    (StatusCode::FORBIDDEN, page).into_response()
}

// A link changes nothing: whoever follows it says so.
async fn before_entering(State(house): State<Arc<House>>, request: Request) -> Response {
    let fields = Fields::read(request.uri().query().unwrap_or_default().as_bytes());
    let (SignIn::Link, Some(key)) = (&house.sign_in, fields.one("key")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content = html! {
        p { "This link lets you in once, on this machine." }
        form method="post" action="enter" {
            input type="hidden" name="key" value=(key);
            button.main { "Enter" }
        }
    };
    pages::bare("Recycle bin", &content).into_response()
}

async fn enter(State(house): State<Arc<House>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_FORM).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let fields = Fields::read(&bytes);
    let key = fields.one("key").unwrap_or_default();
    if matches!(house.sign_in, SignIn::Link) && house.sessions.takes(key, house.clock.now()) {
        return house.welcome(&parts.headers, "administrator", Role::Administrator);
    }
    (StatusCode::FORBIDDEN, closed().await).into_response()
}

async fn sign_out(State(house): State<Arc<House>>, request: Request) -> Response {
    if let Some(token) = cookie_in(request.headers(), house.is_behind_tls) {
        house.sessions.end(token);
    }
    let leads_to = match house.sign_in {
        SignIn::Users(_) => "sign-in",
        SignIn::Link => "closed",
        SignIn::Nobody => "bin/overview",
    };
    (house.cookie("", "; Max-Age=0"), Redirect::to(leads_to)).into_response()
}

async fn closed() -> Markup {
    pages::bare(
        "Closed",
        &html! { p { "The link is used, or its time is over: whoever started the program starts it again for another one." } },
    )
}

fn sign_in_page(problem: Option<&str>) -> Markup {
    let content = html! {
        @if let Some(problem) = problem { div.notice.bad role="alert" { (problem) } }
        form.confirm method="post" action="sign-in" {
            label { "Name" input type="text" name="name" autocomplete="username" required; }
            label { "Password" input type="password" name="password" autocomplete="current-password" required; }
            div.actions { button.main { "Sign in" } }
        }
    };
    pages::bare("Sign in", &content)
}
