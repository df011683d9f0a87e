//! Flags of `docker build` that mean something to a daemon alone: refused by name, unless they say what is so anyway.

use boatyard_plan::failure::{Failure, Fault};

/// A flag means nothing here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("--{flag} {value}: {why}")]
pub struct RefusedFlag {
    flag: &'static str,
    value: String,
    why: &'static str,
    instead: &'static str,
}

impl Failure for RefusedFlag {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(self.instead.to_owned())
    }
}

/// Why there is no control group of a command, and what there is.
const GROUPS: &str =
    "commands are children of this process, not of a daemon, and get no control group of their own";
const MEMORY: &str =
    "limit all of it: systemd-run --user --scope -p MemoryMax=2G boatyard build ...";
const PROCESSOR: &str = "limit all of it: --jobs N, taskset, or systemd-run --user --scope -p CPUQuota=50% boatyard build ...";

/// Each flag: values that say what is so anyway, why others are refused, what to do.
const FLAGS: [(&str, &[&str], &str, &str); 13] = [
    (
        "allow",
        // Commands that ask for this machine's network have it.
        &["network.host"],
        "nothing more can be allowed: commands always run in a sandbox",
        "leave it out; --engine docker hands the build to docker",
    ),
    (
        "builder",
        &["default"],
        "there are no builders to choose from: this process builds",
        "leave it out; --engine docker hands the build to docker",
    ),
    (
        "cgroup-parent",
        &[],
        GROUPS,
        "put all of it into one: systemd-run --slice=NAME --scope boatyard build ...",
    ),
    ("cpu-period", &["0"], GROUPS, PROCESSOR),
    ("cpu-quota", &["0"], GROUPS, PROCESSOR),
    ("cpu-shares", &["0"], GROUPS, PROCESSOR),
    ("cpuset-cpus", &[""], GROUPS, PROCESSOR),
    (
        "cpuset-mems",
        &[""],
        GROUPS,
        "limit all of it: numactl --membind=NODES boatyard build ...",
    ),
    (
        "disable-content-trust",
        &["true"],
        "signatures of Docker Content Trust are not looked at",
        "keep to digests: --lock writes them to boatyard.lock, --locked keeps to them",
    ),
    (
        "isolation",
        &["", "default"],
        "there is one way to isolate commands",
        "leave it out; \"boatyard doctor\" says what this machine permits",
    ),
    ("memory", &["0"], GROUPS, MEMORY),
    ("memory-swap", &["0"], GROUPS, MEMORY),
    (
        "security-opt",
        &[],
        "commands have Docker's default profile, and no other",
        "leave it out; --engine docker, podman or buildah hands the build over",
    ),
];

/// Refuses the first flag, of those that were `said`, which would change something.
pub fn check(said: &[(&'static str, String)]) -> Result<(), RefusedFlag> {
    for (flag, value) in said {
        let row = FLAGS.iter().find(|(known, ..)| known == flag);
        if let Some((_, usual, why, instead)) = row
            && !usual.contains(&value.as_str())
        {
            return Err(RefusedFlag {
                flag,
                value: value.clone(),
                why,
                instead,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{FLAGS, check};
    use crate::args::conditions::Daemons;

    #[test]
    fn usual_values_pass_and_others_do_not() {
        for (flag, usual, ..) in FLAGS {
            for value in usual {
                assert_eq!(check(&[(flag, (*value).to_owned())]), Ok(()), "{flag}");
            }
            assert!(check(&[(flag, "other".to_owned())]).is_err(), "{flag}");
        }
    }

    #[test]
    fn every_flag_has_its_row() {
        let one = || Some("x".to_owned());
        let all = Daemons {
            allow: vec!["x".to_owned()],
            builder: one(),
            cgroup_parent: one(),
            cpu_period: one(),
            cpu_quota: one(),
            cpu_shares: one(),
            cpuset_cpus: one(),
            cpuset_mems: one(),
            disable_content_trust: Some(false),
            isolation: one(),
            memory: one(),
            memory_swap: one(),
            security_opt: vec!["x".to_owned()],
        };
        let said: Vec<_> = all.said().into_iter().map(|(flag, _)| flag).collect();
        let rows: Vec<_> = FLAGS.into_iter().map(|(flag, ..)| flag).collect();
        assert_eq!(said, rows);
    }
}
