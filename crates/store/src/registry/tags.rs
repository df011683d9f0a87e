//! Which tags a repository has.

use boatyard_plan::reference::Reference;
use serde::Deserialize;
use ureq::Body;
use ureq::http::{Method, Response};

use super::client::{Client, text};
use super::failure::RegistryError;
use super::options::Options;
use super::request::Request;
use super::transfer::Access;

/// Pages, at most: a registry that never ends its list is none.
const PAGES: usize = 10_000;

#[derive(Deserialize)]
struct Page {
    /// `null` of a repository without tags.
    tags: Option<Vec<String>>,
}

/// The tags of the repository that `repository` is in, sorted; tag and digest of the reference mean nothing here.
pub fn tags(repository: &Reference, options: &Options) -> Result<Vec<String>, RegistryError> {
    let client = Client::new(options.address(repository), Access::Pull, options)?;
    let mut all = Vec::new();
    let mut next = Some(client.address.url("tags/list?n=1000"));
    for _ in 0..PAGES {
        let Some(url) = next else { break };
        let mut response = client.send(&Request::new(Method::GET, url))?;
        if !response.status().is_success() {
            return Err(client.refused(response, &format!("repository {}", repository.repository)));
        }
        next = following(&response).map(|link| client.address.located(&link));
        let bytes = text(&mut response).map_err(|error| client.unreachable(error))?;
        let page: Page =
            serde_json::from_slice(&bytes).map_err(|_| client.not_a_registry(&response))?;
        all.extend(page.tags.unwrap_or_default());
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// The next page: `Link: <URL>; rel="next"` (distribution-spec, "Listing Tags").
fn following(response: &Response<Body>) -> Option<String> {
    let header = response.headers().get("link")?.to_str().ok()?;
    let (link, rest) = header.strip_prefix('<')?.split_once('>')?;
    rest.contains("next").then(|| link.to_owned())
}
