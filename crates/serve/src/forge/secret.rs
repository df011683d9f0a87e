//! Secrets, read from where the configuration says that they are.

use std::collections::BTreeMap;
use std::path::Path;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_preview::config::{Concealed, Config, Source};

/// The secrets of all forges.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    tokens: BTreeMap<String, Concealed>,
    keys: BTreeMap<String, Keys>,
    logins: BTreeMap<String, Concealed>,
    /// Variables of kubefiles, by whose they are: a repository's, or the server's own.
    variables: BTreeMap<Option<(String, String)>, BTreeMap<String, Concealed>>,
}

/// What hooks are signed with; never printed.
#[derive(Clone, Default)]
struct Keys(Vec<Vec<u8>>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "({} concealed)", self.0.len())
    }
}

/// Why a secret cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is no such variable, or nothing in it.
    #[error("the {what} of {owner} is to be in {variable}, which is not set")]
    NoVariable {
        /// Whose it is: `forge hub`, `login work`.
        owner: String,
        /// `token` or `secret`.
        what: &'static str,
        /// The variable.
        variable: String,
    },
    /// The file cannot be read, or there is nothing in it.
    #[error("the {what} of {owner} cannot be read from {path}")]
    NoFile {
        /// Whose it is: `forge hub`, `login work`.
        owner: String,
        /// `token` or `secret`.
        what: &'static str,
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Failure for SecretError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("put it there, or change the configuration".to_owned())
    }
}

impl Secrets {
    /// Reads all secrets; `folder` is that of the configuration, `variable` looks up the environment.
    ///
    /// # Errors
    /// If one is not there, or empty.
    pub fn read(
        config: &Config,
        folder: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SecretError> {
        let mut secrets = Self::default();
        for (name, forge) in &config.forges {
            let owner = format!("forge {name}");
            let read = |what, source| read(&owner, what, source, folder, variable);
            if let Some(token) = &forge.token {
                let token = Concealed::new(read("token", token)?);
                secrets.tokens.insert(name.clone(), token);
            }
            let keys: Result<Vec<_>, _> = forge
                .secrets
                .iter()
                .map(|source| read("secret", source).map(String::into_bytes))
                .collect();
            secrets.keys.insert(name.clone(), Keys(keys?));
        }
        for (name, login) in &config.access.logins {
            if let Some(source) = &login.secret {
                let owner = format!("login {name}");
                let secret = read(&owner, "secret", source, folder, variable)?;
                secrets.logins.insert(name.clone(), Concealed::new(secret));
            }
        }
        let builds = config
            .cluster
            .as_ref()
            .and_then(|cluster| cluster.builds.as_ref());
        let own = builds.map(|builds| (None, &builds.kubefiles));
        let theirs = config.repositories.iter().filter_map(|one| {
            let name = (one.forge.clone(), one.name.clone());
            Some((Some(name), one.kubefiles.as_ref()?))
        });
        for (whose, kubefiles) in own.into_iter().chain(theirs) {
            let owner = whose
                .as_ref()
                .map(|(_, name)| format!("kubefiles of {name}"));
            let owner = owner.unwrap_or_else(|| "[cluster.kubefiles]".to_owned());
            let mut all = BTreeMap::new();
            for (name, source) in &kubefiles.secret_env {
                let value = read(&owner, "secret variable", source, folder, variable)?;
                all.insert(name.clone(), Concealed::new(value));
            }
            secrets.variables.insert(whose, all);
        }
        Ok(secrets)
    }

    /// The secret variables that a repository's kubefiles get: the server's, and its own in their place.
    pub fn variables(&self, repository: Option<(&str, &str)>) -> BTreeMap<String, Concealed> {
        let own = repository.map(|(forge, name)| (forge.to_owned(), name.to_owned()));
        let mut all = self.variables.get(&None).cloned().unwrap_or_default();
        let theirs = own.and_then(|own| self.variables.get(&Some(own)));
        all.extend(theirs.cloned().unwrap_or_default());
        all
    }

    /// All secret variables of kubefiles.
    pub fn all_variables(&self) -> impl Iterator<Item = &Concealed> {
        self.variables.values().flat_map(BTreeMap::values)
    }

    /// What the hooks of a forge are signed with.
    pub fn keys(&self, forge: &str) -> &[Vec<u8>] {
        self.keys.get(forge).map_or(&[], |keys| &keys.0)
    }

    /// With what we show where people log in that it is us.
    pub fn login(&self, name: &str) -> Option<&Concealed> {
        self.logins.get(name)
    }

    /// The token for a forge.
    pub fn token(&self, forge: &str) -> Option<&Concealed> {
        self.tokens.get(forge)
    }
}

fn read(
    owner: &str,
    what: &'static str,
    source: &Source,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<String, SecretError> {
    let owner = owner.to_owned();
    match source {
        Source::Value(text) => Ok(text.reveal().to_owned()),
        Source::Env(name) => {
            let text = variable(name).filter(|text| !text.is_empty());
            let variable = name.clone();
            text.ok_or(SecretError::NoVariable {
                owner,
                what,
                variable,
            })
        }
        Source::File(name) => {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path).and_then(|text| {
                let text = text.trim_end_matches(['\r', '\n']).to_owned();
                let is_empty = std::io::ErrorKind::InvalidData;
                if text.is_empty() {
                    Err(is_empty.into())
                } else {
                    Ok(text)
                }
            });
            let path = path.display().to_string();
            text.map_err(|source| SecretError::NoFile {
                owner,
                what,
                path,
                source,
            })
        }
    }
}
