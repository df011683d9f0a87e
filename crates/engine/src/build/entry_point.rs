//! The program that the image of a Python release runs.

use std::path::{Path, PathBuf};

use boatyard_plan::build::{Action, ENVIRONMENT, ImagePlan, Stage};
use boatyard_plan::project::Requirements;
use boatyard_store::Store;

use super::BuildError;
use crate::snapshot::Tree;

/// The plan of a release's image with the program that it runs: the one that was asked for if the environment has it,
/// else the only console script of the release. Other images are left as they are, and those that start a role.
pub(super) fn resolved(
    store: &Store,
    plan: &ImagePlan,
    stages: &[&Stage],
    tree: &Tree,
) -> Result<ImagePlan, BuildError> {
    let release = stages.iter().flat_map(|stage| &stage.steps).any(|step| {
        matches!(
            &step.action,
            Action::Python {
                requirements: Requirements::Release { .. },
                ..
            }
        )
    });
    let asked = plan.config.cmd.as_ref().and_then(|words| words.first());
    let (true, Some(asked)) = (release, asked) else {
        return Ok(plan.clone());
    };
    if asked == "start" {
        return Ok(plan.clone());
    }
    if tree.exists(store, &Path::new(ENVIRONMENT).join("bin").join(asked))? {
        return Ok(plan.clone());
    }
    let folders = tree.snapshots(store)?;
    let known = folders
        .iter()
        .flat_map(|folder| distributions(folder))
        .find(|(name, _)| normal(name) == normal(&plan.service))
        .map(|(_, path)| console_scripts(&std::fs::read_to_string(path).unwrap_or_default()))
        .unwrap_or_default();
    match known.as_slice() {
        [only] => {
            let mut plan = plan.clone();
            plan.config.cmd = Some(vec![only.clone()]);
            Ok(plan)
        }
        _ => Err(BuildError::NoProgram {
            release: plan.service.clone(),
            asked: asked.clone(),
            known,
        }),
    }
}

/// Distributions of an environment in an unpacked layer: name, and where their entry points are.
fn distributions(folder: &Path) -> Vec<(String, PathBuf)> {
    let below = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    };
    below(folder.join(ENVIRONMENT.trim_start_matches('/')).join("lib"))
        .flat_map(|python| below(python.join("site-packages")))
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_suffix(".dist-info")?;
            let (name, _version) = name.split_once('-')?;
            Some((name.to_owned(), path.join("entry_points.txt")))
        })
        .collect()
}

/// A distribution's name in its normal form (Python packaging specifications, "Names and normalization").
fn normal(name: &str) -> String {
    let words: Vec<&str> = name
        .split(['-', '_', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-").to_lowercase()
}

/// Names in the group `console_scripts` (same place, "Entry points specification").
fn console_scripts(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .skip_while(|line| *line != "[console_scripts]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_points() {
        let text = "[gui_scripts]\nx = a:b\n\n[console_scripts]\nhttp = httpie:main\nhttps=httpie:main\n[other]\ny = c:d\n";
        assert_eq!(console_scripts(text), ["http", "https"]);
        assert_eq!(console_scripts(""), Vec::<String>::new());
        assert_eq!(normal("My_Shop.App"), "my-shop-app");
    }
}
