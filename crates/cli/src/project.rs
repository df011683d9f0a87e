//! The project: found, read, checked.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use boatyard_engine::build::Given;
use boatyard_engine::session::Place;
use boatyard_plan::build::{BuildPlan, kept_out};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::{self, Project};

use crate::diagnose::Mistakes;
use crate::progress::origin;
use crate::stopped::Stopped;
use crate::verb::build::{Job, Own};

/// The name of the project file.
pub const FILE: &str = "boatyard.toml";

/// Which project is meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named<'a> {
    /// The folder that -C names, if it was given.
    pub folder: Option<&'a Path>,
    /// The copy that --copy names, if it was given.
    pub copy: Option<&'a str>,
}

/// The project file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is none here or above.
    #[error("there is no {FILE} in {} or above it", folder.display())]
    Nowhere {
        /// Where the search began.
        folder: PathBuf,
    },
    /// There is none in the folder that -C names.
    #[error("there is no {FILE} in {}", folder.display())]
    NotThere {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder that -C names cannot be entered.
    #[error("cannot enter the folder {}", folder.display())]
    Enter {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The current folder is gone.
    #[error("cannot tell which folder this is")]
    Current {
        /// Why not.
        source: io::Error,
    },
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Failure for ProjectError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Nowhere { .. } => Some(format!(
                "go to the project's folder or name it: boatyard -C DIR ...;\n\
                 \"boatyard new\" writes a first {FILE} from what the source shows"
            )),
            Self::NotThere { .. } => Some(format!("-C names the folder that {FILE} is in")),
            Self::Enter { .. } | Self::Current { .. } | Self::Read { .. } => None,
        }
    }
}

/// A project with the file that describes it.
#[derive(Debug)]
pub struct Found {
    /// Its folder, absolute.
    pub folder: PathBuf,
    /// The file's text.
    pub text: String,
    /// What it says.
    pub project: Project,
}

impl Found {
    /// Building `plan`, a plan of this project.
    pub fn job(&self, plan: BuildPlan) -> Job {
        Job {
            folder: self.folder.clone(),
            origins: origin::of(&plan, FILE, &self.text),
            index: None,
            plan,
            given: Given::default(),
            own: Own::of(&self.project),
            is_project: true,
            copy: self.project.copy.clone(),
            kept_out: kept_out(&self.project),
        }
    }

    /// Where the session of this project keeps its files.
    pub fn place(&self, home: &Path) -> Place {
        let place = Place::new(home, &self.project.name, &self.folder);
        match &self.project.copy {
            Some(copy) => place.of_copy(copy),
            None => place,
        }
    }
}

/// Enters the folder that -C names, as git and make do: other paths of the command line start from there.
pub fn enter(folder: &Path) -> Result<(), ProjectError> {
    std::env::set_current_dir(folder).map_err(|source| ProjectError::Enter {
        folder: folder.to_owned(),
        source,
    })
}

/// The current folder, absolute.
pub fn here() -> Result<PathBuf, ProjectError> {
    std::env::current_dir().map_err(|source| ProjectError::Current { source })
}

/// Finds and reads the project: in the current folder if `named` (what -C said, [`enter`]ed by now), else also above it.
pub fn find(named: Named<'_>) -> Result<Found, Stopped> {
    let here = here()?;
    let mut folders = here
        .ancestors()
        .take(named.folder.map_or(usize::MAX, |_| 1));
    let Some(folder) = folders.find(|folder| folder.join(FILE).is_file()) else {
        return Err(if named.folder.is_some() {
            ProjectError::NotThere { folder: here }.into()
        } else {
            ProjectError::Nowhere { folder: here }.into()
        });
    };
    let path = folder.join(FILE);
    let text = fs::read_to_string(&path).map_err(|source| ProjectError::Read {
        path: path.clone(),
        source,
    })?;
    match project::parse(&text) {
        Ok(project) => Ok(Found {
            folder: folder.to_owned(),
            text,
            project: Project {
                copy: named.copy.map(str::to_owned),
                ..project
            },
        }),
        Err(diagnostics) => Err(Stopped::Mistaken(Mistakes {
            file: shown(&path, &here, named),
            text,
            diagnostics,
            fault: Fault::User,
            causes: Vec::new(),
            findings: false,
        })),
    }
}

/// The path as people should see it: from where they started the command, relative if it is below.
fn shown(path: &Path, here: &Path, named: Named<'_>) -> String {
    let relative = path.strip_prefix(here).unwrap_or(path);
    let path = named
        .folder
        .map_or_else(|| relative.to_owned(), |folder| folder.join(relative));
    path.display().to_string()
}
