//! Secrets: shown to the commands that ask for them, and nowhere else.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use super::DockerfileError;

/// How large a secret may be, bytes: what `BuildKit` permits.
const LIMIT: u64 = 500 * 1024;

/// A line of a secret that is shorter than this is not looked for in output: too much else would look like it.
const SHORTEST: usize = 4;

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file.
    File(PathBuf),
    /// A variable of ours.
    Variable(String),
}

/// The secrets that were given, by name. They are read when a command asks for them.
pub type Secrets = BTreeMap<String, SecretSource>;

/// The value of a secret; `None` if it was not given.
pub(super) fn read(secrets: &Secrets, id: &str) -> Result<Option<Vec<u8>>, DockerfileError> {
    let bytes = match secrets.get(id) {
        None => return Ok(None),
        Some(SecretSource::Variable(name)) => {
            use std::os::unix::ffi::OsStringExt as _;
            match std::env::var_os(name) {
                Some(value) => value.into_vec(),
                None => return Ok(None),
            }
        }
        Some(SecretSource::File(path)) => {
            let mut bytes = Vec::new();
            let file = std::fs::File::open(path);
            let count = file.and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
            count.map_err(|source| DockerfileError::Io {
                doing: "read the secret in",
                path: path.clone(),
                source,
            })?;
            bytes
        }
    };
    if bytes.len() as u64 > LIMIT {
        return Err(DockerfileError::LargeSecret {
            id: id.to_owned(),
            limit: LIMIT,
        });
    }
    Ok(Some(bytes))
}

/// What must not be told in output: the whole of a secret, or each of its lines.
pub(super) fn unspeakable(value: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(value).into_owned();
    let lines: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.len() >= SHORTEST)
        .map(str::to_owned)
        .collect();
    lines.into_iter()
}
