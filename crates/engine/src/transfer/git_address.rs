//! Addresses of Git repositories: `URL[?query][#ref[:folder]]`.

use boatyard_plan::release::without_password;

use super::git::GitError;

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) remote: String,
    /// A branch, a tag or a commit.
    pub(super) reference: Option<String>,
    /// Relative; empty for all.
    pub(super) folder: String,
    /// What the commit begins with.
    pub(super) checksum: Option<String>,
    /// Whether `.git` stays.
    pub(super) keep: Option<bool>,
    pub(super) submodules: bool,
}

impl Address {
    /// Reads `URL[?query][#ref[:folder]]`.
    pub(super) fn parse(url: &str) -> Result<Self, GitError> {
        let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (remote, query) = url.split_once('?').unwrap_or((url, ""));
        let (reference, folder) = fragment.split_once(':').unwrap_or((fragment, ""));
        let mut address = Self {
            remote: remote.to_owned(),
            reference: some(reference),
            folder: folder.to_owned(),
            checksum: None,
            keep: None,
            submodules: true,
        };
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let unknown = || GitError::Query {
                remote: without_password(remote),
                part: part.to_owned(),
            };
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let flag = || match value {
                "" | "1" | "true" => Ok(true),
                "0" | "false" => Ok(false),
                _ => Err(unknown()),
            };
            match name {
                "ref" => address.reference = some(value),
                "tag" => address.reference = Some(format!("refs/tags/{value}")),
                "branch" => address.reference = Some(format!("refs/heads/{value}")),
                "subdir" => value.clone_into(&mut address.folder),
                "checksum" | "commit" => address.checksum = some(value),
                "keep-git-dir" => address.keep = Some(flag()?),
                "submodules" => address.submodules = flag()?,
                _ => return Err(unknown()),
            }
        }
        Ok(address)
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_say_what_is_wanted() {
        let address = Address::parse("https://example.com/a.git#v1:docs/x").unwrap();
        assert_eq!(address.remote, "https://example.com/a.git");
        assert_eq!(address.reference.as_deref(), Some("v1"));
        assert_eq!(address.folder, "docs/x");
        let address =
            Address::parse("git@example.com:a/b.git?branch=x&submodules=0&keep-git-dir").unwrap();
        assert_eq!(address.remote, "git@example.com:a/b.git");
        assert_eq!(address.reference.as_deref(), Some("refs/heads/x"));
        assert_eq!((address.submodules, address.keep), (false, Some(true)));
        assert!(Address::parse("https://example.com/a.git?depth=3").is_err());
    }
}
