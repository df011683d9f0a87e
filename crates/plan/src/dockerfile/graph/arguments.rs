//! Arguments that `FROM` can use: those of the platforms, and `ARG` before the first `FROM`.

use super::plan::Wanted;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Kind, Variables, expand, platform};

/// All of them, with what they hold.
pub(super) fn globals(
    dockerfile: &Dockerfile,
    wanted: &Wanted<'_>,
    mistakes: &mut Vec<Diagnostic>,
) -> Variables {
    let mut globals = of_platforms(dockerfile, wanted);
    for instruction in &dockerfile.arguments {
        let Kind::Arg(pairs) = &instruction.kind else {
            continue;
        };
        for pair in pairs {
            let name = &pair.name.text;
            if let Some(given) = wanted.arguments.get(name) {
                globals.set(name, given);
            } else if let Some(value) = &pair.value {
                let escape = dockerfile.directives.escape;
                let expanded = expand::word(&value.text, escape, &globals.lookup());
                match expanded {
                    Ok(value) => globals.set(name, value),
                    Err(mistake) => mistakes.push(mistake.diagnostic(value)),
                }
            }
        }
    }
    globals
}

/// `BUILDPLATFORM`, `TARGETPLATFORM` and their parts; `TARGETSTAGE`. Given arguments replace them.
fn of_platforms(dockerfile: &Dockerfile, wanted: &Wanted<'_>) -> Variables {
    let last = dockerfile
        .stages
        .last()
        .and_then(|stage| stage.name.as_ref());
    let stage = match (wanted.target, last) {
        (Some(target), _) => target.to_owned(),
        (None, Some(name)) => name.text.to_lowercase(),
        (None, None) => "default".to_owned(),
    };
    let variant = |variant: &Option<String>| variant.clone().unwrap_or_default();
    let (build, target) = (wanted.build, wanted.platform);
    [
        ("BUILDPLATFORM", platform::format(build)),
        ("BUILDOS", build.os.clone()),
        ("BUILDOSVERSION", String::new()),
        ("BUILDARCH", build.architecture.clone()),
        ("BUILDVARIANT", variant(&build.variant)),
        ("TARGETPLATFORM", platform::format(target)),
        ("TARGETOS", target.os.clone()),
        ("TARGETOSVERSION", String::new()),
        ("TARGETARCH", target.architecture.clone()),
        ("TARGETVARIANT", variant(&target.variant)),
        ("TARGETSTAGE", stage),
    ]
    .into_iter()
    .map(|(name, value)| {
        let given = wanted.arguments.get(name).cloned();
        (name, given.unwrap_or(value))
    })
    .collect()
}
