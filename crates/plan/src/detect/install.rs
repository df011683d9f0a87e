//! `RUN` of a Dockerfile: Debian packages that it installs, and what a build here does by itself.

/// What the commands of a `RUN` do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Installed {
    /// Debian packages.
    pub packages: Vec<String>,
    /// Commands that are neither installations nor done by a build here anyway.
    pub others: Vec<String>,
}

/// Beginnings of commands that a build here does by itself, or that have no meaning in it.
const OWN: [&str; 27] = [
    "addgroup ",
    "adduser ",
    "apt clean",
    "apt update",
    "apt-get autoremove",
    "apt-get clean",
    "apt-get purge",
    "apt-get update",
    "apt-get upgrade",
    "chown ",
    "groupadd ",
    "mkdir ",
    "pip install ",
    "pip3 install ",
    "pipenv ",
    "poetry ",
    "python -m pip ",
    "python -m venv ",
    "python3 -m pip ",
    "python3 -m venv ",
    "rm ",
    "set ",
    "true",
    "useradd ",
    "uv pip ",
    "uv sync",
    "uv venv",
];

/// Packages that are there for building in general.
const COMPILERS: [&str; 8] = [
    "build-essential",
    "ca-certificates",
    "gcc",
    "g++",
    "make",
    "python3-dev",
    "python3-pip",
    "python3-venv",
];

/// Reads the line of a `RUN` in shell form.
pub(super) fn commands(line: &str) -> Installed {
    let mut installed = Installed::default();
    for command in line.split("&&").flat_map(|part| part.split(';')) {
        let command = command.trim().trim_start_matches("sudo ");
        let words: Vec<&str> = command.split_whitespace().collect();
        let installs =
            matches!(words.first(), Some(&("apt-get" | "apt"))) && words.contains(&"install");
        if installs {
            let names = words
                .into_iter()
                .skip_while(|word| *word != "install")
                .skip(1);
            for name in names.filter(|word| !word.starts_with('-')) {
                // `libpq5=15.3-0` fixes a version, which cannot be chosen here.
                let name = name.split('=').next().unwrap_or(name);
                if is_package(name) {
                    if !COMPILERS.contains(&name) {
                        installed.packages.push(name.to_owned());
                    }
                } else {
                    installed.others.push(format!("install {name}"));
                }
            }
        } else if !command.is_empty()
            && !OWN.iter().any(|own| format!("{command} ").starts_with(own))
        {
            installed.others.push(command.to_owned());
        }
    }
    installed
}

fn is_package(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_run() {
        let line = "set -eux; apt-get update && apt-get install -y --no-install-recommends libpq5=15.3 gcc gettext $MORE \
                    && rm -rf /var/lib/apt/lists/* && curl -o /x https://host/x";
        assert_eq!(
            commands(line),
            Installed {
                packages: vec!["libpq5".to_owned(), "gettext".to_owned()],
                others: vec![
                    "install $MORE".to_owned(),
                    "curl -o /x https://host/x".to_owned()
                ],
            }
        );
        assert_eq!(
            commands("pip install -r requirements.txt"),
            Installed::default()
        );
        assert_eq!(commands("python manage.py collectstatic").others.len(), 1);
    }
}
