//! What pip's configuration file says, and the variables that tell installers.

use std::collections::BTreeMap;
use std::fmt;

use super::entry::{Entry, entries};
use crate::diagnostic::Diagnostic;
use crate::document::suggestion;

/// What pip's configuration file says about where packages come from. It is not printed: it may hold secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PipConfiguration {
    values: BTreeMap<&'static str, String>,
}

/// An option: its name, the variables that tell installers, and what stands between several values in each.
struct Known {
    name: &'static str,
    variables: &'static [(&'static str, &'static str)],
}

const KNOWN: &[Known] = &[
    Known {
        name: "index-url",
        variables: &[("UV_DEFAULT_INDEX", " "), ("PIP_INDEX_URL", " ")],
    },
    Known {
        name: "extra-index-url",
        variables: &[("UV_INDEX", " "), ("PIP_EXTRA_INDEX_URL", " ")],
    },
    Known {
        name: "trusted-host",
        variables: &[("UV_INSECURE_HOST", " "), ("PIP_TRUSTED_HOST", " ")],
    },
    Known {
        name: "find-links",
        variables: &[("UV_FIND_LINKS", ","), ("PIP_FIND_LINKS", " ")],
    },
    Known {
        name: "timeout",
        variables: &[("UV_HTTP_TIMEOUT", " "), ("PIP_DEFAULT_TIMEOUT", " ")],
    },
    Known {
        name: "retries",
        variables: &[("UV_HTTP_RETRIES", " "), ("PIP_RETRIES", " ")],
    },
    Known {
        name: "proxy",
        variables: &[
            ("ALL_PROXY", " "),
            ("HTTPS_PROXY", " "),
            ("HTTP_PROXY", " "),
        ],
    },
    // What they say is not the value itself: see `switch`.
    Known {
        name: "no-index",
        variables: &[],
    },
    Known {
        name: "pre",
        variables: &[],
    },
];

/// Options about pip itself, its output or a cache, which decide nothing about what is installed.
const WITHOUT_EFFECT: &[&str] = &[
    "break-system-packages",
    "cache-dir",
    "disable-pip-version-check",
    "log",
    "no-cache-dir",
    "no-color",
    "no-input",
    "no-warn-script-location",
    "prefer-binary",
    "progress-bar",
    "quiet",
    "require-virtualenv",
    "root-user-action",
    "user",
    "verbose",
];

impl PipConfiguration {
    /// Reads the file.
    ///
    /// # Errors
    /// All lines that are not understood, and options that cannot be passed on.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut mistakes = Vec::new();
        let mut sections: [BTreeMap<&'static str, String>; 2] = Default::default();
        for entry in entries(text, &mut mistakes) {
            let section = match entry.section {
                "global" => 0,
                "install" => 1,
                _ => continue,
            };
            if WITHOUT_EFFECT.contains(&entry.name.as_str()) {
                continue;
            }
            match KNOWN.iter().find(|known| known.name == entry.name) {
                Some(known) => {
                    sections[section].insert(known.name, entry.value);
                }
                None => mistakes.push(unknown(&entry)),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let [mut values, install] = sections;
        values.extend(install);
        values.retain(|_, value| !value.is_empty());
        Ok(Self { values })
    }

    /// Folders of this machine that `find-links` names: installers do not see them by themselves.
    pub fn folders(&self) -> Vec<String> {
        let links = self.of("find-links").filter(|word| !word.contains("://"));
        links.map(str::to_owned).collect()
    }

    /// Variables for uv and for pip. Those that say where packages come from are all there; an empty one takes away what
    /// the machine says. May hold secrets.
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        for known in KNOWN {
            let words = self.of(known.name);
            let words: Vec<&str> = match known.name {
                "find-links" => words.filter(|word| word.contains("://")).collect(),
                _ => words.collect(),
            };
            let is_source = matches!(
                known.name,
                "index-url" | "extra-index-url" | "trusted-host" | "find-links"
            );
            for (name, between) in known.variables {
                if is_source || !words.is_empty() {
                    variables.push(((*name).to_owned(), words.join(between)));
                }
            }
        }
        // The names under which they were known to older uv.
        variables.extend(
            ["UV_INDEX_URL", "UV_EXTRA_INDEX_URL"].map(|name| (name.to_owned(), String::new())),
        );
        for (option, pairs) in [
            ("no-index", [("UV_NO_INDEX", "1"), ("PIP_NO_INDEX", "1")]),
            ("pre", [("UV_PRERELEASE", "allow"), ("PIP_PRE", "1")]),
        ] {
            if self.switch(option) {
                variables.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
        }
        if self.of("extra-index-url").next().is_some() {
            // pip takes the best version of all indexes; uv by itself only looks at the first that has the name.
            variables.push((
                "UV_INDEX_STRATEGY".to_owned(),
                "unsafe-best-match".to_owned(),
            ));
        }
        variables
    }

    /// What must not be told to anybody: passwords in addresses, and names without a password (tokens).
    pub fn secrets(&self) -> Vec<String> {
        self.values
            .values()
            .flat_map(|value| value.split_whitespace())
            .filter_map(secrets_in)
            .collect()
    }

    fn of(&self, option: &str) -> impl Iterator<Item = &str> {
        self.values
            .get(option)
            .map(String::as_str)
            .unwrap_or_default()
            .split_whitespace()
    }

    fn switch(&self, option: &str) -> bool {
        self.of(option).any(|value| {
            matches!(
                value.to_ascii_lowercase().as_str(),
                "1" | "true" | "yes" | "on" | "y" | "t"
            )
        })
    }
}

impl fmt::Debug for PipConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.values.keys().collect();
        f.debug_tuple("PipConfiguration").field(&names).finish()
    }
}

/// The secrets in an address: its password; where there is none, the name before `@`.
pub fn secrets_in(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let secret = match user.split_once(':') {
        Some((_, password)) if !password.is_empty() => password,
        Some((name, _)) => name,
        None => user,
    };
    (!secret.is_empty()).then(|| secret.to_owned())
}

fn unknown(entry: &Entry<'_>) -> Diagnostic {
    let name = entry.name.as_str();
    let help = match name {
        "cert" | "client-cert" => Some("name the file of authorities in SSL_CERT_FILE".to_owned()),
        "constraint" => Some("name the file with --constraint".to_owned()),
        _ => suggestion("options", name, KNOWN.iter().map(|known| known.name)),
    };
    Diagnostic {
        message: format!("{name} is not passed on to what installs"),
        span: entry.key.clone(),
        label: "not an option that counts here".to_owned(),
        help,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\n[global]\nindex-url = https://user:s3cret@index.example/simple\n\
                        extra_index_url =\n    https://t0ken@other.example/simple\n    https://third.example/simple\n\
                        trusted-host: other.example\nno-color = true\n[install]\nTimeout = 5\npre = yes\n\
                        find-links = /srv/wheels https://w.example/\n[list]\nformat = columns\n";

    #[test]
    fn installers_are_told() {
        let found = PipConfiguration::parse(FILE).unwrap();
        let variables: Vec<String> = found
            .variables()
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let index = "https://user:s3cret@index.example/simple";
        let extra = "https://t0ken@other.example/simple https://third.example/simple";
        assert_eq!(
            variables,
            [
                &format!("UV_DEFAULT_INDEX={index}"),
                &format!("PIP_INDEX_URL={index}"),
                &format!("UV_INDEX={extra}"),
                &format!("PIP_EXTRA_INDEX_URL={extra}"),
                "UV_INSECURE_HOST=other.example",
                "PIP_TRUSTED_HOST=other.example",
                "UV_FIND_LINKS=https://w.example/",
                "PIP_FIND_LINKS=https://w.example/",
                "UV_HTTP_TIMEOUT=5",
                "PIP_DEFAULT_TIMEOUT=5",
                "UV_INDEX_URL=",
                "UV_EXTRA_INDEX_URL=",
                "UV_PRERELEASE=allow",
                "PIP_PRE=1",
                "UV_INDEX_STRATEGY=unsafe-best-match",
            ]
        );
        assert_eq!(found.folders(), ["/srv/wheels"]);
        assert_eq!(found.secrets(), ["t0ken", "s3cret"]);
        let shown = format!("{found:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("t0ken"),
            "{shown}"
        );
    }

    #[test]
    fn an_empty_file_takes_the_machine_s_indexes_away() {
        let found = PipConfiguration::parse("").unwrap().variables();
        assert!(
            found.contains(&("UV_INDEX".to_owned(), String::new())),
            "{found:?}"
        );
    }

    #[test]
    fn mistakes_tell_no_secret() {
        let text = "index-url = https://a:s3cret@b\n[global]\ns3cret\nindex-ulr = s3cret\ncert = /x\nconstraint = c\n";
        let mistakes = PipConfiguration::parse(text).unwrap_err();
        let said: Vec<String> = mistakes
            .iter()
            .map(|mistake| {
                format!(
                    "{:?} {} {}",
                    mistake.position(text),
                    mistake.message,
                    mistake.help.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert!(!said.concat().contains("s3cret"), "{said:?}");
        assert!(said.concat().contains("index-url"), "{said:?}");
    }
}
