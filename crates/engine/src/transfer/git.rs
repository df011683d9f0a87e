//! What `ADD` takes from Git repositories, by the `git` program of this machine.
//!
//! ```text
//! FOLDER/git/<digest of the remote>/     a bare repository with the commits that builds asked for, shallow
//! ```
//! The user's own settings of Git are not read: the same commit gives the same files for everybody.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use boatyard_plan::digest::Digest;
use boatyard_plan::dockerfile::CopyOp;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::release::without_password;
use boatyard_store::{DiskError, Scratch, Store, remove_tree};

use super::git_address::Address;
use super::{Downloads, TransferError};

/// Why a Git repository could not be had.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no `git` here.
    #[error("cannot run git, which ADD of a repository needs")]
    NoGit {
        /// What the system said.
        source: std::io::Error,
    },
    /// `git` failed.
    #[error("git {verb} of {remote} failed: {said}")]
    Failed {
        /// Which command.
        verb: String,
        /// Which repository, without its password.
        remote: String,
        /// The last line that it printed.
        said: String,
    },
    /// The repository has no such branch, tag or commit.
    #[error("{remote} has no branch, tag or commit {reference:?}")]
    NoReference {
        /// Which repository.
        remote: String,
        /// What was asked for.
        reference: String,
    },
    /// The address says something that we do not know.
    #[error("the address of {remote} has {part:?}, which means nothing")]
    Query {
        /// Which repository.
        remote: String,
        /// Which part.
        part: String,
    },
}

impl Failure for GitError {
    fn fault(&self) -> Fault {
        match self {
            Self::NoGit { .. } => Fault::Refused,
            Self::Failed { .. } => Fault::Work,
            Self::NoReference { .. } | Self::Query { .. } => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::NoGit { .. } => "install git",
                Self::Failed { .. } => "look at the address, the network and who may read it",
                Self::NoReference { .. } => "look at what follows the # of the address",
                Self::Query { .. } => {
                    "known are ref, tag, branch, subdir, checksum, keep-git-dir and submodules"
                }
            }
            .to_owned(),
        )
    }
}

/// A commit's files.
pub(super) struct Checkout {
    /// Where they are.
    pub(super) tree: PathBuf,
    /// Which of them are wanted, relative; empty for all.
    pub(super) folder: String,
    /// The repository's URL.
    pub(super) remote: String,
    pub(super) commit: String,
    /// When it was made, seconds since 1970.
    pub(super) time: i64,
    /// Removes them when it is dropped.
    pub(super) scratch: Scratch,
}

/// Checks out what `url` names into a scratch folder.
pub(super) fn check_out(
    url: &str,
    op: &CopyOp,
    downloads: &Downloads,
    store: &Store,
) -> Result<Checkout, TransferError> {
    let address = Address::parse(url)?;
    let name = Digest::of(address.remote.as_bytes());
    let repository = downloads.repositories().join(name.hex());
    let _turn = store.lock_action(&format!("git-{}", name.hex()))?;
    let git = Git {
        remote: &address.remote,
        folder: &repository,
    };
    if !repository.join("HEAD").exists() {
        std::fs::create_dir_all(&repository)
            .map_err(|error| DiskError::new("create folder", &repository, error))?;
        git.run(&["init", "--quiet", "--bare"])?;
        git.run(&["config", "uploadpack.allowAnySHA1InWant", "true"])?;
    }
    let reference = address.reference.as_deref().unwrap_or("HEAD");
    let commit = git.commit(reference)?;
    let wanted = op.checksum.as_ref().or(address.checksum.as_ref());
    if let Some(wanted) = wanted
        && !commit.starts_with(wanted.as_str())
    {
        return Err(TransferError::WrongChecksum {
            what: without_password(&address.remote),
            expected: wanted.clone(),
            found: commit,
        });
    }
    let time = git.run(&["show", "-s", "--format=%ct", &commit])?;
    let scratch = store.scratch()?;
    let tree = scratch.new_dir("tree")?;
    let clone = Git {
        remote: &address.remote,
        folder: &tree,
    };
    clone.run(&["init", "--quiet"])?;
    let here = format!("file://{}", repository.display());
    clone.run(&["fetch", "--quiet", "--depth=1", "--", &here, &commit])?;
    clone.run(&["remote", "add", "origin", &address.remote])?;
    clone.run(&["checkout", "--quiet", "FETCH_HEAD"])?;
    if address.submodules && tree.join(".gitmodules").is_file() {
        clone.run(&[
            "submodule",
            "update",
            "--quiet",
            "--init",
            "--recursive",
            "--depth=1",
        ])?;
    }
    if !(op.keep_git_dir || address.keep.unwrap_or(false)) {
        forget(&tree)?;
    }
    Ok(Checkout {
        tree,
        folder: address.folder,
        remote: address.remote,
        commit,
        time: time.trim().parse().unwrap_or(0),
        scratch,
    })
}

/// Removes `.git`, also those of submodules.
fn forget(folder: &Path) -> Result<(), TransferError> {
    remove_tree(&folder.join(".git"))?;
    let failed = |error| DiskError::new("list", folder, error);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            forget(&entry.path())?;
        }
    }
    Ok(())
}

/// One repository on this machine.
struct Git<'a> {
    remote: &'a str,
    folder: &'a Path,
}

impl Git<'_> {
    /// The commit that `reference` of the remote is, which is fetched if it is not here.
    fn commit(&self, reference: &str) -> Result<String, GitError> {
        let (name, commit) = if is_commit(reference) {
            (reference.to_owned(), reference.to_owned())
        } else {
            self.look_up(reference)?
        };
        let object = format!("{commit}^{{commit}}");
        if self.run(&["cat-file", "-e", &object]).is_ok() {
            return Ok(commit);
        }
        self.run(&[
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--",
            self.remote,
            &name,
        ])?;
        let peeled = self.run(&["rev-parse", "--verify", "--quiet", &object]);
        peeled
            .map(|commit| commit.trim().to_owned())
            .map_err(|_| GitError::NoReference {
                remote: without_password(self.remote),
                reference: reference.to_owned(),
            })
    }

    /// The full name of a branch or tag, and its commit.
    fn look_up(&self, reference: &str) -> Result<(String, String), GitError> {
        let peeled = format!("{reference}^{{}}");
        let listed = self.run(&["ls-remote", "--", self.remote, reference, &peeled])?;
        let listed: Vec<(&str, &str)> = listed
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(commit, name)| (name, commit))
            .collect();
        let find = |wanted: &str| listed.iter().find(|(name, _)| *name == wanted);
        for name in [
            reference.to_owned(),
            format!("refs/heads/{reference}"),
            format!("refs/tags/{reference}"),
        ] {
            if let Some((_, commit)) = find(&name) {
                // An annotated tag is an object of its own; what it names is listed beside it.
                let commit = find(&format!("{name}^{{}}")).map_or(*commit, |(_, commit)| commit);
                return Ok((name, commit.to_owned()));
            }
        }
        Err(GitError::NoReference {
            remote: without_password(self.remote),
            reference: reference.to_owned(),
        })
    }

    /// Runs `git` in the folder and gives what it prints.
    fn run(&self, arguments: &[&str]) -> Result<String, GitError> {
        let output = Command::new("git")
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "core.autocrlf=false",
            ])
            .args(["-c", "advice.detachedHead=false", "-c", "gc.auto=0"])
            .args(["-c", "init.defaultBranch=main", "-c", "safe.directory=*"])
            .arg("-C")
            .arg(self.folder)
            .args(arguments)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .stdin(Stdio::null())
            .output()
            .map_err(|source| GitError::NoGit { source })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or("it said nothing");
        Err(GitError::Failed {
            verb: (*arguments.first().unwrap_or(&"")).to_owned(),
            remote: without_password(self.remote),
            said: said.replace(self.remote, &without_password(self.remote)),
        })
    }
}

fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}
