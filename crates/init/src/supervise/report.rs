//! What is told to who asks.

use super::machine::Supervisor;
use crate::control::{Service, State};
use crate::exit::Ending;

impl Supervisor {
    /// How far all are.
    pub fn state(&self) -> State {
        if self.is_stopping() {
            State::Stopping
        } else if self.is_ready() {
            State::Running
        } else {
            State::Starting
        }
    }

    /// The services in their order; `pid` knows the process of each that has one.
    pub fn services(&self, pid: impl Fn(usize) -> Option<i32>) -> impl Iterator<Item = Service> {
        let all = self.plan.services.iter().zip(&self.states).enumerate();
        all.map(move |(index, (spec, state))| Service {
            name: spec.name.clone(),
            state: state.stage.state(),
            pid: pid(index),
            restarts: state.restarts.len(),
            starts: state.starts,
            code: state.last.map(Ending::code),
        })
    }
}
