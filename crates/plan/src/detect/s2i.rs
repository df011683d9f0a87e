//! Repositories for source-to-image builders: `.s2i/`, `app.sh`, `APP_MODULE`.

use super::Sources;
use super::dependency::Dependencies;
use super::procfile::PORT;
use super::sketch::{GIVEN_LATER, Sketch, is_variable};
use crate::secret::is_secret;

/// Variables that steer the builder and mean nothing when the application runs.
const STEERING: [&str; 8] = [
    "APP_MODULE",
    "APP_FILE",
    "APP_SCRIPT",
    "DISABLE_COLLECTSTATIC",
    "DISABLE_MIGRATE",
    "ENABLE_PIPENV",
    "UPGRADE_PIP_TO_LATEST",
    "WEB_CONCURRENCY",
];

/// Adds what the files say.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>, dependencies: &Dependencies) {
    const FILE: &str = ".s2i/environment";
    let mut module = None;
    let mut script = sources.has("app.sh").then(|| "app.sh".to_owned());
    for line in sources.text(FILE).unwrap_or_default().lines() {
        let line = line.trim();
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        match name {
            "APP_MODULE" => module = Some(value.to_owned()),
            "APP_SCRIPT" => script = Some(value.trim_start_matches("./").to_owned()),
            _ if STEERING.contains(&name) => {}
            _ if !is_variable(name) => {
                sketch.left(FILE, None, line, "no variable can have this name");
            }
            _ if is_secret(name, value) => {
                let what = format!("{name} looks like a secret");
                sketch.left(FILE, None, &what, GIVEN_LATER);
            }
            _ => {
                sketch.env.insert(name.to_owned(), value.to_owned());
                sketch.found(FILE, format!("variable {name}"));
            }
        }
    }
    if let Some(script) = script {
        let file = if sources.has("app.sh") {
            "app.sh"
        } else {
            FILE
        };
        sketch.role(file, "web", &format!("sh ./{script}"), Some(8080));
    }
    if let Some(module) = module.filter(|_| dependencies.contains_key("gunicorn")) {
        let command = format!("gunicorn -b \"0.0.0.0:${{PORT:-{PORT}}}\" {module}");
        sketch.role(FILE, "web", &command, Some(PORT));
    }
    for script in ["assemble", "run", "save-artifacts"] {
        let file = format!(".s2i/bin/{script}");
        if sources.has(&file) {
            sketch.left(
                &file,
                None,
                "a script in place of the builder's own",
                "what it does belongs to image.packages, a job, or a role's command",
            );
        }
    }
    let hooks = sources
        .paths
        .iter()
        .filter(|path| path.starts_with(".s2i/action_hooks/"));
    for hook in hooks {
        let name = hook.rsplit('/').next().unwrap_or(hook);
        if matches!(name, "pre_build" | "build" | "build_env") {
            sketch.left(
                hook,
                None,
                "a hook of the build",
                "what it does belongs to image.packages or to a base made by a Dockerfile",
            );
        } else {
            sketch.found(hook, "boatyard-init runs the hook as it is");
            sketch.copy.push(".s2i".to_owned());
        }
    }
    sketch.copy.dedup();
}
