//! How an image was made, as SLSA provenance v1 says it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::material::Material;
use super::wanted::Detail;
use crate::dockerfile::check::is_secret;
use crate::secret;

/// Where what a build is, and what its parameters mean, is written.
const BUILD_TYPE: &str =
    "https://github.com/boatyard-dev/boatyard/blob/main/docs/reference/supply-chain.md";

/// Variables of proxies: their values may hold a password, and they change nothing in the image.
const PROXIES: [&str; 5] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];

/// How an image was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// `dockerfile`, `project` or `release`: a heading of the page that explains it.
    pub kind: &'static str,
    /// What was asked for: in all detail, and the part that holds nothing of the user's own words.
    pub parameters: BTreeMap<Detail, Value>,
    /// What runs the build, `os/architecture`.
    pub machine: String,
    /// Who built, if the user says so: a URI.
    pub builder: Option<String>,
}

/// The predicate. Without times: the same sources give the same bytes.
pub fn predicate(provenance: &Provenance, detail: Detail, materials: &BTreeSet<Material>) -> Value {
    let nothing = json!({});
    let of = |detail| provenance.parameters.get(&detail).unwrap_or(&nothing);
    let mut parameters = of(Detail::Min).clone();
    if let (Detail::Max, Some(all), Some(more)) = (
        detail,
        parameters.as_object_mut(),
        of(Detail::Max).as_object(),
    ) {
        all.extend(more.clone());
    }
    let builder = provenance.builder.as_deref();
    let ours = "https://github.com/boatyard-dev/boatyard";
    json!({
        "buildDefinition": {
            "buildType": format!("{BUILD_TYPE}#{}", provenance.kind),
            "externalParameters": parameters,
            "internalParameters": { "builderPlatform": provenance.machine },
            "resolvedDependencies": materials,
        },
        "runDetails": {
            "builder": {
                "id": builder.unwrap_or(ours),
                "version": { "boatyard": env!("CARGO_PKG_VERSION") },
            },
            "metadata": {
                "buildkit_completeness": { "request": detail == Detail::Max, "resolvedDependencies": false },
                "buildkit_reproducible": false,
            },
        },
    })
}

/// What is said of the argument `name`: its value, or only that it was given if it may be a secret. `None`: nothing.
pub fn known_argument(name: &str, value: &str) -> Option<Value> {
    let upper = name.to_ascii_uppercase();
    if PROXIES.contains(&upper.as_str()) {
        return None;
    }
    // A login in a URL, whatever the argument is called.
    let has_login = value
        .split_once("://")
        .is_some_and(|(_, rest)| rest.split('/').next().unwrap_or(rest).contains('@'));
    if is_secret(name) || secret::is_secret(name, value) || has_login {
        return Some(Value::Null);
    }
    Some(Value::String(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_may_be_secret_are_left_out() {
        for (name, value, expected) in [
            ("VERSION", "1.2", Some(json!("1.2"))),
            ("API_TOKEN", "abc", Some(Value::Null)),
            ("INDEX", "https://me:pw@host/simple", Some(Value::Null)),
            ("INDEX", "https://host/simple?token=abc", Some(Value::Null)),
            (
                "INDEX",
                "https://host/simple@1",
                Some(json!("https://host/simple@1")),
            ),
            ("https_proxy", "http://me:pw@proxy", None),
        ] {
            assert_eq!(known_argument(name, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn only_max_has_all_the_words() {
        let provenance = Provenance {
            kind: "dockerfile",
            parameters: BTreeMap::from([
                (Detail::Min, json!({ "path": "Dockerfile" })),
                (Detail::Max, json!({ "args": { "A": "1" } })),
            ]),
            machine: "linux/amd64".to_owned(),
            builder: None,
        };
        let said = |detail| {
            let predicate = predicate(&provenance, detail, &BTreeSet::new());
            predicate["buildDefinition"]["externalParameters"].clone()
        };
        assert_eq!(said(Detail::Min), json!({ "path": "Dockerfile" }));
        assert_eq!(
            said(Detail::Max),
            json!({ "path": "Dockerfile", "args": { "A": "1" } })
        );
    }
}
