//! Where.

use boatyard_cluster::{Blocking, Owner, blocking};
use boatyard_plan::failure::{Failure, Fault};

use crate::args::remote::Remote;
use crate::project::Found;

/// There is nothing to turn to.
#[derive(Debug, thiserror::Error)]
#[error("the project has no role")]
pub struct NoRole;

impl Failure for NoRole {
    fn fault(&self) -> Fault {
        Fault::User
    }
}

/// The role that is named, else the project's first.
pub fn first<'a>(found: &'a Found, named: Option<&'a str>) -> Result<&'a str, NoRole> {
    let first = found.project.roles.first().map(|role| role.name.as_str());
    named.or(first).ok_or(NoRole)
}

/// A context, and a namespace if one is named.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    context: &'a str,
    namespace: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// That of the words.
    pub fn new(context: &'a str, namespace: Option<&'a str>) -> Self {
        Self { context, namespace }
    }

    /// The same; none: it is here.
    pub fn of(words: &'a Remote) -> Option<Self> {
        let context = words.context.as_deref()?;
        Some(Self::new(context, words.namespace.as_deref()))
    }

    /// The cluster, in the namespace that is named, else the project's, else the context's; and the project there.
    pub fn connect(&self, found: &Found) -> Result<(Blocking, Owner), blocking::Error> {
        let wished = found.project.deploy.namespace.as_deref();
        let cluster = Blocking::connect(Some(self.context), self.namespace.or(wished))?;
        Ok((cluster, Owner::new(&found.project.name)))
    }
}
