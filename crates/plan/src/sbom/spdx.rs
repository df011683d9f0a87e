//! SPDX 2.3 as JSON (<https://spdx.github.io/spdx-spec/v2.3/>).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Inventory, Licence, Package, Subject};
use crate::digest::Digest;

/// The identifier of the image in the document.
const IMAGE: &str = "SPDXRef-Image";

/// The document: the image, all its packages, and the licences that they state in words of their own.
pub fn document(subject: &Subject, inventory: &Inventory) -> Value {
    let mut licences = BTreeMap::new();
    let mut packages = vec![image(subject)];
    let mut relations = vec![relation("SPDXRef-DOCUMENT", "DESCRIBES", IMAGE)];
    for package in inventory.packages() {
        let id = id(package);
        relations.push(relation(IMAGE, "CONTAINS", &id));
        packages.push(contained(package, &id, &mut licences));
    }
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": subject.reference.to_string(),
        "documentNamespace": format!("https://spdx.org/spdxdocs/boatyard-{}", subject.seed("spdx").hex()),
        "creationInfo": {
            "created": subject.created,
            "creators": [concat!("Tool: boatyard-", env!("CARGO_PKG_VERSION"))],
        },
        "packages": packages,
        "relationships": relations,
    });
    if !licences.is_empty() {
        document["hasExtractedLicensingInfos"] = licences
            .into_iter()
            .map(|(id, words)| {
                json!({ "licenseId": id, "name": first_line(&words), "extractedText": words })
            })
            .collect();
    }
    document
}

fn image(subject: &Subject) -> Value {
    json!({
        "SPDXID": IMAGE,
        "name": subject.reference.to_string(),
        "versionInfo": subject.digest.to_string(),
        "primaryPackagePurpose": "CONTAINER",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "checksums": [{ "algorithm": "SHA256", "checksumValue": subject.digest.hex() }],
        "externalRefs": [purl(&subject.purl())],
    })
}

fn contained(package: &Package, id: &str, licences: &mut BTreeMap<String, String>) -> Value {
    let declared = match &package.licence {
        None => "NOASSERTION".to_owned(),
        Some(Licence::Expression(text)) => text.clone(),
        Some(Licence::Words(words)) => {
            let id = format!("LicenseRef-{}", Digest::of(words.as_bytes()).short());
            licences.insert(id.clone(), words.clone());
            id
        }
    };
    let origin = package.origin.as_ref();
    let places: Vec<&str> = package.places.iter().map(String::as_str).collect();
    let mut value = json!({
        "SPDXID": id,
        "name": package.name,
        "versionInfo": package.version,
        "downloadLocation": origin.map_or("NOASSERTION", |origin| origin.url.as_str()),
        "filesAnalyzed": false,
        "sourceInfo": format!("recorded in {}", places.join(", ")),
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": declared,
        "copyrightText": "NOASSERTION",
        "externalRefs": [purl(&package.purl)],
    });
    if let Some(sha256) = origin.and_then(|origin| origin.sha256.as_ref()) {
        value["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": sha256 }]);
    }
    value
}

/// Unique by the purl; only letters, digits, `.` and `-` are permitted.
fn id(package: &Package) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
    let name: String = package
        .name
        .chars()
        .map(|letter| if fits(letter) { letter } else { '-' })
        .collect();
    let unique = Digest::of(package.purl.as_bytes());
    format!("SPDXRef-{}-{name}-{}", package.kind(), unique.short())
}

fn relation(from: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to })
}

fn purl(purl: &str) -> Value {
    json!({
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": purl,
    })
}

fn first_line(words: &str) -> &str {
    words.lines().next().unwrap_or(words)
}
