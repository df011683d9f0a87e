//! What manifests cannot say for themselves.

use boatyard_plan::backing::{PASSWORD, application_env};
use boatyard_plan::project::When;

use super::object::Frame;
use super::options::Form;
use super::{backing, config, expose, label, right, schedule};
use crate::render::Note;
use crate::render::process::built_in;

/// What whoever applies the manifests has to know.
pub(super) fn notes(frame: &Frame<'_>) -> Vec<Note> {
    let mut notes = secrets(frame);
    notes.extend(built_in(frame.project));
    let project = frame.project;
    if let Some(front) = expose::front(frame)
        && expose::all(frame).is_empty()
    {
        notes.push(Note::new(
            format!(
                "{} is not reached from outside: there is no host name",
                front.name
            ),
            "name it: --host HOST, or host in [deploy]",
        ));
    }
    let is_ours = |name: &String| !frame.options.places.contains_key(name);
    let mut services = project.services.iter();
    let registry = project.image.prefix.split('/').next();
    if services.any(|one| is_ours(&one.name)) && registry.is_none_or(is_no_registry) {
        notes.push(Note::new(
            format!(
                "images are called {}/..., which clusters look for at docker.io",
                project.image.prefix
            ),
            "name your registry: prefix = \"registry.example.com/TEAM\" in [image]",
        ));
    }
    if right::lacks_namespace(frame) {
        notes.push(Note::new(
            "rights in all namespaces are left out: whom they are for is not known without a namespace",
            "name it: --namespace NAMESPACE, or namespace in [deploy]; a chart cannot have them",
        ));
    }
    for each in &project.schedules {
        if schedule::expression(&each.cron).is_none() {
            notes.push(Note::new(
                format!(
                    "schedule {} is left out: a CronJob has no L, W and # in \"{}\"",
                    each.name, each.cron
                ),
                "write another time, or run \"boatyard-init cron\" as a role",
            ));
        }
        for lost in schedule::lost(each) {
            notes.push(Note {
                message: format!("schedule {} comes without {lost}", each.name),
                help: None,
            });
        }
    }
    if project.deploy.egress.is_empty() {
        notes.push(Note::new(
            "pods connect to each other, to name servers and to the ports of backing services, and to nothing else",
            "open more ports in boatyard.toml: egress = [443] in [deploy]",
        ));
    }
    let moments = project
        .jobs
        .iter()
        .any(|job| matches!(job.when, When::BeforeDeploy | When::AfterDeploy));
    if moments && frame.options.form == Form::Kustomize {
        notes.push(Note::new(
            "a Job cannot be changed: the one of the version before has to go first",
            format!(
                "kubectl{} delete job -l {}, before kubectl apply -k",
                frame.namespace_flag(),
                label::selection(frame)
            ),
        ));
    }
    notes
}

/// Secrets that have to be there.
fn secrets(frame: &Frame<'_>) -> Vec<Note> {
    let project = frame.project;
    let mut notes = Vec::new();
    for wanted in backing::wanted(frame) {
        let (name, access) = (&wanted.secret, &wanted.access);
        let keys = |has_password: bool| {
            let fit = |value: &str| value.contains(PASSWORD) == has_password;
            let keys = access.env.iter().filter(|(_, value)| fit(value));
            keys.map(|(key, _)| key.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let others = match keys(false) {
            none if none.is_empty() => none,
            others => format!("; and {others}"),
        };
        notes.push(Note::new(
            format!(
                "pods wait for the Secret {name}: {} with a password, {} with it in an address{others}",
                access.key,
                keys(true),
            ),
            "\"boatyard deploy\" makes it, once, with a password that nobody sees; kubectl create secret generic does, too",
        ));
    }
    for backing in project.backings.iter().filter(|one| !one.is_deployed()) {
        let name = config::backing_secret(frame, &backing.name);
        let variables = application_env(backing, &project.name);
        let names: Vec<&str> = variables.keys().map(String::as_str).collect();
        notes.push(Note::new(
            format!(
                "pods wait for the Secret {name}: where {} is, as variables ({})",
                backing.name,
                names.join(", ")
            ),
            create(frame, &name, names.first().copied().unwrap_or("NAME")),
        ));
    }
    let mut own: Vec<&str> = config::secret_names(frame, None);
    for role in &project.roles {
        own.extend(config::secret_names(frame, Some(role)));
    }
    own.sort_unstable();
    own.dedup();
    if !own.is_empty() {
        let name = config::own_secret(frame);
        notes.push(Note::new(
            format!(
                "what {} {} is not written: pods wait for the Secret {name}",
                own.join(", "),
                if own.len() == 1 { "says" } else { "say" }
            ),
            create(frame, &name, own[0]),
        ));
    }
    notes
}

/// How a Secret is made, where the pods look for it.
fn create(frame: &Frame<'_>, name: &str, variable: &str) -> String {
    format!(
        "kubectl{} create secret generic {name} --from-literal={variable}=...",
        frame.namespace_flag()
    )
}

/// Whether the first part of an image's name is no registry.
fn is_no_registry(first: &str) -> bool {
    !first.contains(['.', ':']) && first != "localhost"
}
