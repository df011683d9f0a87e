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

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, Patch, PatchParams, PostParams};

use crate::connect::Cluster;
use crate::owner::FIELD_MANAGER;
use crate::refusal::{Refusal, Said};

/// What stands for the password in other values.
pub const MARK: &str = "{}";
/// Bytes of chance in one.
const CHANCE: usize = 24;

/// A Secret with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The Secret.
    pub secret: String,
    /// The key that is the password alone.
    pub key: String,
    /// Other keys; [`MARK`] in their values stands for the password.
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
    let data = there.data.clone().unwrap_or_default();
    let known = data.get(&wanted.key).map(|value| value.0.clone());
    let Some(password) = known.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Err(Refusal {
            doing,
            source: Said::NoPassword {
                key: wanted.key.clone(),
            },
        });
    };
    let mut missing = values(wanted, &password);
    missing.retain(|key, _| !data.contains_key(key));
    if missing.is_empty() {
        return Ok(Change::Unchanged);
    }
    let patch = Secret {
        data: Some(missing),
        ..Secret::default()
    };
    let asked = cluster.calls().call(doing, async || {
        secrets
            .patch(name, &PatchParams::default(), &Patch::Merge(&patch))
            .await
    });
    asked.await.map(|_| Change::Completed)
}

fn values(wanted: &Wanted, password: &str) -> BTreeMap<String, ByteString> {
    let others = wanted.others.iter();
    let others = others.map(|(key, value)| (key.clone(), value.replace(MARK, password)));
    let all = others.chain([(wanted.key.clone(), password.to_owned())]);
    all.map(|(key, value)| (key, ByteString(value.into_bytes())))
        .collect()
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
