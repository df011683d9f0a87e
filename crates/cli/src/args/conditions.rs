//! Words about what commands of a build run under, and words that mean something to a daemon alone.

use clap::Args;

/// What commands of a Dockerfile run under.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Dockerfiles")]
pub struct Conditions {
    /// Name in /etc/hosts of commands; the image does not have it
    #[arg(long, value_name = "NAME:ADDRESS")]
    pub add_host: Vec<String>,

    /// What /dev/shm of commands holds, e.g. 256m
    #[arg(long, value_name = "SIZE")]
    pub shm_size: Option<String>,

    /// Limit of commands, e.g. nofile=1024; as far as this machine permits it
    #[arg(long, value_name = "NAME=SOFT[:HARD]")]
    pub ulimit: Vec<String>,
}

/// Flags of docker's that mean something to a daemon alone. They are known, so that it can be said why.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Daemons {
    /// Allow what is not allowed by itself
    #[arg(long, hide = true, value_name = "ENTITLEMENT")]
    pub allow: Vec<String>,
    /// Which of docker's builders
    #[arg(long, hide = true)]
    pub builder: Option<String>,
    /// Control group above those of commands
    #[arg(long, hide = true)]
    pub cgroup_parent: Option<String>,
    /// Length of a period of the processor
    #[arg(long, hide = true)]
    pub cpu_period: Option<String>,
    /// Share of a period of the processor
    #[arg(long, hide = true)]
    pub cpu_quota: Option<String>,
    /// Weight among control groups
    #[arg(short = 'c', long, hide = true)]
    pub cpu_shares: Option<String>,
    /// Processors
    #[arg(long, hide = true)]
    pub cpuset_cpus: Option<String>,
    /// Nodes of memory
    #[arg(long, hide = true)]
    pub cpuset_mems: Option<String>,
    /// Whether signatures of images are not looked at
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub disable_content_trust: Option<bool>,
    /// How containers are isolated
    #[arg(long, hide = true)]
    pub isolation: Option<String>,
    /// Most memory
    #[arg(short = 'm', long, hide = true)]
    pub memory: Option<String>,
    /// Most memory and swap
    #[arg(long, hide = true)]
    pub memory_swap: Option<String>,
    /// Profiles of security modules
    #[arg(long, hide = true)]
    pub security_opt: Vec<String>,
}

impl Conditions {
    /// The flags that were said, without their dashes, each with its values.
    pub fn said(&self) -> Vec<(&'static str, String)> {
        let words = |flag, values: &[String]| -> Vec<(&'static str, String)> {
            values.iter().map(|value| (flag, value.clone())).collect()
        };
        [
            words("add-host", &self.add_host),
            words("shm-size", self.shm_size.as_slice()),
            words("ulimit", &self.ulimit),
        ]
        .concat()
    }
}

impl Daemons {
    /// The flags that were said, without their dashes, each with its values.
    pub fn said(&self) -> Vec<(&'static str, String)> {
        let trust = self.disable_content_trust.map(|trust| trust.to_string());
        let flags: [(&str, &[String]); 13] = [
            ("allow", &self.allow),
            ("builder", self.builder.as_slice()),
            ("cgroup-parent", self.cgroup_parent.as_slice()),
            ("cpu-period", self.cpu_period.as_slice()),
            ("cpu-quota", self.cpu_quota.as_slice()),
            ("cpu-shares", self.cpu_shares.as_slice()),
            ("cpuset-cpus", self.cpuset_cpus.as_slice()),
            ("cpuset-mems", self.cpuset_mems.as_slice()),
            ("disable-content-trust", trust.as_slice()),
            ("isolation", self.isolation.as_slice()),
            ("memory", self.memory.as_slice()),
            ("memory-swap", self.memory_swap.as_slice()),
            ("security-opt", &self.security_opt),
        ];
        let said = flags
            .into_iter()
            .flat_map(|(flag, values)| values.iter().map(move |value| (flag, value.clone())));
        said.collect()
    }
}
