//! Where the application keeps what we run.

use std::path::{Path, PathBuf};

use crate::environment::Environment;

/// The folder of an image's own hooks.
pub const IMAGE_HOOKS: &str = "/etc/boatyard/hooks";

/// The folder of an image's own jobs, one folder for each category.
pub const IMAGE_JOBS: &str = "/etc/boatyard/jobs";

/// The folders of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Where the builder image keeps its scripts: `S2I_SCRIPTS_PATH`.
    pub scripts: PathBuf,
    /// The top folder of the application: `S2I_APPLICATION_PATH`.
    pub application: PathBuf,
    /// The folder of its source, which is the current one: `S2I_SOURCE_PATH`.
    pub source: PathBuf,
    /// Whether everything is as powershift has it, messages included.
    pub is_compatible: bool,
}

impl Layout {
    /// From the environment and the current folder, an absolute path.
    pub fn of(environment: &Environment, current: &Path, is_compatible: bool) -> Self {
        let path = |name: &str| {
            let value = environment.get(name).filter(|value| !value.is_empty())?;
            Some(PathBuf::from(String::from_utf8_lossy(value).into_owned()))
        };
        let application = path("S2I_APPLICATION_PATH").unwrap_or_else(|| {
            let is_usual = current.ends_with("src") && !is_compatible;
            match current.parent() {
                Some(parent) if is_usual => parent.to_owned(),
                _ if is_compatible => PathBuf::from("/opt/app-root"),
                _ => current.to_owned(),
            }
        });
        let source = path("S2I_SOURCE_PATH").unwrap_or_else(|| {
            if is_compatible {
                application.join("src")
            } else {
                current.to_owned()
            }
        });
        Self {
            scripts: path("S2I_SCRIPTS_PATH")
                .or_else(|| path("STI_SCRIPTS_PATH").map(|path| without_scheme(&path)))
                .unwrap_or_else(|| PathBuf::from("/usr/libexec/s2i")),
            application,
            source,
            is_compatible,
        }
    }

    /// The folders of hooks, the application's before the image's.
    pub fn hooks(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.source.join(".s2i/action_hooks")];
        if !self.is_compatible {
            folders.push(PathBuf::from(IMAGE_HOOKS));
        }
        folders
    }

    /// The folders of a category's jobs, in the order in which they run; the first is the old name of the second.
    pub fn jobs(&self, category: &str) -> Vec<PathBuf> {
        let mut folders = vec![
            self.source.join(".s2i/cron_jobs").join(category),
            self.source.join(".s2i/jobs").join(category),
        ];
        if !self.is_compatible {
            folders.push(Path::new(IMAGE_JOBS).join(category));
        }
        folders
    }

    /// The variables that hooks and builder scripts find their way by.
    pub fn export(&self, environment: &mut Environment) {
        for (name, path) in [
            ("S2I_SCRIPTS_PATH", &self.scripts),
            ("S2I_APPLICATION_PATH", &self.application),
            ("S2I_SOURCE_PATH", &self.source),
        ] {
            environment.set(name, path.as_os_str().as_encoded_bytes());
        }
    }
}

/// Older images say `image:///usr/libexec/s2i`.
fn without_scheme(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    PathBuf::from(text.strip_prefix("image://").unwrap_or(&text))
}
