//! Python dependencies, as instructions of the stage that installs them.

use boatyard_plan::build::ENVIRONMENT;
use boatyard_plan::project::{Installer, Requirements};

use super::quote::word;
use super::refused::Refused;

/// Where the files of the requirements are while they are installed.
const FOLDER: &str = "/build";

/// Instructions that make the virtual environment.
pub(super) fn install(
    requirements: &Requirements,
    installer: Installer,
    python: &str,
) -> Result<Vec<String>, Refused> {
    let mut lines: Vec<String> = requirements.files().iter().map(|file| copy(file)).collect();
    let uv = "/opt/uv/bin/uv";
    let at = |file: &String| word(&format!("{FOLDER}/{file}"));
    let each = |flag: &str, words: &[String]| {
        let words = words.iter().map(|text| format!(" {flag} {}", word(text)));
        words.collect::<String>()
    };
    let files = |flag: &str, files: &[String]| {
        let files = files.iter().map(|file| format!(" {flag} {}", at(file)));
        files.collect::<String>()
    };
    let pip =
        format!("{uv} pip install --no-cache --compile-bytecode --python {ENVIRONMENT}/bin/python");
    let command = match requirements {
        Requirements::Files {
            files: all,
            constraints,
        } if installer == Installer::Pip => {
            lines.push(format!(
                "RUN {python} -m venv {ENVIRONMENT} \\\n && {ENVIRONMENT}/bin/pip install --no-cache-dir{}{}",
                files("-r", all),
                files("-c", constraints)
            ));
            return Ok(lines);
        }
        Requirements::Files {
            files: all,
            constraints,
        } => {
            format!("{pip}{}{}", files("-r", all), files("-c", constraints))
        }
        Requirements::Pyproject {
            file,
            extras,
            groups,
            constraints,
        } => {
            let groups: Vec<String> = groups
                .iter()
                .map(|group| format!("{FOLDER}/{file}:{group}"))
                .collect();
            format!(
                "{pip} -r {}{}{}{}",
                at(file),
                each("--extra", extras),
                each("--group", &groups),
                files("-c", constraints)
            )
        }
        Requirements::Lock {
            file,
            extras,
            groups,
        } => {
            let folder = file
                .rsplit_once('/')
                .map_or(FOLDER.to_owned(), |(folder, _)| {
                    format!("{FOLDER}/{folder}")
                });
            format!(
                "{uv} export --quiet --frozen --no-emit-workspace --no-default-groups --project {}{}{} -o {FOLDER}/exported.txt \\\n && {pip} --require-hashes -r {FOLDER}/exported.txt",
                word(&folder),
                each("--extra", extras),
                each("--group", groups)
            )
        }
        Requirements::Release { .. } => return Err(Refused::Release),
    };
    lines.push(format!(
        "RUN {python} -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv"
    ));
    lines.push(format!(
        "RUN {uv} venv --quiet --no-project --python {python} {ENVIRONMENT} \\\n && {command}"
    ));
    Ok(lines)
}

/// Copies a file; one in a folder with all of that folder, since such files name each other.
fn copy(file: &str) -> String {
    let source = match file.rsplit_once('/') {
        Some((folder, name)) if !matches!(name, "pyproject.toml" | "uv.lock") => folder,
        _ => file,
    };
    format!(
        "COPY {}",
        crate::dockerfile::json(&[source, &format!("{FOLDER}/{source}")])
    )
}
