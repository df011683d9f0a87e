//! Reading costs as much as the text is long, whatever is in it.

use std::time::Instant;

use boatyard_plan::dockerfile;

/// Texts made to be slow: one thing repeated `count` times.
fn texts(count: usize) -> Vec<(&'static str, String)> {
    let many = |bit: &str| bit.repeat(count);
    vec![
        ("one line", format!("FROM a\nRUN {}", many("x"))),
        ("continuations", format!("FROM a\nRUN {}", many("x \\\n"))),
        (
            "empty continuations",
            format!("FROM a\nRUN x \\\n{}y", many("\n")),
        ),
        ("comments", format!("FROM a\nRUN x \\\n{}y", many("# z\n"))),
        ("pairs", format!("FROM a\nENV {}", many("a=b "))),
        (
            "flags",
            format!("FROM a\nRUN {}x", many("--mount=type=bind ")),
        ),
        (
            "JSON",
            format!("FROM a\nCOPY [{}\"b\"]", many("\"a\",\\\n")),
        ),
        ("brackets", format!("FROM a\nRUN {}", many("["))),
        ("escapes", format!("FROM a\nENV a={}", many("\\"))),
        ("quotes", format!("FROM a\nRUN <<a {}", many("'"))),
        ("expansions", format!("FROM a\nRUN <<a {}", many("${a:-"))),
        (
            "heredocs",
            format!("FROM a\nCOPY {} /\n{}", many("<<E "), many("E\n")),
        ),
        ("a heredoc", format!("FROM a\nRUN <<E\n{}E\n", many("x\n"))),
        ("no end", format!("FROM a\n{}", many("RUN <<E\n"))),
        ("unknown words", format!("FROM a\n{}", many("COPPY a b\n"))),
        ("one unknown word", format!("FROM a\n{}", many("COPPY"))),
        (
            "white space",
            format!("FROM a\nRUN {}x{}", many(" "), many(" ")),
        ),
    ]
}

#[test]
fn ten_times_the_text_takes_ten_times_the_time() {
    const SMALL: usize = 1_000;
    for ((what, small), (_, large)) in texts(SMALL).into_iter().zip(texts(10 * SMALL)) {
        let time = |text: &str| {
            let start = Instant::now();
            let read = dockerfile::parse(text);
            let spent = start.elapsed().as_secs_f64();
            drop(read);
            spent
        };
        // The best of as many as it takes: another process may take the processor away, but does not give any.
        let (mut few, mut many) = (time(&small), time(&large));
        for _ in 0..20 {
            if many < 40.0 * few.max(0.000_5) {
                break;
            }
            (few, many) = (few.min(time(&small)), many.min(time(&large)));
        }
        assert!(
            many < 40.0 * few.max(0.000_5),
            "{what}: {few} s, and {many} s for ten times as much"
        );
    }
}
