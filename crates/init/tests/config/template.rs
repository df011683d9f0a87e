//! Templates: rows, and the whole files of grocker's two.

use boatyard_init::config::{BUILT_IN, expand};

use crate::files::config;

const FILE: (&str, &str) = (
    "c.ini",
    "[web]\nport = 80\noff = off\nnames = a, b\nempty =\n",
);

#[test]
fn rows() {
    let config = config(&[FILE]).with_variables(None, [("PORT".to_owned(), "9".to_owned())]);
    for (template, wanted) in [
        ("plain", "plain"),
        ("{{ web.port }}{{web.none|x y}}", "80x y"),
        ("{{ env.PORT }} {{ env.NONE | 1 }}", "9 1"),
        ("{{ web.empty | d }}", ""),
        ("{% if web.port %}yes{% else %}no{% end %}", "yes"),
        (
            "{% if web.off %}yes{% else %}no{% end %}{% if web.none %}x{% end %}",
            "no",
        ),
        (
            "{% for n in web.names %}<{{ n }}{% if web.off %}!{% end %}>{% end %}",
            "<a><b>",
        ),
        ("a\n{% if web.port %}\n  b\n{% end %}\nc\n", "a\n  b\nc\n"),
        ("{% for n in web.names %}\n{{ n }}\n{% end %}\n", "a\nb\n"),
        ("{% if web.none %}{{ web.missing }}{% end %}", ""),
    ] {
        assert_eq!(
            expand(template, &config).as_deref(),
            Ok(wanted),
            "{template}"
        );
    }
}

#[test]
fn mistakes() {
    let config = config(&[FILE]);
    let deep = "{% if web.port %}".repeat(40);
    for (template, wanted) in [
        (
            "\n{{ web.missing }}",
            "2: web.missing is not configured, and the template has no default for it",
        ),
        ("a\n\n{{ web.port", "3: this is never closed"),
        (
            "{% while x %}",
            "1: \"while x\" is not understood: there are if X, for X in Y, else and end",
        ),
        ("x\n{% end %}", "2: there is nothing to end here"),
        (
            "{% if a %}\n{% else %}\n{% else %}{% end %}",
            "3: there is nothing to end here",
        ),
        ("\n{% if a %}\n", "2: this has no {% end %}"),
        (&deep, "1: there are more than 16 in each other"),
    ] {
        assert_eq!(
            expand(template, &config).unwrap_err().to_string(),
            wanted,
            "{template}"
        );
    }
}

#[test]
fn built_in_files() {
    let settings = "[nginx]\nstatic = /app/static/\nserver_names = a.example, b.example\nuwsgi = 127.0.0.1:9000\n\
                    [uwsgi]\nmodule = shop.wsgi\nstatic_map = /static=/app/static, /media=/app/media\n";
    for (name, text) in BUILT_IN {
        let path = format!("{}/tests/config/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        let made = expand(text, &config(&[("c.ini", settings)])).unwrap();
        if std::env::var_os("BOATYARD_BLESS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        assert_eq!(
            made,
            std::fs::read_to_string(&path).unwrap(),
            "BOATYARD_BLESS=1 writes {path}"
        );
    }
}
