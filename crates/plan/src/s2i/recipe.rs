//! The Dockerfile of an S2I repository.

use std::fmt::Write as _;

use super::base::USER;
use super::{BUILDER, Options, RUNTIME, Source};
use crate::build::BuildPlan;

/// The name of the secret that is pip's configuration.
pub const PIP_CONF_SECRET: &str = "boatyard-pip-conf";

/// Scripts of the repository go where the image's own are, too, so that those it lacks are found.
const OWN_SCRIPTS: &str = "/opt/s2i/bin";

/// The Dockerfile that builds the repository. `runtime` and `builder` in it are the images of `base`, which is that of
/// the same [options](super::base()).
///
/// # Panics
/// Never: paths are plain data.
pub fn recipe(source: &Source, options: &Options, base: &BuildPlan) -> String {
    let mut text = String::new();
    let python = options.python.as_ref().map_or_else(
        || "python3".to_owned(),
        |version| format!("python{version}"),
    );
    let early = source.installs_early();
    line(&mut text, &format!("FROM {BUILDER} AS dependencies"));
    account(&mut text);
    line(
        &mut text,
        &format!("RUN [\"{python}\", \"-m\", \"venv\", \"/opt/app-root\"]"),
    );
    variables(&mut text, source);
    let cache = mounts(options, base);
    if early {
        line(&mut text, "COPY --chown=1001:0 requirements.txt /tmp/src/");
        line(
            &mut text,
            &format!(
                "RUN {cache} pip install -r /tmp/src/requirements.txt && fix-permissions /opt/app-root"
            ),
        );
    }
    line(&mut text, "\nFROM dependencies AS build");
    line(&mut text, "COPY --chown=1001:0 . /tmp/src");
    own_scripts(&mut text, source);
    line(
        &mut text,
        &format!("RUN {cache} boatyard-init assemble && fix-permissions /opt/app-root"),
    );
    line(&mut text, &format!("\nFROM {RUNTIME}"));
    account(&mut text);
    variables(&mut text, source);
    own_scripts(&mut text, source);
    if early && source.assembles_source_only() {
        line(
            &mut text,
            "COPY --from=dependencies --chown=1001:0 /opt/app-root /opt/app-root",
        );
        line(
            &mut text,
            "COPY --from=build --chown=1001:0 /opt/app-root/src /opt/app-root/src",
        );
    } else {
        line(
            &mut text,
            "COPY --from=build --chown=1001:0 /opt/app-root /opt/app-root",
        );
    }
    for port in ports(source, options) {
        line(&mut text, &format!("EXPOSE {port}"));
    }
    if !options.volumes.is_empty() {
        let volumes = serde_json::to_string(&options.volumes).expect("strings are JSON");
        line(&mut text, &format!("VOLUME {volumes}"));
    }
    line(&mut text, "CMD [\"run\"]");
    text
}

/// The ports that the application listens on, with their protocol.
pub fn ports(source: &Source, options: &Options) -> Vec<String> {
    if !options.ports.is_empty() {
        return options.ports.clone();
    }
    let said = source
        .variable("PORT")
        .and_then(|port| port.parse::<u16>().ok());
    vec![format!("{}/tcp", said.unwrap_or(8080))]
}

/// The user, who has a name as long as the number is not another one.
fn account(text: &mut String) {
    line(text, "USER 0:0");
    line(
        text,
        "RUN echo 'default:x:1001:0:Application:/opt/app-root/src:/usr/sbin/nologin' >> /etc/passwd",
    );
    line(text, &format!("USER {USER}"));
    line(text, "WORKDIR /opt/app-root/src");
}

fn variables(text: &mut String, source: &Source) {
    for (name, value) in &source.environment {
        line(text, &format!("ENV {name}={}", quoted(value)));
    }
}

fn own_scripts(text: &mut String, source: &Source) {
    if ["assemble", "run"]
        .iter()
        .any(|script| source.scripts.contains(*script))
    {
        line(
            text,
            &format!("COPY --from={RUNTIME} /usr/libexec/s2i {OWN_SCRIPTS}"),
        );
        line(text, &format!("COPY --chmod=755 .s2i/bin {OWN_SCRIPTS}"));
        line(text, &format!("ENV S2I_SCRIPTS_PATH={OWN_SCRIPTS}"));
    }
}

/// What a step that installs sees: wheels of earlier builds, and where packages come from.
fn mounts(options: &Options, base: &BuildPlan) -> String {
    // A wheel that was compiled against the libraries of one base does not belong on another.
    let reference = base
        .images
        .first()
        .and_then(|image| image.references.first());
    let made_on = reference
        .and_then(|reference| reference.tag.as_deref())
        .unwrap_or_default();
    let mut text = format!(
        "--mount=type=cache,id=boatyard-s2i-{made_on},target=/var/cache/pip,uid=1001,gid=0,mode=0775"
    );
    if options.pip_conf {
        let secret = "/run/secrets/pip.conf";
        // pip's variables, which this machine may have, win over its configuration.
        let unset = "unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST;";
        write!(text, " --mount=type=secret,id={PIP_CONF_SECRET},target={secret},uid=1001,required {unset} PIP_CONFIG_FILE={secret}")
            .expect("a string takes everything");
    }
    text.push_str(" PIP_CACHE_DIR=/var/cache/pip");
    text
}

/// A value in double quotes, in which a Dockerfile expands nothing.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}
