//! What somebody writes to name a release.

use std::str::FromStr;

/// A release to install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name as indexes write it (PEP 503): lower case, `-` between words.
    pub name: String,
    /// Its version, where the text tells it.
    pub version: Option<String>,
    /// Its extras as indexes write them, sorted.
    pub extras: Vec<String>,
    /// What the installer is told, without spaces around operators. A wheel's path begins with `./` or `/`.
    pub requirement: String,
}

/// The text does not name a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARelease {
    /// The name is not one that an index takes (PEP 508).
    #[error("{text:?} is not a Python release: {name:?} cannot be its name")]
    Name {
        /// What was given.
        text: String,
        /// What stands where the name should.
        name: String,
    },
    /// What is in brackets is not a list of names.
    #[error("{text:?} is not a Python release: {extras:?} are not extras")]
    Extras {
        /// What was given.
        text: String,
        /// What stands where extras should.
        extras: String,
    },
    /// A range of versions, a wildcard or a marker.
    #[error("{text:?} does not name one release: expected ==VERSION, found {found:?}")]
    Version {
        /// What was given.
        text: String,
        /// What stands where the version should.
        found: String,
    },
    /// What stands after `@` is not an address.
    #[error(
        "{text:?} is not a Python release: after @ comes an address such as https://host/file.whl"
    )]
    Address {
        /// What was given.
        text: String,
    },
    /// The file is not called as wheels are.
    #[error("{file:?} is not called like a wheel: expected NAME-VERSION-PYTHON-ABI-PLATFORM.whl")]
    Wheel {
        /// Name of the file.
        file: String,
    },
}

impl FromStr for Release {
    type Err = NotARelease;

    fn from_str(text: &str) -> Result<Self, NotARelease> {
        let text = text.trim();
        let is_path = text.starts_with(['.', '/']);
        if let Some((named, address)) = text.split_once('@').filter(|_| !is_path) {
            return at_address(text, named.trim(), address.trim());
        }
        let (head, extras) = split_extras(text)?;
        if is_wheel(&head) {
            return wheel(&head, &extras);
        }
        let (name, version) = match head.split_once("==") {
            Some((name, version)) => (name.trim(), Some(version.trim())),
            None => match head.find(['<', '>', '~', '!', '=', ';', ' ']) {
                Some(at) => {
                    return Err(NotARelease::Version {
                        text: text.to_owned(),
                        found: head[at..].trim().to_owned(),
                    });
                }
                None => (head.as_str(), None),
            },
        };
        let name = checked(text, name)?;
        if let Some(version) = version.filter(|version| !is_version(version)) {
            return Err(NotARelease::Version {
                text: text.to_owned(),
                found: version.to_owned(),
            });
        }
        let pin = version
            .map(|version| format!("=={version}"))
            .unwrap_or_default();
        Ok(Self {
            name: normal(name),
            version: version.map(str::to_owned),
            extras: normal_extras(&extras),
            requirement: format!("{name}{extras}{pin}"),
        })
    }
}

fn at_address(text: &str, named: &str, address: &str) -> Result<Release, NotARelease> {
    let (name, extras) = split_extras(named)?;
    let name = checked(text, &name)?;
    if !address.contains("://") || address.contains(char::is_whitespace) {
        return Err(NotARelease::Address {
            text: text.to_owned(),
        });
    }
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let version = is_wheel(path)
        .then(|| wheel(path, "").ok()?.version)
        .flatten();
    Ok(Release {
        name: normal(name),
        version,
        extras: normal_extras(&extras),
        requirement: format!("{name}{extras} @ {address}"),
    })
}

fn wheel(path: &str, extras: &str) -> Result<Release, NotARelease> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let wrong = || NotARelease::Wheel {
        file: file.to_owned(),
    };
    let stem = file.strip_suffix(".whl").ok_or_else(wrong)?;
    let parts: Vec<&str> = stem.split('-').collect();
    let ([name, version, _, _, _] | [name, version, _, _, _, _]) = parts.as_slice() else {
        return Err(wrong());
    };
    if !is_name(name) || !is_version(version) {
        return Err(wrong());
    }
    let dot = if path.starts_with('/') || path.starts_with("./") || path.starts_with("../") {
        ""
    } else {
        "./"
    };
    Ok(Release {
        name: normal(name),
        version: Some((*version).to_owned()),
        extras: normal_extras(extras),
        requirement: format!("{dot}{path}{extras}"),
    })
}

/// The text without `[a, b]`, and `[a,b]`.
fn split_extras(text: &str) -> Result<(String, String), NotARelease> {
    let Some((head, rest)) = text.split_once('[') else {
        return Ok((text.to_owned(), String::new()));
    };
    let wrong = |extras: &str| NotARelease::Extras {
        text: text.to_owned(),
        extras: extras.to_owned(),
    };
    let (inside, tail) = rest.split_once(']').ok_or_else(|| wrong(rest))?;
    let names: Vec<&str> = inside.split(',').map(str::trim).collect();
    if !names.iter().all(|name| is_name(name)) || tail.contains('[') {
        return Err(wrong(inside));
    }
    Ok((
        format!("{}{}", head.trim(), tail.trim()),
        format!("[{}]", names.join(",")),
    ))
}

fn checked<'a>(text: &str, name: &'a str) -> Result<&'a str, NotARelease> {
    if is_name(name) {
        return Ok(name);
    }
    Err(NotARelease::Name {
        text: text.to_owned(),
        name: name.to_owned(),
    })
}

/// PEP 508: letters, digits and `. _ -`, a letter or digit first and last.
fn is_name(name: &str) -> bool {
    let ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    name.bytes().all(fits) && ends(name.bytes().next()) && ends(name.bytes().last())
}

/// Whether the text has only what versions are made of (PEP 440); the installer decides about the rest.
fn is_version(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-+!".contains(&b);
    text.bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(fits)
}

fn is_wheel(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "whl")
}

/// The name as indexes write it (PEP 503).
fn normal(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// What stands in brackets, each as indexes write it, sorted.
fn normal_extras(brackets: &str) -> Vec<String> {
    let inside = brackets.trim_matches(['[', ']']);
    let names = inside.split(',').filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(normal).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::Release;

    #[test]
    fn extras_are_sorted() {
        for (text, extras) in [
            ("a==1", vec![]),
            ("a[z, B_c]==1", vec!["b-c", "z"]),
            ("./a-1-py3-none-any.whl[x]", vec!["x"]),
            ("a[x] @ https://h/a.tar.gz", vec!["x"]),
        ] {
            let release: Release = text.parse().expect(text);
            assert_eq!(release.extras, extras, "{text}");
        }
    }

    #[test]
    fn releases() {
        for (text, name, version, requirement) in [
            ("httpie==3.2.4", "httpie", Some("3.2.4"), "httpie==3.2.4"),
            (
                " HTTPie [ socks , x ] == 3.2.4 ",
                "httpie",
                Some("3.2.4"),
                "HTTPie[socks,x]==3.2.4",
            ),
            (
                "zope.interface[test]",
                "zope-interface",
                None,
                "zope.interface[test]",
            ),
            (
                "a==1!2.0+local.1",
                "a",
                Some("1!2.0+local.1"),
                "a==1!2.0+local.1",
            ),
            (
                "./my_shop-1.2-py3-none-any.whl",
                "my-shop",
                Some("1.2"),
                "./my_shop-1.2-py3-none-any.whl",
            ),
            (
                "shop-1.2-1-py3-none-any.whl",
                "shop",
                Some("1.2"),
                "./shop-1.2-1-py3-none-any.whl",
            ),
            (
                "/w/shop-1.2-py3-none-any.whl[x]",
                "shop",
                Some("1.2"),
                "/w/shop-1.2-py3-none-any.whl[x]",
            ),
            (
                "shop@https://h/x.tar.gz",
                "shop",
                None,
                "shop @ https://h/x.tar.gz",
            ),
            (
                "shop[x] @ https://h/shop-2-py3-none-any.whl#sha256=1",
                "shop",
                Some("2"),
                "shop[x] @ https://h/shop-2-py3-none-any.whl#sha256=1",
            ),
        ] {
            let release: Release = text
                .parse()
                .unwrap_or_else(|error| panic!("{text:?}: {error}"));
            let expected = (name, version, requirement);
            assert_eq!(
                (
                    &*release.name,
                    release.version.as_deref(),
                    &*release.requirement
                ),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn others() {
        for (text, expected) in [
            ("", "\"\" is not a Python release: \"\" cannot be its name"),
            (
                "-x==1",
                "\"-x==1\" is not a Python release: \"-x\" cannot be its name",
            ),
            (
                "a>=1",
                "\"a>=1\" does not name one release: expected ==VERSION, found \">=1\"",
            ),
            (
                "a==1.*",
                "\"a==1.*\" does not name one release: expected ==VERSION, found \"1.*\"",
            ),
            (
                "a==",
                "\"a==\" does not name one release: expected ==VERSION, found \"\"",
            ),
            (
                "a[x",
                "\"a[x\" is not a Python release: \"x\" are not extras",
            ),
            (
                "a[]",
                "\"a[]\" is not a Python release: \"\" are not extras",
            ),
            (
                "a @ b",
                "\"a @ b\" is not a Python release: after @ comes an address such as https://host/file.whl",
            ),
            (
                "./a.whl",
                "\"a.whl\" is not called like a wheel: expected NAME-VERSION-PYTHON-ABI-PLATFORM.whl",
            ),
        ] {
            let error = text.parse::<Release>().expect_err(text);
            assert_eq!(error.to_string(), expected);
        }
    }
}
