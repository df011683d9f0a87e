//! Words with their variables filled in.

use boatyard_plan::dockerfile::expand::{self, Problem};
use boatyard_plan::dockerfile::{Word, expand::Mistake};
use proptest::prelude::*;

/// `HOME` and `NAME` hold something, `EMPTY` nothing, `GAP` white space; `FILE`, `STAR` and `LINES` are for patterns.
fn lookup(name: &str) -> Option<String> {
    Some(match name {
        "HOME" => "/srv/app".to_owned(),
        "NAME" => "böat".to_owned(),
        "EMPTY" => String::new(),
        "GAP" => " a  b ".to_owned(),
        "FILE" => "lib/lib.tar.gz".to_owned(),
        "STAR" => "a*b?c\\d{e}".to_owned(),
        "LINES" => "one\ntwo".to_owned(),
        "DIGITS_2" => "two".to_owned(),
        "DOLLARS" => "<$0$$$x${0}>".to_owned(),
        _ => return None,
    })
}

fn word(text: &str) -> Result<String, Mistake> {
    expand::word(text, '\\', &lookup)
}

#[test]
fn good_words() {
    for (text, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("two  words", "two  words"),
        // Quotes and escapes.
        ("'single $HOME \\ \"'", "single $HOME \\ \""),
        ("\"double ' $HOME\"", "double ' /srv/app"),
        (r#""\$HOME \" \\ \n""#, r#"$HOME " \ \n"#),
        (r"\$HOME\ \'\n", "$HOME 'n"),
        (r"end\", "end"),
        (r#"a"b"'c'd"#, "abcd"),
        ("\"\"''", ""),
        // Plain variables.
        ("$HOME/x", "/srv/app/x"),
        ("${HOME}x", "/srv/appx"),
        ("$HOMEx", ""),
        ("$DIGITS_2.", "two."),
        ("$NAME", "böat"),
        ("ä$NAMEü", "ä"),
        ("$", "$"),
        ("a$.b$", "a$.b$"),
        ("$UNSET", ""),
        // Positional and special parameters hold nothing in a Dockerfile.
        ("<$1x>", "<x>"),
        ("<$12x$0>", "<x>"),
        ("<$@$*$#$?$-$$$!>", "<>"),
        ("<${10:-ten}${#:-n}${-:-m}${?:-q}>", "<tennmq>"),
        // Defaults and alternatives.
        ("${UNSET:-x} ${UNSET-x} ${EMPTY:-x} ${EMPTY-x}", "x x x "),
        ("${HOME:-x} ${HOME-x}", "/srv/app /srv/app"),
        ("<${UNSET:+x}${UNSET+x}${EMPTY:+x}>${EMPTY+x}", "<>x"),
        ("${HOME:+x}${HOME+y}", "xy"),
        ("${UNSET:-}", ""),
        ("${UNSET:-${EMPTY:-${NAME}}}", "böat"),
        ("${UNSET:-a b 'c }' \"d}\"}", "a b c } d}"),
        (r"${UNSET:-\}}", "}"),
        ("${UNSET:-$HOME/x}", "/srv/app/x"),
        ("${UNSET:-{x}}", "{x}"),
        ("${+x}", ""),
        // Demands.
        ("${HOME:?no}${EMPTY?no}", "/srv/app"),
        // Prefixes and suffixes.
        ("${FILE#*/}", "lib.tar.gz"),
        ("${FILE##*.}", "gz"),
        ("${FILE%.*}", "lib/lib.tar"),
        ("${FILE%%.*}", "lib/lib"),
        ("${FILE#lib}", "/lib.tar.gz"),
        ("${FILE##l?b}", "/lib.tar.gz"),
        (
            "${FILE#nothing}${FILE%nothing}",
            "lib/lib.tar.gzlib/lib.tar.gz",
        ),
        ("${FILE#}${FILE%}", "lib/lib.tar.gzlib/lib.tar.gz"),
        ("<${FILE##*}${FILE%%*}>", "<>"),
        ("${FILE#*}", "lib/lib.tar.gz"),
        ("${NAME%??}${NAME#?ö}", "böat"),
        (r"${STAR#a\*}", r"b?c\d{e}"),
        (r"${STAR%\}}", r"a*b?c\d{e"),
        (r"${STAR%%\?*}", "a*b"),
        (r"${STAR##*\\}", "d{e}"),
        ("${FILE%$EMPTY}", "lib/lib.tar.gz"),
        ("<${UNSET#x}${UNSET%x}>", "<>"),
        ("${LINES#*t}", "one\ntwo"),
        ("${LINES%o*}", "one\ntw"),
        // Replacements.
        ("${FILE/lib/X}", "X/lib.tar.gz"),
        ("${FILE//lib/X}", "X/X.tar.gz"),
        ("${FILE//./}", "lib/libtargz"),
        (r"${FILE/\//:}", "lib:lib.tar.gz"),
        (r"${HOME//\//\\}", r"\\srv\\app"),
        ("${FILE/l*b/X}", "X.tar.gz"),
        ("${FILE//[a-z]/X}", "lib/lib.tar.gz"),
        ("${NAME//?/x}", "xxxx"),
        ("${NAME//$EMPTY/-}", "-b-ö-a-t-"),
        ("${NAME/$EMPTY/-}", "-böat"),
        ("${LINES//*/-}", "-\n-"),
        ("${UNSET/a/b}", ""),
        ("${EMPTY//*/-}", "-"),
        ("${NAME/ö/$HOME}", "b/srv/appat"),
        ("${NAME/ö/$DOLLARS}", "b<$0$$$x${0}>at"),
        ("${NAME//ö/$DOLLARS}", "b<ö$ö>at"),
        // Not a heredoc, and one.
        ("a<b", "a<b"),
        ("<< EOF", "<< EOF"),
    ] {
        assert_eq!(word(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn bad_words() {
    for (text, message, span) in [
        ("a'b", "the quote ' is not closed", 1..3),
        ("a\"b\\\"", "the quote \" is not closed", 1..5),
        ("x${HOME", "\"${\" without \"}\"", 1..7),
        ("${", "\"${\" without \"}\"", 0..2),
        ("${HOME:-x", "\"${\" without \"}\"", 0..9),
        ("${HOME:", "\"${\" without \"}\"", 0..7),
        ("${UNSET:-${HOME}", "\"${\" without \"}\"", 0..16),
        ("${UNSET:-'}", "the quote ' is not closed", 9..11),
        ("a${}", "\"${\" without the name of a variable", 1..4),
        ("${{HOME}}", "\"${\" without the name of a variable", 0..3),
        ("${:-x}", "\"${\" without the name of a variable", 0..3),
        (
            "${HOME=x}",
            "unknown substitution \"=\" in \"${HOME...}\"",
            0..7,
        ),
        (
            "${HOME:=x}",
            "unknown substitution \":=\" in \"${HOME...}\"",
            0..8,
        ),
        (
            "${HOME:#x}",
            "unknown substitution \":#\" in \"${HOME...}\"",
            0..8,
        ),
        ("${.}", "unknown substitution \".\" in \"${...}\"", 0..3),
        (
            "${HOME^^}",
            "unknown substitution \"^\" in \"${HOME...}\"",
            0..7,
        ),
        ("${UNSET?}", "UNSET: is not allowed to be unset", 0..9),
        ("${UNSET:?say $NAME}", "UNSET: say böat", 0..19),
        ("${EMPTY:?}", "EMPTY: is not allowed to be empty", 0..10),
        ("${HOME/a", "\"${HOME/\" without a second \"/\"", 0..8),
        ("${HOME/a/b", "\"${\" without \"}\"", 0..10),
        (
            "${HOME#\\x}",
            "the pattern \"\\x\" has a backslash before something other than * ? \\ } /",
            0..10,
        ),
    ] {
        let mistake = word(text).expect_err(text);
        assert_eq!(
            (mistake.to_string().as_str(), mistake.span),
            (message, span),
            "{text}"
        );
    }
}

#[test]
fn words_part_at_white_space_outside_of_quotes() {
    for (text, expected) in [
        ("", &[][..]),
        ("  ", &[]),
        ("a b\tc", &["a", "b", "c"]),
        ("'a b' \"c d\"", &["a b", "c d"]),
        (r"a\ b c", &["a b", "c"]),
        ("x${GAP}y", &["x", "a", "b", "y"]),
        ("x\"${GAP}\"y", &["x a  b y"]),
        ("'' \"\" $EMPTY", &[]),
        // What stands before a default in the same word stays.
        ("80${UNSET:-80}/tcp 1", &["8080/tcp", "1"]),
        ("${UNSET:-a b}", &["a", "b"]),
    ] {
        assert_eq!(
            expand::words(text, '\\', &lookup).unwrap(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_backtick_escapes_where_it_is_told_to() {
    for (text, expected) in [
        ("`$HOME", "$HOME"),
        (r"C:\$NAME", r"C:\böat"),
        ("\"`\" `$ `` `n\"", "\" $ ` `n"),
        ("${FILE%.`?}", "lib/lib.tar.gz"),
    ] {
        assert_eq!(
            expand::word(text, '`', &lookup).as_deref(),
            Ok(expected),
            "{text}"
        );
    }
}

#[test]
fn documents_have_no_quotes() {
    let text = "say 'it' \"$NAME\" \\$NAME a\\b \\\\\n\t${UNSET:-x}\n";
    assert_eq!(
        expand::document(text, &lookup).unwrap(),
        "say 'it' \"böat\" $NAME ab \\\n\tx\n"
    );
}

#[test]
fn what_is_shown_keeps_quotes_and_unset_variables() {
    assert_eq!(
        expand::shown(
            "echo '$x' \"$NAME\" $u ${u} ${u:-$NAME} ${u/a/b}",
            '\\',
            &lookup
        )
        .unwrap(),
        "echo '$x' \"böat\" $u ${u} ${u:-böat} ${u/a/b}"
    );
}

#[test]
fn names_with_their_places() {
    let text = "$A ${B:-$C} '$D' \\$E \"$F\" ${G:?x}${H#\\x} ${1} $é ${I";
    let names = expand::names(text, '\\');
    for (name, span) in &names {
        assert_eq!(&text[span.clone()], name);
    }
    let names: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["A", "C", "B", "F", "G", "H", "1", "é"]);
}

#[test]
fn a_diagnostic_points_at_the_part_unless_lines_were_joined() {
    let mistake = word("ab${}").unwrap_err();
    let place = |span| Word {
        text: "ab${}".to_owned(),
        span,
    };
    assert_eq!(mistake.diagnostic(&place(10..15)).span, 12..15);
    assert_eq!(mistake.diagnostic(&place(10..18)).span, 10..18);
}

#[test]
fn there_are_limits() {
    let deep = format!("{}{}", "${U:-".repeat(100_000), "}".repeat(100_000));
    assert!(matches!(
        word(&deep).unwrap_err().problem,
        Problem::Deep { .. }
    ));
    let long = expand::word(&"$V".repeat(20), '\\', &|_| Some("x".repeat(1 << 20)));
    assert!(matches!(long.unwrap_err().problem, Problem::Long { .. }));
    let many = expand::word("${V//x/${V}}", '\\', &|_| Some("x".repeat(1 << 14)));
    assert!(matches!(many.unwrap_err().problem, Problem::Long { .. }));
}

/// What a shell would say of `*`, `?` and characters, tried one by one.
fn fits(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|at| fits(rest, &text[at..])),
        Some((c, rest)) => text
            .split_first()
            .is_some_and(|(first, text)| (*c == '?' || c == first) && fits(rest, text)),
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

proptest! {
    #[test]
    fn nothing_panics(text in "[a-c$\\{\\}:+?#%/\\\\'\"`*<äX -]{0,40}", value in ".{0,8}") {
        let lookup = |name: &str| (name != "a").then(|| value.clone());
        let _ = expand::word(&text, '\\', &lookup);
        let _ = expand::words(&text, '`', &lookup);
        let _ = expand::document(&text, &lookup);
        let _ = expand::shown(&text, '\\', &lookup);
        for (name, span) in expand::names(&text, '\\') {
            prop_assert_eq!(&text[span], name);
        }
    }

    #[test]
    fn quoted_text_stays(text in "[^']{0,20}") {
        prop_assert_eq!(word(&format!("'{text}'")), Ok(text));
    }

    #[test]
    fn trims_and_replacements_are_those_of_a_shell(pattern in "[ab*?]{0,5}", value in "[abä]{0,7}") {
        let run = |text: &str| {
            expand::word(&text.replace('P', &pattern), '\\', &|_| Some(value.clone())).unwrap()
        };
        let (pattern, value) = (chars(&pattern), chars(&value));
        let ends: Vec<usize> = (0..=value.len()).filter(|&at| fits(&pattern, &value[..at])).collect();
        let starts: Vec<usize> = (0..=value.len()).filter(|&at| fits(&pattern, &value[at..])).collect();
        let text = |range: &[char]| range.iter().collect::<String>();
        // After `#` or `%` another one would ask for the longest.
        prop_assert_eq!(run("${v#P}"), text(&value[ends.first().copied().unwrap_or(0)..]));
        prop_assert_eq!(run("${v##P}"), text(&value[ends.last().copied().unwrap_or(0)..]));
        prop_assert_eq!(run("${v%P}"), text(&value[..starts.last().copied().unwrap_or(value.len())]));
        prop_assert_eq!(run("${v%%P}"), text(&value[..starts.first().copied().unwrap_or(value.len())]));
        let first = (0..=value.len()).find_map(|start| {
            let end = (start..=value.len()).rev().find(|&end| fits(&pattern, &value[start..end]))?;
            Some(format!("{}-{}", text(&value[..start]), text(&value[end..])))
        });
        if !pattern.is_empty() {
            prop_assert_eq!(run("${v/P/-}"), first.unwrap_or_else(|| text(&value)));
        }
    }
}

#[test]
fn time_grows_with_the_length() {
    // Steps, not seconds: each variable is looked up once, however deep.
    for length in [10, 100, 1000] {
        let count = std::cell::Cell::new(0);
        let text = "${a:-${b:+'x'}${c%z*}}".repeat(length);
        let result = expand::word(&text, '\\', &|_| {
            count.set(count.get() + 1);
            None
        });
        assert_eq!(result.as_deref(), Ok(""));
        assert_eq!(count.get(), 3 * length);
    }
}
