//! The kubefiles of an environment, filled in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use boatyard_cluster::kubefiles::{Breach, Build, Commit, Files, Mode, breaches, manifests, read};
use boatyard_cluster::manifest::Manifest;
use boatyard_cluster::runboat::{self, There};
use boatyard_preview::config::{Concealed, Folder};
use boatyard_preview::environment::Environment;
use boatyard_preview::revision::{Place, Subject};

use crate::cluster::realm::Realm;
use crate::lane::{Stop, Trouble};

/// What begins the name of a build: a Service of that name begins with a letter.
const BUILD: &str = "b";

/// With which kubefiles an environment is made.
#[derive(Clone, Debug)]
pub struct Kubefiles {
    /// Where they are; a folder of this machine is a whole path.
    pub folder: Folder,
    /// The image; `{commit}` in it is the commit.
    pub image: String,
    /// Variables of its processes.
    pub env: BTreeMap<String, String>,
    /// Those that nobody is to see.
    pub secret_env: BTreeMap<String, Concealed>,
    /// What else templates want.
    pub variables: BTreeMap<String, String>,
    /// Whether a job cleans up before it is taken away.
    pub has_cleanup: bool,
    /// The domain below which environments are.
    pub domain: String,
}

/// The kubefiles of the environments of a place that is made by some.
pub type KubefilesOf = Arc<dyn Fn(&Place) -> Option<Kubefiles> + Send + Sync>;

impl Realm {
    /// The kubefiles of an environment that is made by some; others have none.
    pub(in crate::cluster) fn kubefiles(&self, one: &Environment) -> Result<Kubefiles, Trouble> {
        (self.terms.kubefiles)(&one.revision.place).ok_or_else(|| {
            Trouble::Failed("the configuration names no kubefiles for it any more".to_owned())
        })
    }

    /// The variables of its templates; `there`: what is written on it, if it is there.
    pub(super) fn build(
        &self,
        one: &Environment,
        files: &Kubefiles,
        there: Option<&There>,
    ) -> Build {
        let image = files.image.replace("{commit}", &one.revision.commit);
        // A colon before a slash is that of a port.
        let (name, tag) = match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (image.as_str(), "latest"),
        };
        let secrets = files.secret_env.iter().filter(|_| one.is_trusted);
        Build {
            mode: Mode::Deployment,
            namespace: self.ground(&one.id),
            build_name: there
                .map_or_else(|| format!("{BUILD}{}", one.id), |there| there.build.clone()),
            build_slug: one.id.to_string(),
            build_domain: files.domain.clone(),
            commit_info: there.map_or_else(|| self.commit(one), |there| there.commit.clone()),
            image_name: name.to_owned(),
            image_tag: tag.to_owned(),
            build_env: files.env.clone(),
            build_secret_env: secrets
                .map(|(name, value)| (name.clone(), value.reveal().to_owned()))
                .collect(),
            build_template_vars: files.variables.clone(),
        }
    }

    fn commit(&self, one: &Environment) -> Commit {
        let place = &one.revision.place;
        let (target_branch, pr) = match &place.subject {
            Subject::Branch(name) => (name.clone(), None),
            Subject::PullRequest(number) => ((self.terms.target)(place), Some(*number)),
        };
        Commit {
            repo: place.repository.name.to_lowercase(),
            target_branch,
            pr,
            git_commit: one.revision.commit.clone(),
        }
    }

    /// The texts of its kubefiles.
    pub(super) async fn texts(
        &self,
        one: &Environment,
        files: &Kubefiles,
        stop: &Stop,
    ) -> Result<Files, Trouble> {
        let folder = match &files.folder {
            Folder::Server(path) => PathBuf::from(path),
            // Whoever writes them has the server do what they say.
            Folder::Repository(_) if !one.is_trusted => {
                return Err(Trouble::Failed(
                    "its kubefiles are a stranger's, and are not used\n\
                     help: kubefiles of the server are: folder = ... in [cluster.kubefiles]"
                        .to_owned(),
                ));
            }
            Folder::Repository(path) => {
                self.site.checkout(one, stop).await?;
                self.site.stays_inside(one).await?;
                self.site.folder(&one.id).join("source").join(path)
            }
        };
        let doing = format!("read the kubefiles in {}", folder.display());
        let looked = tokio::task::spawn_blocking(move || read(&folder)).await;
        let texts = looked.map_err(|error| Trouble::failed(&doing, error))?;
        texts.map_err(|error| Trouble::failed(&doing, Trouble::of_work(&error)))
    }
}

impl Trouble {
    /// What a cluster said of a build, with what to do about it; what it did not answer is begun again.
    pub(super) fn of_build(error: impl Into<runboat::Error>) -> Self {
        match error.into() {
            runboat::Error::Refused(refusal) => Self::of(refusal),
            runboat::Error::Unready(error) => Self::of(error),
            error => Self::of_work(&error),
        }
    }
}

/// The manifests of a mode, which are as a controller relies on.
pub(super) fn filled(texts: &Files, of: &Build, mode: Mode) -> Result<Vec<Manifest>, Trouble> {
    let build = Build { mode, ..of.clone() };
    let doing = format!("fill in the kubefiles of the mode {}", mode.name());
    let outcome = manifests(texts, &build);
    let all = outcome.map_err(|error| Trouble::failed(&doing, Trouble::of_work(&error)))?;
    let broken = breaches(&all, &build);
    if broken.is_empty() {
        return Ok(all);
    }
    let said: Vec<String> = broken.iter().map(said).collect();
    Err(Trouble::Failed(format!(
        "kubefiles of the mode {} are not as they have to be: {}\n\
         help: docs/reference/runboat.md has their contract, and \"boatyard render kubefiles\" shows what becomes of them",
        mode.name(),
        said.join("; ")
    )))
}

fn said(breach: &Breach) -> String {
    let object = breach.object.as_ref().map(|id| format!("{id} lacks "));
    format!(
        "{}{}",
        object.unwrap_or_else(|| "there is to be ".to_owned()),
        breach.expected
    )
}
