//! `boatyard image tags REPOSITORY`

use boatyard_plan::reference::Reference;
use boatyard_store::registry;

use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Lists the tags that a repository of a registry has.
pub fn run(repository: &Reference, voice: &Voice) -> Result<(), Stopped> {
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    let tags = registry::tags(repository, &options)?;
    if voice.json {
        return answer::json(&tags);
    }
    let lines = tags.into_iter().map(|tag| tag + "\n");
    answer::text(&lines.collect::<String>())
}
