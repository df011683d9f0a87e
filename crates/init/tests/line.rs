//! The native subset of command lines: a table, and a comparison with real shells.

use std::process::Command;

use boatyard_init::line::{Shell, native};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// The environment of every line. `UNSET` is not in it.
const VARIABLES: [(&str, &str); 6] = [
    ("A", "a"),
    ("TWO", "one two"),
    ("BLANKS", " \t x \n"),
    ("EMPTY", ""),
    ("STAR", "*"),
    ("QUOTES", "it's \"so\""),
];

fn variable(name: &str) -> Option<Vec<u8>> {
    VARIABLES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.as_bytes().to_vec())
}

fn evaluate(line: &str, shell: Shell) -> Result<Vec<String>, String> {
    native(line, variable, shell)
        .map(|fields| {
            fields
                .into_iter()
                .map(|field| String::from_utf8(field).unwrap())
                .collect()
        })
        .map_err(|outside| outside.to_string())
}

#[test]
fn inside() {
    for (line, fields) in [
        ("gunicorn app:app", &["gunicorn", "app:app"][..]),
        ("  x\ty \\\n z\n", &["x", "y", "z"]),
        ("x 'a b' \"c d\" e\\ f", &["x", "a b", "c d", "e f"]),
        ("x '' \"\" $UNSET \"$UNSET\"", &["x", "", "", ""]),
        ("x $A ${A}b \"$A\"'$A'\\$A", &["x", "a", "ab", "a$A$A"]),
        ("x $TWO \"$TWO\"", &["x", "one", "two", "one two"]),
        ("x [$BLANKS]", &[]),
        ("x -$BLANKS-", &["x", "-", "x", "-"]),
        ("x ${UNSET:-4} ${EMPTY:-4} ${A:-4}", &["x", "4", "4", "a"]),
        ("x ${UNSET-4} \"${EMPTY-4}\"", &["x", "4", ""]),
        (
            "x ${A:+yes} ${EMPTY:+yes} ${EMPTY+set}",
            &["x", "yes", "set"],
        ),
        ("x ${UNSET:-a b} \"${UNSET:-a b}\"", &["x", "a", "b", "a b"]),
        ("x ${UNSET:-'a b' \"c  d\"}", &["x", "a b", "c  d"]),
        (
            "x \"0.0.0.0:${UNSET:-${EMPTY:-8000}}\"",
            &["x", "0.0.0.0:8000"],
        ),
        ("x ${A:?missing}", &["x", "a"]),
        ("x \"a\\b\\\"\\$\"", &["x", "a\\b\"$"]),
        (
            "x \"5$\" a=b --c=d %e @f +g ^h !i k#l",
            &[
                "x", "5$", "a=b", "--c=d", "%e", "@f", "+g", "^h", "!i", "k#l",
            ],
        ),
        ("exec x y", &["x", "y"]),
        ("'if' x", &["if", "x"]),
        ("$A x", &["a", "x"]),
    ] {
        if fields.is_empty() {
            assert!(evaluate(line, Shell::There).is_err(), "{line:?}");
            continue;
        }
        let expected: Vec<String> = fields.iter().map(ToString::to_string).collect();
        assert_eq!(evaluate(line, Shell::There), Ok(expected), "{line:?}");
    }
}

#[test]
fn outside() {
    for (line, why) in [
        ("", "no command at all"),
        ("$UNSET", "no command at all"),
        ("a; b", "the operator ';'"),
        ("a && b", "the operator '&'"),
        ("a | b", "the operator '|'"),
        ("a > b", "the operator '>'"),
        ("(a)", "the operator '('"),
        ("a\nb", "the operator '\\n'"),
        ("a $(b)", "a command substitution"),
        ("a \"`b`\"", "a command substitution"),
        ("a *.py", "a file name pattern with '*'"),
        ("a $STAR", "a file name pattern with '*'"),
        ("[ -f a ]", "a file name pattern with '['"),
        ("a ~/b", "a tilde outside quotes"),
        ("a {b,c}", "a brace outside quotes"),
        ("a # b", "a comment"),
        ("A=b c", "an assignment before the command"),
        ("A+=b c", "an assignment before the command"),
        ("a $1", "the expansion $1"),
        ("a $?", "the expansion $?"),
        ("a $'b'", "the expansion $'"),
        ("a $PWD", "the shell's own variable $PWD"),
        ("a $HOSTNAME", "the shell's own variable $HOSTNAME"),
        ("if a", "the shell's word \"if\""),
        ("cd a", "the shell's command \"cd\""),
        ("exec cd a", "the shell's command \"cd\""),
        ("exec -a b c", "the shell's command \"exec\""),
        ("echo a", "the shell's command \"echo\""),
        ("a 'b", "a quote, brace or backslash without its end"),
        ("a \"b", "a quote, brace or backslash without its end"),
        ("a \\", "a quote, brace or backslash without its end"),
        ("a ${A", "a quote, brace or backslash without its end"),
        ("a ${UNSET:?not told}", "the variable UNSET: not told"),
        ("a ${UNSET?}", "the variable UNSET, which is not set"),
    ] {
        assert_eq!(
            evaluate(line, Shell::There),
            Err(why.to_owned()),
            "{line:?}"
        );
    }
    for line in [
        "a ${A%x}",
        "a ${A:=b}",
        "a ${#A}",
        "a ${A:1:2}",
        "a ${!A}",
        "a ${}",
    ] {
        let why = evaluate(line, Shell::There).unwrap_err();
        assert!(
            why.starts_with("an expansion other than"),
            "{line:?}: {why}"
        );
    }
    let deep = format!("a {}{}", "${A:-".repeat(100_000), "}".repeat(100_000));
    assert_eq!(
        evaluate(&deep, Shell::There),
        Err("too many nested braces".to_owned())
    );
}

#[test]
fn without_a_shell_programs_of_the_search_path_do() {
    let expected = Ok(vec!["echo".to_owned(), "a".to_owned()]);
    assert_eq!(evaluate("echo a", Shell::Missing), expected);
    assert!(evaluate("cd a", Shell::Missing).is_err());
}

/// What a shell makes of the line: its words, one after the other, each with a NUL.
fn shell_words(shell: &str, line: &str) -> Vec<u8> {
    Command::new(shell)
        .arg("-c")
        .arg(format!("printf '%s\\0' x {line}"))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(VARIABLES)
        .current_dir("/")
        .output()
        .unwrap_or_else(|error| panic!("{shell}: {error}"))
        .stdout
}

/// Bits of lines, chosen to meet at every joint of the grammar.
fn lines() -> impl Strategy<Value = String> {
    let bit = prop::sample::select(vec![
        "a",
        "b c",
        " ",
        "\t",
        "'",
        "\"",
        "\\",
        "$A",
        "${A}",
        "$TWO",
        "\"$TWO\"",
        "$BLANKS",
        "${UNSET:-",
        "${EMPTY:-",
        "${A:+",
        "${EMPTY+",
        "\"${UNSET-",
        "}",
        "}\"",
        "$UNSET",
        "\"\"",
        "''",
        "'q q'",
        "$",
        "=",
        "-",
        ":",
        "é",
        "#",
        "!",
        "%",
        "$QUOTES",
        "\"$QUOTES\"",
        "\\ ",
        "\\\n",
        "\n",
        "\"a $A b\"",
        "${UNSET:-x y}",
        "${UNSET:-'x y'z}",
        "\"${UNSET:-x y}\"",
        "{",
        "]",
        "^",
        ",",
    ]);
    prop::collection::vec(bit, 1..8).prop_map(|bits| bits.concat())
}

#[test]
fn shells_agree() {
    let shells: Vec<&str> = ["dash", "bash", "sh"]
        .into_iter()
        .filter(|shell| Command::new(shell).args(["-c", ":"]).output().is_ok())
        .collect();
    let config = Config {
        cases: 300,
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..Config::default()
    };
    proptest!(config, |(line in lines())| {
        // The command is fixed, so that only the words matter.
        let words = native(&format!("x {line}"), variable, Shell::There);
        prop_assume!(words.is_ok());
        let ours: Vec<u8> = words
            .unwrap_or_default()
            .into_iter()
            .flat_map(|word| [word, vec![0]].concat())
            .collect();
        for shell in &shells {
            let theirs = shell_words(shell, &line);
            prop_assert_eq!(
                String::from_utf8_lossy(&ours),
                String::from_utf8_lossy(&theirs),
                "{}: {:?}", shell, line
            );
        }
    });
}
