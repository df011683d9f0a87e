//! What every page has.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::asset;
use crate::web::access::Caller;
use crate::web::problem::Problem;

/// What stands around the content of a page.
pub struct Layout<'a> {
    /// What the page is.
    pub title: &'a str,
    /// The path of the entry that is marked in the menu.
    pub here: &'a str,
    /// Where what changes on this page comes from; none: nothing does.
    pub live: Option<String>,
    /// Who looks at it; none: nobody knows.
    pub caller: Option<&'a Caller>,
}

/// Entries of the menu.
const MENU: [(&str, &str); 3] = [
    ("/", "Environments"),
    ("/queue", "Queue and limits"),
    ("/audit", "What happened"),
];

impl Layout<'_> {
    /// A whole page.
    pub fn page(&self, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Boatyard" }
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href=(asset::style_path());
                    script src=(asset::script_path()) defer {}
                }
                body data-live=[self.live.as_deref()] {
                    a.skip href="#content" { "Skip to the content" }
                    header {
                        a.name href="/" { "Boatyard" }
                        nav aria-label="Pages" {
                            @for (path, name) in MENU {
                                a href=(path) aria-current=[(path == self.here).then_some("page")] { (name) }
                            }
                        }
                        (self.who())
                    }
                    main #content tabindex="-1" { (content) }
                    p #said .said role="status" aria-live="polite" {}
                }
            }
        }
    }

    fn who(&self) -> Markup {
        let known = self.caller.filter(|caller| caller.is_known());
        html! {
            div.who {
                @if let Some(caller) = known {
                    form method="post" action="/logout" {
                        span { (caller.name) } " "
                        button.plain type="submit" { "Log out" }
                    }
                } @else {
                    a href="/login" { "Log in" }
                }
            }
        }
    }
}

/// Headers of every page: nothing is loaded from anywhere else, nothing is framed, no script stands in the page.
pub fn security() -> [(&'static str, &'static str); 4] {
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
                  base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ]
}

/// A page that says what went wrong.
pub fn problem_page(problem: &Problem, caller: Option<&Caller>) -> Response {
    let title = problem.status.canonical_reason().unwrap_or("Problem");
    let layout = Layout {
        title,
        here: "",
        live: None,
        caller,
    };
    let content = html! {
        h1 { (title) }
        p.error role="alert" { (problem.detail) }
        @if let Some(help) = &problem.help { p { (help) } }
        p { a href="/" { "All environments" } }
    };
    (problem.status, security(), layout.page(&content)).into_response()
}

/// A page that went well.
pub fn fine(page: Markup) -> Response {
    (StatusCode::OK, security(), page).into_response()
}
