//! What other sites, strangers' texts and strange requests can do: nothing.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};

use crate::site::Site;

const ADMIN: &str = "ann/admin";

const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", "default-src 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// Every answer has them, errors included.
#[tokio::test]
async fn headers_are_on_every_answer() {
    let site = Site::new();
    for (who, page) in [
        (ADMIN, "overview"),
        (ADMIN, "records?model=leads"),
        (ADMIN, "records?model=none"),
        (ADMIN, "record?model=leads&id=1"),
        (ADMIN, "record?model=leads&id=x"),
        (ADMIN, "operations"),
        (ADMIN, "runs"),
        (ADMIN, "holds"),
        (ADMIN, "audit"),
        (ADMIN, "audit.csv"),
        (ADMIN, "audit.jsonl?action=none"),
        (ADMIN, "nowhere"),
        (ADMIN, "act"),
        ("eve/guest", "records?model=leads"),
    ] {
        let answer = site.get(who, page).await;
        for (name, value) in HEADERS {
            let found = answer
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            assert!(found.starts_with(value), "{page} {name}: {found}");
        }
    }
    for asset in ["style.css", "script.js"] {
        let answer = site.get(ADMIN, asset).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
    let page = site.get(ADMIN, "overview").await.body;
    assert!(
        !page.contains("style=\"") && !page.contains("onclick") && !page.contains("<script>"),
        "{page}"
    );
}

/// Looking changes nothing, whatever the address says; other methods are none.
#[tokio::test]
async fn looking_changes_nothing() {
    let site = Site::new();
    site.act(ADMIN, "act=delete&id=2").await;
    let before = (site.active(), site.there());
    for page in [
        "act?act=restore&model=leads&id=2",
        "confirm?act=force&model=leads&id=2",
        "records?act=restore&model=leads&id=2",
    ] {
        site.get(ADMIN, page).await;
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
        for page in ["overview", "act", "records"] {
            let request = Request::builder()
                .method(method.clone())
                .uri(format!("/bin/{page}"))
                .header("x-who", ADMIN)
                .header("sec-fetch-site", "same-origin")
                .body(Body::from("act=restore&model=leads&id=2"))
                .expect("a request");
            assert_eq!(
                site.send(request).await.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {page}"
            );
        }
    }
    assert_eq!((site.active(), site.there()), before);
}

/// A form counts if it comes from this site, and is of this session; both are asked.
#[tokio::test]
async fn forms_are_of_this_site_and_session() {
    let site = Site::new();
    site.act(ADMIN, "act=delete&id=2").await;
    let token = site.token(ADMIN, "leads").await;
    let of_another = site.token("bob/admin", "leads").await;
    let form = |token: &str| format!("token={token}&model=leads&act=restore&id=2");
    for (what, origin, fetch, token) in [
        (
            "another site",
            "https://evil.example",
            "cross-site",
            token.as_str(),
        ),
        ("another site that hides it", "https://evil.example", "", &token),
        ("a sibling", "https://shop.example.org", "same-site", &token),
        ("nobody's", "null", "", &token),
        ("no token", "https://example.org", "same-origin", ""),
        (
            "a token of another session",
            "https://example.org",
            "same-origin",
            &of_another,
        ),
        (
            "a token that was changed",
            "https://example.org",
            "same-origin",
            &token[..token.len() - 1],
        ),
        ("neither header and no token", "", "", ""),
    ] {
        let mut request = Request::post("/bin/act")
            .header("x-who", ADMIN)
            .header(header::HOST, "example.org");
        if !origin.is_empty() {
            request = request.header(header::ORIGIN, origin);
        }
        if !fetch.is_empty() {
            request = request.header("sec-fetch-site", fetch);
        }
        let answer = site
            .send(request.body(Body::from(form(token))).expect("a request"))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
        assert_eq!(site.active(), [1, 3, 4], "{what}");
    }
    assert_eq!(
        site.post(ADMIN, "act", &form(&token)).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(site.active(), [1, 2, 3, 4]);
}

/// Fifty texts that would be more than text, in everything that is shown.
#[tokio::test]
async fn texts_are_texts() {
    let site = Site::new();
    let texts = hostile();
    assert_eq!(texts.len(), 50);
    for (number, text) in texts.iter().enumerate() {
        let id = 1_000 + number;
        let quoted = text.replace('\'', "''").replace('\0', "");
        site.sql(&format!(
            "INSERT INTO leads (id, tenant_id, full_name, deleted_at, deleted_by, deletion_reason) VALUES ({id}, 7, '{quoted}', '2026-01-15 12:00:00', '{quoted}', '{quoted}')"
        ));
        site.sql(&format!(
            "INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, reason, at, root) VALUES ('018cc251-f400-7000-8000-{id:012}', 'soft_delete', 'leads', '{id}', '{quoted}', '{quoted}', '2026-01-15 12:00:00', 1)"
        ));
        site.sql(&format!(
            "INSERT INTO soft_delete_holds (id, model, record_id, reason, actor, placed_at) VALUES ('018cc251-f400-7000-9000-{id:012}', 'leads', '{id}', '{quoted}', '{quoted}', '2026-01-15 12:00:00')"
        ));
        for page in [
            format!("record?model=leads&id={id}"),
            format!("records?model=leads&id={}", encoded(text)),
            format!("records?model={}", encoded(text)),
            format!("records?model=leads&label={}", encoded(text)),
            format!("records?model=leads&show={}", encoded(text)),
            format!("records?model=leads&done={}", encoded(text)),
            format!("audit?by={}&action={}", encoded(text), encoded(text)),
            format!("records?model=leads&after={}", encoded(text)),
        ] {
            assert_harmless(&page, &site.get(ADMIN, &page).await.body);
        }
        assert_harmless(
            "the visitor",
            &site
                .get(&format!("{}/admin", encoded(text)), "overview")
                .await
                .body,
        );
    }
    for page in ["records?model=leads&size=200", "holds", "audit", "operations"] {
        let body = site.get(ADMIN, page).await.body;
        assert_harmless(page, &body);
        assert!(body.contains("&lt;script&gt;"), "{page} shows them as text");
    }
}

// Every tag is one that the pages have themselves, and no attribute holds code.
fn assert_harmless(page: &str, body: &str) {
    const TAGS: [&str; 48] = [
        "!DOCTYPE",
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "a",
        "header",
        "div",
        "strong",
        "nav",
        "ul",
        "li",
        "span",
        "main",
        "h1",
        "h2",
        "p",
        "form",
        "label",
        "input",
        "select",
        "option",
        "datalist",
        "button",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "time",
        "dl",
        "dt",
        "dd",
        "br",
        "section",
        "svg",
        "rect",
        "text",
        "g",
        "figure",
        "figcaption",
        "details",
        "summary",
        "progress",
    ];
    for tag in body.split('<').skip(1) {
        let name = tag
            .trim_start_matches('/')
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '!'))
            .next()
            .unwrap_or_default();
        assert!(TAGS.contains(&name), "{page}: <{tag}");
    }
    assert_eq!(body.matches("<script").count(), 1, "{page}");
    for code in ["javascript:", " onerror=", " onload="] {
        let bare = body.split('<').skip(1).filter_map(|tag| tag.split('>').next());
        assert!(
            bare.into_iter().all(|tag| !outside_quotes(tag).contains(code)),
            "{page}: {code}"
        );
    }
    assert!(!body.contains("href=\"javascript:"), "{page}");
}

fn outside_quotes(tag: &str) -> String {
    tag.split('"').step_by(2).collect::<Vec<_>>().join("\"")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |done, byte| format!("{done}%{byte:02X}"))
}

fn hostile() -> Vec<String> {
    let bare = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "' onmouseover='alert(1)",
        "\" autofocus onfocus=\"alert(1)",
        "javascript:alert(1)",
        "</textarea><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "<!--<script>alert(1)</script>-->",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<iframe src=javascript:alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<style>@import'//evil.example'</style>",
        "<base href=//evil.example>",
        "<meta http-equiv=refresh content=0;url=//evil.example>",
        "{{7*7}}",
        "${7*7}",
        "<form action=//evil.example><button>",
        "\u{202e}gnp.exe",
        "a\r\nSet-Cookie: x=1",
        "=cmd|' /C calc'!A0",
        "<object data=//evil.example>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "';DROP TABLE leads;--",
        "%3Cscript%3Ealert(1)%3C/script%3E",
    ];
    let doubled = bare.iter().map(|text| format!("x {text} \u{1f600}"));
    bare.iter()
        .map(|text| (*text).to_owned())
        .chain(doubled)
        .collect()
}

/// Requests that ask for too much, or for nonsense, get a small answer.
#[tokio::test]
async fn too_much_is_refused() {
    let site = Site::new();
    let token = site.token(ADMIN, "leads").await;
    let large = format!(
        "token={token}&model=leads&act=delete&reason={}",
        "x".repeat(300_000)
    );
    assert_eq!(
        site.post(ADMIN, "act", &large).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let many: String = (0..1_001).fold(String::new(), |done, id| format!("{done}&id={id}"));
    for page in ["act", "confirm"] {
        let answer = site
            .post(
                ADMIN,
                page,
                &format!("token={token}&model=leads&act=delete{many}"),
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    }
    let long = format!("act=delete&id=1&reason={}", "x".repeat(2_001));
    assert_eq!(
        site.act(ADMIN, &long).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(site.active(), [1, 2, 3, 4]);
    for page in [
        "records?model=leads&size=1000000000",
        "records?model=leads&size=-1",
        "runs?size=0",
        "audit?before=-9223372036854775808",
        "operations?after=x",
    ] {
        assert_eq!(site.get(ADMIN, page).await.status, StatusCode::OK, "{page}");
    }
    for page in [
        "records?model=leads&after=~~~",
        "records?model=leads&since=yesterday",
        "records?model=leads&show=none",
        "records?model=leads&operation=7",
        "records?model=leads&id=one",
    ] {
        assert_eq!(
            site.get(ADMIN, page).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{page}"
        );
    }
}

/// A form that never arrives is not waited for.
#[tokio::test(start_paused = true)]
async fn what_is_slow_is_refused() {
    struct Never;
    impl http_body::Body for Never {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
    let site = Site::new();
    for page in ["act", "confirm", "clean", "undo", "api/v1/act", "api/v1/undo"] {
        let request = Request::post(format!("/bin/{page}"))
            .header("x-who", ADMIN)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::new(Never));
        let since = tokio::time::Instant::now();
        let answer = site.send(request.expect("a request")).await;
        assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{page}");
        assert!(since.elapsed() < std::time::Duration::from_secs(30), "{page}");
    }
    assert_eq!(site.active(), [1, 2, 3, 4]);
}

/// What fails says so, by a number, and nothing of the database.
#[tokio::test]
async fn failures_tell_nothing() {
    let site = Site::new();
    site.sql("ALTER TABLE leads RENAME TO elsewhere");
    let failed = site.get(ADMIN, "records?model=leads").await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    for word in ["no such table", "SELECT", "sqlite", "SQL"] {
        assert!(!failed.body.contains(word), "{word}: {}", failed.body);
    }
}
