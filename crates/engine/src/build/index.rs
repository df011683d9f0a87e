//! Where the installer of Python packages finds them.

use boatyard_plan::release::{PipConfiguration, secrets_in, without_password};

use super::environment::python_index;

/// Variables that say where packages come from, for the installer alone: they are in no plan, layer or log.
#[derive(Clone, Default)]
pub struct Index {
    variables: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl Index {
    /// What this machine says.
    pub(super) fn of_host() -> Self {
        let index = python_index();
        let secrets = super::environment::outside(false);
        let secrets = secrets
            .iter()
            .flat_map(|(_, value)| value.split_whitespace());
        let secrets = secrets
            .chain([index.as_str()])
            .filter_map(secrets_in)
            .collect();
        let variables =
            ["UV_DEFAULT_INDEX", "PIP_INDEX_URL"].map(|name| (name.to_owned(), index.clone()));
        Self {
            variables: variables.into(),
            secrets,
        }
    }

    /// What pip's configuration file says; where it names no index, this machine's.
    pub fn configured(file: &PipConfiguration) -> Self {
        let host = Self::of_host();
        let mut variables = file.variables();
        for (name, value) in &mut variables {
            if value.is_empty()
                && let Some((_, own)) = host.variables.iter().find(|(own, _)| own == name)
            {
                value.clone_from(own);
            }
        }
        Self {
            variables,
            secrets: [host.secrets, file.secrets()].concat(),
        }
    }

    /// The same without users and passwords.
    pub(super) fn without_secrets(self) -> Self {
        let plain = |value: &String| {
            let words: Vec<String> = value.split_whitespace().map(without_password).collect();
            words.join(" ")
        };
        let variables = self.variables.iter();
        Self {
            variables: variables
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect(),
            secrets: self.secrets,
        }
    }

    /// The variables. An empty one takes away what the machine says.
    pub(super) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// What must not be shown to anybody.
    pub(super) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// Text that is the same for the same sources.
    pub(super) fn identity(&self) -> String {
        // With no more than an index, what earlier versions took: their layers are found again.
        match self.variables.as_slice() {
            [(_, index), (_, same)] if index == same => index.clone(),
            pairs => {
                let pairs = pairs
                    .iter()
                    .map(|(name, value)| format!("{name}={value}\n"));
                pairs.collect::<Vec<_>>().concat()
            }
        }
    }
}
