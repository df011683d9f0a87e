//! Words about saved data.

use clap::{Args, Subcommand};

use super::size;

/// What to do with data.
#[derive(Clone, Debug, Subcommand)]
pub enum Data {
    /// Keep a copy of the data of backing services and volumes
    #[command(after_help = "\
Examples:
  boatyard down && boatyard data save before-migration     nothing of it may run meanwhile
  boatyard data save seeded --replace
  boatyard data save there --context staging               what is deployed there, scaled to zero")]
    Save {
        /// What to call it
        #[arg(value_name = "NAME", value_parser = name)]
        name: String,
        /// What has that name already goes, once the new copy is whole
        #[arg(long)]
        replace: bool,
        /// Refuse if it is more than that, e.g. 2GiB
        #[arg(long, value_name = "SIZE", value_parser = size::bytes)]
        room: Option<u64>,
        /// On which cluster, if not here.
        #[command(flatten)]
        there: There,
    },

    /// Put saved data in the place of what the project has
    #[command(after_help = "\
Examples:
  boatyard down && boatyard data restore before-migration && boatyard up
  boatyard --copy try data restore seeded     another copy of the project begins with it")]
    Restore {
        /// What it was saved as
        #[arg(value_name = "NAME", value_parser = name)]
        name: String,
        /// On which cluster, if not here.
        #[command(flatten)]
        there: There,
    },

    /// List saved data, of all projects
    #[command(visible_alias = "list")]
    Ls,

    /// Remove saved data
    Rm {
        /// What it was saved as
        #[arg(value_name = "NAME", required = true, value_parser = name)]
        names: Vec<String>,
    },
}

/// On which cluster, if not here.
#[derive(Args, Clone, Debug, Default)]
pub struct There {
    /// Not here, but on the cluster that this context of KUBECONFIG names
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,

    /// Not here, but in this namespace of that cluster, or of the current context's [default: the project's, else the context's]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// Of that project there [default: that of boatyard.toml, which has to be here then]
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
}

impl There {
    /// Whether it is on a cluster.
    pub fn is_named(&self) -> bool {
        self.context.is_some() || self.namespace.is_some() || self.project.is_some()
    }
}

/// A name of saved data, which is also that of a folder.
pub(super) fn name(text: &str) -> Result<String, String> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if text.is_empty()
        || text.len() > 100
        || text.starts_with(['.', '-'])
        || !text.bytes().all(is_fit)
    {
        return Err(
            "expected at most 100 letters, digits, _, - and . and a letter, a digit or _ first"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_are_names_of_folders() {
        for fit in ["a", "before-migration", "v1.2_x"] {
            assert!(name(fit).is_ok(), "{fit}");
        }
        for unfit in ["", ".", "..", ".a", "-a", "a/b", "é"] {
            assert!(name(unfit).is_err(), "{unfit}");
        }
    }
}
