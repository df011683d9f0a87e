//! What the installers of Python packages are told: their command lines.

use std::path::Path;

use boatyard_plan::build::ENVIRONMENT;
use boatyard_plan::project::Requirements;

use super::links::Links;
use super::requirements::place;

/// Where the project's files are shown to an installer.
pub(super) const PROJECT_IN_STEP: &str = "/run/boatyard/project";
/// Where uv is shown.
pub(super) const UV_IN_STEP: &str = "/run/boatyard/uv";
/// Where the installer's cache is shown.
pub(super) const CACHE_IN_STEP: &str = "/run/boatyard/cache";

/// What is installed.
pub(super) struct Installation<'a> {
    /// The interpreter, absolute.
    pub(super) python: &'a str,
    /// The requirements.
    pub(super) requirements: &'a Requirements,
    /// Whether anything is pinned by hash, in which case everything must be.
    pub(super) hashes: bool,
    /// Folders with packages.
    pub(super) links: &'a [Links],
}

impl Installation<'_> {
    /// The commands of uv, in order.
    pub(super) fn uv(&self) -> Vec<Vec<String>> {
        let mut commands = vec![words(&[
            UV_IN_STEP,
            "venv",
            "--quiet",
            "--no-project",
            "--python",
            self.python,
            ENVIRONMENT,
        ])];
        let mut install = words(&[
            UV_IN_STEP,
            "pip",
            "install",
            "--python",
            "/opt/venv/bin/python",
        ]);
        if self.hashes {
            install.push("--require-hashes".to_owned());
        }
        match self.requirements {
            Requirements::Files { files, constraints } => {
                install.extend(files.iter().flat_map(|file| [word("-r"), in_project(file)]));
                install.extend(constrained(constraints));
            }
            Requirements::Pyproject {
                file,
                extras,
                groups,
                constraints,
            } => {
                install.extend([word("-r"), in_project(file)]);
                install.extend(
                    extras
                        .iter()
                        .flat_map(|extra| [word("--extra"), extra.clone()]),
                );
                install.extend(
                    groups.iter().flat_map(|group| {
                        [word("--group"), format!("{}:{group}", in_project(file))]
                    }),
                );
                install.extend(constrained(constraints));
            }
            Requirements::Lock {
                file,
                extras,
                groups,
            } => {
                let folder = Path::new(file)
                    .parent()
                    .unwrap_or(Path::new(""))
                    .to_string_lossy()
                    .into_owned();
                let mut export = words(&[
                    UV_IN_STEP,
                    "export",
                    "--quiet",
                    "--frozen",
                    "--no-emit-workspace",
                    "--no-default-groups",
                ]);
                export.extend([
                    word("--project"),
                    in_project(&folder),
                    word("--python"),
                    word(self.python),
                ]);
                export.extend(
                    extras
                        .iter()
                        .flat_map(|extra| [word("--extra"), extra.clone()]),
                );
                export.extend(
                    groups
                        .iter()
                        .flat_map(|group| [word("--group"), group.clone()]),
                );
                export.extend(words(&["-o", "/opt/venv/.exported.txt"]));
                commands.push(export);
                install.extend(words(&[
                    "--require-hashes",
                    "-r",
                    "/opt/venv/.exported.txt",
                ]));
            }
            Requirements::Release {
                requirement,
                constraints,
                ..
            } => install.extend(released(requirement, constraints)),
        }
        install.extend(self.found());
        commands.push(install);
        commands
    }

    /// The commands of pip, in order.
    pub(super) fn pip(&self) -> Vec<Vec<String>> {
        let make = words(&[self.python, "-m", "venv", "--without-pip", ENVIRONMENT]);
        let mut install = words(&[
            self.python,
            "-m",
            "pip",
            "--python",
            "/opt/venv/bin/python",
            "install",
            "--cache-dir",
            CACHE_IN_STEP,
        ]);
        match self.requirements {
            Requirements::Files { files, constraints } => {
                install.extend(files.iter().flat_map(|file| [word("-r"), in_project(file)]));
                install.extend(constrained(constraints));
            }
            // pip installs a project with its dependencies, never the dependencies alone, and knows neither groups
            // nor uv.lock.
            Requirements::Pyproject { file, .. } | Requirements::Lock { file, .. } => {
                install.extend([word("-r"), in_project(file)]);
            }
            Requirements::Release {
                requirement,
                constraints,
                ..
            } => install.extend(released(requirement, constraints)),
        }
        install.extend(self.found());
        vec![make, install]
    }

    fn found(&self) -> impl Iterator<Item = String> {
        self.links
            .iter()
            .flat_map(|links| [word("--find-links"), links.shown.clone()])
    }
}

fn in_project(file: &str) -> String {
    format!("{PROJECT_IN_STEP}/{}", place(file).display())
}

/// The arguments that install a release, or a wheel of the project.
fn released(requirement: &str, constraints: &[String]) -> Vec<String> {
    let (path, extras) = requirement.split_at(requirement.find('[').unwrap_or(requirement.len()));
    let what = if path.starts_with(['.', '/']) {
        format!("{}{extras}", in_project(path))
    } else {
        word(requirement)
    };
    [vec![what], constrained(constraints)].concat()
}

fn constrained(files: &[String]) -> Vec<String> {
    files
        .iter()
        .flat_map(|file| [word("-c"), in_project(file)])
        .collect()
}

fn word(text: &str) -> String {
    text.to_owned()
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| word(text)).collect()
}
