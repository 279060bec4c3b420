//! Who is signed in. A real application has this already, and better: passwords are hashed, sessions end by themselves.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use crate::Crm;

const COOKIE: &str = "crm_session";

/// Whoever has signed in; an extension of each of their requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: &'static str,
    pub is_admin: bool,
    pub session: Uuid,
}

/// The sessions of this process.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<HashMap<Uuid, User>>>);

impl Sessions {
    /// A new session for whoever knows a password, with the cookie for it.
    pub fn sign_in(&self, name: &str, password: &str) -> Option<HeaderValue> {
        let known = [("support", false), ("admin", true)];
        let (name, is_admin) = known
            .into_iter()
            .find(|(known, _)| *known == name && *known == password)?;
        let session = Uuid::new_v4();
        let user = User {
            name,
            is_admin,
            session,
        };
        self.known().insert(session, user);
        cookie(&session.to_string(), "")
    }

    /// Ends a session, with a cookie that forgets it.
    pub fn sign_out(&self, user: &User) -> Option<HeaderValue> {
        self.known().remove(&user.session);
        cookie("", "; Max-Age=0")
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Uuid, User>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// On a machine of its own, behind TLS, it is `__Host-` and `Secure` as well.
fn cookie(value: &str, end: &str) -> Option<HeaderValue> {
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict{end}")
        .parse()
        .ok()
}

/// Tells each request whose it is.
pub async fn recognise(State(crm): State<Crm>, mut request: Request, next: Next) -> Response {
    let user = session_of(request.headers()).and_then(|session| crm.sessions.known().get(&session).cloned());
    if let Some(user) = user {
        request.extensions_mut().insert(user);
    }
    next.run(request).await
}

fn session_of(headers: &HeaderMap) -> Option<Uuid> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE)?.1.parse().ok()
}
