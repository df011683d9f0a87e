//! Where a Python package was installed from, by its `direct_url.json` (PEP 610).

use serde::Deserialize;

/// Where a package was installed from, if that was no index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A URL of an archive, or `git+https://...@COMMIT` of a repository. Never with a password.
    pub url: String,
    /// Whether `url` names a repository.
    pub is_repository: bool,
    /// SHA-256 of the archive, if it is known: 64 lower-case hex digits.
    pub sha256: Option<String>,
}

#[derive(Deserialize)]
struct DirectUrl {
    url: String,
    vcs_info: Option<Repository>,
    archive_info: Option<Archive>,
}

#[derive(Deserialize)]
struct Repository {
    vcs: String,
    commit_id: String,
}

#[derive(Deserialize)]
struct Archive {
    /// `sha256=HEX`, the older form.
    hash: Option<String>,
    #[serde(default)]
    hashes: std::collections::BTreeMap<String, String>,
}

impl Origin {
    /// Reads a `direct_url.json`. `None` for folders and files of the machine that built the image, which mean nothing
    /// elsewhere, and for what is no such file.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let direct: DirectUrl = serde_json::from_slice(bytes).ok()?;
        let url = public(&direct.url)?;
        if let Some(repository) = direct.vcs_info {
            return Some(Self {
                url: format!("{}+{url}@{}", repository.vcs, repository.commit_id),
                is_repository: true,
                sha256: None,
            });
        }
        let archive = direct.archive_info?;
        let old = archive
            .hash
            .as_deref()
            .and_then(|hash| hash.strip_prefix("sha256="));
        let digest = archive.hashes.get("sha256").map(String::as_str).or(old);
        let is_hex = |text: &&str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self {
            url,
            is_repository: false,
            sha256: digest.filter(is_hex).map(str::to_ascii_lowercase),
        })
    }
}

/// The URL without user, password, query and fragment: any of them may hold a secret. `None` if it is local.
pub(crate) fn public(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if scheme == "file" {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    (!host.is_empty() && rest.bytes().all(fits)).then(|| format!("{scheme}://{host}{path}"))
}
