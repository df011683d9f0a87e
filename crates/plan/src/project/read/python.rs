//! `python`, `requirements`, `pyproject`, `lock`, `installer`: the Python side of an image.

use super::words;
use crate::document::{Findings, Section, suggestion};
use crate::project::{Base, Installer, Requirements, SUITES, Suite};

/// The keys that say where dependencies come from; at most one may be given.
const SOURCES: [&str; 3] = ["requirements", "pyproject", "lock"];

/// The Python version `3.N`, if one is given.
pub(super) fn version(image: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let text = image.string("python", findings)?;
    let fits = text.strip_prefix("3.").is_some_and(|minor| {
        !minor.is_empty() && minor.len() <= 2 && minor.bytes().all(|b| b.is_ascii_digit())
    });
    if !fits {
        let two: Vec<&str> = text.split('.').take(2).collect();
        let help = if text.starts_with("3.") && text.split('.').count() > 2 {
            format!("the third number is Debian's choice: \"{}\"", two.join("."))
        } else {
            "for example \"3.11\"".to_owned()
        };
        findings
            .value(
                &image.path("python"),
                format!("\"{text}\" is not a Python version"),
            )
            .with_label("expected 3 and a minor version")
            .with_help(help);
        return None;
    }
    Some(text)
}

/// Notes a Python that the base cannot give.
pub(super) fn check_base(
    base: &Base,
    version: Option<&str>,
    image: &Section<'_>,
    findings: &mut Findings,
) {
    let wanting = ["python", SOURCES[0], SOURCES[1], SOURCES[2]]
        .into_iter()
        .find(|key| image.has(key));
    match (base, version, wanting) {
        (Base::Scratch, _, Some(key)) => {
            findings
                .key(
                    &image.path(key),
                    format!("{key} needs Python, which base = \"scratch\" cannot have"),
                )
                .with_label("nothing to run it")
                .with_help("use base = \"debian:bookworm\"");
        }
        (Base::Debian { suite, .. } | Base::Distroless { suite, .. }, Some(version), _) => {
            let Some(known) = SUITES
                .iter()
                .find(|known| known.name == suite && known.python != version)
            else {
                return;
            };
            let has = |suite: Suite| format!("{} has {}", suite.name, suite.python);
            let help = SUITES
                .iter()
                .find(|other| other.python == version)
                .map_or_else(
                    || {
                        format!(
                            "{}; for others start from an image that has Python {version}",
                            SUITES.map(has).join(", ")
                        )
                    },
                    |other| format!("Python {version} is in \"debian:{}\"", other.name),
                );
            findings
                .value(
                    &image.path("python"),
                    format!("Debian {suite} has Python {}, not {version}", known.python),
                )
                .with_label(format!("{suite} has {}", known.python))
                .with_help(help);
        }
        _ => {}
    }
}

/// Where dependencies come from, if the project has any.
pub(super) fn requirements(image: &Section<'_>, findings: &mut Findings) -> Option<Requirements> {
    let given: Vec<&str> = SOURCES.into_iter().filter(|key| image.has(key)).collect();
    if let [first, second, ..] = given.as_slice() {
        let help = if given.contains(&"lock") {
            "a lock file already names everything: keep lock alone (pyproject.toml is found beside it)"
        } else {
            "keep one of them; requirements takes several files"
        };
        findings
            .key(
                &image.path(second),
                format!("both {first} and {second} say where dependencies come from"),
            )
            .with_label(format!("{first} is given already"))
            .with_help(help);
        return None;
    }
    let source = given.first().copied();
    belongs(image, "extras", &["pyproject", "lock"], source, findings);
    belongs(image, "groups", &["pyproject", "lock"], source, findings);
    belongs(
        image,
        "constraints",
        &["requirements", "pyproject"],
        source,
        findings,
    );

    let plain =
        |pairs: Vec<(String, String)>| pairs.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    let extras = plain(image.strings("extras", findings));
    let groups = plain(image.strings("groups", findings));
    let constraints = paths(image, "constraints", findings);
    match source? {
        "requirements" => {
            let files = paths(image, "requirements", findings);
            if files.is_empty()
                && image
                    .value("requirements")
                    .is_some_and(|value| value.as_array().is_some_and(|items| items.is_empty()))
            {
                findings
                    .value(&image.path("requirements"), "requirements names no file")
                    .with_label("an empty array");
            }
            Some(Requirements::Files { files, constraints })
        }
        "pyproject" => {
            let file = one_path(image, "pyproject", findings)?;
            Some(Requirements::Pyproject {
                file,
                extras,
                groups,
                constraints,
            })
        }
        _ => {
            let file = one_path(image, "lock", findings)?;
            if !file.ends_with("uv.lock") {
                findings
                    .value(&image.path("lock"), format!("lock file {file} is not a uv.lock"))
                    .with_label("expected uv.lock")
                    .with_help("other locks: export them to requirements.txt with hashes and use requirements");
            }
            Some(Requirements::Lock {
                file,
                extras,
                groups,
            })
        }
    }
}

/// What installs the dependencies.
pub(super) fn installer(image: &Section<'_>, findings: &mut Findings) -> Installer {
    let path = image.path("installer");
    match image.string("installer", findings).as_deref() {
        None | Some("uv") => Installer::Uv,
        Some("pip") => {
            if image.has("lock") {
                findings
                    .value(&path, "pip cannot read uv.lock")
                    .with_label("expected uv")
                    .with_help("remove installer, or export the lock to requirements.txt");
            }
            Installer::Pip
        }
        Some(other) => {
            findings
                .value(&path, format!("unknown installer \"{other}\""))
                .with_label("expected uv or pip")
                .with_suggestion(suggestion("installers", other, ["uv", "pip"]));
            Installer::Uv
        }
    }
}

/// Notes `key` where none of `owners` is the source of dependencies.
fn belongs(
    image: &Section<'_>,
    key: &str,
    owners: &[&str],
    source: Option<&str>,
    findings: &mut Findings,
) {
    if image.has(key) && !source.is_some_and(|source| owners.contains(&source)) {
        findings
            .key(
                &image.path(key),
                format!("{key} has no meaning without {}", owners.join(" or ")),
            )
            .with_label("belongs to another key");
    }
}

fn paths(image: &Section<'_>, key: &str, findings: &mut Findings) -> Vec<String> {
    let given = image.string_or_strings(key, findings);
    given
        .into_iter()
        .map(|(path, text)| words::relative(key, &text, &path, findings))
        .collect()
}

fn one_path(image: &Section<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let text = image.string(key, findings)?;
    Some(words::relative(key, &text, &image.path(key), findings))
}
