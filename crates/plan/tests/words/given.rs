//! What a case gives beside its Dockerfile, in comments at its top.
//!
//! ```text
//! #! arg NAME=value            --build-arg
//! #! target NAME               --target
//! #! context NAME              --build-context
//! #! platform linux/arm64      --platform
//! #! base {"User":"app"}       the configuration of every image
//! ```

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::dockerfile::graph::{self, Graph, Wanted};
use boatyard_plan::dockerfile::{self, Dockerfile, platform};
use boatyard_plan::image::{Platform, RunConfig};

/// What is given.
pub struct Given {
    /// Build arguments.
    pub arguments: BTreeMap<String, String>,
    /// The stage.
    pub target: Option<String>,
    /// Named contexts.
    pub contexts: BTreeSet<String>,
    /// The platform to build for.
    pub platform: Platform,
    /// The configuration of images.
    pub base: RunConfig,
}

/// The machine of all cases.
pub fn machine() -> Platform {
    Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        variant: None,
    }
}

/// What the comments of `text` say.
pub fn given(text: &str) -> Given {
    let mut given = Given {
        arguments: BTreeMap::new(),
        target: None,
        contexts: BTreeSet::new(),
        platform: machine(),
        base: RunConfig::default(),
    };
    for line in text.lines().filter_map(|line| line.strip_prefix("#! ")) {
        let (what, value) = line.split_once(' ').expect("a word and a value");
        match what {
            "arg" => {
                let (name, value) = value.split_once('=').expect("NAME=value");
                given.arguments.insert(name.to_owned(), value.to_owned());
            }
            "target" => given.target = Some(value.to_owned()),
            "context" => {
                given.contexts.insert(value.to_owned());
            }
            "platform" => {
                given.platform = platform::parse(value, &machine()).expect("a platform");
            }
            "base" => given.base = serde_json::from_str(value).expect("a configuration"),
            other => panic!("cases give no {other}"),
        }
    }
    given
}

impl Given {
    /// The Dockerfile and its graph.
    pub fn plan(&self, text: &str) -> Result<(Dockerfile, Graph), Vec<Diagnostic>> {
        let dockerfile = dockerfile::parse(text)?;
        let wanted = Wanted {
            target: self.target.as_deref(),
            arguments: &self.arguments,
            contexts: &self.contexts,
            build: &machine(),
            platform: &self.platform,
        };
        let graph = graph::plan(&dockerfile, &wanted)?;
        Ok((dockerfile, graph))
    }
}
