//! What programs of `exec.d` write.

use std::collections::BTreeMap;

use boatyard_init::environment::variables;
use proptest::prelude::*;

#[test]
fn is_toml_with_strings() {
    let written = "# made\nA = \"1\"\nB = 'two words'\n\"odd-name\" = \"\"\nM = \"\"\"a\nb\"\"\"\n";
    let told: Vec<String> = variables(written.as_bytes())
        .unwrap()
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(told, ["A=1", "B=two words", "M=a\nb", "odd-name="]);
    assert!(variables(b"").unwrap().is_empty());
    for (written, why) in [
        (&b"A = 1"[..], "is not TOML with names and strings"),
        (b"A", "is not TOML"),
        (b"[A]\nB = \"c\"", "is not TOML"),
        (
            b"A = \"1\"\n\nB = 2",
            "line 3: the value is not a string in quotes",
        ),
        (b"A = \"1\"\nA = \"2\"", "line 2: the name was there before"),
        (b"A.B = \"1\"", "line 1: a name with dots"),
        (b"A = \"1\" B = \"2\"", "something behind the value"),
        (b"A = \"1", "the string has no end"),
        (b"A = \"\\x\"", "no such escape"),
        (b"= \"1\"", "a name is missing"),
        (b"A = \"\xff\"", "is not UTF-8"),
        (b"\"a=b\" = \"c\"", "the variable \"a=b\""),
        (b"\"\" = \"c\"", "the variable \"\""),
        (b"A = \"\\u0000\"", "the variable \"A\""),
    ] {
        let error = variables(written).expect_err("refused").to_string();
        assert!(error.contains(why), "{error}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_fall(written in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = variables(&written);
    }

    /// The `toml` crate says what is TOML. Texts are made of what TOML is made of, so that many of them are.
    #[test]
    fn what_is_read_is_what_toml_means(parts in prop::collection::vec(prop::sample::select(PARTS), 0..14)) {
        agrees(&parts.concat());
    }

    #[test]
    fn every_string_is_read_as_toml_reads_it(
        name in prop::sample::select(&["A", "\"a b\"", "'c'", "d-1_", "\"\\u0041\""][..]),
        quote in prop::sample::select(&["\"", "'", "\"\"\"", "'''"][..]),
        inner in prop::collection::vec(prop::sample::select(INNER), 0..8),
    ) {
        agrees(&format!("{name} = {quote}{}{quote}\n", inner.concat()));
    }
}

const PARTS: &[&str] = &[
    "A",
    "b-2",
    "\"c d\"",
    "'e'",
    " = ",
    "=",
    "\"1\"",
    "'2'",
    "\"\"\"x\ny\"\"\"",
    "'''z'''",
    "\n",
    "\r\n",
    "# note",
    " ",
    "\t",
    "A = \"1\"\n",
    "F = 'x' # y\n",
    "[t]\n",
    "G = 1\n",
    "H.i = \"\"\n",
    "\r",
    "\u{feff}",
    "true",
    "\u{7f}",
    "\u{e9}",
];

const INNER: &[&str] = &[
    "a",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "'",
    "''",
    "\\",
    "\\\n",
    "\\  \n  ",
    "\\n",
    "\\u00e9",
    "\\u12",
    "\\ud800",
    "\\U0001F600",
    "\\x",
    "\\x41",
    "\\e",
    "\\\"",
    "#",
    "\u{1}",
    "\u{7f}",
    "\u{e9}",
    "=",
    "\\ x",
    "\\t",
    "\\+041",
];

fn agrees(text: &str) {
    let theirs: Option<BTreeMap<String, String>> = toml::from_str(text).ok();
    let ours = match variables(text.as_bytes()) {
        Ok(found) => Some(found),
        // What no environment can hold is TOML nevertheless.
        Err(boatyard_init::environment::Unusable::Variable { .. }) => return,
        Err(_) => None,
    };
    assert_eq!(ours, theirs, "{text:?}");
}
