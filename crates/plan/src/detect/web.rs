//! Web frameworks of Python: Django, Flask, `FastAPI`.

use super::Sources;
use super::dependency::Dependencies;
use super::procfile::PORT;
use super::sketch::Sketch;
use super::source::module;
use crate::project::When;

/// Adds the web role and the migrations, where nobody said them.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>, dependencies: &Dependencies) {
    django(sketch, sources, dependencies);
    alembic(sketch, sources, dependencies);
    application(sketch, sources, dependencies);
}

fn django(sketch: &mut Sketch, sources: &Sources<'_>, dependencies: &Dependencies) {
    const FILE: &str = "manage.py";
    let Some(text) = sources.text(FILE) else {
        return;
    };
    let migrate = "python manage.py migrate --noinput";
    if !sketch
        .jobs
        .iter()
        .any(|job| job.command.contains("migrate"))
    {
        sketch.job(FILE, "migrate", migrate, When::BeforeDeploy);
    }
    let Some(settings) = settings(text) else {
        return;
    };
    sketch
        .env
        .entry("DJANGO_SETTINGS_MODULE".to_owned())
        .or_insert_with(|| settings.clone());
    let package = settings.split('.').next().unwrap_or(&settings);
    let asgi = sources.has(&format!("{package}/asgi.py"));
    if dependencies.contains_key("gunicorn") {
        let command =
            format!("gunicorn -b \"0.0.0.0:${{PORT:-{PORT}}}\" {package}.wsgi:application");
        sketch.role(FILE, "web", &command, Some(PORT));
    } else if asgi && dependencies.contains_key("uvicorn") {
        let command = uvicorn(&format!("{package}.asgi:application"));
        sketch.role(FILE, "web", &command, Some(PORT));
    } else if !sketch.has_role("web") {
        let command =
            format!("python manage.py runserver --noreload \"0.0.0.0:${{PORT:-{PORT}}}\"");
        sketch.role(FILE, "web", &command, Some(PORT));
        sketch.left(
            FILE,
            None,
            "no server is among the dependencies: the role web is Django's development server",
            format!("add gunicorn, and let the command be: gunicorn -b 0.0.0.0:{PORT} {package}.wsgi:application"),
        );
    }
}

/// The module in `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`.
fn settings(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("DJANGO_SETTINGS_MODULE")?;
    let rest = rest.trim_start_matches(['"', '\'', ',', ' ', '\n']);
    let end = rest.find(['"', '\''])?;
    let module = &rest[..end];
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    (!module.is_empty() && module.chars().all(fits)).then(|| module.to_owned())
}

fn alembic(sketch: &mut Sketch, sources: &Sources<'_>, dependencies: &Dependencies) {
    let has_flask = ["flask-migrate", "flask-alembic"]
        .iter()
        .any(|name| dependencies.contains_key(*name));
    if sources.has("migrations/env.py") && has_flask {
        sketch.job(
            "migrations/env.py",
            "migrate",
            "flask db upgrade",
            When::BeforeDeploy,
        );
    } else if sources.has("alembic.ini") {
        sketch.job(
            "alembic.ini",
            "migrate",
            "alembic upgrade head",
            When::BeforeDeploy,
        );
    }
}

/// The first file that makes a Flask or a `FastAPI` application.
fn application(sketch: &mut Sketch, sources: &Sources<'_>, dependencies: &Dependencies) {
    for (path, text) in sources.python() {
        let module = module(path);
        if let Some(name) = assigned(text, &["FastAPI(", "Starlette(", "fastapi.FastAPI("]) {
            sketch.role(
                path,
                "web",
                &uvicorn(&format!("{module}:{name}")),
                Some(PORT),
            );
            return;
        }
        let target = match assigned(text, &["Flask(", "flask.Flask("]) {
            Some(name) => format!("{module}:{name}"),
            None if text.contains("Flask(") && text.contains("def create_app(") => {
                format!("{module}:create_app()")
            }
            None => continue,
        };
        let app = target.trim_end_matches("()").to_owned();
        sketch
            .env
            .entry("FLASK_APP".to_owned())
            .or_insert(app.clone());
        if dependencies.contains_key("gunicorn") {
            let target = if target.ends_with(')') {
                format!("'{target}'")
            } else {
                target
            };
            let command = format!("gunicorn -b \"0.0.0.0:${{PORT:-{PORT}}}\" {target}");
            sketch.role(path, "web", &command, Some(PORT));
        } else if !sketch.has_role("web") {
            let command = format!("flask run --host 0.0.0.0 --port \"${{PORT:-{PORT}}}\"");
            sketch.role(path, "web", &command, Some(PORT));
            sketch.left(
                path,
                None,
                "no server is among the dependencies: the role web is Flask's development server",
                format!("add gunicorn, and let the command be: gunicorn -b 0.0.0.0:{PORT} {app}"),
            );
        }
        return;
    }
}

fn uvicorn(target: &str) -> String {
    format!("uvicorn --host 0.0.0.0 --port \"${{PORT:-{PORT}}}\" {target}")
}

/// The name at the beginning of a line that one of these calls is assigned to: `app = Flask(__name__)`.
pub(super) fn assigned(text: &str, calls: &[&str]) -> Option<String> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let name = name.split(':').next()?.trim_end();
        let value = value.trim_start();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = !name.is_empty() && name.chars().all(fits);
        (is_name && calls.iter().any(|call| value.starts_with(call))).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_modules() {
        let text = "import x\n  inner = Flask(__name__)\napp: Flask = Flask(__name__)\n";
        assert_eq!(assigned(text, &["Flask("]).as_deref(), Some("app"));
        assert_eq!(assigned("app == Flask(", &["Flask("]), None);
        let manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.dev')";
        assert_eq!(settings(manage).as_deref(), Some("shop.settings.dev"));
        assert_eq!(settings("DJANGO_SETTINGS_MODULE"), None);
    }
}
