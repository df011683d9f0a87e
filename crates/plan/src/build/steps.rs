//! A stage while it is written.

use super::{Action, Parent, Stage, Step};

/// A stage while it is written: numbers its steps.
#[derive(Debug)]
pub(crate) struct Draft {
    stage: Stage,
}

impl Draft {
    /// A stage without steps.
    pub fn new(name: &str, from: Parent, why: impl Into<String>) -> Self {
        let (name, why) = (name.to_owned(), why.into());
        Self {
            stage: Stage {
                name,
                why,
                from,
                steps: Vec::new(),
                on_demand: false,
            },
        }
    }

    /// Adds a step. `line` is where the file asks for it.
    pub fn step(
        &mut self,
        line: Option<usize>,
        title: impl Into<String>,
        why: impl Into<String>,
        action: Action,
    ) {
        let id = format!("{}/{}", self.stage.name, self.stage.steps.len() + 1);
        self.stage.steps.push(Step {
            id,
            title: title.into(),
            why: why.into(),
            line,
            action,
        });
    }

    /// The stage is built only when something asks for it.
    pub fn on_demand(mut self, on_demand: bool) -> Self {
        self.stage.on_demand = on_demand;
        self
    }

    /// The stage.
    pub fn done(self) -> Stage {
        self.stage
    }
}
