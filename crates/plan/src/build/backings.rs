//! The stage and the image of each backing service.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_init::contract::{self, Contract};

use super::config::{backing_env, labels, run_config};
use super::services::contract_file;
use super::stages::{init, packages};
use super::steps::Draft;
use super::{Action, ImagePlan, Parent, Stage};
use crate::backing::{DATA, definition};
use crate::image::Empty;
use crate::project::{Backing, BackingKind, Base, Project};
use crate::reference::Reference;

/// The project that images of backing services belong to: they are the same for all.
const OWNER: &str = "boatyard";

/// The stage of `backing`. Everything in it is the same for every project on the same Debian release.
pub(super) fn stage(project: &Project, backing: &Backing) -> Stage {
    let definition = definition(backing.kind);
    let kind = backing.kind.name();
    let why = format!("{kind}, which the application needs beside it");
    let mut draft = Draft::new(
        &stage_name(backing.kind),
        Parent::Base(base(&project.image.base)),
        why,
    );
    let line = project.lines.of(&format!("backing.{}", backing.name));

    let user = &definition.user;
    let why = "made before the package, which adopts it: its ids must not depend on what else is installed";
    let title = format!("user {} ({}:{})", user.name, user.uid, user.gid);
    draft.step(None, title, why, Action::User { user: user.clone() });
    for file in &definition.settings {
        draft.step(
            None,
            format!("file {}", file.path),
            file.why,
            write(file.path, file.mode, file.text),
        );
    }
    let names: BTreeSet<String> = definition
        .packages
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    packages(&mut draft, line, "the server", names, &[]);
    for file in &definition.files {
        draft.step(
            None,
            format!("file {}", file.path),
            file.why,
            write(file.path, file.mode, file.text),
        );
    }
    let data = Action::Folder {
        path: DATA.to_owned(),
        mode: 0o700,
        uid: user.uid,
        gid: user.gid,
    };
    draft.step(
        None,
        format!("folder {DATA}"),
        "where the volume is mounted",
        data,
    );
    init(&mut draft);
    let contract = Contract {
        image_env: BTreeMap::new(),
        version: contract::VERSION,
        project: OWNER.to_owned(),
        service: kind.to_owned(),
        default_role: Some(kind.to_owned()),
        roles: BTreeMap::from([(kind.to_owned(), definition.role)]),
        jobs: BTreeMap::new(),
        schedules: BTreeMap::new(),
    };
    contract_file(&mut draft, None, &contract);
    draft.done()
}

/// The image of `backing`.
pub(super) fn image(project: &Project, backing: &Backing) -> ImagePlan {
    let user = definition(backing.kind).user;
    let mut config = run_config(
        &user,
        "/",
        backing_env(&user),
        BTreeSet::from([backing.kind.port()]),
    );
    config.volumes.insert(DATA.to_owned(), Empty {});
    config.labels = labels(OWNER, backing.kind.name());
    ImagePlan {
        service: backing.name.clone(),
        stage: stage_name(backing.kind),
        references: vec![reference(project, backing)],
        config,
        ..ImagePlan::default()
    }
}

/// What the image of `backing` is called: `boatyard/KIND:SUITE`.
pub(crate) fn reference(project: &Project, backing: &Backing) -> Reference {
    let Base::Debian { suite, .. } = base(&project.image.base) else {
        unreachable!("the base of a backing service is always made from Debian packages")
    };
    Reference {
        registry: None,
        repository: format!("{OWNER}/{}", backing.kind.name()),
        tag: Some(suite),
        digest: None,
    }
}

/// What the image of `backing` is called where the project is deployed with it: `PREFIX/NAME:SUITE`. Like what is in it, the
/// name is the same for all versions of the project, so that none of them restarts it.
///
/// # Panics
///
/// Not for a project that was read: its names were checked then.
pub fn deployed_reference(project: &Project, backing: &Backing) -> Reference {
    let tag = reference(project, backing).tag.unwrap_or_default();
    format!("{}/{}:{tag}", project.image.prefix, backing.name)
        .parse()
        .expect("prefix and name were checked when they were read")
}

fn stage_name(kind: BackingKind) -> String {
    format!("backing-{}", kind.name())
}

/// The Debian release that the project uses, without documentation; the default one for other bases.
fn base(base: &Base) -> Base {
    let (suite, mirror) = match base {
        Base::Debian { suite, mirror, .. } | Base::Distroless { suite, mirror } => {
            (suite.clone(), mirror.clone())
        }
        _ => match Base::default() {
            Base::Debian { suite, .. } => (suite, None),
            _ => unreachable!("the default base is made from Debian packages"),
        },
    };
    Base::Debian {
        suite,
        slim: true,
        mirror,
    }
}

fn write(path: &str, mode: u32, text: &str) -> Action {
    Action::File {
        path: path.to_owned(),
        mode,
        text: text.to_owned(),
    }
}
