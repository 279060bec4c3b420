//! What stands before every page and behind every answer.

use std::time::Duration;

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, header},
};
use tokio::time::timeout;
use tower_http::{csrf::CsrfLayer, set_header::SetResponseHeaderLayer};

use crate::{desk::Asked, fields::Fields, refusal::Refusal, source::Source};

/// A thousand keys and a reason fit; nothing else has to.
const LARGEST_FORM: usize = 256 * 1_024;

/// Even a slow line brings a form in this time.
const LONGEST_ARRIVAL: Duration = Duration::from_secs(20);

/// Nothing but what this router serves, and nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// Adds the headers of every answer, errors included, and refuses what comes from other sites.
pub(crate) fn around(router: Router) -> Router {
    let router = router.layer(CsrfLayer::new());
    HEADERS.into_iter().fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::if_not_present(
            name,
            HeaderValue::from_static(value),
        ))
    })
}

/// The fields of a form that was made for this session, instead of those of the address.
pub(crate) async fn form<S: Source>(mut asked: Asked<S>, request: Request) -> Result<Asked<S>, Refusal> {
    let bytes = arrived(request, "The form is too large.").await?;
    asked.fields = Fields::read(&bytes);
    signed(asked)
}

/// The same for a JSON object, whose lists are fields that come several times.
pub(crate) async fn document<S: Source>(mut asked: Asked<S>, request: Request) -> Result<Asked<S>, Refusal> {
    let is_json = |value: &HeaderValue| value.as_bytes().starts_with(b"application/json");
    if !request.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return Err(Refusal::BadInput("Send application/json.".to_owned()));
    }
    let bytes = arrived(request, "The document is too large.").await?;
    let fields = serde_json::from_slice(&bytes)
        .ok()
        .and_then(|value| Fields::of_json(&value));
    asked.fields = fields.ok_or_else(|| {
        Refusal::BadInput("Send an object whose values are texts, numbers or lists of them.".to_owned())
    })?;
    signed(asked)
}

// All that was sent, if it is not too much and comes in time.
async fn arrived(request: Request, too_large: &str) -> Result<Bytes, Refusal> {
    let whole = to_bytes(request.into_body(), LARGEST_FORM);
    match timeout(LONGEST_ARRIVAL, whole).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Refusal::BadInput(too_large.to_owned())),
        Err(_) => Err(Refusal::TooSlow),
    }
}

// Whether they are of this session.
fn signed<S: Source>(asked: Asked<S>) -> Result<Asked<S>, Refusal> {
    let token = asked.fields.one("token").unwrap_or_default();
    if !asked
        .desk
        .secret
        .accepts(token, asked.visitor.session(), asked.now)
    {
        tracing::warn!(
            visitor = asked.visitor.name(),
            "a form of another session, or an old one"
        );
        return Err(Refusal::Stale);
    }
    Ok(asked)
}
