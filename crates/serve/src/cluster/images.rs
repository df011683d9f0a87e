//! Images that somebody else makes: looked for in their registry, and never built.
//!
//! ```text
//! queued    boatyard image digest NAME...        again and again, until all are there
//! preparing boatyard deploy --image SERVICE=NAME...
//! ```

use std::ffi::OsString;
use std::sync::Arc;

use boatyard_plan::project::Project;
use boatyard_plan::reference::Reference;
use boatyard_preview::config::{Naming, Of};
use boatyard_preview::environment::Environment;
use boatyard_preview::revision::Place;

use super::realm::Realm;
use crate::lane::{Stop, Trouble};
use crate::site::Done;

/// How the images of the environments of a place are called that somebody else makes; none: they are built here.
pub type NamingOf = Arc<dyn Fn(&Place) -> Option<Naming> + Send + Sync>;

/// What to do about a stranger's images that have no name.
const HELP: &str = "help: a place of their own for them: strangers = \"...\" in [cluster.images]";

impl Realm {
    /// What keeps an environment from having its images, in one line. None: nothing, or what its preparation has to tell.
    pub(super) async fn lacks(&self, one: &Environment) -> Option<String> {
        let naming = (self.terms.images)(&one.revision.place)?;
        let stop = Stop::new();
        let turn = self.site.turn(&one.id);
        let _turn = turn.lock().await;
        let project = self.fetch(one, &stop).await.ok()??;
        let names = names(&naming, one, &project).ok()?.into_iter();
        let mut words: Vec<OsString> = vec!["image".into(), "digest".into()];
        words.extend(names.map(|(_, name)| name.to_string().into()));
        let home = self.site.home(&one.id);
        let asked = self.site.knowing(&home, words);
        match self.site.done_by(asked, &stop).await {
            Ok(Done::Badly { why, .. }) => Some(why.lines().next().unwrap_or_default().to_owned()),
            // Who cannot be asked is asked again as it is prepared.
            Ok(Done::Well(_)) | Err(_) => None,
        }
    }

    /// The words of a deploy that say which images it has.
    pub(super) async fn named(
        &self,
        one: &Environment,
        naming: &Naming,
    ) -> Result<Vec<OsString>, Trouble> {
        let Some(project) = self.known(one).await else {
            // Of its mistakes the command itself tells.
            return Ok(Vec::new());
        };
        let names = names(naming, one, &project)?.into_iter();
        let words = names.flat_map(|(of, name)| ["--image".into(), format!("{of}={name}").into()]);
        Ok(words.collect())
    }
}

/// What the images of a project are called, each with what it is of.
fn names<'a>(
    naming: &Naming,
    one: &Environment,
    project: &'a Project,
) -> Result<Vec<(&'a str, Reference)>, Trouble> {
    let services = project
        .services
        .iter()
        .map(|service| (service.name.as_str(), true));
    let backings = project
        .backings
        .iter()
        .map(|backing| (backing.name.as_str(), false));
    let all = services.chain(backings).map(|(name, is_service)| {
        let of = if is_service {
            Of::Service(name)
        } else {
            Of::Backing(name)
        };
        match naming.of(&one.revision, one.is_trusted, of) {
            Ok(reference) => Ok((name, reference)),
            Err(why) => Err(Trouble::Failed(format!(
                "the image of {name} has no name: {why}\n{HELP}"
            ))),
        }
    });
    all.collect()
}
