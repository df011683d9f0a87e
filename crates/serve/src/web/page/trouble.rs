//! What is in the way, for those who may do something about it.

use boatyard_preview::config::Scope;
use maud::{Markup, html};

use crate::trouble::Work;
use crate::web::access::Caller;
use crate::web::site::Site;

/// What is in the way of what the caller operates.
pub fn troubles(site: &Site, caller: &Caller) -> Markup {
    let concerns = |work: &Work| match work {
        Work::Watching(repository) => caller.may_in(Scope::Operate, repository),
        Work::Telling | Work::Answering | Work::Hearing => caller.may_everywhere(Scope::Operate),
    };
    let all = site.troubles().all();
    let mine: Vec<&String> = all
        .iter()
        .filter(|(work, _)| concerns(work))
        .map(|(_, trouble)| trouble)
        .collect();
    html! {
        @if !mine.is_empty() {
            section #troubles aria-labelledby="in-the-way" {
                h2 #in-the-way { "In the way" }
                ul { @for trouble in mine { li.error { (trouble) } } }
            }
        }
    }
}
