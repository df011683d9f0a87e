//! The plan of a release's image.

use std::collections::BTreeSet;

use super::{NotPlanned, Options, Release};
use crate::build::{
    Action, BuildPlan, Draft, ImagePlan, Parent, SCHEMA, Stage, contract_file, contract_of, env,
    home, labels, run_config, shared_stages,
};
use crate::image::Empty;
use crate::project::{
    Base, Deploy, Image, Job, Lines, Preview, Project, Requirements, SUITES, Schedule, Service,
    User,
};
use crate::reference::Reference;

/// The plan for what `text` names: `name[extra]==1.2`, `./file.whl` or `name @ address`.
pub fn parse(text: &str, options: &Options) -> Result<BuildPlan, NotPlanned> {
    plan(&text.parse()?, options)
}

/// What building the image of `release` will do. Its stages are those of a project: base, compiler, runner; then, if the
/// options ask for it, one with the contract and the folders of volumes. The image is called `NAME-EXTRAS:VERSION`, or
/// `:latest` where the version is not known before it is installed.
pub fn plan(release: &Release, options: &Options) -> Result<BuildPlan, NotPlanned> {
    let image = image(release, options)?;
    let mut stages = shared_stages(&image, &Lines::default());
    let own = own_stage(release, &image, options);
    let stage = own
        .as_ref()
        .map_or("runner", |stage| &stage.name)
        .to_owned();
    stages.extend(own);
    Ok(BuildPlan {
        schema: SCHEMA,
        project: release.name.clone(),
        stages,
        images: vec![ImagePlan {
            service: release.name.clone(),
            stage,
            references: references(release, options)?,
            config: config(release, &image, options),
            ..ImagePlan::default()
        }],
    })
}

fn image(release: &Release, options: &Options) -> Result<Image, NotPlanned> {
    Ok(Image {
        base: base(options.base.as_ref(), options.python.as_deref())?,
        python: options.python.clone(),
        packages: options.packages.clone(),
        repositories: options.repositories.clone(),
        requirements: Some(Requirements::Release {
            requirement: release.requirement.clone(),
            constraints: options.constraints.clone(),
            find_links: options.find_links.clone(),
        }),
        user: options.user.clone().unwrap_or_default(),
        env: options.env.clone(),
        // Nothing is copied, so there is no folder of sources to make.
        workdir: "/".to_owned(),
        ..Image::of(&release.name)
    })
}

fn config(release: &Release, image: &Image, options: &Options) -> crate::image::RunConfig {
    let processes = &options.processes;
    let ports: BTreeSet<u16> = processes
        .roles
        .iter()
        .filter_map(|role| role.port)
        .collect();
    let mut config = run_config(&image.user, &home(&image.user), env(image), ports);
    let exposed = options.ports.iter().map(|port| (port.clone(), Empty {}));
    config.exposed_ports.extend(exposed);
    let volumes = options
        .volumes
        .iter()
        .map(|volume| (volume.clone(), Empty {}));
    config.volumes.extend(volumes);
    if options.entry_point.is_some() || processes.roles.is_empty() {
        let program = options.entry_point.as_ref().unwrap_or(&release.name);
        config.cmd = Some(vec![program.clone()]);
    }
    config.labels = labels(&release.name, &release.name);
    let version = release.version.iter().cloned();
    config
        .labels
        .extend(version.map(|version| ("org.opencontainers.image.version".to_owned(), version)));
    config.labels.extend(options.labels.clone());
    config
}

/// What the image has beyond the runner; none if that is nothing.
fn own_stage(release: &Release, image: &Image, options: &Options) -> Option<Stage> {
    let mut draft = Draft::new(
        "release",
        Parent::Stage("runner".to_owned()),
        format!("what the image of {} has besides the release", release.name),
    );
    if !options.processes.is_empty() {
        let (project, service) = as_project(release, image, options);
        contract_file(&mut draft, None, &contract_of(&project, &service));
    }
    let User { uid, gid, .. } = image.user;
    for path in &options.volumes {
        draft.step(
            None,
            format!("folder {path}"),
            "a volume is as its folder is in the image: here the user's",
            Action::Folder {
                path: path.clone(),
                mode: 0o755,
                uid,
                gid,
            },
        );
    }
    let stage = draft.done();
    (!stage.steps.is_empty()).then_some(stage)
}

/// The release as a project with one service, which has all roles, jobs and schedules.
fn as_project(release: &Release, image: &Image, options: &Options) -> (Project, Service) {
    let name = &release.name;
    let processes = &options.processes;
    let service = Service {
        name: name.clone(),
        copy: Vec::new(),
        roles: processes
            .roles
            .iter()
            .map(|role| role.name.clone())
            .collect(),
    };
    let jobs = processes.jobs.iter().cloned();
    let schedules = processes.schedules.iter().cloned();
    let project = Project {
        name: name.clone(),
        image: image.clone(),
        services: vec![service.clone()],
        roles: processes.roles.clone(),
        jobs: jobs
            .map(|job| Job {
                service: name.clone(),
                ..job
            })
            .collect(),
        schedules: schedules
            .map(|schedule| Schedule {
                service: name.clone(),
                ..schedule
            })
            .collect(),
        backings: Vec::new(),
        release: None,
        deploy: Deploy::default(),
        preview: Preview::default(),
        copy: None,
        lines: Lines::default(),
    };
    (project, service)
}

/// What an image with Python `version` starts from, if it may be `base`.
pub(crate) fn base(base: Option<&Base>, version: Option<&str>) -> Result<Base, NotPlanned> {
    match base {
        Some(Base::Scratch) => Err(NotPlanned::Scratch),
        Some(Base::Debian { suite, .. } | Base::Distroless { suite, .. }) => {
            let known = SUITES.iter().find(|known| known.name == suite);
            match (known, version) {
                (Some(known), Some(version)) if known.python != version => {
                    Err(NotPlanned::OtherPython {
                        suite: suite.clone(),
                        found: known.python,
                        version: version.to_owned(),
                    })
                }
                _ => Ok(base.cloned().unwrap_or_default()),
            }
        }
        Some(other) => Ok(other.clone()),
        None => {
            let fits = |python: &&str| SUITES.iter().find(|suite| suite.python == *python);
            let suite = match version {
                Some(version) => fits(&version).ok_or_else(|| NotPlanned::NoPython {
                    version: version.to_owned(),
                })?,
                None => &SUITES[0],
            };
            Ok(Base::Debian {
                suite: suite.name.to_owned(),
                slim: true,
                mirror: None,
            })
        }
    }
}

/// The names that were given, else `PREFIX/NAME:VERSION`.
fn references(release: &Release, options: &Options) -> Result<Vec<Reference>, NotPlanned> {
    if !options.tags.is_empty() {
        return Ok(options.tags.clone());
    }
    let prefix = options
        .prefix
        .as_ref()
        .map(|prefix| format!("{prefix}/"))
        .unwrap_or_default();
    // Another extra is another image.
    let own = || {
        [std::slice::from_ref(&release.name), &release.extras]
            .concat()
            .join("-")
    };
    let name = options.name.clone().unwrap_or_else(own);
    // What a version may have and a tag may not.
    let tag = release.version.as_deref().map_or_else(
        || "latest".to_owned(),
        |version| version.replace(['!', '+'], "-"),
    );
    let whole = format!("{prefix}{name}:{tag}");
    let parsed: Result<Reference, _> = whole.parse();
    parsed
        .map(|reference| vec![reference])
        .map_err(|error| NotPlanned::Name {
            name: whole,
            reason: error.reason.to_owned(),
        })
}
