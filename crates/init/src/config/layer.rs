//! Files over files, and the environment over all of them.

use std::collections::BTreeMap;
use std::fmt;

use super::ini::{DEFAULT, File};

/// The configuration.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Names of files, in the order of their layers.
    files: Vec<String>,
    sections: BTreeMap<String, BTreeMap<String, Item>>,
    defaults: BTreeMap<String, Item>,
    /// Namespace of variables; none: variables do not count.
    namespace: Option<String>,
    variables: BTreeMap<String, String>,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The value.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line, from 1, of a file.
    File {
        /// The file.
        name: String,
        /// The line.
        line: usize,
    },
    /// A variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Variable(name) => write!(f, "variable {name}"),
        }
    }
}

impl Config {
    /// Files with their names, the ones that win last.
    pub fn new(files: Vec<(String, File)>) -> Self {
        let mut config = Self::default();
        for (name, file) in files {
            for section in file.sections {
                config.sections.entry(section).or_default();
            }
            for setting in file.settings {
                let origin = Origin::File {
                    name: name.clone(),
                    line: setting.line,
                };
                let items = if setting.section == DEFAULT {
                    &mut config.defaults
                } else {
                    config.sections.entry(setting.section).or_default()
                };
                items.insert(
                    setting.key,
                    Item {
                        value: setting.value,
                        origin,
                    },
                );
            }
            config.files.push(name);
        }
        config
    }

    /// Knows variables. They win over files in this namespace; an empty one is getconf's `NO_NAMESPACE`, and with none they
    /// do not count.
    #[must_use]
    pub fn with_variables(
        mut self,
        namespace: Option<&str>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        self.namespace = namespace.map(str::to_owned);
        self.variables = variables.into_iter().collect();
        self
    }

    /// The files, in the order of their layers.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The value of `section.key`, or of `key` in `DEFAULT`; only the first dot divides.
    pub fn get(&self, path: &str) -> Option<Item> {
        if let Some(namespace) = &self.namespace {
            let name = variable(namespace, path);
            if let Some(value) = self.variables.get(&name) {
                return Some(Item {
                    value: value.clone(),
                    origin: Origin::Variable(name),
                });
            }
        }
        let (section, key) = path.split_once('.').unwrap_or((DEFAULT, path));
        let key = key.to_lowercase();
        // The defaults are those of sections that are there.
        let own = if section == DEFAULT {
            None
        } else {
            Some(self.sections.get(section)?)
        };
        own.and_then(|items| items.get(&key))
            .or_else(|| self.defaults.get(&key))
            .cloned()
    }

    /// A variable by its own name, in no namespace.
    pub fn environment(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// All options: section, key, value. Those of `DEFAULT` come first, and are not repeated in the others.
    pub fn items(&self) -> Vec<(&str, &str, Item)> {
        let sections = self
            .sections
            .iter()
            .map(|(name, items)| (name.as_str(), items));
        let mut all = Vec::new();
        for (section, items) in std::iter::once((DEFAULT, &self.defaults)).chain(sections) {
            for (key, item) in items {
                let path = if section == DEFAULT {
                    key.clone()
                } else {
                    format!("{section}.{key}")
                };
                // A section with a dot, or an option of DEFAULT with one, cannot be asked for by getconf.
                let reachable =
                    !section.contains('.') && (section != DEFAULT || !key.contains('.'));
                let found = if reachable { self.get(&path) } else { None };
                all.push((section, key.as_str(), found.unwrap_or_else(|| item.clone())));
            }
        }
        all
    }

    /// Variables of the namespace that name no option of a file: options that files leave to the environment, or
    /// slips. Without the one that names further files.
    pub fn other_variables(&self) -> Vec<&str> {
        let Some(namespace) = self.namespace.as_deref().filter(|name| !name.is_empty()) else {
            return Vec::new();
        };
        let prefix = variable(namespace, "");
        let used: Vec<String> = self
            .items()
            .into_iter()
            .filter_map(|(.., item)| match item.origin {
                Origin::Variable(name) => Some(name),
                Origin::File { .. } => None,
            })
            .chain([variable(namespace, "config")])
            .collect();
        let names = self.variables.keys().map(String::as_str);
        names
            .filter(|name| name.starts_with(&prefix) && !used.iter().any(|used| used == name))
            .collect()
    }
}

/// The variable that wins over an option: `NAMESPACE_SECTION_KEY`.
pub fn variable(namespace: &str, path: &str) -> String {
    let (section, key) = path.split_once('.').unwrap_or(("", path));
    let parts = [
        (namespace, namespace.is_empty()),
        (section, section.is_empty()),
        (key, false),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, left_out)| !left_out)
        .map(|(part, _)| part.to_uppercase())
        .collect();
    parts.join("_").replace('-', "_")
}
