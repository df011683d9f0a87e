//! `CycloneDX` 1.6 as JSON (<https://cyclonedx.org/docs/1.6/json/>).

use serde_json::{Value, json};

use super::{Inventory, Licence, Package, Subject};

/// The document: the image, what it is made from, and all its packages.
pub fn document(subject: &Subject, inventory: &Inventory) -> Value {
    let purl = subject.purl();
    let system = inventory.distribution.iter().map(|system| {
        let mut value = json!({
            "type": "operating-system",
            "bom-ref": format!("os:{}", system.id),
            "name": system.id,
        });
        if let Some(version) = &system.version {
            value["version"] = json!(version);
        }
        value
    });
    let components: Vec<Value> = system.chain(inventory.packages().map(component)).collect();
    let inside: Vec<&Value> = components.iter().map(|part| &part["bom-ref"]).collect();
    let dependencies = json!([{ "ref": purl, "dependsOn": inside }]);
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial(subject),
        "version": 1,
        "metadata": {
            "timestamp": subject.created,
            "tools": { "components": [{
                "type": "application",
                "name": "boatyard",
                "version": env!("CARGO_PKG_VERSION"),
            }] },
            "component": {
                "type": "container",
                "bom-ref": purl,
                "name": subject.reference.to_string(),
                "version": subject.digest.to_string(),
                "hashes": [{ "alg": "SHA-256", "content": subject.digest.hex() }],
                "purl": purl,
            },
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn component(package: &Package) -> Value {
    let places: Vec<Value> = package
        .places
        .iter()
        .map(|place| json!({ "location": place }))
        .collect();
    let mut value = json!({
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "evidence": { "occurrences": places },
    });
    match &package.licence {
        None => {}
        Some(Licence::Expression(text)) => {
            value["licenses"] = json!([{ "expression": text, "acknowledgement": "declared" }]);
        }
        Some(Licence::Words(words)) => value["licenses"] = json!([{ "license": named(words) }]),
    }
    if let Some(origin) = &package.origin {
        let kind = if origin.is_repository {
            "vcs"
        } else {
            "distribution"
        };
        value["externalReferences"] = json!([{ "type": kind, "url": origin.url }]);
        if let Some(sha256) = &origin.sha256 {
            value["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
        }
    }
    value
}

/// A licence by its name; a whole one by its first line, with the text.
fn named(words: &str) -> Value {
    match words.split_once('\n') {
        None => json!({ "name": words, "acknowledgement": "declared" }),
        Some((name, _)) => json!({
            "name": name,
            "acknowledgement": "declared",
            "text": { "contentType": "text/plain", "content": words },
        }),
    }
}

/// A UUID of version 8 (RFC 9562: made as we like) from the image's digest.
fn serial(subject: &Subject) -> String {
    let seed = subject.seed("cyclonedx");
    let hex = seed.hex();
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}
