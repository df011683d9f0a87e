//! Celery: workers, and the one that starts what is scheduled.

use super::Sources;
use super::dependency::Dependencies;
use super::sketch::Sketch;
use super::source::module;
use super::web::assigned;

/// Adds a worker, and beat where something is scheduled, unless a role has a Celery already.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>, dependencies: &Dependencies) {
    if sketch
        .roles
        .iter()
        .any(|role| role.command.contains("celery"))
    {
        return;
    }
    let calls = ["Celery(", "celery.Celery("];
    let files = sources.python();
    let Some((path, _)) = files
        .iter()
        .find(|(_, text)| assigned(text, &calls).is_some())
    else {
        return;
    };
    // `celery -A shop` finds the application in shop/celery.py, too.
    let module = module(path);
    let module = module.strip_suffix(".celery").unwrap_or(&module);
    sketch.role(
        path,
        "worker",
        &format!("celery -A {module} worker --loglevel=INFO"),
        None,
    );
    let is_scheduled = files
        .iter()
        .any(|(_, text)| text.contains("beat_schedule") || text.contains("BEAT_SCHEDULE"));
    let in_database = dependencies.contains_key("django-celery-beat");
    if is_scheduled || in_database {
        let scheduler = if in_database {
            " --scheduler django_celery_beat.schedulers:DatabaseScheduler"
        } else {
            " --schedule=/tmp/beat"
        };
        let command = format!("celery -A {module} beat --loglevel=INFO --pidfile={scheduler}");
        sketch.role(path, "beat", &command, None);
    }
}
