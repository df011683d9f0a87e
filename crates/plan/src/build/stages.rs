//! The stages that all images of a project share: base, compiler, runner.

use std::collections::BTreeSet;

use super::steps::Draft;
use super::{Action, Parent, Stage};
use crate::project::{Base, Image, Installer, Lines, Repository, Requirements};

/// What a copy leaves out: version control, caches, tests, secrets and what only a developer's machine needs.
pub(super) const EXCLUDE: [&str; 10] = [
    ".git",
    "__pycache__",
    "*.pyc",
    "tests",
    "test",
    ".venv",
    "node_modules",
    "*.egg-info",
    ".env",
    ".boatyard",
];

/// Stages `base`, `compiler` (where Python dependencies are installed) and `runner`, in this order.
pub(crate) fn shared_stages(image: &Image, lines: &Lines) -> Vec<Stage> {
    let mut stages = vec![base(image, lines)];
    stages.extend(image.requirements.is_some().then(|| compiler(image, lines)));
    stages.push(runner(image, lines));
    stages
}

/// Whether the image runs Python.
pub(super) fn wants_python(image: &Image) -> bool {
    image.python.is_some() || image.requirements.is_some()
}

/// What the official Python images have beside the interpreter: time zones (zoneinfo fails without them), the public
/// certificate authorities (so does every call over TLS), and the C++ library, which wheels may count on (PEP 513 and
/// after, `manylinux`): those of numpy do.
pub(crate) const PYTHON: [&str; 4] = ["python3", "tzdata", "ca-certificates", "libstdc++6"];

/// The packages that the project names for when it runs.
fn run_packages(image: &Image) -> BTreeSet<String> {
    let names = image.packages.iter();
    names.filter_map(|package| package.run.clone()).collect()
}

fn base(image: &Image, lines: &Lines) -> Stage {
    let why = match &image.base {
        Base::Scratch => "an empty root file system".to_owned(),
        Base::Debian { suite, .. } => {
            format!("Debian {suite} with what the application needs when it runs")
        }
        Base::Distroless { suite, .. } => {
            format!("Debian {suite} without a shell, with what the application needs when it runs")
        }
        Base::Layout { path, .. } | Base::Archive { path } => {
            format!("the image in {path}, which the project starts from")
        }
        Base::Dockerfile(recipe) => {
            format!("what {} makes, which the project starts from", recipe.file)
        }
        Base::Registry { reference } => {
            format!("the image {reference}, which the project starts from")
        }
    };
    let mut draft = Draft::new("base", Parent::Base(image.base.clone()), why);
    let mut names = run_packages(image);
    let why = match (wants_python(image) && is_debian(image), names.is_empty()) {
        (true, empty) => {
            names.extend(PYTHON.map(str::to_owned));
            if empty {
                "the interpreter, with time zones and certificate authorities"
            } else {
                "the interpreter, and what the application uses when it runs"
            }
        }
        (false, _) => "libraries and programs that the application uses when it runs",
    };
    if !names.is_empty() {
        let line = lines.first_of(&[
            "image.packages",
            "image.python",
            "image.requirements",
            "image.pyproject",
            "image.lock",
        ]);
        packages(&mut draft, line, why, names, &image.repositories);
    }
    draft.done()
}

/// What to compile in where the base cannot: the whole release that the base is a part of.
fn whole_release(base: &Base) -> Option<Base> {
    match base {
        Base::Distroless { suite, mirror } => Some(Base::Debian {
            suite: suite.clone(),
            slim: true,
            mirror: mirror.clone(),
        }),
        _ => None,
    }
}

fn compiler(image: &Image, lines: &Lines) -> Stage {
    let mut names: BTreeSet<String> = image
        .packages
        .iter()
        .filter_map(|package| package.build.clone())
        .collect();
    let compile = !names.is_empty();
    let stage_why = if compile {
        "builds wheels against the build-time packages; nothing of it reaches an image but the wheels"
    } else {
        "builds wheels, should a requirement have none; nothing of it reaches an image but the wheels"
    };
    let from = whole_release(&image.base).map_or(Parent::Stage("base".to_owned()), Parent::Base);
    if matches!(from, Parent::Base(_)) {
        // The base has no dpkg that could add to it, so that what it has is wanted here once more.
        names.extend(run_packages(image));
    }
    let mut draft = Draft::new("compiler", from, stage_why);
    let why = if compile {
        "a C compiler, and the build-time packages that the project names"
    } else {
        "a C compiler"
    };
    names.insert("build-essential".to_owned());
    if is_debian(image) {
        names.insert("python3-dev".to_owned());
        if image.installer == Installer::Pip {
            names.extend(["python3-pip".to_owned(), "python3-venv".to_owned()]);
        }
    }
    let line = compile
        .then(|| lines.first_of(&["image.build-packages", "image.packages"]))
        .flatten();
    packages(&mut draft, line, why, names, &image.repositories);
    draft.on_demand(!compile).done()
}

/// Ordered for the cache: what takes long and what seldom changes comes first.
fn runner(image: &Image, lines: &Lines) -> Stage {
    let why = "what all services share: dependencies, the user, init and the shared folders";
    let mut draft = Draft::new("runner", Parent::Stage("base".to_owned()), why);
    if let Some(requirements) = &image.requirements {
        draft.step(
            lines.first_of(&["image.requirements", "image.pyproject", "image.lock"]),
            format!("install {}", sources(requirements)),
            "the application's Python dependencies, in a virtual environment",
            Action::Python {
                version: image.python.clone(),
                requirements: requirements.clone(),
                installer: image.installer,
                compiler: "compiler".to_owned(),
                compile: image.packages.iter().any(|package| package.build.is_some()),
            },
        );
    }
    let user = &image.user;
    let is_root = user.uid == 0;
    if !is_root {
        draft.step(
            lines.of("image.user"),
            format!("user {} ({}:{})", user.name, user.uid, user.gid),
            "the application does not run as root",
            Action::User { user: user.clone() },
        );
    }
    if image.workdir != "/" {
        // Sticky and writable by the group: a process may make files here (celery beat keeps its schedule in its
        // working folder), but not replace the sources, which are root's.
        let (mode, gid) = if is_root {
            (0o755, 0)
        } else {
            (0o1775, user.gid)
        };
        let action = Action::Folder {
            path: image.workdir.clone(),
            mode,
            uid: 0,
            gid,
        };
        draft.step(
            lines.of("image.workdir"),
            format!("folder {}", image.workdir),
            "where the sources go",
            action,
        );
    }
    init(&mut draft);
    if !image.shared.is_empty() {
        copy(
            &mut draft,
            lines.of("image.shared"),
            &image.shared,
            "sources that every service has",
            &image.workdir,
        );
    }
    draft.done()
}

/// Adds boatyard-init.
pub(super) fn init(draft: &mut Draft) {
    draft.step(
        None,
        "boatyard-init",
        "PID 1: starts roles and jobs, forwards signals, reaps",
        Action::Init,
    );
}

/// Adds the installation of Debian packages.
pub(super) fn packages(
    draft: &mut Draft,
    line: Option<usize>,
    why: &str,
    names: BTreeSet<String>,
    repositories: &[Repository],
) {
    let names: Vec<String> = names.into_iter().collect();
    let more = repositories.iter();
    let more = more.map(|repository| format!("; also from {}", repository.url));
    draft.step(
        line,
        format!("install {}", names.join(", ")),
        more.fold(why.to_owned(), |why, more| why + &more),
        Action::Packages {
            names,
            repositories: repositories.to_vec(),
        },
    );
}

/// Adds a copy of sources.
pub(super) fn copy(
    draft: &mut Draft,
    line: Option<usize>,
    sources: &[String],
    why: &str,
    dest: &str,
) {
    let action = Action::Copy {
        sources: sources.to_vec(),
        dest: dest.to_owned(),
        exclude: EXCLUDE.map(str::to_owned).to_vec(),
    };
    draft.step(line, format!("copy {}", sources.join(", ")), why, action);
}

fn is_debian(image: &Image) -> bool {
    image.base.suite().is_some()
}

fn sources(requirements: &Requirements) -> String {
    match requirements {
        Requirements::Files { files, .. } => format!("what {} names", files.join(", ")),
        Requirements::Pyproject { file, .. } | Requirements::Lock { file, .. } => {
            format!("what {file} names")
        }
        Requirements::Release { requirement, .. } => without_password(requirement),
    }
}

/// The requirement without what stands before the host in an address: titles end up in logs and in the image's history.
pub fn without_password(requirement: &str) -> String {
    let Some((scheme, rest)) = requirement.split_once("://") else {
        return requirement.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn passwords_are_not_shown() {
        for (address, shown) in [
            (
                "https://me:secret@example.com/a.git",
                "https://example.com/a.git",
            ),
            ("https://me:secret@example.com", "https://example.com"),
            (
                "https://a@b:secret@index.example/simple/",
                "https://index.example/simple/",
            ),
            (
                "https://user:secret@index.example/simple/",
                "https://index.example/simple/",
            ),
            ("https://index.example/a@b", "https://index.example/a@b"),
            ("git@example.com:a.git", "git@example.com:a.git"),
            ("index", "index"),
        ] {
            assert_eq!(without_password(address), shown);
        }
    }
}
