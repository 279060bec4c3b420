//! What stands before every page and behind every answer.

use axum::{
    Router,
    body::to_bytes,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
};
use tower_http::{csrf::CsrfLayer, set_header::SetResponseHeaderLayer};

use crate::{
    access::Access,
    desk::{Asked, Backend, Refusal},
    fields::Fields,
    source::Source,
};

/// A thousand keys and a reason fit; nothing else has to.
const LARGEST_FORM: usize = 256 * 1_024;

/// Nothing but what this router serves, and nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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
pub(crate) async fn form<S, A>(mut asked: Asked<S, A>, request: Request) -> Result<Asked<S, A>, Refusal>
where
    S: Source,
    A: Access<Backend<S>>,
{
    let bytes = to_bytes(request.into_body(), LARGEST_FORM)
        .await
        .map_err(|_| Refusal::BadInput("The form is too large.".to_owned()))?;
    asked.fields = Fields::read(&bytes);
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
