//! Decides what starts next and what stops next. Pure.

use boatyard_plan::run::{Kind, Process};

use super::State;

/// Indexes of the processes that can start now: they wait, and all they wait for is ready.
pub(super) fn startable(processes: &[Process], states: &[State]) -> Vec<usize> {
    let ready = |name: &String| {
        processes
            .iter()
            .zip(states)
            .any(|(process, state)| process.name == *name && *state == State::Ready)
    };
    (0..processes.len())
        .filter(|&at| states[at] == State::Waiting && processes[at].after.iter().all(ready))
        .collect()
}

/// Indexes of the processes to stop next: the running ones that no other running one came after. A job that is over
/// does not run.
pub(super) fn stoppable(processes: &[Process], states: &[State], running: &[bool]) -> Vec<usize> {
    let needed = |name: &str| {
        (0..processes.len())
            .any(|at| running[at] && processes[at].after.iter().any(|after| after == name))
    };
    let through_jobs = |at: usize| {
        // Roles wait for jobs and jobs for backing services: a backing service is needed as long as a role runs.
        processes[at].kind == Kind::Backing
            && (0..processes.len())
                .any(|other| running[other] && processes[other].kind != Kind::Backing)
    };
    (0..processes.len())
        .filter(|&at| {
            running[at]
                && states[at] != State::Stopping
                && !needed(&processes[at].name)
                && !through_jobs(at)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use boatyard_init::contract::Stop;
    use std::collections::BTreeMap;

    fn process(name: &str, kind: Kind, after: &[&str]) -> Process {
        Process {
            name: name.to_owned(),
            kind,
            image: "x/y:latest".parse().unwrap(),
            args: Vec::new(),
            env: BTreeMap::new(),
            port: None,
            publish: false,
            ready: None,
            stop: Stop::default(),
            after: after.iter().map(ToString::to_string).collect(),
            volumes: BTreeMap::new(),
            retries: 0,
        }
    }

    fn project() -> Vec<Process> {
        vec![
            process("db", Kind::Backing, &[]),
            process("migrate", Kind::Job, &["db"]),
            process("web", Kind::Role, &["db", "migrate"]),
            process("worker", Kind::Role, &["migrate"]),
        ]
    }

    #[test]
    fn starting_follows_readiness() {
        use State::{Ready, Starting, Waiting};
        let project = project();
        for (states, expected) in [
            ([Waiting, Waiting, Waiting, Waiting], vec![0]),
            ([Starting, Waiting, Waiting, Waiting], vec![]),
            ([Ready, Waiting, Waiting, Waiting], vec![1]),
            ([Ready, Ready, Waiting, Waiting], vec![2, 3]),
        ] {
            assert_eq!(startable(&project, &states), expected);
        }
    }

    #[test]
    fn stopping_goes_backwards() {
        use State::{Ready, Stopping};
        let project = project();
        let states = [Ready, Ready, Ready, Ready];
        assert_eq!(
            stoppable(&project, &states, &[true, false, true, true]),
            [2, 3]
        );
        assert_eq!(
            stoppable(&project, &states, &[true, false, false, true]),
            [3]
        );
        assert_eq!(
            stoppable(&project, &states, &[true, false, false, false]),
            [0]
        );
        assert!(
            stoppable(
                &project,
                &[Stopping, Ready, Ready, Ready],
                &[true, false, false, false]
            )
            .is_empty()
        );
    }
}
