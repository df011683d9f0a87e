//! Where Boatyard keeps its state: `$BOATYARD_HOME`, or the default of the user.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use boatyard_plan::failure::{Failure, Fault};
use rustix::fs::Access;

/// Where state lives when root runs the command.
const OF_ROOT: &str = "/var/lib/boatyard";

/// The home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// No variable says where it is.
    #[error(
        "cannot tell where to keep images: none of BOATYARD_HOME, XDG_DATA_HOME and HOME is set"
    )]
    Unknown,
    /// A variable holds a relative path.
    #[error("{variable} is {path:?}; expected an absolute path")]
    Relative {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        path: PathBuf,
    },
    /// It cannot be made.
    #[error("cannot make the folder {path:?} that keeps images")]
    Make {
        /// The home.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Volumes that a killed sandbox had moved into its root cannot be moved back.
    #[error("cannot bring back the volumes in {path:?} that a killed container had")]
    Recover {
        /// The home.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It cannot be written to.
    #[error("cannot write to the folder {path:?} that keeps images")]
    ReadOnly {
        /// The home.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Failure for HomeError {
    fn fault(&self) -> Fault {
        match self {
            Self::Relative { .. } => Fault::User,
            Self::Unknown | Self::Make { .. } | Self::Recover { .. } | Self::ReadOnly { .. } => {
                Fault::Refused
            }
        }
    }

    fn help(&self) -> Option<String> {
        if matches!(self, Self::Recover { .. }) {
            return Some("nothing was removed; end what still uses them and try again".to_owned());
        }
        Some(
            "set BOATYARD_HOME to a folder that you may write to and that has room for images"
                .to_owned(),
        )
    }
}

/// The variables that decide where the home is.
#[derive(Default)]
struct Variables {
    boatyard_home: Option<OsString>,
    xdg_data_home: Option<OsString>,
    home: Option<OsString>,
}

/// Where the home of the user who runs the command is; nothing is made. Absolute.
pub fn locate() -> Result<PathBuf, HomeError> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let variables = Variables {
        boatyard_home: set("BOATYARD_HOME"),
        xdg_data_home: set("XDG_DATA_HOME"),
        home: set("HOME"),
    };
    choose(variables, rustix::process::geteuid().is_root())
}

/// The home, made if it was missing, and fit to be written to.
pub fn open() -> Result<PathBuf, HomeError> {
    let path = locate()?;
    make(&path)?;
    Ok(path)
}

fn choose(variables: Variables, is_root: bool) -> Result<PathBuf, HomeError> {
    let (variable, path) = if let Some(path) = variables.boatyard_home {
        ("BOATYARD_HOME", PathBuf::from(path))
    } else if is_root {
        return Ok(PathBuf::from(OF_ROOT));
    } else if let Some(data) = variables.xdg_data_home {
        ("XDG_DATA_HOME", Path::new(&data).join("boatyard"))
    } else if let Some(home) = variables.home {
        ("HOME", Path::new(&home).join(".local/share/boatyard"))
    } else {
        return Err(HomeError::Unknown);
    };
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(HomeError::Relative { variable, path })
    }
}

fn make(path: &Path) -> Result<(), HomeError> {
    fs::create_dir_all(path).map_err(|source| HomeError::Make {
        path: path.to_owned(),
        source,
    })?;
    rustix::fs::access(path, Access::WRITE_OK | Access::EXEC_OK).map_err(|errno| {
        HomeError::ReadOnly {
            path: path.to_owned(),
            source: errno.into(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: [&str; 3], is_root: bool) -> Result<PathBuf, String> {
        let [boatyard_home, xdg_data_home, home] =
            names.map(|value| Some(OsString::from(value)).filter(|value| !value.is_empty()));
        let variables = Variables {
            boatyard_home,
            xdg_data_home,
            home,
        };
        choose(variables, is_root).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_variable_that_says_something_wins() {
        for (names, is_root, expected) in [
            (["/b", "/x", "/h"], true, "/b"),
            (["", "/x", "/h"], true, "/var/lib/boatyard"),
            (["", "/x", "/h"], false, "/x/boatyard"),
            (["", "", "/h"], false, "/h/.local/share/boatyard"),
        ] {
            assert_eq!(chosen(names, is_root), Ok(PathBuf::from(expected)));
        }
    }

    #[test]
    fn relative_and_absent_are_errors() {
        assert_eq!(
            chosen(["b", "", ""], true),
            Err("BOATYARD_HOME is \"b\"; expected an absolute path".to_owned())
        );
        assert!(chosen(["", "", ""], false).is_err());
    }
}
