//! Environment files, evaluated by us and by bash.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

use boatyard_init::environment::{Environment, take_over};
use boatyard_init::line::evaluate;
use proptest::prelude::*;

/// What bash is told, as init tells it; `env -0` stands for init, which becomes the dump.
const BASH: &str = "set -a -e -o pipefail; . \"$0\"; set +a; exec /usr/bin/env -0";

const BEFORE: [&str; 7] = [
    "PATH=/usr/bin:/bin",
    "HOME=/home/me",
    "SET=one two  three",
    "EMPTY=",
    "GLOB=/*",
    "QUOTES=a'b\"c\\d$SET",
    "PWD=/somewhere",
];

fn before() -> Environment {
    Environment::new(
        BEFORE
            .iter()
            .map(|entry| entry.as_bytes().to_vec())
            .collect(),
    )
}

fn bash(script: &str) -> Option<Environment> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(script.as_bytes()).unwrap();
    let before = before();
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", BASH])
        .arg(file.path())
        .env_clear()
        .envs(BEFORE.iter().filter_map(|entry| entry.split_once('=')))
        .output()
        .unwrap();
    output
        .status
        .success()
        .then(|| take_over(&before, &output.stdout))
}

fn sorted(environment: &Environment) -> BTreeMap<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    environment
        .variables()
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// What differs from the environment before.
fn changes(after: &Environment) -> String {
    let (before, after) = (sorted(&before()), sorted(after));
    let gone = before
        .keys()
        .filter(|name| !after.contains_key(*name))
        .map(|name| format!("-{name}"));
    let new = after
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(name, value)| format!("{name}={value}"));
    gone.chain(new).collect::<Vec<_>>().join("|")
}

/// Scripts, and what they change, with us and with bash.
#[test]
fn are_understood_as_bash_does() {
    for (script, changed) in [
        ("", ""),
        ("# nothing\n\n  # at all", ""),
        ("A=1", "A=1"),
        ("A=1\nexport B=2 C=3\n", "A=1|B=2|C=3"),
        ("A=1 B=$A; C=${B}x # why", "A=1|B=1|C=1x"),
        ("export A; A=b; export A", "A=b"),
        ("A='a b'\"c $SET\"\\ d", "A=a bc one two  three d"),
        (
            "A=$SET B=$GLOB C=$QUOTES",
            "A=one two  three|B=/*|C=a'b\"c\\d$SET",
        ),
        ("export A=$SET B=$GLOB", "A=one two  three|B=/*"),
        ("PATH=/opt/bin:$PATH", "PATH=/opt/bin:/usr/bin:/bin"),
        (
            "A=${NONE:-x y} B=${EMPTY-z} C=${EMPTY:-'q'} D=${SET:+\"$HOME\"}",
            "A=x y|B=|C=q|D=/home/me",
        ),
        ("A=\"a\\\"\\$\\`\\\\\\n\"", "A=a\"$`\\\\n"),
        ("A=one\\\ntwo B=\"x\ny\"", "A=onetwo|B=x\ny"),
        ("unset SET EMPTY NONE", "-EMPTY|-SET"),
        ("A=1; unset A", ""),
        ("A=#x B=a#b", "A=#x|B=a#b"),
        ("A==b=c", "A==b=c"),
        ("A=ümläut", "A=ümläut"),
    ] {
        let ours =
            evaluate(script, &before()).unwrap_or_else(|fault| panic!("{script:?}: {fault:?}"));
        assert_eq!(changes(&ours), changed, "{script:?}");
        assert_eq!(sorted(&bash(script).unwrap()), sorted(&ours), "{script:?}");
    }
}

#[test]
fn are_left_to_bash_where_it_would_do_more() {
    for (script, line) in [
        ("A=$(date)", 1),
        ("A=1\n\nA=`date`", 3),
        ("A=1 true", 1),
        ("if true; then A=1; fi", 1),
        ("A=(1 2)", 1),
        ("A+=1", 1),
        ("A[0]=1", 1),
        ("A=~/x", 1),
        ("A=*", 1),
        ("A=${B:=c}", 1),
        ("A=${B:?no}", 1),
        ("UID=3", 1),
        ("IFS=:", 1),
        ("BASH_ENV=x", 1),
        ("A=1;;B=2", 1),
        (";A=1", 1),
        ("export -n PATH", 1),
        ("export", 1),
        ("unset -f x", 1),
        ("readonly A=1", 1),
        ("source x", 1),
        ("A='open", 1),
        ("A=1\r\nB=2", 1),
        ("f() { A=1; }", 1),
        ("A=$RANDOM", 1),
    ] {
        let fault = evaluate(script, &before()).expect_err(script);
        assert_eq!(fault.line, line, "{script:?} {fault:?}");
    }
}

/// Pieces that scripts are made of, good and bad.
fn script() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "A=",
        "B=",
        "SET=",
        "export ",
        "unset ",
        "A",
        "B",
        "SET",
        "$A",
        "${B}",
        "${A:-",
        "${SET+",
        "}",
        "'",
        "\"",
        "\\",
        " ",
        "\n",
        ";",
        "#",
        "x",
        "=",
        "y z",
        "$",
        "$GLOB",
        "\t",
        "é",
        "${EMPTY:+",
        "&",
        "|",
        "(",
        "*",
        "~",
        "\\\n",
        "1",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_understood_is_understood_as_bash_does(script in script()) {
        if let Ok(ours) = evaluate(&script, &before()) {
            let theirs = bash(&script);
            prop_assert!(theirs.is_some(), "bash refuses {:?}", script);
            prop_assert_eq!(sorted(&theirs.unwrap()), sorted(&ours), "{:?}", script);
        }
    }

    #[test]
    fn nothing_makes_it_fall(bytes in prop::collection::vec(any::<char>(), 0..200)) {
        let text: String = bytes.into_iter().collect();
        let _ = evaluate(&text, &before());
    }
}

/// What a script leaves behind in its shell, and what of that is taken over.
#[test]
fn only_what_is_exported_is_taken_over() {
    for (script, changed) in [
        ("unset SET", "-SET"),
        ("MULTI=$'a\\nEVIL=1'", "MULTI=a\nEVIL=1"),
        ("EMPTY=", ""),
        ("readonly RO=1", "RO=1"),
        ("LIST=(1 2); declare -A MAP=([a]=b)", ""),
        ("helper() { :; }; A=1", "A=1"),
        ("cd /tmp; A=1", "A=1"),
        ("IFS=:; OPTIND=7; A=1", "A=1"),
        ("A=1; export -n A", ""),
        ("read line < /dev/null || A=1", "A=1|line="),
        ("[ -n \"$SET\" ] && A=\"$(printf '%s' made)\"", "A=made"),
    ] {
        let after = bash(script).unwrap_or_else(|| panic!("{script}"));
        assert_eq!(changes(&after), changed, "{script}");
    }
    let odd = take_over(&before(), b"BIN=\xff\xfe\0not a variable\0PWD=/elsewhere\0");
    assert_eq!(odd.get("BIN"), Some(&b"\xff\xfe"[..]));
    assert_eq!(odd.get("PWD"), Some(&b"/somewhere"[..]));
    assert_eq!(odd.get("SET"), None);
}
