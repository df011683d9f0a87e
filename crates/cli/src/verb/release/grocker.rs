//! `.grocker.yml`: what grocker's users say about the images of their releases, in our words.
//!
//! ```text
//! runtime: bookworm/3.11               base debian:bookworm-slim, Python 3.11
//! dependencies: {run: [libpq5], build: [libpq-dev]}
//! docker_image_prefix: registry.example.com/team
//! ```
//! Source: grocker's resources/grocker.yaml, utils.py and docs/advanced.rst. A key that means nothing here is refused where
//! it stands.

use std::ops::Range;

use boatyard_harden::yaml::{self, Node};
use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::project::{Base, Package, Repository, SUITES};
use boatyard_plan::reference::NotAReference;
use boatyard_plan::release::{Options, port, variable, volume};

/// The name of the file.
pub const FILE: &str = ".grocker.yml";

/// Keys, as they are suggested.
const KEYS: [&str; 10] = [
    "runtime",
    "pip_constraint",
    "volumes",
    "ports",
    "envs",
    "repositories",
    "dependencies",
    "docker_image_prefix",
    "image_base_name",
    "entrypoint_name",
];

/// What the file says.
///
/// # Errors
/// All that is wrong with it.
pub fn parse(text: &str) -> Result<Options, Vec<Diagnostic>> {
    let (documents, mut mistakes) = yaml::read(text);
    let mut options = Options::default();
    match &documents[..] {
        [] => {}
        [document] if document.root.is_null() => {}
        [document] if document.root.is_mapping() => {
            for entry in document.root.entries() {
                let key = entry.key.text().unwrap_or_default();
                if let Err(mistake) = take(&mut options, (key, &entry.key), &entry.value) {
                    mistakes.extend(mistake);
                }
            }
        }
        [other] => mistakes.push(at(&other.root, "expected keys and values", Some(known()))),
        [_, second, ..] => {
            mistakes.push(at(&second.root, "expected one document", None));
        }
    }
    if mistakes.is_empty() {
        Ok(options)
    } else {
        Err(mistakes)
    }
}

type Taken = Result<(), Vec<Diagnostic>>;

fn take(options: &mut Options, (key, place): (&str, &Node), value: &Node) -> Taken {
    // An empty value is grocker's way not to say anything.
    match key {
        _ if value.is_null() && (KEYS.contains(&key) || key == "env") => {}
        "runtime" => runtime(options, value)?,
        "pip_constraint" => options.constraints = vec![text(value)?],
        "volumes" => options.volumes = all(value, &|one| said(one, volume))?,
        "ports" => options.ports = all(value, &|one| said(one, port))?,
        // Its code reads the one, its documentation has the other.
        "env" | "envs" => {
            for (name, value) in pairs(value)? {
                let pair = format!("{}={}", text(name)?, text(value)?);
                let read = variable(&pair).map_err(|problem| vec![at(name, problem, None)])?;
                options.env.extend([read]);
            }
        }
        "repositories" => options.repositories = repositories(value)?,
        "dependencies" => options.packages = dependencies(value)?,
        "docker_image_prefix" => options.prefix = Some(text(value)?),
        "image_base_name" => options.name = Some(text(value)?),
        "entrypoint_name" => options.entry_point = Some(text(value)?),
        // The digest is in the result file anyway.
        "manifest" => {}
        "runtimes" => {
            let help =
                "say what the image starts from with --base, and compilers with --build-package";
            let message = "runtimes of one's own mean nothing here";
            return Err(vec![at(place, message, Some(help.to_owned()))]);
        }
        other => {
            let message = format!("unknown key \"{other}\"");
            return Err(vec![at(place, &message, Some(known()))]);
        }
    }
    Ok(())
}

fn known() -> String {
    format!("keys that it can have: {}", KEYS.join(", "))
}

/// `SUITE/3.N`: Debian's own Python where it is that one, else Docker's image as grocker takes it.
fn runtime(options: &mut Options, value: &Node) -> Taken {
    let word = text(value)?;
    let help = || {
        let known = SUITES
            .iter()
            .map(|suite| format!("{}/{}", suite.name, suite.python));
        let known: Vec<String> = known.collect();
        Some(format!(
            "for example {}; or leave it out, and say --base",
            known.join(" or ")
        ))
    };
    let (suite, version) = word
        .split_once('/')
        .ok_or_else(|| vec![at(value, "expected SUITE/VERSION", help())])?;
    let minor = version.strip_prefix("3.").unwrap_or_default();
    let is_number = minor.parse::<u8>().is_ok() && minor.bytes().all(|b| b.is_ascii_digit());
    if !is_number {
        let message = format!("there is no base for the runtime \"{word}\"");
        return Err(vec![at(value, &message, help())]);
    }
    let is_word = !suite.is_empty() && suite.bytes().all(|b| b.is_ascii_lowercase());
    if !is_word || suite == "alpine" {
        let message = format!("\"{suite}\" is no release of Debian");
        return Err(vec![at(value, &message, help())]);
    }
    let fits =
        |known: &&boatyard_plan::project::Suite| known.name == suite && known.python == version;
    options.python = Some(version.to_owned());
    options.base = Some(match SUITES.iter().find(fits) {
        Some(known) => Base::Debian {
            suite: known.name.to_owned(),
            slim: true,
            mirror: None,
        },
        None => Base::Registry {
            reference: format!("python:{version}-slim-{suite}")
                .parse()
                .map_err(|error: NotAReference| vec![at(value, error.reason, help())])?,
        },
    });
    Ok(())
}

/// `{run: [...], build: [...]}`, or the older list of `RUN` and `RUN: BUILD`.
fn dependencies(value: &Node) -> Result<Vec<Package>, Vec<Diagnostic>> {
    let run = |name: String| Package {
        run: Some(name),
        build: None,
    };
    let build = |name: String| Package {
        run: None,
        build: Some(name),
    };
    if value.is_list() {
        let mut packages = Vec::new();
        for item in value.items() {
            if !item.is_mapping() {
                packages.push(run(text(&item)?));
                continue;
            }
            for (name, needs) in pairs(&item)? {
                packages.push(run(text(name)?));
                let needs = if needs.is_list() {
                    all(needs, &text)?
                } else {
                    vec![text(needs)?]
                };
                packages.extend(needs.into_iter().map(build));
            }
        }
        return Ok(packages);
    }
    let mut packages = Vec::new();
    for (kind, names) in pairs(value)? {
        let make: &dyn Fn(String) -> Package = match kind.text() {
            Some("run") => &run,
            Some("build") => &build,
            _ => {
                let help = Some("there are run and build".to_owned());
                return Err(vec![at(kind, "unknown kind of dependencies", help)]);
            }
        };
        if !names.is_null() {
            packages.extend(all(names, &text)?.into_iter().map(make));
        }
    }
    Ok(packages)
}

/// `NAME: {uri: "deb URL SUITE COMPONENT...", key: "-----BEGIN ..."}`
fn repositories(value: &Node) -> Result<Vec<Repository>, Vec<Diagnostic>> {
    let mut found = Vec::new();
    for (name, said) in pairs(value)? {
        let help = || {
            Some(
                "expected uri: deb URL SUITE COMPONENT..., and key: with the key itself".to_owned(),
            )
        };
        for (key, _) in pairs(said)? {
            if !matches!(key.text(), Some("uri" | "key")) {
                return Err(vec![at(key, "unknown key of a repository", help())]);
            }
        }
        let (Some(line), Some(key)) = (said.get("uri"), said.get("key")) else {
            return Err(vec![at(name, "a repository without uri or key", help())]);
        };
        let words = text(&line)?;
        let mut words = words.split_whitespace();
        let (kind, url, suite) = (words.next(), words.next(), words.next());
        let (Some("deb"), Some(url), Some(suite)) = (kind, url, suite) else {
            return Err(vec![at(&line, "not the line of a repository", help())]);
        };
        let is_address = url.starts_with("http://") || url.starts_with("https://");
        let components: Vec<String> = words.map(str::to_owned).collect();
        if !is_address || components.is_empty() || suite.contains("..") || suite.ends_with('/') {
            let message =
                "only repositories with dists/ at an address, without options, are supported";
            return Err(vec![at(&line, message, help())]);
        }
        let text = text(&key)?.trim().to_owned();
        if !text.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            return Err(vec![at(&key, "not an armoured key", help())]);
        }
        found.push(Repository {
            url: url.trim_end_matches('/').to_owned(),
            suite: suite.to_owned(),
            components,
            key: text + "\n",
        });
    }
    Ok(found)
}

fn all<T>(
    value: &Node,
    one: &dyn Fn(&Node) -> Result<T, Vec<Diagnostic>>,
) -> Result<Vec<T>, Vec<Diagnostic>> {
    if !value.is_list() {
        return Err(vec![at(value, "expected a list", None)]);
    }
    value.items().iter().map(one).collect()
}

fn pairs(value: &Node) -> Result<Vec<(&Node, &Node)>, Vec<Diagnostic>> {
    if !value.is_mapping() {
        return Err(vec![at(value, "expected keys and values", None)]);
    }
    let entries = value.entries().iter();
    Ok(entries.map(|entry| (&entry.key, &entry.value)).collect())
}

fn text(value: &Node) -> Result<String, Vec<Diagnostic>> {
    let text = value.text().filter(|_| !value.is_null());
    let text = text.ok_or_else(|| vec![at(value, "expected a word", None)])?;
    Ok(text.to_owned())
}

/// A word that is read as the flag of that kind is.
fn said<T>(
    value: &Node,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<T, Vec<Diagnostic>> {
    read(&text(value)?).map_err(|problem| vec![at(value, problem, None)])
}

fn at(node: &Node, message: &str, help: Option<String>) -> Diagnostic {
    let span: Range<usize> = node.span.clone();
    Diagnostic {
        message: message.to_owned(),
        span,
        label: String::new(),
        help,
    }
}

#[cfg(test)]
mod tests;
