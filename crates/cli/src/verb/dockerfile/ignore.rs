//! `.dockerignore`: found and read.

use std::path::Path;

use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::failure::Fault;

use super::foreign;
use crate::diagnose::Mistakes;
use crate::stopped::Stopped;

/// What of `context` is left out: `FILE.dockerignore` beside the Dockerfile, else `.dockerignore` in the context.
/// `foreign` is the context if somebody else made it.
pub fn read(
    dockerfile: Option<&Path>,
    context: &Path,
    foreign: Option<&Path>,
) -> Result<Option<Ignore>, Stopped> {
    let beside = dockerfile.map(|path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".dockerignore");
        name.into()
    });
    let paths = beside.into_iter().chain([context.join(".dockerignore")]);
    for path in paths {
        let Ok(bytes) = foreign::read(foreign, &path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let parsed = Ignore::parse(&text);
        return parsed.map(Some).map_err(|diagnostics| {
            Stopped::Mistaken(Mistakes {
                file: path.display().to_string(),
                text,
                diagnostics,
                fault: Fault::User,
                causes: Vec::new(),
                findings: false,
            })
        });
    }
    Ok(None)
}
