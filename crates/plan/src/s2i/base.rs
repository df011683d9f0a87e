//! The images that S2I repositories share: a runtime, and a builder with compilers on top of it.

use std::collections::BTreeSet;

use super::Options;
use crate::build::{
    Action, BuildPlan, Draft, ImagePlan, PYTHON, Parent, SCHEMA, Stage, run_config,
};
use crate::digest::Digest;
use crate::image::RunConfig;
use crate::project::{Base, User};
use crate::reference::Reference;
use crate::release::{self, NotPlanned};

/// The service that the runtime's image is called after.
pub const RUNTIME: &str = "runtime";
/// The service that the builder's image is called after.
pub const BUILDER: &str = "builder";

/// Folder of the application; its virtual environment is there, too.
const ROOT: &str = "/opt/app-root";
/// Folder of the source.
const SOURCE: &str = "/opt/app-root/src";
/// Where S2I images have their scripts.
const SCRIPTS: &str = "/usr/libexec/s2i";

/// The user of S2I images: any number will do, as long as it is in group 0.
pub(super) const USER: &str = "1001:0";

/// The plan of runtime and builder. Their names tell what they are made of, so that two repositories that want the same
/// share them.
///
/// # Errors
/// No base that we can make has this Python, or can have any.
///
/// # Panics
/// Never: a plan is plain data.
pub fn base(options: &Options) -> Result<BuildPlan, NotPlanned> {
    let base = release::base(options.base.as_ref(), options.python.as_deref())?;
    let stages = vec![runtime(&base, options), builder(&base, options)];
    let config = config(options);
    let identity = serde_json::to_vec(&(&stages, &config)).expect("plain data with string keys");
    let identity = Digest::of(&identity).hex()[..12].to_owned();
    let image = |service: &str| ImagePlan {
        service: service.to_owned(),
        stage: service.to_owned(),
        references: vec![Reference {
            registry: None,
            repository: format!("boatyard-s2i/{service}"),
            tag: Some(identity.clone()),
            digest: None,
        }],
        config: config.clone(),
        variant: None,
        changes: Vec::new(),
        remarks: Vec::new(),
    };
    Ok(BuildPlan {
        schema: SCHEMA,
        project: "s2i".to_owned(),
        images: vec![image(RUNTIME), image(BUILDER)],
        stages,
    })
}

fn runtime(base: &Base, options: &Options) -> Stage {
    let why = "what an S2I application runs on";
    let mut draft = Draft::new(RUNTIME, Parent::Base(base.clone()), why);
    let is_debian = matches!(base, Base::Debian { .. });
    let mut names: BTreeSet<String> = options
        .packages
        .iter()
        .filter_map(|package| package.run.clone())
        .collect();
    if is_debian {
        // A user whom /etc/passwd does not know gets a name by the wrapper.
        names.extend(PYTHON.map(str::to_owned));
        names.insert("libnss-wrapper".to_owned());
    }
    packages(
        &mut draft,
        names,
        "the interpreter, and what the application uses when it runs",
    );
    for path in [ROOT, SOURCE] {
        let action = Action::Folder {
            path: path.to_owned(),
            mode: 0o775,
            uid: 1001,
            gid: 0,
        };
        draft.step(
            None,
            format!("folder {path}"),
            "where the application is",
            action,
        );
    }
    for (path, text, why) in [
        (
            format!("{SCRIPTS}/assemble"),
            include_str!("assemble.sh"),
            "builds the application",
        ),
        (
            format!("{SCRIPTS}/run"),
            include_str!("run.sh"),
            "starts the application, whichever kind it is",
        ),
        (
            "/usr/bin/fix-permissions".to_owned(),
            include_str!("fix-permissions.sh"),
            "lets any user of group 0 run it",
        ),
    ] {
        let action = Action::File {
            path: path.clone(),
            mode: 0o755,
            text: text.to_owned(),
        };
        draft.step(None, path, why, action);
    }
    draft.step(
        None,
        "boatyard-init",
        "PID 1: runs hooks and scripts, forwards signals, reaps",
        Action::Init,
    );
    draft.done()
}

fn builder(base: &Base, options: &Options) -> Stage {
    let why =
        "where wheels are compiled; nothing of it reaches an image but what is below /opt/app-root";
    let mut draft = Draft::new(BUILDER, Parent::Stage(RUNTIME.to_owned()), why);
    let mut names: BTreeSet<String> = options
        .packages
        .iter()
        .filter_map(|package| package.build.clone())
        .collect();
    names.insert("build-essential".to_owned());
    if matches!(base, Base::Debian { .. }) {
        names.extend(["python3-dev", "python3-venv"].map(str::to_owned));
    }
    packages(&mut draft, names, "a compiler, and pip");
    draft.done()
}

fn packages(draft: &mut Draft, names: BTreeSet<String>, why: &str) {
    let names: Vec<String> = names.into_iter().collect();
    if !names.is_empty() {
        draft.step(
            None,
            format!("install {}", names.join(", ")),
            why,
            Action::Packages {
                names,
                repositories: Vec::new(),
            },
        );
    }
}

/// How the images are run: the variables that scripts of such repositories rely on.
fn config(options: &Options) -> RunConfig {
    let path = "/opt/app-root/bin:/opt/app-root/src/.local/bin:/opt/app-root/src/bin:\
                /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let mut env = vec![
        format!("PATH={path}"),
        format!("VIRTUAL_ENV={ROOT}"),
        format!("APP_ROOT={ROOT}"),
        format!("HOME={SOURCE}"),
        format!("STI_SCRIPTS_PATH={SCRIPTS}"),
        format!("STI_SCRIPTS_URL=image://{SCRIPTS}"),
        "PYTHONUNBUFFERED=1".to_owned(),
        "PYTHONIOENCODING=UTF-8".to_owned(),
        "LANG=C.UTF-8".to_owned(),
        "PIP_DISABLE_PIP_VERSION_CHECK=1".to_owned(),
    ];
    env.extend(
        options
            .python
            .as_ref()
            .map(|version| format!("PYTHON_VERSION={version}")),
    );
    let user = User {
        name: "default".to_owned(),
        uid: 1001,
        gid: 0,
    };
    let mut config = run_config(&user, SOURCE, env, BTreeSet::new());
    config.cmd = Some(vec!["run".to_owned()]);
    config
}

/// What the image of a repository is called: `PREFIX/NAME:latest`, NAME from that of its folder or address.
///
/// # Errors
/// It cannot be called so.
pub fn reference(prefix: Option<&str>, name: &str) -> Result<Reference, NotPlanned> {
    let name = name.trim_end_matches('/');
    let name = name.rsplit('/').next().unwrap_or(name);
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '_' {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let plain = plain.trim_matches(['-', '.', '_']);
    let prefix = prefix
        .map(|prefix| format!("{prefix}/"))
        .unwrap_or_default();
    let whole = format!("{prefix}{plain}:latest");
    let parsed: Result<Reference, _> = whole.parse();
    parsed.map_err(|error| NotPlanned::Name {
        name: whole,
        reason: error.reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (prefix, name, expected) in [
            (None, "/srv/My App/", Some("my-app:latest")),
            (
                Some("host:5000/team"),
                "shop",
                Some("host:5000/team/shop:latest"),
            ),
            (None, "---", None),
        ] {
            let found = reference(prefix, name).ok().map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn the_same_wishes_are_the_same_images() {
        let names = |options: &Options| {
            base(options)
                .unwrap()
                .images
                .iter()
                .map(|image| image.references[0].to_string())
                .collect::<Vec<_>>()
        };
        let plain = names(&Options::default());
        assert_eq!(
            plain,
            names(&Options {
                pip_conf: true,
                ports: vec!["1/tcp".to_owned()],
                ..Options::default()
            })
        );
        assert_ne!(
            plain,
            names(&Options {
                python: Some("3.13".to_owned()),
                ..Options::default()
            })
        );
        assert!(
            plain[0].starts_with("boatyard-s2i/runtime:")
                && plain[1].starts_with("boatyard-s2i/builder:"),
            "{plain:?}"
        );
    }
}
