//! What a name stands for, without fetching it.

use boatyard_plan::digest::Digest;
use boatyard_plan::reference::Reference;
use ureq::http::{Method, StatusCode};

use super::client::{Client, text};
use super::failure::RegistryError;
use super::options::Options;
use super::request::Request;
use super::transfer::Access;

/// The digest of the image or index that `reference` names in its registry; none: there is none of that name.
pub fn digest(reference: &Reference, options: &Options) -> Result<Option<Digest>, RegistryError> {
    let client = Client::new(options.address(reference), Access::Pull, options)?;
    let name = match (&reference.digest, &reference.tag) {
        (Some(digest), _) => digest.to_string(),
        (None, tag) => tag.clone().unwrap_or_default(),
    };
    of(&client, &name)
}

/// The same of a tag or digest of the client's repository.
pub(super) fn of(client: &Client<'_>, name: &str) -> Result<Option<Digest>, RegistryError> {
    let ask = |method| {
        let response = client.send(&Request::of_manifest(method, &client.address, name))?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => Ok(Some(response)),
            _ => Err(client.refused(response, &format!("{}:{name}", client.address.repository))),
        }
    };
    let Some(response) = ask(Method::HEAD)? else {
        return Ok(None);
    };
    let said = response.headers().get("docker-content-digest");
    if let Some(digest) = said.and_then(|value| value.to_str().ok()?.parse().ok()) {
        return Ok(Some(digest));
    }
    // A registry need not say it (distribution-spec, "Checking if content exists in the registry"): what it gives has one.
    let Some(mut response) = ask(Method::GET)? else {
        return Ok(None);
    };
    let bytes = text(&mut response).map_err(|error| client.unreachable(error))?;
    Ok(Some(Digest::of(&bytes)))
}
