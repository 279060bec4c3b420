//! The journey of the example, without a browser.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use diesel::r2d2::{ConnectionManager, Pool};
use http_body_util::BodyExt;
use soft_delete::Scheduler;
use std::time::Duration;
use tower::ServiceExt;

use crate::{app, model};

struct Browser {
    app: Router,
    cookie: String,
}

impl Browser {
    async fn send(&mut self, request: Request<Body>) -> (StatusCode, String, String) {
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        let header = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let (status, location, cookie) = (
            response.status(),
            header(header::LOCATION),
            header(header::SET_COOKIE),
        );
        if let Some((pair, _)) = cookie.split_once(';') {
            pair.clone_into(&mut self.cookie);
        }
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (status, location, String::from_utf8(bytes.to_vec()).expect("text"))
    }

    async fn get(&mut self, page: &str) -> String {
        let request = Request::get(page)
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty());
        self.send(request.expect("a request")).await.2
    }

    async fn post(&mut self, page: &str, form: &str) -> (StatusCode, String) {
        let request = Request::post(page)
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        let (status, location, _) = self.send(request.expect("a request")).await;
        (status, location)
    }
}

/// Signs in, deletes a lead with a reason, finds it in the bin and restores it, with its callbacks.
#[tokio::test]
async fn deleted_and_restored() {
    let file = std::env::temp_dir().join(format!("soft-delete-crm-test-{}.sqlite", std::process::id()));
    let connections = Pool::builder()
        .max_size(2)
        .connection_customizer(Box::new(model::Settings))
        .build(ConnectionManager::new(file.display().to_string()))
        .expect("a pool");
    model::prepare(&mut connections.get().expect("a connection")).expect("tables");
    let hourly = Scheduler::every(&model::registry(), Duration::from_secs(3_600)).expect("a schedule");
    let timetable = hourly.timetable();
    let mut browser = Browser {
        app: app(connections, timetable),
        cookie: String::new(),
    };
    assert!(browser.get("/").await.contains("Password"));
    let slash = Request::get("/admin/bin/").body(Body::empty());
    let (moved, to, _) = browser.send(slash.expect("a request")).await;
    assert_eq!((moved, to.as_str()), (StatusCode::SEE_OTHER, "/admin/bin"));
    assert_eq!(
        browser.post("/delete", "id=1&reason=x").await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        browser.post("/sign-in", "name=support&password=wrong").await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        browser.post("/sign-in", "name=support&password=support").await.0,
        StatusCode::SEE_OTHER
    );
    assert!(browser.get("/").await.contains("Ada Lovelace"));
    browser.post("/delete", "id=1&reason=asked+to").await;
    let leads = browser.get("/").await;
    assert!(
        !leads.contains("Ada Lovelace") && leads.contains("Charles Babbage"),
        "{leads}"
    );
    let bin = browser.get("/admin/bin/records?model=leads").await;
    assert!(bin.contains("Ada Lovelace") && bin.contains("asked to"), "{bin}");
    let record = browser.get("/admin/bin/record?model=leads&id=1").await;
    assert!(
        record.contains("2 of callbacks") && !record.contains("Remove for good"),
        "{record}"
    );
    let token = record
        .split("name=\"token\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a token");
    let form = format!("token={token}&model=leads&act=restore&id=1");
    assert_eq!(
        browser.post("/admin/bin/act", &form).await.0,
        StatusCode::SEE_OTHER
    );
    let leads = browser.get("/").await;
    assert!(
        leads.contains("Ada Lovelace") && leads.contains("Notes on the engine"),
        "{leads}"
    );
    assert_eq!(browser.post("/sign-out", "").await.1, "/");
    assert!(
        browser
            .get("/admin/bin/overview")
            .await
            .contains("You may not do this")
    );
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
}
