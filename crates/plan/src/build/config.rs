//! How images are run: environment, user, entry point, labels.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_init::contract;

use super::ENVIRONMENT;
use super::stages::wants_python;
use crate::image::{Empty, RunConfig};
use crate::project::{Base, Image, User};

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The configuration of an image that runs `user`'s processes under boatyard-init.
pub(crate) fn run_config(
    user: &User,
    workdir: &str,
    env: Vec<String>,
    ports: BTreeSet<u16>,
) -> RunConfig {
    RunConfig {
        // Numbers, not names: Kubernetes cannot tell from a name that it is not root.
        user: format!("{}:{}", user.uid, user.gid),
        exposed_ports: ports
            .into_iter()
            .map(|port| (format!("{port}/tcp"), Empty {}))
            .collect(),
        env,
        entrypoint: Some(vec![contract::BINARY.to_owned()]),
        cmd: Some(vec!["start".to_owned()]),
        working_dir: workdir.to_owned(),
        stop_signal: Some("SIGTERM".to_owned()),
        ..RunConfig::default()
    }
}

/// Labels: the title of the OCI image-spec's annotations, and whose image it is.
pub(crate) fn labels(project: &str, service: &str) -> BTreeMap<String, String> {
    [
        ("dev.boatyard.project", project),
        ("dev.boatyard.service", service),
        ("org.opencontainers.image.title", service),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// The environment of the project's images: ours, less what the user sets too, then the user's in order of name.
pub(crate) fn env(image: &Image) -> Vec<String> {
    let mut ours: Vec<(&str, String)> = Vec::new();
    if image.requirements.is_some() {
        ours.push(("PATH", format!("{ENVIRONMENT}/bin:{PATH}")));
        ours.push(("VIRTUAL_ENV", ENVIRONMENT.to_owned()));
    } else if matches!(
        image.base,
        Base::Scratch | Base::Debian { .. } | Base::Distroless { .. }
    ) {
        ours.push(("PATH", PATH.to_owned()));
    }
    if wants_python(image) {
        ours.push(("PYTHONUNBUFFERED", "1".to_owned()));
        ours.push(("PYTHONDONTWRITEBYTECODE", "1".to_owned()));
    }
    ours.push(("HOME", home(&image.user)));
    ours.push(("LANG", "C.UTF-8".to_owned()));
    let kept = ours
        .into_iter()
        .filter(|(name, _)| !image.env.contains_key(*name));
    let kept = kept.map(|(name, value)| format!("{name}={value}"));
    kept.chain(
        image
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value}")),
    )
    .collect()
}

/// The environment of a backing service's image.
pub(super) fn backing_env(user: &User) -> Vec<String> {
    vec![
        format!("PATH={PATH}"),
        format!("HOME={}", home(user)),
        "LANG=C.UTF-8".to_owned(),
    ]
}

/// The home that the engine makes for `user`.
pub(crate) fn home(user: &User) -> String {
    if user.uid == 0 {
        "/root".to_owned()
    } else {
        format!("/home/{}", user.name)
    }
}
