//! Links in the sources of strangers: we read those as we are, so none may lead to what is ours.

use std::io;
use std::path::{Path, PathBuf};

use crate::lane::Trouble;

/// Refuses sources with a link to something that is there, and not among them.
pub(super) async fn stay_inside(source: &Path) -> Result<(), Trouble> {
    let root = source.to_owned();
    let looked = tokio::task::spawn_blocking(move || leading_out(&root)).await;
    match looked.map_err(io::Error::other).flatten() {
        Ok(None) => Ok(()),
        Ok(Some(link)) => Err(Trouble::Failed(format!(
            "the link {} leads out of the repository\nhelp: who is not trusted may link to files of the repository only",
            link.display()
        ))),
        Err(error) => Err(Trouble::failed("look for links in the sources", error)),
    }
}

/// The first link that leads out of a folder, relative to it. One that leads nowhere is none.
fn leading_out(source: &Path) -> io::Result<Option<PathBuf>> {
    let root = source.canonicalize()?;
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() {
                let leads_out = path.canonicalize().is_ok_and(|to| !to.starts_with(&root));
                if leads_out {
                    let inside = path.strip_prefix(&root).unwrap_or(&path);
                    return Ok(Some(inside.to_owned()));
                }
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_that_lead_out() {
        let folder = tempfile::tempdir().unwrap();
        let (outside, source) = (folder.path().join("outside"), folder.path().join("source"));
        std::fs::create_dir_all(source.join("app/deep")).unwrap();
        std::fs::create_dir(&outside).unwrap();
        let link = |to: &str, at: &str| symlink(to, source.join(at)).unwrap();
        std::fs::write(source.join("file"), "").unwrap();
        link("../../file", "app/deep/fine");
        link("/nowhere/at/all", "app/nowhere");
        link("loop", "loop");
        link("..", "app/above");
        assert_eq!(leading_out(&source).unwrap(), None);
        link("../../../outside", "app/deep/out");
        let found = leading_out(&source).unwrap();
        assert_eq!(found.as_deref(), Some(Path::new("app/deep/out")));
        std::fs::remove_file(source.join("app/deep/out")).unwrap();
        link("/etc/passwd", "requirements.txt");
        let found = leading_out(&source).unwrap();
        assert_eq!(found.as_deref(), Some(Path::new("requirements.txt")));
    }
}
