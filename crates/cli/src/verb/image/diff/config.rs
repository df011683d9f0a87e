//! How two images are run differently.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::image::ImageConfig;
use serde::Serialize;

/// A setting that is not the same.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// `user`, `env PATH`, `label version`...
    pub name: String,
    /// In the first image; `None`: not set.
    pub before: Option<String>,
    /// In the second image; `None`: not set.
    pub after: Option<String>,
}

/// The settings that differ, in the order in which `inspect` shows them.
pub fn settings(before: &ImageConfig, after: &ImageConfig) -> Vec<Setting> {
    let (one, two) = (listed(before), listed(after));
    let mut seen = BTreeSet::new();
    let names = one.iter().chain(&two).map(|(name, _)| name);
    let mut names: Vec<&String> = names.filter(|name| seen.insert(*name)).collect();
    // Each group stays together although a name may be in the second image only.
    names.sort_by_key(|name| rank(name));
    let (one, two): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (one.iter().cloned().collect(), two.iter().cloned().collect());
    names
        .into_iter()
        .filter(|name| one.get(*name) != two.get(*name))
        .map(|name| Setting {
            name: name.clone(),
            before: one.get(name).cloned(),
            after: two.get(name).cloned(),
        })
        .collect()
}

const GROUPS: [&str; 14] = [
    "platform", "created", "author", "user", "folder", "entry", "command", "shell", "env", "port",
    "volume", "label", "stop", "health",
];

fn rank(name: &str) -> usize {
    let group = name.split(' ').next().unwrap_or(name);
    let known = GROUPS.iter().position(|known| *known == group);
    known.unwrap_or(GROUPS.len())
}

fn listed(image: &ImageConfig) -> Vec<(String, String)> {
    let run = &image.config;
    let mut all = vec![(
        "platform".to_owned(),
        format!("{}/{}", image.os, image.architecture),
    )];
    let mut add = |name: &str, value: Option<String>| {
        all.extend(value.map(|value| (name.to_owned(), value)));
    };
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let words = |words: &[String]| (!words.is_empty()).then(|| json(&words));
    add("created", image.created.clone());
    add("author", image.author.clone());
    add("user", text(&run.user));
    add("folder", text(&run.working_dir));
    add("entry point", run.entrypoint.as_ref().map(json));
    add("command", run.cmd.as_ref().map(json));
    add("shell", words(&run.shell));
    for pair in &run.env {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        add(&format!("env {name}"), Some(value.to_owned()));
    }
    for port in run.exposed_ports.keys() {
        add(&format!("port {port}"), Some("exposed".to_owned()));
    }
    for volume in run.volumes.keys() {
        add(&format!("volume {volume}"), Some("declared".to_owned()));
    }
    for (name, value) in &run.labels {
        add(&format!("label {name}"), Some(value.clone()));
    }
    add("stop signal", run.stop_signal.clone());
    if let Some(health) = &run.healthcheck {
        add("health test", words(&health.test));
        for (name, nanoseconds) in [
            ("health interval", health.interval),
            ("health timeout", health.timeout),
            ("health start period", health.start_period),
            ("health start interval", health.start_interval),
        ] {
            let set = (nanoseconds != 0).then(|| format!("{} ms", nanoseconds / 1_000_000));
            add(name, set);
        }
        let retries = (health.retries != 0).then(|| health.retries.to_string());
        add("health retries", retries);
    }
    add("on build", words(&run.on_build));
    all
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a list of words")
}

#[cfg(test)]
mod tests {
    use boatyard_plan::image::{Healthcheck, RootFs, RunConfig};

    use super::*;

    fn image(config: RunConfig) -> ImageConfig {
        ImageConfig {
            created: None,
            author: None,
            architecture: "amd64".to_owned(),
            os: "linux".to_owned(),
            config,
            rootfs: RootFs {
                kind: "layers".to_owned(),
                diff_ids: Vec::new(),
            },
            history: Vec::new(),
        }
    }

    #[test]
    fn only_what_differs_is_listed_in_groups() {
        let one = image(RunConfig {
            user: "root".to_owned(),
            env: vec!["PATH=/bin".to_owned(), "A=1".to_owned()],
            ..RunConfig::default()
        });
        let two = image(RunConfig {
            cmd: Some(vec!["x".to_owned(), "y z".to_owned()]),
            env: vec!["PATH=/bin".to_owned(), "B=2".to_owned()],
            user: "1001".to_owned(),
            healthcheck: Some(Healthcheck {
                interval: 5_000_000_000,
                ..Healthcheck::default()
            }),
            ..RunConfig::default()
        });
        let found: Vec<String> = settings(&one, &two)
            .into_iter()
            .map(|it| format!("{}: {:?} {:?}", it.name, it.before, it.after))
            .collect();
        let expected = [
            "user: Some(\"root\") Some(\"1001\")",
            "command: None Some(\"[\\\"x\\\",\\\"y z\\\"]\")",
            "env A: Some(\"1\") None",
            "env B: None Some(\"2\")",
            "health interval: None Some(\"5000 ms\")",
        ];
        assert_eq!(found, expected);
        assert_eq!(settings(&one, &one), []);
    }
}
