//! `config`: reads the files that count and answers.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use boatyard_init::config::{
    BUILT_IN, Call, Config, Doubt, HELP, Task, doubts, dump, expand, fits, parse, parse_call,
    variable,
};
use boatyard_init::environment::Environment;
use boatyard_init::exit;

use super::say;

/// The variable that names the namespace of variables.
const NAMESPACE: &str = "CONFIG_NAMESPACE";

/// Returns the exit code.
pub fn run(words: Vec<OsString>, environment: &Environment) -> u8 {
    let call = match parse_call(words) {
        Ok(call) => call,
        Err(misuse) => {
            say::warn(format_args!("{misuse}\n{HELP}"));
            return exit::USAGE;
        }
    };
    if call.task == Task::Help {
        return u8::from(!say::answer(HELP));
    }
    let Some(read) = read(&call, environment) else {
        return exit::CONFIG;
    };
    let config = &read.config;
    match &call.task {
        Task::Dump(form) => u8::from(!say::answer(&dump(config, *form))),
        Task::Get(path) => {
            let Some(item) = config.get(path) else {
                say::warn(format_args!("{path} is not configured"));
                return 1;
            };
            u8::from(!say::answer(
                &(item.value
                    + "
"),
            ))
        }
        Task::Check => {
            let lines = config
                .files()
                .iter()
                .map(|name| format!("{name}\n"))
                .collect::<Vec<_>>()
                .concat();
            let answered = say::answer(&lines);
            u8::from(!answered || read.doubtful)
        }
        Task::Render { template, output } => render(config, template, output.as_deref()),
        Task::Help => 0,
    }
}

struct Read {
    config: Config,
    /// Something was warned of.
    doubtful: bool,
}

/// Reads all layers. What is wrong has been told; none if the configuration cannot be used.
fn read(call: &Call, environment: &Environment) -> Option<Read> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let namespace = call
        .namespace
        .clone()
        .or_else(|| environment.get(NAMESPACE).map(text));
    let mut sources = call.sources.clone();
    if let Some(namespace) = &namespace {
        sources.extend(environment.get(variable(namespace, "config")).map(text));
    }
    let (mut files, mut doubtful, mut broken) = (Vec::new(), false, false);
    for source in &sources {
        let names = names(source, environment);
        for doubt in doubts(&names) {
            // Doubts about a name are warnings; the file is read, as getconf would.
            doubtful |= matches!(doubt, Doubt::Number { .. } | Doubt::Backup { .. });
            say::warn(&doubt);
        }
        for name in names {
            match fs::read(&name) {
                Ok(bytes) => match parse(&bytes) {
                    Ok(file) => files.push((name, file)),
                    Err(faults) => {
                        broken = true;
                        for fault in faults {
                            say::warn(format_args!("{name}:{fault}"));
                        }
                    }
                },
                Err(error) => {
                    doubtful = true;
                    say::warn(format_args!("{name} is left out: {error}"));
                }
            }
        }
    }
    let variables = environment
        .variables()
        .map(|(name, value)| (text(name), text(value)));
    (!broken).then(|| Read {
        config: Config::new(files).with_variables(namespace.as_deref(), variables),
        doubtful,
    })
}

/// The files of a source, sorted by code points: those of a folder that do not begin with a dot, those that fit a pattern
/// in the last part of a path, or the file itself.
fn names(source: &str, environment: &Environment) -> Vec<String> {
    let source = match source.strip_prefix("~/") {
        Some(rest) => format!(
            "{}/{rest}",
            String::from_utf8_lossy(environment.get("HOME").unwrap_or_default())
        ),
        None => source.to_owned(),
    };
    let (folder, pattern) = if Path::new(&source).is_dir() {
        (source.trim_end_matches('/').to_owned(), "*")
    } else {
        let (folder, name) = source.rsplit_once('/').unwrap_or((".", &source));
        if !name.contains(['*', '?', '[']) {
            return if Path::new(&source).exists() {
                vec![source.clone()]
            } else {
                Vec::new()
            };
        }
        (folder.to_owned(), name)
    };
    let entries = fs::read_dir(if folder.is_empty() { "/" } else { &folder });
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| fits(pattern, name))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    names.sort();
    names
}

fn render(config: &Config, template: &str, output: Option<&str>) -> u8 {
    let built_in = BUILT_IN
        .iter()
        .find(|(name, _)| *name == template)
        .map(|(_, text)| (*text).to_owned());
    let read = fs::read_to_string(template).or_else(|error| built_in.ok_or(error));
    let text = match read {
        Ok(text) => text,
        Err(error) => {
            say::warn(format_args!("cannot read the template {template}: {error}"));
            return exit::CONFIG;
        }
    };
    let text = match expand(&text, config) {
        Ok(text) => text,
        Err(unfit) => {
            say::warn(format_args!("{template}:{unfit}"));
            return exit::CONFIG;
        }
    };
    let Some(output) = output else {
        return u8::from(!say::answer(&text));
    };
    // Under another name first: whoever reads it finds the old or the new, never a half.
    let half = format!("{output}.new");
    match fs::write(&half, text).and_then(|()| fs::rename(&half, output)) {
        Ok(()) => 0,
        Err(error) => {
            say::warn(format_args!("cannot write {output}: {error}"));
            exit::SYSTEM
        }
    }
}
