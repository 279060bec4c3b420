//! The same for programs: with the same rights, as it is described.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const ADMIN: &str = "ann/admin";

impl Site {
    pub(crate) async fn api(&self, who: &str, page: &str) -> (StatusCode, Value) {
        let answer = self.get(who, &format!("api/v1/{page}")).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json", "{page}");
        (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
    }

    async fn send_json(&self, who: &str, page: &str, document: &Value) -> Answer {
        let request = Request::post(format!("/bin/api/v1/{page}"))
            .header("x-who", who)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(document.to_string()));
        self.send(request.expect("a request")).await
    }

    async fn do_json(&self, who: &str, page: &str, mut document: Value) -> (StatusCode, Value) {
        let (_, session) = self.api(who, "session").await;
        document["token"] = session["token"].clone();
        let answer = self.send_json(who, page, &document).await;
        (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
    }
}

/// What the pages do, a program does: delete, find, look, restore, take back.
#[tokio::test]
async fn the_journey_of_a_program() {
    let site = Site::new();
    let delete = json!({ "act": "delete", "model": "leads", "id": [1, "2"], "reason": "asked to" });
    let done = site.do_json(ADMIN, "act", delete).await;
    assert_eq!(
        done,
        (
            StatusCode::OK,
            json!({ "act": "delete", "model": "leads", "rows": 2, "missed": 0 })
        )
    );
    let (_, models) = site.api(ADMIN, "models").await;
    assert_eq!(models["models"][0]["figures"]["deleted"], 2);
    assert_eq!(models["models"][0]["may"].as_array().expect("a list").len(), 6);
    let (_, page) = site
        .api(ADMIN, "records?model=leads&size=1&reason_has=asked")
        .await;
    let next = page["next"].as_str().expect("a next page");
    let (_, rest) = site
        .api(
            ADMIN,
            &format!("records?model=leads&size=1&after={}", next.replace('%', "%25")),
        )
        .await;
    let both = [&page["records"][0]["label"], &rest["records"][0]["label"]];
    assert_eq!(
        (both, &rest["next"]),
        ([&json!("Grace"), &json!("Ada")], &Value::Null)
    );
    let (_, record) = site.api(ADMIN, "record?model=leads&id=1").await;
    assert_eq!(record["fields"]["tenant_id"], "7");
    assert_eq!(record["history"][0]["reason"], "asked to");
    assert_eq!(record["restore"]["models"].as_array().expect("a list").len(), 2);
    let (_, operations) = site.api(ADMIN, "operations").await;
    let operation = operations["operations"][0]["id"].clone();
    let restored = site
        .do_json(
            "sam/support",
            "act",
            json!({ "act": "restore", "model": "leads", "id": 2 }),
        )
        .await;
    assert_eq!(restored.1["rows"], 1);
    let undone = site
        .do_json(ADMIN, "undo", json!({ "operation": operation }))
        .await;
    assert_eq!(
        (undone.0, &undone.1["rows"]),
        (StatusCode::OK, &json!(2)),
        "the lead that is left, and its callback"
    );
    assert_eq!(site.active(), [1, 2, 3, 4]);
    let (_, audit) = site.api(ADMIN, "audit?by=sam").await;
    assert_eq!(audit["acts"][0]["action"], "restore");
    for list in ["runs", "holds"] {
        assert_eq!(site.api(ADMIN, list).await.1[list], json!([]), "{list}");
    }
}

/// The rights are those of the pages.
#[tokio::test]
async fn rights_are_the_same() {
    let site = Site::new();
    site.act(ADMIN, "act=delete&id=1&id=4&reason=secret").await;
    let act = |act: &str, id: i64| json!({ "act": act, "model": "leads", "id": [id], "reason": "x", "typed": "leads" });
    for refused in ["delete", "hold", "release", "force"] {
        let answer = site.do_json("sam/support", "act", act(refused, 1)).await;
        assert_eq!(answer.0, StatusCode::FORBIDDEN, "{refused}");
    }
    let tenant = "tina/admin/tenant-8";
    assert_eq!(site.do_json(tenant, "act", act("restore", 1)).await.1["rows"], 0);
    assert_eq!(site.do_json(tenant, "act", act("restore", 4)).await.1["rows"], 1);
    assert_eq!((site.active(), site.there()), (vec![2, 3, 4], vec![1, 2, 3, 4]));
    assert_eq!(
        site.api(tenant, "record?model=leads&id=1").await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        site.api(tenant, "models").await.1["models"][0]["figures"],
        Value::Null
    );
    for list in ["operations", "runs", "holds", "audit"] {
        let (status, error) = site.api(tenant, list).await;
        assert!(
            status == StatusCode::FORBIDDEN && error["error"].is_string(),
            "{list}"
        );
    }
    let discreet = site.api("dan/admin/discreet", "record?model=leads&id=1").await.1;
    assert_eq!(
        (&discreet["record"]["label"], discreet["fields"].get("full_name")),
        (&Value::Null, None)
    );
    assert_eq!(site.api("eve/guest", "models").await.1["models"], json!([]));
    let stranger = Request::get("/bin/api/v1/models")
        .body(Body::empty())
        .expect("a request");
    assert_eq!(site.send(stranger).await.status, StatusCode::FORBIDDEN);
}

/// What changes something is JSON of this session; nonsense is told in words.
#[tokio::test]
async fn documents_are_of_this_session() {
    let site = Site::new();
    site.act(ADMIN, "act=delete&id=2").await;
    let (_, session) = site.api("bob/admin", "session").await;
    let act = |token: &Value| json!({ "token": token, "act": "restore", "model": "leads", "id": [2] });
    for token in [json!(""), json!(null), session["token"].clone()] {
        assert_eq!(
            site.send_json(ADMIN, "act", &act(&token)).await.status,
            StatusCode::FORBIDDEN
        );
    }
    // A form of another site cannot be JSON, and this is asked.
    let (_, session) = site.api(ADMIN, "session").await;
    let simple = Request::post("/bin/api/v1/act")
        .header("x-who", ADMIN)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from(act(&session["token"]).to_string()));
    assert_eq!(
        site.send(simple.expect("a request")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    for nonsense in [
        json!([]),
        json!("x"),
        json!({ "id": [[1]] }),
        json!({ "id": { "a": 1 } }),
        json!({ "act": true }),
    ] {
        let answer = site.send_json(ADMIN, "act", &nonsense).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{nonsense}");
    }
    assert_eq!(site.active(), [1, 3, 4]);
}

/// Each path and method of the description is there, and nothing else is.
#[tokio::test]
async fn it_is_as_it_is_described() {
    let site = Site::new();
    let (_, description) = site.api(ADMIN, "openapi.json").await;
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 11);
    for (path, methods) in paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let described = methods.get(method.as_str().to_ascii_lowercase());
            let request = Request::builder()
                .method(method.clone())
                .uri(format!("/bin{path}?model=leads&id=1"))
                .header("x-who", ADMIN)
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from("{}"))
                .expect("a request");
            let answer = site.send(request).await;
            let is_there =
                answer.status != StatusCode::METHOD_NOT_ALLOWED && answer.status != StatusCode::NOT_FOUND;
            assert_eq!(is_there, described.is_some(), "{method} {path} {}", answer.status);
            let Some(described) = described else { continue };
            assert!(
                described["responses"].get(answer.status.as_str()).is_some(),
                "{method} {path} {}",
                answer.status
            );
            if answer.status == StatusCode::OK && !path.ends_with("openapi.json") {
                let told: Value = serde_json::from_str(&answer.body).expect("JSON");
                let schema =
                    &described["responses"]["200"]["content"]["application/json"]["schema"]["properties"];
                let names = |value: &Value| {
                    value
                        .as_object()
                        .expect("an object")
                        .keys()
                        .cloned()
                        .collect::<std::collections::BTreeSet<_>>()
                };
                assert_eq!(names(&told), names(schema), "{path}");
            }
        }
    }
}
