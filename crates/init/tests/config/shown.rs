//! What is shown of it, and what is not.

use boatyard_init::config::{Form, dump, masked, parse};

use crate::files::config;

const FILES: &[(&str, &str)] = &[
    (
        "1.ini",
        "[DEFAULT]\ndebug = off\n[db]\nurl = postgres://shop:hunter2@db/shop?sslmode=require\npassword = hunter2\n",
    ),
    (
        "2.ini",
        "[db]\nnote = one\n   two\n[empty]\n[web]\nSecret_Key =\ntoken = t\n",
    ),
];

#[test]
fn as_text() {
    let text = dump(
        &config(FILES),
        Form {
            origin: true,
            ..Form::default()
        },
    );
    assert_eq!(
        text,
        "[DEFAULT]\n# 1.ini:2\ndebug = off\n\n[db]\n# 2.ini:2\nnote = one\n    two\n# 1.ini:5\npassword = ********\n\
         # 1.ini:4\nurl = postgres://shop:********@db/shop?sslmode=require\n\n[web]\n# 2.ini:6\nsecret_key =\n# 2.ini:7\ntoken = ********\n"
    );
    assert!(!text.contains("hunter2"));
}

#[test]
fn as_json() {
    let config =
        config(FILES).with_variables(Some("ns"), [("NS_DB_NOTE".to_owned(), "three".to_owned())]);
    let json: serde_json::Value = serde_json::from_str(&dump(
        &config,
        Form {
            json: true,
            origin: true,
            secrets: false,
        },
    ))
    .unwrap();
    assert_eq!(
        json["db"]["note"],
        serde_json::json!({"value": "three", "origin": "variable NS_DB_NOTE"})
    );
    let json: serde_json::Value = serde_json::from_str(&dump(
        &config,
        Form {
            json: true,
            origin: false,
            secrets: true,
        },
    ))
    .unwrap();
    assert_eq!(json["db"]["password"], "hunter2");
}

#[test]
fn what_is_dumped_is_read_back() {
    let form = Form {
        secrets: true,
        ..Form::default()
    };
    let once = dump(&config(FILES), form);
    let again =
        boatyard_init::config::Config::new(vec![("x".to_owned(), parse(once.as_bytes()).unwrap())]);
    assert_eq!(dump(&again, form), once);
}

#[test]
fn masks() {
    for (key, value, wanted) in [
        ("db_password", "x", "********"),
        ("API-Token", "x", "********"),
        ("password", "", ""),
        ("host", "x", "x"),
        (
            "url",
            "redis://:pw@r:1/0, amqp://u:p@m//",
            "redis://:********@r:1/0, amqp://u:********@m//",
        ),
        ("url", "http://u@h/p:q@r", "http://u@h/p:q@r"),
        ("url", "scheme://", "scheme://"),
    ] {
        assert_eq!(masked(key, value), wanted, "{key} = {value}");
    }
}
