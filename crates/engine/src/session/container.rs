//! A container: an image's file system with a writable state on top, and what runs in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_plan::image::RunConfig;
use boatyard_plan::reference::Reference;
use boatyard_store::Store;

use super::{Place, SessionError, volume};
use crate::host::{Host, Isolation};
use crate::sandbox::{
    Caps, DEFAULT_PATH, Network, Program, Running, Sandbox, ShownFile, Spec, Stdio, Tmpfs, User,
};
use crate::snapshot::{Tree, Workspace};

/// What a container is to be, beside what its image says.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The image.
    pub image: &'a Reference,
    /// Arguments of the entry point; `None`: the image's own.
    pub args: Option<&'a [String]>,
    /// Environment beside the image's own.
    pub env: &'a BTreeMap<String, String>,
    /// Names that resolve to 127.0.0.1.
    pub hosts: &'a [String],
    /// The network it sees.
    pub network: Network,
    /// Volumes: name in the project -> absolute path.
    pub volumes: &'a BTreeMap<String, String>,
    /// Its host name.
    pub hostname: &'a str,
    /// Whether it talks to our terminal.
    pub terminal: bool,
}

/// A container that can be started once. Its writable state is gone when it is dropped.
pub struct Container {
    workspace: Workspace,
    spec: Spec,
}

impl Container {
    /// Makes the file system and works out what runs.
    pub fn prepare(
        host: &Host,
        store: &Store,
        place: &Place,
        wanted: &Wanted<'_>,
    ) -> Result<Self, SessionError> {
        let (tree, config) = image(store, wanted.image)?;
        let program = program(store, &tree, &config, wanted)?;
        let workspace = Workspace::open(host, store, &tree)?;
        let mut spec = Spec::new(workspace.root(), program);
        for (name, target) in wanted.volumes {
            spec.binds
                .push(volume::ensure(place, name, workspace.root(), target)?);
        }
        spec.files
            .push(ShownFile::text("/etc/hosts", hosts(wanted)));
        if wanted.network == Network::Host
            && let Ok(text) = std::fs::read_to_string("/etc/resolv.conf")
        {
            spec.files.push(ShownFile::text("/etc/resolv.conf", text));
        }
        if host.isolation == Isolation::Chroot {
            // gunicorn and PostgreSQL expect it; with namespaces every sandbox has it. A root that several sandboxes
            // share at once could not have it: each would make and remove it.
            spec.tmpfs.push(Tmpfs {
                target: PathBuf::from("/dev/shm"),
                size_bytes: None,
                mode: 0o1777,
            });
        }
        spec.network = wanted.network.clone();
        wanted.hostname.clone_into(&mut spec.hostname);
        Ok(Self { workspace, spec })
    }

    /// Starts it. Keep the container until the program has ended.
    pub fn start(
        &self,
        host: &Host,
        sandbox: &Sandbox,
        stdio: [Stdio; 3],
    ) -> Result<Running, SessionError> {
        debug_assert!(self.spec.root == self.workspace.root());
        Ok(sandbox.spawn(host, &self.spec, stdio)?)
    }
}

/// The file system and the configuration of an image in the store.
pub(crate) fn image(
    store: &Store,
    reference: &Reference,
) -> Result<(Tree, RunConfig), SessionError> {
    let found = store.resolve(reference)?;
    let descriptor = found.ok_or_else(|| SessionError::NoImage {
        reference: reference.to_string(),
    })?;
    let manifest = store.manifest(&descriptor)?;
    let config = store.config(&manifest)?;
    Ok((
        Tree {
            layers: store.layers(&manifest)?,
            epoch: 0,
        },
        config.config,
    ))
}

/// The program that an image runs: entry point and arguments, environment, user, folder.
pub(crate) fn program(
    store: &Store,
    tree: &Tree,
    config: &RunConfig,
    wanted: &Wanted<'_>,
) -> Result<Program, SessionError> {
    let mut argv = config.entrypoint.clone().unwrap_or_default();
    match wanted.args {
        Some(words) => argv.extend(words.iter().cloned()),
        None => argv.extend(config.cmd.iter().flatten().cloned()),
    }
    let mut env: Vec<(String, String)> = config
        .env
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    env.retain(|(name, _)| !wanted.env.contains_key(name));
    env.extend(
        wanted
            .env
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    if !env.iter().any(|(name, _)| name == "PATH") {
        env.push(("PATH".to_owned(), DEFAULT_PATH.to_owned()));
    }
    if wanted.terminal
        && let Ok(term) = std::env::var("TERM")
    {
        env.push(("TERM".to_owned(), term));
    }
    let passwd = tree
        .read(store, Path::new("/etc/passwd"))?
        .unwrap_or_default();
    let user = user_of(&config.user, &String::from_utf8_lossy(&passwd)).ok_or_else(|| {
        SessionError::NoUser {
            reference: wanted.image.to_string(),
            user: config.user.clone(),
        }
    })?;
    let cwd = if config.working_dir.is_empty() {
        "/"
    } else {
        &config.working_dir
    };
    Ok(Program {
        argv,
        env,
        cwd: PathBuf::from(cwd),
        user,
        caps: Caps::Run,
        terminal: wanted.terminal,
    })
}

/// Numbers of an image's user (`user`, `uid`, `user:group`, `uid:gid`; OCI image-spec, `config.User`), with names looked
/// up in the text of its /etc/passwd. `None`: a name that is not there.
pub fn user_of(user: &str, passwd: &str) -> Option<User> {
    let (user, group) = user
        .split_once(':')
        .map_or((user, None), |(user, group)| (user, Some(group)));
    let accounts = || {
        passwd
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .filter(|fields| fields.len() > 3)
    };
    let number = |text: &str| text.parse::<u32>().ok();
    let (uid, primary) = match number(user) {
        _ if user.is_empty() => (0, Some(0)),
        Some(uid) => (
            uid,
            accounts()
                .find(|fields| number(fields[2]) == Some(uid))
                .and_then(|fields| number(fields[3])),
        ),
        None => {
            let account = accounts().find(|fields| fields[0] == user)?;
            (number(account[2])?, number(account[3]))
        }
    };
    let gid = match group {
        Some(group) => number(group).or_else(|| {
            accounts()
                .find(|fields| fields[0] == group)
                .and_then(|fields| number(fields[3]))
        })?,
        None => primary.unwrap_or(0),
    };
    Some(User {
        uid,
        gid,
        groups: Vec::new(),
    })
}

/// The container's /etc/hosts.
fn hosts(wanted: &Wanted<'_>) -> String {
    let mut names = vec!["localhost".to_owned(), wanted.hostname.to_owned()];
    names.extend(
        wanted
            .hosts
            .iter()
            .filter(|name| *name != wanted.hostname)
            .cloned(),
    );
    format!("127.0.0.1 {}\n::1 localhost\n", names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_of_images() {
        let passwd = "root:x:0:0::/:/bin/sh\napp:x:7:8::/:/bin/sh\n";
        for (text, expected) in [
            ("", Some((0, 0))),
            ("app", Some((7, 8))),
            ("7", Some((7, 8))),
            ("9", Some((9, 0))),
            ("9:10", Some((9, 10))),
            ("app:10", Some((7, 10))),
            ("nobody", None),
        ] {
            let found = user_of(text, passwd).map(|user| (user.uid, user.gid));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
