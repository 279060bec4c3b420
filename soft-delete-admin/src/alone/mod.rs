//! The pages without an application around them: who signs in, and what may be done then.

mod door;
mod sessions;
mod throttle;
mod users;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::HeaderMap,
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use soft_delete::{Clock, Registry, SystemClock};

pub use users::{BadUsers, Role, Users, hash};

use self::{
    sessions::{Sessions, SignedIn},
    throttle::Throttle,
};
use crate::{
    Admin, Parts, Source,
    access::{Access, Right, Visitor},
    guard,
};

/// Who may come in, and how.
#[derive(Debug, Clone)]
#[must_use = "it is for a router"]
pub enum SignIn {
    /// Whoever reaches the address is an administrator: for one's own machine.
    Nobody,
    /// Whoever has the link, once: [`Alone::link`].
    Link,
    /// These, with their passwords.
    Users(Users),
}

/// The pages by themselves, with a way to sign in.
#[must_use = "it is for a router"]
pub struct Alone {
    sign_in: SignIn,
    is_behind_tls: bool,
    clock: Arc<dyn Clock>,
    key: String,
}

/// What the door works with.
struct House {
    sign_in: SignIn,
    sessions: Sessions,
    throttle: Throttle,
    clock: Arc<dyn Clock>,
    is_behind_tls: bool,
}

impl Alone {
    /// Whoever signs in like this.
    pub fn new(sign_in: SignIn) -> Self {
        Self {
            sign_in,
            is_behind_tls: false,
            clock: Arc::new(SystemClock),
            key: sessions::random(),
        }
    }

    /// Whether readers come by HTTPS, through a proxy: cookies are then for HTTPS alone.
    pub fn behind_tls(self, is_behind_tls: bool) -> Self {
        Self {
            is_behind_tls,
            ..self
        }
    }

    /// The clock that ends sessions.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            ..self
        }
    }

    /// The end of the address that lets somebody in once, for [`SignIn::Link`].
    pub fn link(&self) -> String {
        format!("enter?key={}", self.key)
    }

    /// All of it: the door at `/`, the pages at `/bin`.
    pub fn into_router<S>(self, source: S, registry: Registry) -> Router
    where
        S: Source,
    {
        let house = Arc::new(House {
            sessions: Sessions::default(),
            throttle: Throttle::default(),
            sign_in: self.sign_in,
            clock: self.clock,
            is_behind_tls: self.is_behind_tls,
        });
        if matches!(house.sign_in, SignIn::Link) {
            house.sessions.keep_key(&self.key, house.clock.now());
        }
        let bin = Admin::new(source)
            .registry(registry)
            .access(Inside)
            .sign_out("../sign-out")
            .into_router()
            .layer(middleware::from_fn_with_state(Arc::clone(&house), let_in));
        let door = door::routes(house);
        guard::around(
            Router::new()
                .route("/", get(|| async { Redirect::to("bin/overview") }))
                .merge(door),
        )
        .nest("/bin", bin)
    }
}

// Who is not signed in is led to the door.
async fn let_in(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    let Some(signed_in) = house.signed_in(request.headers()) else {
        return Redirect::to(house.door()).into_response();
    };
    request.extensions_mut().insert(signed_in);
    next.run(request).await
}

impl House {
    fn signed_in(&self, headers: &HeaderMap) -> Option<SignedIn> {
        if matches!(self.sign_in, SignIn::Nobody) {
            return Some(SignedIn::anybody());
        }
        let token = door::cookie_in(headers, self.is_behind_tls)?;
        self.sessions.of(token, self.clock.now())
    }

    // As a page below `/bin` sees it.
    fn door(&self) -> &'static str {
        match self.sign_in {
            SignIn::Users(_) => "../sign-in",
            _ => "../closed",
        }
    }
}

/// Whoever is inside, by the role they came in with.
struct Inside;

impl<DB> Access<DB> for Inside {
    fn visitor(&self, request: &Parts) -> Option<Visitor> {
        let signed_in = request.extensions.get::<SignedIn>()?;
        let visitor = Visitor::new(&signed_in.name).in_session(&signed_in.session);
        Some(visitor.with_role(signed_in.role.as_str()))
    }

    fn may(&self, visitor: &Visitor, right: Right, _model: &str) -> bool {
        let role = |role: Role| visitor.has_role(role.as_str());
        match right {
            Right::See => true,
            Right::Restore => role(Role::Restorer) || role(Role::Administrator),
            _ => role(Role::Administrator),
        }
    }
}
