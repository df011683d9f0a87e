//! A configuration for those who name repositories only.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_plan::failure::{Failure, Fault};

/// What is no repository.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RepositoryError {
    #[error("there is no Git repository in {}", folder.display())]
    NotThere { folder: PathBuf },
    #[error("{text:?} names no repository on its host")]
    NoName { text: String },
}

impl Failure for RepositoryError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("name a folder with a Git repository, or a URL such as https://git.example.org/acme/shop.git".to_owned())
    }
}

/// The configuration that watches every branch of each repository; what one sees at once is worth more than saved work.
pub(super) fn configuration(
    repositories: &[String],
    here: &Path,
) -> Result<String, RepositoryError> {
    let mut text = String::from("[times]\nsettle = \"1s\"\n");
    for (at, repository) in repositories.iter().enumerate() {
        let (url, name) = split(repository, here)?;
        let _ = write!(
            text,
            "[forge.f{at}]\nkind = \"git\"\nurl = {url:?}\npoll = \"5s\"\n\
             [[repository]]\nforge = \"f{at}\"\nname = {name:?}\nbranches = \"**\"\nstarts = true\n"
        );
    }
    Ok(text)
}

/// Where the host ends and the name begins.
fn split(text: &str, here: &Path) -> Result<(String, String), RepositoryError> {
    let no_name = || RepositoryError::NoName {
        text: text.to_owned(),
    };
    if text.contains("://") {
        let trimmed = text.trim_end_matches('/');
        let host = trimmed.find("://").map_or(0, |at| at + 3);
        let slash = host + trimmed[host..].find('/').ok_or_else(no_name)?;
        let name = &trimmed[slash + 1..];
        return Ok((trimmed[..slash].to_owned(), name.to_owned()));
    }
    let folder = here.join(text);
    if !folder.is_dir() {
        // git@host:acme/shop.git
        return match text.split_once(':') {
            Some((host, name)) if !host.contains('/') && !name.is_empty() => Ok((
                format!("ssh://{host}"),
                name.trim_start_matches('/').to_owned(),
            )),
            _ => Err(RepositoryError::NotThere { folder }),
        };
    }
    let folder = folder.canonicalize().unwrap_or(folder);
    if !folder.join(".git").exists() && !folder.join("HEAD").is_file() {
        return Err(RepositoryError::NotThere { folder });
    }
    match (
        folder.parent().and_then(Path::to_str),
        folder.file_name().and_then(|name| name.to_str()),
    ) {
        (Some(parent), Some(name)) if parent != "/" => {
            Ok((format!("file://{parent}"), name.to_owned()))
        }
        _ => Err(no_name()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use boatyard_preview::config;

    use super::{RepositoryError, configuration, split};

    #[test]
    fn repositories_are_found_by_folder_and_by_url() {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("shop");
        std::fs::create_dir_all(shop.join(".git")).unwrap();
        let parent = folder.path().canonicalize().unwrap();
        let of_folder = (format!("file://{}", parent.display()), "shop".to_owned());
        assert_eq!(split("shop", folder.path()), Ok(of_folder));
        for (text, url, name) in [
            (
                "https://git.example.org/acme/shop.git",
                "https://git.example.org",
                "acme/shop.git",
            ),
            (
                "git@git.example.org:acme/shop",
                "ssh://git@git.example.org",
                "acme/shop",
            ),
        ] {
            let found = split(text, Path::new("/nowhere"));
            assert_eq!(found, Ok((url.to_owned(), name.to_owned())));
        }
        let none = split("other", folder.path());
        assert!(
            matches!(none, Err(RepositoryError::NotThere { .. })),
            "{none:?}"
        );
        let both = [
            "shop".to_owned(),
            "https://git.example.org/acme/shop.git".to_owned(),
        ];
        let text = configuration(&both, folder.path()).unwrap();
        let config = config::parse(&text).unwrap_or_else(|error| panic!("{error:?} in {text}"));
        assert_eq!(config.repositories.len(), 2);
    }
}
