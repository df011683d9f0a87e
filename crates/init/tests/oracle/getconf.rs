//! Layers of INI files against getconf (Polyconseil) from the Python index.

use std::collections::BTreeMap;

use boatyard_init::config::{Config, parse};
use serde_json::{Value, json};

use crate::python::{Python, cases};
use crate::random::Random;

const SCRIPT: &str = r#"
import json, os, sys, tempfile
import getconf
home = tempfile.mkdtemp()
for line in sys.stdin:
    case = json.loads(line)
    names = []
    for number, text in enumerate(case["files"]):
        name = os.path.join(home, str(number))
        with open(name, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        names.append(name)
    for name in list(os.environ):
        if name.startswith("NS_"):
            del os.environ[name]
    os.environ.update(case["variables"])
    try:
        config = getconf.ConfigGetter("ns", names)
        print(json.dumps([config.getstr(path, default=None) for path in case["paths"]]))
    except Exception as error:
        print(json.dumps(type(error).__name__))
"#;

const PATHS: [&str; 12] = [
    "a",
    "A",
    "b",
    "key",
    "s.a",
    "s.A",
    "S.a",
    "s.b.c",
    "t.key",
    "t.with space",
    "DEFAULT.a",
    "nosuch.a",
];

const PIECES: [&str; 34] = [
    "[s]",
    "[S]",
    "[t]",
    "[DEFAULT]",
    "[a]b]",
    "[]",
    "[s] x",
    "a",
    "A",
    "b",
    "b.c",
    "key",
    "with space",
    "=",
    " = ",
    ":",
    ": ",
    "= x = y",
    "= %(a)s",
    "= # no comment",
    "= v ; w",
    "#",
    "; c",
    " ",
    "\t",
    "é",
    "İ",
    "\u{2003}",
    "\u{1c}",
    "a=1",
    "  more",
    "\u{feff}",
    "b=2",
    "\u{b}",
];

#[test]
fn layers_mean_what_getconf_says() {
    let Some(python) = Python::with(&["getconf"]) else {
        return;
    };
    let mut random = Random::new(0x9e37_79b9);
    let count = cases(100_000) / 40;
    let questions: Vec<(Vec<String>, BTreeMap<String, String>)> = (0..count)
        .map(|_| {
            let files = (0..random.between(1, 3))
                .map(|_| file(&mut random))
                .collect();
            let mut variables = BTreeMap::new();
            if random.chance(30) {
                let name = random.pick(&[
                    "NS_A",
                    "NS_S_A",
                    "NS_S_B.C",
                    "NS_T_WITH SPACE",
                    "NS_KEY",
                    "NS_DEFAULT_A",
                ]);
                variables.insert(
                    (*name).to_owned(),
                    (*random.pick(&["", "from env"])).to_owned(),
                );
            }
            (files, variables)
        })
        .collect();
    let text = questions
        .iter()
        .map(|(files, variables)| {
            json!({"files": files, "variables": variables, "paths": PATHS}).to_string() + "\n"
        })
        .collect();
    let answers = python.ask(SCRIPT, text);
    assert_eq!(answers.len(), questions.len());
    let (mut read, mut refused) = (0, 0);
    for ((files, variables), theirs) in questions.iter().zip(&answers) {
        let theirs: Value = serde_json::from_str(theirs).unwrap();
        let ours = ours(files, variables);
        match &ours {
            Some(_) => read += 1,
            None => refused += 1,
        }
        match ours {
            Some(ours) => assert_eq!(Value::from(ours), theirs, "{files:?} {variables:?}"),
            None => assert!(
                theirs.is_string(),
                "we refuse what gives {theirs}: {files:?}"
            ),
        }
    }
    println!("{read} configurations are the same, {refused} are refused by both");
    assert!(read > count / 5 && refused > count / 20);
}

fn ours(files: &[String], variables: &BTreeMap<String, String>) -> Option<Vec<Option<String>>> {
    let files: Result<Vec<_>, _> = files
        .iter()
        .map(|text| parse(text.as_bytes()).map(|file| (String::new(), file)))
        .collect();
    let config = Config::new(files.ok()?).with_variables(Some("ns"), variables.clone());
    Some(
        PATHS
            .iter()
            .map(|path| config.get(path).map(|item| item.value))
            .collect(),
    )
}

fn file(random: &mut Random) -> String {
    // Most files are of good lines; the others of anything.
    let mut text = String::new();
    let wild = random.chance(35);
    if !wild || random.chance(90) {
        text.push_str(random.pick::<&str>(&["[s]\n", "[DEFAULT]\n", "[t]\n", "# c\n[s]\r\n"]));
    }
    for number in 0..random.between(0, 7) {
        if wild {
            for _ in 0..random.between(1, 4) {
                text.push_str(random.pick::<&str>(&PIECES));
            }
        } else {
            // Each key once, but for a slip now and then.
            let keys = ["a", "b", "b.c", "key", "with space", "A1", "é", "K"];
            let index = if random.chance(3) {
                0
            } else {
                usize::try_from(number).unwrap()
            };
            let key = keys[index];
            let delimiter = random.pick(&["=", ": ", " = ", "\t:"]);
            let value = random.pick(&[
                "",
                "1",
                "a, b ,c",
                "x = y",
                "50%",
                "v # w",
                "multi\n  line",
                "multi\n\n  gap\n ; c\n  line",
                "é ",
            ]);
            text.extend([key, delimiter, value]);
        }
        text.push_str(random.pick::<&str>(&["\n", "\n", "\n", "\r\n", "\n\n", "\r"]));
    }
    text
}
