//! The plan of a release's image.

use std::collections::BTreeSet;

use super::{NotARelease, Release};
use crate::build::{BuildPlan, ImagePlan, SCHEMA, env, home, labels, run_config, shared_stages};
use crate::failure::{Failure, Fault};
use crate::project::{Base, Image, Lines, Package, Requirements, SUITES, User};
use crate::reference::Reference;

/// What may be chosen about a release's image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Python version `3.N`. Without a base it chooses the Debian release.
    pub python: Option<String>,
    /// What the image starts from; default: Debian without documentation.
    pub base: Option<Base>,
    /// Debian packages that the release needs.
    pub packages: Vec<Package>,
    /// The console script that the image runs; default: see the [module](super).
    pub entry_point: Option<String>,
    /// Who runs it.
    pub user: User,
    /// Constraint files, relative to the folder of the build.
    pub constraints: Vec<String>,
}

/// The release cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPlanned {
    /// The text does not name a release.
    #[error(transparent)]
    Release {
        /// What is wrong with it.
        #[from]
        source: NotARelease,
    },
    /// No base that we can make has this Python.
    #[error("no Debian release that Boatyard knows has Python {version}")]
    NoPython {
        /// The version asked for.
        version: String,
    },
    /// The base has another Python.
    #[error("Debian {suite} has Python {found}, not {version}")]
    OtherPython {
        /// The Debian release.
        suite: String,
        /// Its Python.
        found: &'static str,
        /// The version asked for.
        version: String,
    },
    /// The base cannot run Python.
    #[error("a Python release cannot run on base \"scratch\"")]
    Scratch,
}

impl Failure for NotPlanned {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Release {
                source: NotARelease::Version { .. },
            } => "name one version: 'NAME==VERSION'".to_owned(),
            Self::Release { .. } => {
                "for example 'httpie==3.2.4' or ./shop-1.2-py3-none-any.whl".to_owned()
            }
            Self::NoPython { .. } | Self::OtherPython { .. } => {
                let has = SUITES.map(|suite| format!("debian:{} has {}", suite.name, suite.python));
                format!(
                    "{}; for others choose an image that has it as base",
                    has.join(", ")
                )
            }
            Self::Scratch => "leave the base out, or use \"debian:bookworm-slim\"".to_owned(),
        })
    }
}

/// The plan for what `text` names: `name[extra]==1.2`, `./file.whl` or `name @ address`.
pub fn parse(text: &str, options: &Options) -> Result<BuildPlan, NotPlanned> {
    plan(&text.parse()?, options)
}

/// What building the image of `release` will do. Its stages are those of a project: base, compiler, runner. The image
/// is called `NAME:VERSION`, or `NAME:latest` where the version is not known before it is installed.
pub fn plan(release: &Release, options: &Options) -> Result<BuildPlan, NotPlanned> {
    let image = Image {
        base: base(options)?,
        python: options.python.clone(),
        packages: options.packages.clone(),
        requirements: Some(Requirements::Release {
            requirement: release.requirement.clone(),
            constraints: options.constraints.clone(),
        }),
        user: options.user.clone(),
        // Nothing is copied, so there is no folder of sources to make.
        workdir: "/".to_owned(),
        ..Image::of(&release.name)
    };
    let mut config = run_config(
        &image.user,
        &home(&image.user),
        env(&image),
        BTreeSet::new(),
    );
    config.cmd = Some(vec![
        options
            .entry_point
            .clone()
            .unwrap_or_else(|| release.name.clone()),
    ]);
    config.labels = labels(&release.name, &release.name);
    if let Some(version) = &release.version {
        config.labels.insert(
            "org.opencontainers.image.version".to_owned(),
            version.clone(),
        );
    }
    Ok(BuildPlan {
        schema: SCHEMA,
        project: release.name.clone(),
        stages: shared_stages(&image, &Lines::default()),
        images: vec![ImagePlan {
            service: release.name.clone(),
            stage: "runner".to_owned(),
            references: vec![reference(release)],
            config,
        }],
    })
}

fn base(options: &Options) -> Result<Base, NotPlanned> {
    let version = options.python.as_deref();
    match &options.base {
        Some(Base::Scratch) => Err(NotPlanned::Scratch),
        Some(Base::Debian { suite, .. }) => {
            let known = SUITES.iter().find(|known| known.name == suite);
            match (known, version) {
                (Some(known), Some(version)) if known.python != version => {
                    Err(NotPlanned::OtherPython {
                        suite: suite.clone(),
                        found: known.python,
                        version: version.to_owned(),
                    })
                }
                _ => Ok(options.base.clone().unwrap_or_default()),
            }
        }
        Some(other) => Ok(other.clone()),
        None => {
            let fits = |python: &&str| SUITES.iter().find(|suite| suite.python == *python);
            let suite = match version {
                Some(version) => fits(&version).ok_or_else(|| NotPlanned::NoPython {
                    version: version.to_owned(),
                })?,
                None => &SUITES[0],
            };
            Ok(Base::Debian {
                suite: suite.name.to_owned(),
                slim: true,
                mirror: None,
            })
        }
    }
}

/// `NAME:VERSION`; what a version may have and a tag may not (`!`, `+`) becomes `-`.
fn reference(release: &Release) -> Reference {
    let tag = release.version.as_deref().map_or_else(
        || "latest".to_owned(),
        |version| version.replace(['!', '+'], "-"),
    );
    Reference {
        registry: None,
        repository: release.name.clone(),
        tag: Some(tag),
        digest: None,
    }
}
