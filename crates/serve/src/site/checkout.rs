//! The sources of an environment: fetched into a mirror of the repository, then written out, exactly that commit.

use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_preview::environment::Environment;
use boatyard_preview::forge::is_commit;
use boatyard_preview::id::Id;
use boatyard_preview::revision::Repository;
use tokio::fs;
use tokio::process::Command;

use super::child;
use super::git::on_mirror;
use super::links;
use super::mirror::keep_few;
use super::place::{Origin, Site};
use crate::git::say_token;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;

/// How far back a branch is looked through for a commit that cannot be asked for by its name.
const DEPTH: &str = "--depth=200";

impl Site {
    /// Writes the commit of an environment into `source`, unless it is there. That of a stranger must not lead out of it.
    pub(crate) async fn checkout(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let source = self.folder(&one.id).join("source");
        self.checked_out(one, &source, stop).await?;
        if one.is_trusted {
            return Ok(());
        }
        links::stay_inside(&source).await
    }

    async fn checked_out(
        &self,
        one: &Environment,
        source: &Path,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        // It is renamed to that when it is whole.
        if source.is_dir() {
            return Ok(());
        }
        let commit = &one.revision.commit;
        let place = &one.revision.place;
        if !is_commit(commit) {
            return Err(Trouble::Failed(format!("{commit:?} is no commit")));
        }
        let Some(origin) = (self.settings.origin)(place) else {
            return Err(Trouble::Failed(format!("{place} is not watched any more")));
        };
        let said = format!("fetch {commit} from {}", origin.url);
        self.settings.logs.append(&one.id, Part::Prepare, &said);
        let mirror = self.mirror_of(&place.repository);
        let lock = self.mirror(mirror.clone());
        let _alone = lock.lock().await;
        if let Err(trouble) = self.fetch(&one.id, &mirror, &origin, commit, stop).await {
            if trouble == Trouble::GivenUp {
                return Err(trouble);
            }
            // What a killed Git left in the mirror is in nobody's way for long: it can be fetched again.
            remove(&mirror).await?;
            self.fetch(&one.id, &mirror, &origin, commit, stop).await?;
        }
        self.write_out(&one.id, &mirror, commit, source, stop)
            .await?;
        // What could not be forgotten is the next time.
        let _ = Box::pin(keep_few(&mirror)).await;
        Ok(())
    }

    /// Refuses the sources of an environment that have a link out of them.
    pub(crate) async fn stays_inside(&self, one: &Environment) -> Result<(), Trouble> {
        links::stay_inside(&self.folder(&one.id).join("source")).await
    }

    /// Forgets the commit of an environment that is gone, so that its objects can go, too.
    pub(crate) async fn forget(&self, one: &Environment, stop: &Stop) {
        let mirror = self.mirror_of(&one.revision.place.repository);
        if mirror.is_dir() {
            let lock = self.mirror(mirror.clone());
            let _alone = lock.lock().await;
            let mut git = on_mirror(&mirror);
            git.args(["update-ref", "-d", &kept(&one.revision.commit)]);
            // Another environment may show the same commit: it has its sources.
            let _ = child::run(git, stop, |_, _| {}).await;
        }
    }

    async fn fetch(
        &self,
        id: &Id,
        mirror: &Path,
        origin: &Origin,
        commit: &str,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        if !mirror.join("HEAD").is_file() {
            fs::create_dir_all(mirror)
                .await
                .map_err(|error| Trouble::failed("make the mirror", error))?;
            let mut git = on_mirror(mirror);
            git.args(["init", "--quiet", "--bare"]);
            self.git(id, git, "make the mirror", stop).await?;
        }
        let by_name = format!("+{commit}:{}", kept(commit));
        let by_reference = format!("+{}:refs/boatyard/fetched", origin.reference);
        let tries = [
            (Some("--depth=1"), &by_name),
            (Some(DEPTH), &by_reference),
            (None, &by_reference),
        ];
        let token = origin.token.as_ref().map(|token| (&*origin.user, token));
        let mut last = Trouble::GivenUp;
        for (depth, what) in tries {
            // All of it; of a mirror that has all already, Git refuses the word.
            let is_shallow = mirror.join("shallow").is_file();
            let depth = depth.or(is_shallow.then_some("--unshallow"));
            let mut git = on_mirror(mirror);
            say_token(&mut git, &origin.url, token, origin.authority.as_deref());
            git.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"])
                .arg("--no-recurse-submodules")
                .args(depth)
                .args(["--", &origin.url, what]);
            match self
                .git(id, git, &format!("fetch from {}", origin.url), stop)
                .await
            {
                Ok(()) => {}
                Err(Trouble::GivenUp) => return Err(Trouble::GivenUp),
                Err(trouble) => {
                    last = trouble;
                    continue;
                }
            }
            let mut git = on_mirror(mirror);
            git.args(["update-ref", &kept(commit), commit]);
            if child::run(git, stop, |_, _| {}).await?.success() {
                return Ok(());
            }
            last = Trouble::Failed(format!(
                "{} does not lead to {commit} any more: it was pushed over, or the server does not give it",
                origin.reference
            ));
        }
        Err(last)
    }

    /// Without the settings of whoever runs the server: no filters, no attributes, no hooks.
    async fn write_out(
        &self,
        id: &Id,
        mirror: &Path,
        commit: &str,
        source: &Path,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let new = source.with_extension("new");
        let index = source.with_extension("index");
        remove(&new).await?;
        let _ = fs::remove_file(&index).await;
        let failed = |error| Trouble::failed("write out the commit", error);
        fs::create_dir_all(&new).await.map_err(failed)?;
        let mut git = on_mirror(mirror);
        git.arg("--work-tree")
            .arg(&new)
            .args(["checkout", "--quiet", "--force", commit, "--", "."])
            .env("GIT_INDEX_FILE", &index)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1");
        self.git(id, git, "write out the commit", stop).await?;
        let _ = fs::remove_file(&index).await;
        fs::rename(&new, source).await.map_err(failed)
    }

    /// Runs Git; what it complains about is the reason if it fails.
    async fn git(&self, id: &Id, git: Command, doing: &str, stop: &Stop) -> Result<(), Trouble> {
        let mut complaint = String::new();
        let status = child::run(git, stop, |_, line| {
            self.settings.logs.append(id, Part::Prepare, line);
            line.clone_into(&mut complaint);
        })
        .await?;
        if status.success() {
            return Ok(());
        }
        Err(Trouble::failed(doing, complaint))
    }

    fn mirror_of(&self, repository: &Repository) -> PathBuf {
        let digest = Digest::of(repository.to_string().to_lowercase().as_bytes());
        self.settings.state.join("mirror").join(digest.short())
    }
}

/// What keeps a commit in the mirror.
fn kept(commit: &str) -> String {
    format!("refs/boatyard/{commit}")
}

/// Removes a folder and all that is in it, if it is there.
pub(super) async fn remove(folder: &Path) -> Result<(), Trouble> {
    match fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let doing = format!("remove {}", folder.display());
            Err(Trouble::failed(&doing, error))
        }
        _ => Ok(()),
    }
}
