//! `--from FILE`: the file that says which processes there are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_harden::compose::{carry, wanted};
use boatyard_plan::detect::{Composed, Origin};
use boatyard_plan::failure::Fault;

use super::{NewError, read};
use crate::diagnose::Mistakes;
use crate::stopped::Stopped;

/// The file, as far as it has been read.
pub(super) enum Chosen {
    Compose(Box<Composed>),
    Dockerfile(String),
    Procfile(String),
    S2i,
}

impl Chosen {
    /// As detection takes it.
    pub(super) fn as_origin(&self) -> Origin<'_> {
        match self {
            Self::Compose(composed) => Origin::Compose(composed),
            Self::Dockerfile(path) => Origin::Dockerfile(path),
            Self::Procfile(path) => Origin::Procfile(path),
            Self::S2i => Origin::S2i,
        }
    }
}

/// Reads `file`, which is inside of `folder`, the project's, and adds its text to `texts`; also the text of the Dockerfile
/// that it names.
pub(super) fn choose(
    file: &Path,
    folder: &Path,
    texts: &mut BTreeMap<String, String>,
) -> Result<Chosen, Stopped> {
    let absolute = crate::project::here()?.join(file);
    if !absolute.exists() {
        return Err(NewError::NotThere {
            path: file.to_owned(),
        }
        .into());
    }
    let relative = relative(&absolute, folder).ok_or_else(|| NewError::Outside {
        path: file.to_owned(),
        folder: folder.to_owned(),
    })?;
    let name = relative.rsplit('/').next().unwrap_or(&relative);
    let lower = name.to_lowercase();
    let is_yaml = [".yaml", ".yml"].iter().any(|end| lower.ends_with(end));
    let is_dockerfile = ["dockerfile", "containerfile"].iter().any(|word| {
        lower == *word
            || lower.starts_with(&format!("{word}."))
            || lower.ends_with(&format!(".{word}"))
    });
    if relative == ".s2i" || relative.starts_with(".s2i/") || relative == "app.sh" {
        return Ok(Chosen::S2i);
    }
    if !absolute.is_file() || !(is_yaml || is_dockerfile || lower.contains("procfile")) {
        return Err(NewError::Unknown {
            path: file.to_owned(),
        }
        .into());
    }
    let text = read(&absolute)?;
    texts.insert(relative.clone(), text.clone());
    if is_dockerfile {
        return Ok(Chosen::Dockerfile(relative));
    }
    if !is_yaml {
        return Ok(Chosen::Procfile(relative));
    }
    let of_folder = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = beside(&relative, &text, folder)?;
    let composed = carry(&relative, &text, &of_folder, &beside).map_err(|unreadable| Mistakes {
        file: file.display().to_string(),
        text,
        diagnostics: unreadable.mistakes,
        fault: Fault::User,
        causes: Vec::new(),
        findings: false,
    })?;
    if let Some(recipe) = &composed.recipe {
        let dockerfile = folder.join(&recipe.file);
        if dockerfile.is_file() {
            texts.insert(recipe.file.clone(), read(&dockerfile)?);
        }
    }
    Ok(Chosen::Compose(Box::new(composed)))
}

/// The files that a Compose file names, and those that these name; those of the project alone, also behind links.
fn beside(file: &str, text: &str, folder: &Path) -> Result<BTreeMap<String, String>, Stopped> {
    /// How far they lead.
    const ROUNDS: usize = 16;
    let mut beside = BTreeMap::new();
    for _ in 0..ROUNDS {
        let before = beside.len();
        for path in wanted(file, text, &beside) {
            let absolute = folder.join(&path);
            if absolute.is_file() && relative(&absolute, folder).is_some() {
                beside.insert(path, read(&absolute)?);
            }
        }
        if beside.len() == before {
            break;
        }
    }
    Ok(beside)
}

/// The path inside of the folder, with `.` and `..` gone.
fn relative(path: &Path, folder: &Path) -> Option<String> {
    let whole = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    let inside = whole(path)?.strip_prefix(whole(folder)?).ok()?.to_owned();
    inside.to_str().map(str::to_owned)
}
