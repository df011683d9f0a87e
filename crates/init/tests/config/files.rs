//! INI files, layers, names.

use boatyard_init::config::{Config, Origin, boolean, doubts, fits, list, parse, variable};

pub fn config(files: &[(&str, &str)]) -> Config {
    Config::new(
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), parse(text.as_bytes()).unwrap()))
            .collect(),
    )
}

#[test]
fn faults_have_a_place() {
    for (text, wanted) in [
        (
            &b"a = 1\n"[..],
            "1:1: there is no [section] before this line",
        ),
        (
            b"\xef\xbb\xbf[s]\n",
            "1:1: the file begins with a byte order mark: save it without",
        ),
        (
            b"[s]\na=1\n  [t\n[s]\n",
            "4:1: section [s] is in this file already",
        ),
        (
            b"[s]\nA=1\n\n# c\na:2\n",
            "5:1: a is in this section already",
        ),
        (
            b"[s]\nno delimiter\n",
            "2:1: this line is neither \"key = value\" nor [section]",
        ),
        (
            b"[s]\n  = value\n",
            "2:3: this line is neither \"key = value\" nor [section]",
        ),
        (b"[s]\na = \xff\n", "2:1: this is not text in UTF-8"),
    ] {
        let told: Vec<String> = parse(text)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(told, [wanted], "{}", text.escape_ascii());
    }
}

#[test]
fn the_last_file_wins_and_the_environment_over_it() {
    let config = config(&[
        (
            "10_base.ini",
            "[DEFAULT]\nname = base\n[db]\nhost = localhost\nPort = 5432\n",
        ),
        ("90_site.ini", "[db]\nhost: db.example.com\n"),
    ])
    .with_variables(
        Some("shop"),
        [
            ("SHOP_DB_PORT".to_owned(), String::new()),
            ("SHOP_X".to_owned(), "1".to_owned()),
        ],
    );
    let show = |path: &str| {
        config
            .get(path)
            .map(|item| format!("{:?} {}", item.value, item.origin))
    };
    for (path, wanted) in [
        ("db.host", Some("\"db.example.com\" 90_site.ini:2")),
        ("db.PORT", Some("\"\" variable SHOP_DB_PORT")),
        ("db.name", Some("\"base\" 10_base.ini:2")),
        ("name", Some("\"base\" 10_base.ini:2")),
        ("nosuch.name", None),
        ("DB.host", None),
        ("x", Some("\"1\" variable SHOP_X")),
    ] {
        assert_eq!(show(path).as_deref(), wanted, "{path}");
    }
    assert_eq!(config.other_variables(), ["SHOP_X"]);
    assert_eq!(
        config.get("x").unwrap().origin,
        Origin::Variable("SHOP_X".to_owned())
    );
}

#[test]
fn names_of_variables() {
    for (namespace, path, wanted) in [
        ("shop", "db.host", "SHOP_DB_HOST"),
        ("my-shop", "db.read-only", "MY_SHOP_DB_READ_ONLY"),
        ("ns", "a.b.c", "NS_A_B.C"),
        ("ns", "key", "NS_KEY"),
        ("", "db.host", "DB_HOST"),
    ] {
        assert_eq!(variable(namespace, path), wanted);
    }
}

#[test]
fn what_values_mean() {
    assert!(["on", "YES", "True", "1"].into_iter().all(boolean));
    assert!(
        !["", "off", "2", "true ", "enabled"]
            .into_iter()
            .any(boolean)
    );
    assert_eq!(list(" a, ,b c,,"), ["a", "b c"]);
}

#[test]
fn names_of_files() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let told = |given: &[&str]| {
        doubts(&names(given))
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&["/c/10_a.ini", "/c/90_b.ini"]), [""; 0]);
    assert_eq!(
        told(&["/c/90_b.ini", "/c/9_a.ini", "/c/x.ini~"]),
        [
            "9_a.ini is read after 90_b.ini and wins: names are sorted as text, not as numbers",
            "x.ini~ looks like a backup, and is read",
        ]
    );
    for (pattern, name, wanted) in [
        ("*", "a.ini", true),
        ("*", "..data", false),
        ("*.ini", "a.ini", true),
        ("*.ini", "a.ini~", false),
        ("?_*.ini", "1_x.ini", true),
        ("[0-9]*", "7x", true),
        ("[!0-9]*", "7x", false),
        ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXbYbZ", false),
        ("[]", "[]", true),
    ] {
        assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
    }
}
