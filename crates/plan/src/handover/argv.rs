//! The command that another engine is started with.

use super::{Engine, Order, Pull};
use crate::failure::{Failure, Fault};

/// The engine cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{engine} has no word for --{flag}")]
pub struct NoWord {
    /// The engine.
    pub engine: &'static str,
    /// The flag, and the part of its value that is meant.
    pub flag: String,
    /// What can be done instead.
    pub instead: Option<String>,
}

impl Failure for NoWord {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        let instead = self.instead.clone();
        Some(instead.unwrap_or_else(|| "leave it out, or build without --engine".to_owned()))
    }
}

/// The program and its words.
///
/// # Errors
/// The first flag that the engine does not have.
pub fn argv(engine: Engine, order: &Order) -> Result<Vec<String>, NoWord> {
    let mut words = Words {
        engine,
        argv: vec![engine.program().to_owned(), "build".to_owned()],
    };
    if let Some(flag) = order.ours.first() {
        return Err(words.none(flag));
    }
    if engine == Engine::Buildah {
        // Without it nothing is found again in the next build.
        words.argv.push("--layers".to_owned());
    }
    words.all("file", &order.file);
    words.all("tag", &order.tags);
    words.all("target", &order.target);
    words.all("build-arg", &order.build_args);
    words.all("build-context", &order.build_contexts);
    words.all("secret", &order.secrets);
    words.all("ssh", &order.ssh);
    words.all("label", &order.labels);
    words.all("platform", &order.platform);
    words.all("network", &order.network.map(str::to_owned));
    for (flag, value) in &order.conditions {
        words.all(flag, [value]);
    }
    words.all("iidfile", &order.iidfile);
    words.flag("no-cache", order.no_cache);
    words.flag("quiet", order.quiet);
    for output in &order.outputs {
        words.output(output)?;
    }
    words.pull(order.pull)?;
    for (flag, caches) in [
        ("cache-from", &order.cache_from),
        ("cache-to", &order.cache_to),
    ] {
        for cache in caches {
            words.cache(flag, cache)?;
        }
    }
    match engine {
        Engine::Docker => words.docker(order)?,
        Engine::Podman | Engine::Buildah => words.containers(order)?,
    }
    words.argv.push(order.context.clone());
    Ok(words.argv)
}

/// The words so far.
struct Words {
    engine: Engine,
    argv: Vec<String>,
}

impl Words {
    fn all<'a>(&mut self, flag: &str, values: impl IntoIterator<Item = &'a String>) {
        let words = values.into_iter().map(|value| format!("--{flag}={value}"));
        self.argv.extend(words);
    }

    fn flag(&mut self, flag: &str, said: bool) {
        self.argv.extend(said.then(|| format!("--{flag}")));
    }

    fn none(&self, flag: &str) -> NoWord {
        NoWord {
            engine: self.engine.program(),
            flag: flag.to_owned(),
            instead: None,
        }
    }

    /// What docker alone has, and what it lacks.
    fn docker(&mut self, order: &Order) -> Result<(), NoWord> {
        if !order.no_cache_filter.is_empty() {
            self.argv.push(format!(
                "--no-cache-filter={}",
                order.no_cache_filter.join(",")
            ));
        }
        self.all("metadata-file", &order.metadata_file);
        self.flag("push", order.push);
        self.flag("check", order.check);
        for (flag, value) in &order.docker {
            self.all(flag, [value]);
        }
        for (flag, said) in [("jobs", order.jobs.is_some()), ("squash", order.squash)] {
            if said {
                return Err(self.none(flag));
            }
        }
        Ok(())
    }

    /// What podman and buildah have, and what they lack.
    fn containers(&mut self, order: &Order) -> Result<(), NoWord> {
        let engine = self.engine.program();
        self.all("jobs", &order.jobs.map(|jobs| jobs.to_string()));
        self.flag("squash", order.squash);
        if order.push {
            let name = order.tags.first().map_or("NAME", String::as_str);
            let instead = Some(format!("{engine} push {name}"));
            return Err(NoWord {
                instead,
                ..self.none("push")
            });
        }
        if order.check {
            let instead =
                Some("boatyard build --check looks for mistakes, whoever builds".to_owned());
            return Err(NoWord {
                instead,
                ..self.none("check")
            });
        }
        for (flag, said) in [
            ("no-cache-filter", !order.no_cache_filter.is_empty()),
            ("metadata-file", order.metadata_file.is_some()),
        ] {
            if said {
                return Err(self.none(flag));
            }
        }
        if let Some((flag, _)) = order.docker.first() {
            return Err(self.none(flag));
        }
        let variable = order.secrets.iter().flat_map(|secret| secret.split(','));
        if variable
            .clone()
            .any(|part| part.starts_with("env=") || part == "type=env")
        {
            return Err(self.none("secret ...,env=NAME"));
        }
        Ok(())
    }

    fn output(&mut self, value: &str) -> Result<(), NoWord> {
        let kind = value.split(',').find_map(|part| part.strip_prefix("type="));
        match (self.engine, kind) {
            (Engine::Docker, _) | (_, None | Some("local" | "tar")) => {
                self.argv.push(format!("--output={value}"));
                Ok(())
            }
            (_, Some(kind)) => Err(self.none(&format!("output type={kind}"))),
        }
    }

    fn pull(&mut self, pull: Pull) -> Result<(), NoWord> {
        let word = match (self.engine, pull) {
            // Buildah looks for newer images by itself.
            (Engine::Docker, Pull::Missing) => return Ok(()),
            (Engine::Podman, Pull::Missing) => "--pull=missing",
            (Engine::Buildah, Pull::Missing) => "--pull=false",
            (Engine::Docker, Pull::Always) => "--pull",
            (Engine::Podman, Pull::Always) => "--pull=always",
            (Engine::Buildah, Pull::Always) => "--pull-always",
            (Engine::Docker, Pull::Never) => return Err(self.none("pull=never")),
            (Engine::Podman, Pull::Never) => "--pull=never",
            (Engine::Buildah, Pull::Never) => "--pull-never",
        };
        self.argv.push(word.to_owned());
        Ok(())
    }

    fn cache(&mut self, flag: &str, value: &str) -> Result<(), NoWord> {
        let own = ["mounts=", "max-bytes="];
        if let Some(part) = value
            .split(',')
            .find(|part| own.iter().any(|own| part.starts_with(own)))
        {
            let key = part.split('=').next().unwrap_or(part);
            return Err(self.none(&format!("{flag} {key}=...")));
        }
        let (folder, is_typed) = (
            if flag == "cache-to" { "dest" } else { "src" },
            value.contains('='),
        );
        let word = match self.engine {
            Engine::Docker if is_typed => format!("--{flag}={value}"),
            Engine::Docker => format!("--{flag}=type=local,{folder}={value}"),
            Engine::Podman | Engine::Buildah => match value.strip_prefix("type=registry,ref=") {
                Some(name) if !name.contains(',') => format!("--{flag}={name}"),
                _ => {
                    let instead = Some(
                        "they keep caches in registries only: type=registry,ref=HOST/NAME"
                            .to_owned(),
                    );
                    return Err(NoWord {
                        instead,
                        ..self.none(&format!("{flag} {value}"))
                    });
                }
            },
        };
        self.argv.push(word);
        Ok(())
    }
}
