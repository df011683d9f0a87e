//! Secrets with a password that is made once, and then left as it is.
//!
//! ```text
//! Secret/shop-postgres   PGPASSWORD     chance, of 192 bits
//!                        DATABASE_URL   postgresql://app:PASSWORD@shop-postgres:5432/shop
//! ```
//! What is there already counts: its password is what the data behind it knows. So nothing is ever changed in it, only added where
//! it is missing; no deploy removes it, and none that fails takes it back. It is in no record and in no manifest.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};

use boatyard_plan::backing::PASSWORD;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, Patch, PatchParams, PostParams};

use crate::connect::Cluster;
use crate::owner::FIELD_MANAGER;
use crate::refusal::{Refusal, Said};

/// Bytes of chance in one.
const CHANCE: usize = 24;

/// A Secret with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The Secret.
    pub secret: String,
    /// The key that is the password alone.
    pub key: String,
    /// Other keys, addresses all; [`PASSWORD`] in their values stands for the password.
    pub others: BTreeMap<String, String>,
    /// Labels of a new one.
    pub labels: BTreeMap<String, String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Created,
    /// Some of its keys were not there.
    Completed,
    /// It was there.
    Unchanged,
}

/// Sees to it that the Secret is there, with all its keys.
pub async fn ensure(cluster: &Cluster, wanted: &Wanted) -> Result<Change, Refusal> {
    let secrets = cluster.api::<Secret>();
    let name = &wanted.secret;
    let doing = format!("keep a password (Secret/{name})");
    if let Some(there) = read(cluster, &secrets, wanted).await? {
        return complete(cluster, &secrets, wanted, &there).await;
    }
    let password = chance().map_err(|error| Refusal {
        doing: doing.clone(),
        source: Said::Unreached {
            message: format!("this machine gives no random numbers: {error}"),
        },
    })?;
    let mut secret = Secret {
        type_: Some("Opaque".to_owned()),
        data: Some(values(wanted, &password)),
        ..Secret::default()
    };
    secret.metadata.name = Some(name.clone());
    secret.metadata.labels = Some(wanted.labels.clone());
    let params = PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    };
    let asked = cluster
        .calls()
        .call(doing, async || secrets.create(&params, &secret).await);
    match asked.await {
        Ok(_) => Ok(Change::Created),
        // Somebody was faster, or the answer to our own first try was lost: what is there counts.
        Err(refusal) if refusal.code() == Some(409) => {
            match read(cluster, &secrets, wanted).await? {
                Some(there) => complete(cluster, &secrets, wanted, &there).await,
                None => Err(refusal),
            }
        }
        Err(refusal) => Err(refusal),
    }
}

async fn read(
    cluster: &Cluster,
    secrets: &Api<Secret>,
    wanted: &Wanted,
) -> Result<Option<Secret>, Refusal> {
    let name = &wanted.secret;
    let doing = format!("look for a password (Secret/{name})");
    let asked = cluster
        .calls()
        .call(doing, async || secrets.get_opt(name).await);
    asked.await
}

/// Adds the keys that are missing in what is there.
async fn complete(
    cluster: &Cluster,
    secrets: &Api<Secret>,
    wanted: &Wanted,
    there: &Secret,
) -> Result<Change, Refusal> {
    let name = &wanted.secret;
    let doing = format!("use the password in Secret/{name}");
    let Some(password) = known(wanted, there) else {
        return Err(Refusal {
            doing,
            source: Said::NoPassword {
                key: wanted.key.clone(),
            },
        });
    };
    let mut missing = values(wanted, password);
    missing.retain(|key, _| {
        let data = there.data.as_ref();
        data.is_none_or(|data| !data.contains_key(key))
    });
    if missing.is_empty() {
        return Ok(Change::Unchanged);
    }
    let patch = Secret {
        data: Some(missing),
        ..Secret::default()
    };
    let params = PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let asked = cluster.calls().call(doing, async || {
        secrets.patch(name, &params, &Patch::Merge(&patch)).await
    });
    asked.await.map(|_| Change::Completed)
}

/// The password that a Secret has, if it is one.
fn known<'a>(wanted: &Wanted, there: &'a Secret) -> Option<&'a str> {
    let value = there.data.as_ref()?.get(&wanted.key)?;
    let password = std::str::from_utf8(&value.0).ok()?;
    (!password.is_empty()).then_some(password)
}

fn values(wanted: &Wanted, password: &str) -> BTreeMap<String, ByteString> {
    let in_address = encoded(password);
    let others = wanted.others.iter();
    let others = others.map(|(key, value)| (key.clone(), value.replace(PASSWORD, &in_address)));
    let all = others.chain([(wanted.key.clone(), password.to_owned())]);
    all.map(|(key, value)| (key, ByteString(value.into_bytes())))
        .collect()
}

/// A password as it stands in an address: all but what is never a mark there (RFC 3986, 2.3) by its number. Who made the Secret may
/// have taken any.
fn encoded(password: &str) -> String {
    password.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// Letters and digits that nobody guesses; they need no quotes anywhere.
fn chance() -> io::Result<String> {
    let mut bytes = [0; CHANCE];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_somebody_else() {
        let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let pairs = pairs.iter();
            pairs
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let wanted = Wanted {
            secret: "shop-postgres".to_owned(),
            key: "PGPASSWORD".to_owned(),
            others: pairs(&[
                (
                    "DATABASE_URL",
                    "postgresql://app:{}@shop-postgres:5432/shop",
                ),
                ("PGUSER", "app"),
            ]),
            labels: BTreeMap::new(),
        };
        for (key, password, is_one) in [
            ("PGPASSWORD", "p@ss", true),
            ("PGPASSWORD", "", false),
            ("password", "p@ss", false),
        ] {
            let there = Secret {
                data: Some([(key.to_owned(), ByteString(password.into()))].into()),
                ..Secret::default()
            };
            let found = known(&wanted, &there);
            assert_eq!(found, is_one.then_some(password), "{key}={password}");
        }
        for (password, address) in [
            (
                "Ab0-._~",
                "postgresql://app:Ab0-._~@shop-postgres:5432/shop",
            ),
            (
                "p@/:#?% ü",
                "postgresql://app:p%40%2F%3A%23%3F%25%20%C3%BC@shop-postgres:5432/shop",
            ),
        ] {
            let expected = [
                ("DATABASE_URL", address),
                ("PGPASSWORD", password),
                ("PGUSER", "app"),
            ];
            let values = values(&wanted, password);
            let text = |value: &ByteString| String::from_utf8(value.0.clone()).unwrap();
            let values = values.iter().map(|(key, value)| (key.clone(), text(value)));
            assert_eq!(values.collect::<BTreeMap<_, _>>(), pairs(&expected));
        }
    }
}
