//! What all pages have around them.

use maud::{DOCTYPE, Markup, html};

use crate::{desk::Asked, source::Source};

/// Where a page is in the menu.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Records,
    Operations,
    Runs,
    Holds,
    Audit,
}

const MENU: [(Place, &str, &str); 6] = [
    (Place::Overview, "overview", "Overview"),
    (Place::Records, "records", "Records"),
    (Place::Operations, "operations", "Operations"),
    (Place::Runs, "runs", "Cleanups"),
    (Place::Holds, "holds", "Holds"),
    (Place::Audit, "audit", "Audit"),
];

/// A page for somebody, with the menu of what they may see.
pub(super) fn page<S: Source>(asked: &Asked<S>, place: Place, title: &str, content: &Markup) -> Markup {
    document(title, &header(asked, place), None, content)
}

/// The same, which leads on to another page at once.
pub(super) fn page_leading_on<S: Source>(
    asked: &Asked<S>,
    place: Place,
    title: &str,
    to: &str,
    content: &Markup,
) -> Markup {
    document(title, &header(asked, place), Some(to), content)
}

fn header<S: Source>(asked: &Asked<S>, place: Place) -> Markup {
    // What is told of the whole is for those who see all of it.
    let sees_everything = asked.sees_everything();
    let menu = MENU
        .into_iter()
        .filter(|(place, ..)| matches!(place, Place::Overview | Place::Records) || sees_everything);
    html! {
        header {
            div {
                strong { "Recycle bin" }
                nav aria-label="Pages" {
                    ul {
                        @for (key, (at, link, name)) in (1..).zip(menu) {
                            li { a href=(link) accesskey=(key) aria-current=[(at == place).then_some("page")] { (name) } }
                        }
                    }
                }
                span.who { (asked.visitor.name()) }
                @if let Some(address) = asked.desk.sign_out {
                    form method="post" action=(address) { button { "Sign out" } }
                }
            }
        }
    }
}

/// A page without a menu.
pub(crate) fn bare(title: &str, content: &Markup) -> Markup {
    document(title, &html! {}, None, content)
}

fn document(title: &str, header: &Markup, leads_to: Option<&str>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                @if let Some(to) = leads_to { meta http-equiv="refresh" content={ "0; url=" (to) }; }
                title { (title) " · Recycle bin" }
                link rel="stylesheet" href="style.css";
                script src="script.js" defer {}
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (header)
                main id="content" {
                    h1 { (title) }
                    (content)
                }
            }
        }
    }
}
