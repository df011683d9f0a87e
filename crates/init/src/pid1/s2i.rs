//! Building and running the application of an S2I image, with its hooks around the image's scripts.

use std::ffi::OsString;
use std::path::Path;

use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::hook::{Layout, Moment};
use boatyard_init::launch::What;
use boatyard_init::persona::Conduct;

use super::errand::{self, Errand};
use super::ground::Ground;
use super::sources::{self, Purpose};
use super::wishes::Wishes;
use super::{command, hooks, main_process, path, say};

/// Where `s2i` puts the source before it is assembled.
const UPLOADED: &str = "/tmp/src";

/// `assemble`: the hooks around the image's assemble script. Gives the exit code; what failed has been told.
pub fn assemble(ground: &Ground, given: &Environment, layout: &Layout) -> Result<u8, u8> {
    hooks::announce(layout, " -----> Running application assemble script.");
    hooks::check_folder(layout, "assemble")?;
    let mut environment = given.clone();
    layout.export(&mut environment);
    let uploaded = Path::new(UPLOADED).join(".s2i");
    if uploaded.is_dir() {
        run_words(
            ground,
            &environment,
            &["mv".into(), uploaded.into(), ".".into()],
        )?;
    }
    hooks::run(ground, &environment, layout, Moment::PreBuild)?;
    let purpose = Purpose {
        role: None,
        script: "build_env",
        names_user: false,
        is_silent: false,
    };
    let environment = sources::make(ground, &environment, layout, &purpose)?;
    let script = layout.scripts.join("assemble");
    let path = script.display();
    hooks::announce(
        layout,
        &format!(" -----> Running builder assemble script ({path})"),
    );
    run_words(ground, &environment, &[script.clone().into()])?;
    hooks::run(ground, &environment, layout, Moment::Build)?;
    fix_permissions(ground, &environment, layout)?;
    Ok(0)
}

/// Red Hat's images have a program that lets any user of group 0 write what it is given; others have nothing to mend.
fn fix_permissions(ground: &Ground, environment: &Environment, layout: &Layout) -> Result<(), u8> {
    const PROGRAM: &str = "fix-permissions";
    if !path::has(PROGRAM, environment) && !layout.is_compatible {
        return Ok(());
    }
    let mut folders = vec![&layout.source];
    if layout.source.parent() != Some(&layout.application) {
        folders.push(&layout.application);
    }
    for folder in folders {
        run_words(ground, environment, &[PROGRAM.into(), folder.into()])?;
    }
    Ok(())
}

/// `run`: the deploy hook, then the run hook or else the image's run script as the main process. Gives the exit code;
/// what failed has been told.
pub fn run(
    ground: &Ground,
    given: &Environment,
    layout: &Layout,
    conduct: Conduct,
) -> Result<u8, u8> {
    hooks::announce(layout, " -----> Running application run script.");
    hooks::check_folder(layout, "run")?;
    let purpose = Purpose {
        role: None,
        script: "deploy_env",
        names_user: true,
        is_silent: false,
    };
    let mut given = given.clone();
    layout.export(&mut given);
    let environment = sources::make(ground, &given, layout, &purpose)?;
    hooks::run(ground, &environment, layout, Moment::Deploy)?;
    let script = if let Some(hook) = hooks::find(layout, Moment::Run)?.into_iter().next() {
        hooks::announce(layout, &format!(" -----> Running {}", hook.display()));
        hook
    } else {
        let script = layout.scripts.join("run");
        let path = script.display();
        hooks::announce(
            layout,
            &format!(" -----> Running builder run script ({path})"),
        );
        script
    };
    let program = command::program(&What::Words(vec![script.into()]), &environment)?;
    let wishes = Wishes::default();
    Ok(main_process::run(
        &program,
        conduct,
        &environment,
        ground,
        &wishes,
    ))
}

fn run_words(ground: &Ground, environment: &Environment, words: &[OsString]) -> Result<(), u8> {
    let program = command::program(&What::Words(words.to_vec()), environment)?;
    let done = errand::run(ground, &Errand::new(&program, environment))?;
    match done.ending.code() {
        0 => Ok(()),
        code => {
            say::warn(format_args!(
                "{} failed with exit code {code}",
                program.name()
            ));
            Err(if code == 0 { exit::SYSTEM } else { code })
        }
    }
}
