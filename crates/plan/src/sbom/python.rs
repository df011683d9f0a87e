//! Python's packages, as installers record them: `*.dist-info/METADATA`, and the older `*.egg-info/PKG-INFO`
//! (<https://packaging.python.org/en/latest/specifications/core-metadata/>).

use std::collections::BTreeSet;

use super::field::{Headers, paragraphs};
use super::purl::purl;
use super::{Licence, Origin, Package};

/// The package that `metadata`, found at `place`, describes; `direct_url` is the file of that name beside it. `None` if it
/// has no name or no version.
pub fn package(metadata: &[u8], direct_url: Option<&[u8]>, place: &str) -> Option<Package> {
    let text = String::from_utf8_lossy(metadata);
    // What follows the first empty line is the description.
    let headers = paragraphs(&text).next()?;
    let (name, version) = (headers.get("Name")?, headers.get("Version")?);
    let origin = direct_url.and_then(Origin::read);
    Some(Package {
        purl: url(name, version, origin.as_ref()),
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence(&headers),
        origin,
        places: BTreeSet::from([place.to_owned()]),
    })
}

fn url(name: &str, version: &str, origin: Option<&Origin>) -> String {
    let checksum = origin.and_then(|origin| origin.sha256.as_ref());
    let checksum = checksum
        .map(|digest| format!("sha256:{digest}"))
        .unwrap_or_default();
    let of = |is_repository: bool| {
        let fits = origin.filter(|origin| origin.is_repository == is_repository);
        fits.map_or("", |origin| origin.url.as_str())
    };
    let qualifiers = [
        ("checksum", checksum.as_str()),
        ("download_url", of(false)),
        ("vcs_url", of(true)),
    ];
    purl("pypi", &[&normal(name)], version, &qualifiers)
}

/// The name as indexes write it (PEP 503): lower case, runs of `-_.` as one `-`.
fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if !"-_.".contains(letter) {
            out.push(letter.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

/// PEP 639's expression, else what `License` says, else the classifiers. Whole licences are kept whole; `UNKNOWN` is what
/// older tools write for none.
fn licence(headers: &Headers) -> Option<Licence> {
    let known = |text: &&str| !text.eq_ignore_ascii_case("unknown");
    if let Some(text) = headers
        .get("License-Expression")
        .or(headers.get("License"))
        .filter(known)
    {
        return Some(Licence::stated(text));
    }
    let names: BTreeSet<&str> = headers
        .all("Classifier")
        .filter_map(|text| text.strip_prefix("License ::")?.rsplit("::").next())
        .map(str::trim)
        .filter(|name| *name != "OSI Approved")
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    (!names.is_empty()).then(|| Licence::Words(names.join("; ")))
}
