//! The pages without an application: who comes in, and for how long.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use chrono::TimeDelta;
use http_body_util::BodyExt;
use soft_delete::{Clock, FixedClock, SystemClock};
use soft_delete_admin::alone::{Alone, SignIn, Users, hash};
use tower::ServiceExt;

use crate::site::{Answer, Site, registry};

const PASSWORD: &str = "correct horse";

/// A browser: it keeps the cookie.
struct Browser {
    app: Router,
    cookie: String,
}

impl Browser {
    fn at(app: &Router) -> Self {
        Self {
            app: app.clone(),
            cookie: String::new(),
        }
    }

    async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            cookie
                .split(';')
                .next()
                .expect("a pair")
                .clone_into(&mut self.cookie);
        }
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).expect("text"),
        }
    }

    async fn get(&mut self, page: &str) -> Answer {
        let request = Request::get(format!("/{page}")).header(header::COOKIE, &self.cookie);
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    async fn post(&mut self, page: &str, form: &str) -> Answer {
        let request = Request::post(format!("/{page}"))
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(form.to_owned()));
        self.send(request.expect("a request")).await
    }

    async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.post(
            "sign-in",
            &format!("name={name}&password={}", password.replace(' ', "+")),
        )
        .await
    }
}

fn users() -> Users {
    let hash = hash(PASSWORD).expect("a hash");
    let lines = ["viewer", "restorer", "administrator"].map(|role| format!("{role}:{role}:{hash}"));
    Users::read(&lines.join("\n")).expect("users")
}

fn with_users(site: &Site, clock: &FixedClock) -> Router {
    let alone = Alone::new(SignIn::Users(users())).clock(clock.clone());
    alone.into_router(site.source(), registry())
}

fn now() -> FixedClock {
    FixedClock::at(SystemClock.now())
}

/// Who is not signed in sees the door and nothing else; who is may do what the role says.
#[tokio::test]
async fn roles_may_what_they_may() {
    let site = Site::new();
    site.act("ann/admin", "act=delete&id=1&id=2").await;
    let app = with_users(&site, &now());
    let mut stranger = Browser::at(&app);
    for page in [
        "bin",
        "bin/overview",
        "bin/records?model=leads",
        "bin/audit",
        "bin/nowhere",
    ] {
        let answer = stranger.get(page).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, "../sign-in"),
            "{page}"
        );
    }
    assert!(stranger.get("sign-in").await.body.contains("type=\"password\""));
    assert_eq!(
        stranger
            .post("bin/act", "act=restore&model=leads&id=1")
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(site.active(), [3, 4]);
    for (role, restored) in [("viewer", false), ("restorer", true), ("administrator", true)] {
        let mut browser = Browser::at(&app);
        assert_eq!(browser.sign_in(role, PASSWORD).await.location(), "bin/overview");
        let page = browser.get("bin/records?model=leads&show=all").await;
        assert!(
            page.status == StatusCode::OK && page.body.contains(role) && page.body.contains("Sign out"),
            "{role}"
        );
        let token = page
            .body
            .split("name=\"token\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a token");
        let done = browser
            .post("bin/act", &format!("token={token}&model=leads&act=restore&id=1"))
            .await;
        assert_eq!(done.status == StatusCode::SEE_OTHER, restored, "{role}");
        let removed = browser
            .post(
                "bin/act",
                &format!("token={token}&model=leads&act=force&id=2&reason=x&typed=leads"),
            )
            .await;
        assert_eq!(
            removed.status == StatusCode::SEE_OTHER,
            role == "administrator",
            "{role}"
        );
    }
    assert_eq!((site.active(), site.there()), (vec![1, 3, 4], vec![1, 3, 4]));
}

/// A session begins anew at each signing in, and is over when it was left, not used, or too long.
#[tokio::test]
async fn sessions_begin_and_end() {
    let site = Site::new();
    let clock = now();
    let app = with_users(&site, &clock);
    let mut browser = Browser::at(&app);
    // A token that somebody else has chosen is none, before and after.
    browser.cookie = "soft_delete_session=chosen".to_owned();
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::SEE_OTHER);
    let signed_in = browser.sign_in("viewer", PASSWORD).await;
    let cookie = signed_in.headers[header::SET_COOKIE]
        .to_str()
        .expect("text")
        .to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(browser.cookie.len() > 60 && browser.cookie != "soft_delete_session=chosen");
    let first = browser.cookie.clone();
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::OK);
    // Signing in once more ends the session before.
    browser.sign_in("viewer", PASSWORD).await;
    let second = std::mem::replace(&mut browser.cookie, first);
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::SEE_OTHER);
    browser.cookie.clone_from(&second);
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::OK);
    let out = browser.post("sign-out", "").await;
    assert_eq!(out.location(), "sign-in");
    browser.cookie = second;
    assert_eq!(
        browser.get("bin/overview").await.status,
        StatusCode::SEE_OTHER,
        "it is over at the server as well"
    );
    // Not used for half an hour.
    browser.sign_in("viewer", PASSWORD).await;
    clock.advance(TimeDelta::minutes(29));
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::OK);
    clock.advance(TimeDelta::minutes(30));
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::SEE_OTHER);
}

/// Wrong passwords tell nothing, and soon take long; other sites cannot sign anybody in.
#[tokio::test]
async fn guessing_does_not_pay() {
    let site = Site::new();
    let clock = now();
    let app = with_users(&site, &clock);
    let mut browser = Browser::at(&app);
    let wrong = browser.sign_in("viewer", "wrong horse").await;
    let unknown = browser.sign_in("nobody", "wrong horse").await;
    assert_eq!(
        (wrong.status, &wrong.body),
        (StatusCode::FORBIDDEN, &unknown.body)
    );
    for _ in 0..4 {
        browser.sign_in("viewer", "wrong horse").await;
    }
    let refused = browser.sign_in("viewer", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        browser.sign_in("restorer", PASSWORD).await.status,
        StatusCode::SEE_OTHER,
        "others are let in"
    );
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(
        browser.sign_in("viewer", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    let foreign = Request::post("/sign-in")
        .header(header::HOST, "example.org")
        .header(header::ORIGIN, "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!(
            "name=viewer&password={}",
            PASSWORD.replace(' ', "+")
        )));
    let mut elsewhere = Browser::at(&app);
    assert_eq!(
        elsewhere.send(foreign.expect("a request")).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(elsewhere.cookie.is_empty());
    let large = "x".repeat(5_000);
    assert_eq!(
        browser.sign_in(&large, "x").await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

/// A link lets in once, and only who says so: following it does nothing.
#[tokio::test]
async fn a_link_lets_in_once() {
    let site = Site::new();
    let alone = Alone::new(SignIn::Link);
    let link = alone.link();
    let app = alone.into_router(site.source(), registry());
    let mut browser = Browser::at(&app);
    assert_eq!(browser.get("bin/overview").await.location(), "../closed");
    for _ in 0..2 {
        assert_eq!(browser.get(&link).await.status, StatusCode::OK);
    }
    assert_eq!(browser.get("bin/overview").await.location(), "../closed");
    let key = link.split_once("key=").expect("a key").1;
    assert_eq!(
        browser.post("enter", "key=other").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        browser.post("enter", &format!("key={key}")).await.location(),
        "bin/overview"
    );
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::OK);
    let mut second = Browser::at(&app);
    assert_eq!(
        second.post("enter", &format!("key={key}")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(second.get("sign-in").await.status, StatusCode::NOT_FOUND);
}

/// Behind TLS the cookie is for that alone; without sign-in everybody at the address is inside.
#[tokio::test]
async fn ways_to_be_reached() {
    let site = Site::new();
    let app = Alone::new(SignIn::Users(users()))
        .behind_tls(true)
        .into_router(site.source(), registry());
    let mut browser = Browser::at(&app);
    let signed_in = browser.sign_in("viewer", PASSWORD).await;
    let cookie = signed_in.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(
        cookie.starts_with("__Host-soft_delete_session=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    assert_eq!(browser.get("bin/overview").await.status, StatusCode::OK);
    for page in ["sign-in", "closed", "style.css", "nowhere"] {
        let policy = browser
            .get(page)
            .await
            .headers
            .get("content-security-policy")
            .cloned();
        assert!(policy.is_some(), "{page}");
    }
    let open = Alone::new(SignIn::Nobody).into_router(site.source(), registry());
    let mut anybody = Browser::at(&open);
    assert_eq!(anybody.get("").await.location(), "bin/overview");
    assert_eq!(anybody.get("bin/overview").await.status, StatusCode::OK);
}
