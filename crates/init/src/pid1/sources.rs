//! From the environment that init was given to that of the application: account, limits, layers, programs, scripts.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use boatyard_init::environment::{self, EnvFile, Environment, Limits};
use boatyard_init::hook::Layout;

use super::ground::Ground;
use super::sys::process;
use super::{account, env_script, exec_d, say};

/// Set once all this has been done, so that a call from inside the application does not do it again.
pub const DONE: &str = "BOATYARD_ENVIRONMENT";

/// Its value where the environment is that of a running role, whatever the scripts say now.
pub const TAKEN: &str = "taken";

/// The folder of an image's own layer.
const IMAGE_LAYER: &str = "/etc/boatyard";

/// For whom the environment is made.
pub struct Purpose<'a> {
    /// The role, if one is started: layers may have folders for it.
    pub role: Option<&'a str>,
    /// The script that is sourced, such as `deploy_env`.
    pub script: &'static str,
    /// Whether the image's own script that names a random user is sourced too.
    pub names_user: bool,
    /// Whether the script's output belongs to the caller, and so must not be disturbed.
    pub is_silent: bool,
}

/// Makes the environment. What failed has been told; the error is the exit code.
pub fn make(
    ground: &Ground,
    given: &Environment,
    layout: &Layout,
    purpose: &Purpose<'_>,
) -> Result<Environment, u8> {
    let mut ours = given.clone();
    let scripts = scripts(layout, purpose);
    let mark = mark(&scripts);
    if [mark.as_bytes(), TAKEN.as_bytes()]
        .map(Some)
        .contains(&ours.get(DONE))
    {
        return Ok(ours);
    }
    account::name_us(&mut ours, layout);
    export_limits(&mut ours, limits());
    let uses_s2i = uses_s2i(given, layout);
    if uses_s2i {
        layout.export(&mut ours);
    }
    let layers = layers(given);
    for layer in &layers {
        apply_layer(&mut ours, layer, purpose.role);
    }
    for layer in &layers {
        exec_d::run_all(ground, &mut ours, &layer.join("exec.d"), purpose.role)?;
    }
    for script in &scripts {
        if layout.is_compatible && !purpose.is_silent && script.is_announced {
            let stream = boatyard_init::persona::Stream::Output;
            let text = format!(" -----> Running {}\n", script.path.display());
            say::all(&boatyard_init::persona::Said { stream, text });
        }
        ours = env_script::source(ground, &ours, script, purpose.is_silent)?;
    }
    ours.set(DONE, mark);
    if uses_s2i {
        ours.set_default("S2I_MARKERS_ENVIRON", "boatyard-init");
    }
    Ok(ours)
}

/// A script that is sourced.
pub struct Script {
    /// Where it is: absolute.
    pub path: PathBuf,
    /// Whether all that it sets is exported, or only what it says itself.
    pub exports_all: bool,
    /// Whether it is a hook, which powershift announces.
    pub is_announced: bool,
}

/// The scripts that are there, in order.
fn scripts(layout: &Layout, purpose: &Purpose<'_>) -> Vec<Script> {
    let user = layout.application.join("etc/generate_container_user");
    let user = Some(Script {
        path: user,
        exports_all: false,
        is_announced: false,
    })
    .filter(|_| purpose.names_user);
    let hooks = layout.hooks().into_iter().map(|folder| Script {
        path: folder.join(purpose.script),
        exports_all: true,
        is_announced: true,
    });
    user.into_iter()
        .chain(hooks)
        .filter(|script| script.path.is_file())
        .collect()
}

/// Tells this set of scripts from others, and from the same after a change: what was sourced before is not sourced again.
fn mark(scripts: &[Script]) -> String {
    use std::os::unix::fs::MetadataExt as _;
    let mut text = String::from("done");
    for script in scripts {
        if let Ok(found) = fs::metadata(&script.path) {
            let (time, nanos) = (found.mtime(), found.mtime_nsec());
            let path = script.path.display();
            let _ = write!(text, ":{path}@{time}.{nanos:09}+{}", found.len());
        }
    }
    text
}

/// Whether this is an S2I image, or an application with its folders.
fn uses_s2i(given: &Environment, layout: &Layout) -> bool {
    layout.is_compatible
        || ["S2I_SCRIPTS_PATH", "STI_SCRIPTS_PATH"]
            .iter()
            .any(|name| given.has_text(name))
        || layout.source.join(".s2i").is_dir()
}

/// The limits of this container.
pub fn limits() -> Limits {
    let groups = groups().unwrap_or_else(|_| "0::/\n".to_owned());
    environment::limits(Path::new("/sys/fs/cgroup"), &groups, process::processors())
}

/// The text of `/proc/self/cgroup`, in as few reads as can be: the kernel makes the whole text for each, and has no size.
fn groups() -> io::Result<String> {
    let mut text = String::with_capacity(2048);
    File::open("/proc/self/cgroup")?
        .take(u64::MAX)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// Under the names that Red Hat's images use, and the scripts in them rely on.
fn export_limits(environment: &mut Environment, limits: Limits) {
    environment.set_default("NUMBER_OF_CORES", limits.cores.to_string());
    if let Some(bytes) = limits.memory_bytes {
        environment.set_default("MEMORY_LIMIT_IN_BYTES", bytes.to_string());
    }
}

/// The layers in order: the image's own, if it has one, then those of buildpacks, sorted.
fn layers(given: &Environment) -> Vec<PathBuf> {
    let root = given
        .get("CNB_LAYERS_DIR")
        .filter(|value| !value.is_empty());
    let root = root.map_or("/layers".into(), String::from_utf8_lossy);
    let image = Some(PathBuf::from(IMAGE_LAYER)).filter(|layer| layer.is_dir());
    let mut layers: Vec<PathBuf> = image.into_iter().collect();
    for buildpack in folders(Path::new(root.as_ref())) {
        layers.extend(folders(&buildpack));
    }
    layers
}

/// The folders in a folder, sorted; none if there is no such folder.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn apply_layer(environment: &mut Environment, layer: &Path, role: Option<&str>) {
    // A layer of a buildpack has programs and libraries of its own; /etc/boatyard is no prefix of that kind.
    if layer != Path::new(IMAGE_LAYER) {
        for (folder, name) in [("bin", "PATH"), ("lib", "LD_LIBRARY_PATH")] {
            let path = layer.join(folder);
            if path.is_dir() {
                prepend(environment, name, &path);
            }
        }
    }
    let launch = layer.join("env.launch");
    let of_role = role.map(|role| launch.join(role));
    for folder in [layer.join("env"), launch].into_iter().chain(of_role) {
        environment::apply(environment, &env_files(&folder));
    }
}

fn prepend(environment: &mut Environment, name: &str, path: &Path) {
    let path = path.as_os_str().as_encoded_bytes();
    let value = match environment.get(name) {
        Some(before) if !before.is_empty() => [path, b":", before].concat(),
        _ => path.to_vec(),
    };
    environment.set(name, value);
}

fn env_files(folder: &Path) -> Vec<EnvFile> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().as_encoded_bytes().to_vec();
        let content = fs::read(entry.path()).ok()?;
        Some(EnvFile { name, content })
    };
    entries.filter_map(|entry| file(entry.ok()?)).collect()
}
