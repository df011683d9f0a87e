//! Names out of a registry, with what they name.

use std::collections::BTreeMap;

use boatyard_plan::digest::Digest;
use boatyard_plan::reference::Reference;
use ureq::http::{Method, StatusCode};

use super::client::Client;
use super::digest;
use super::failure::RegistryError;
use super::options::Options;
use super::request::Request;
use super::tags::tags;
use super::transfer::Access;

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone, and what it named.
    Gone,
    /// There was none.
    Absent,
    /// It is there still: this tag names the same, and what a registry removes it removes with all tags.
    Kept(String),
}

/// Removes names from their registries, each with the manifest or index that it names, unless a tag that is not among them names
/// it, too. Blobs are the registry's to collect.
///
/// Removing is asked for by digest alone: that is what every registry understands that removes anything at all, while a tag
/// is taken by some for all that has the same digest. Whoever pushes the same image under another tag between the look and the
/// removal loses it.
pub fn remove(
    references: &[Reference],
    options: &Options,
) -> Result<Vec<(Reference, Removed)>, RegistryError> {
    let mut repositories: BTreeMap<_, Vec<&Reference>> = BTreeMap::new();
    for reference in references {
        let place = (&reference.registry, &reference.repository);
        repositories.entry(place).or_default().push(reference);
    }
    let mut all = Vec::new();
    for going in repositories.into_values() {
        all.extend(in_one(&going, options)?);
    }
    Ok(all)
}

fn in_one(
    going: &[&Reference],
    options: &Options,
) -> Result<Vec<(Reference, Removed)>, RegistryError> {
    let first = going[0];
    let client = Client::new(options.address(first), Access::Delete, options)?;
    let mut named: Vec<(&Reference, Option<Digest>)> = Vec::new();
    for one in going {
        let digest = digest::of(&client, one.tag.as_deref().unwrap_or_default())?;
        named.push((one, digest));
    }
    let stays = if named.iter().all(|(_, digest)| digest.is_none()) {
        BTreeMap::new()
    } else {
        staying(&client, going, options)?
    };
    let mut all = Vec::new();
    for (one, digest) in named {
        let removed = match digest {
            None => Removed::Absent,
            Some(digest) => match stays.get(&digest) {
                Some(tag) => Removed::Kept(tag.clone()),
                None => delete(&client, &digest)?,
            },
        };
        all.push((one.clone(), removed));
    }
    Ok(all)
}

/// What the other tags of the repository name, and one of the tags that do.
fn staying(
    client: &Client<'_>,
    going: &[&Reference],
    options: &Options,
) -> Result<BTreeMap<Digest, String>, RegistryError> {
    let mut stays = BTreeMap::new();
    for tag in tags(going[0], options)? {
        if going.iter().any(|one| one.tag.as_ref() == Some(&tag)) {
            continue;
        }
        if let Some(digest) = digest::of(client, &tag)? {
            stays.insert(digest, tag);
        }
    }
    Ok(stays)
}

fn delete(client: &Client<'_>, digest: &Digest) -> Result<Removed, RegistryError> {
    let url = client.address.url(&format!("manifests/{digest}"));
    let response = client.send(&Request::new(Method::DELETE, url))?;
    match response.status() {
        // Two names of one image go together.
        StatusCode::NOT_FOUND => Ok(Removed::Gone),
        status if status.is_success() => Ok(Removed::Gone),
        _ => {
            let what = format!("delete {}@{digest}", client.address.repository);
            Err(client.refused(response, &what))
        }
    }
}
