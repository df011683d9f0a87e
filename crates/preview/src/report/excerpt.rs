//! Lines of a log in a comment.

/// Lines that are shown.
pub const LINES: usize = 40;
/// Letters of a line, and of all of them: forges take 65,536, people fewer.
const LINE: usize = 200;
const ALL: usize = 6_000;

/// The last lines as Markdown, of which nothing in them can get out: neither a fence, nor names of people who would be called, nor
/// commands to the forge, for which a line would have to begin with them. Escape sequences are gone by then.
///
/// Source: `CommonMark` 0.31 section 4.5: a fence ends with one of the same letter that is at least as long.
pub fn excerpt(lines: &[String]) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut letters = 0;
    for line in lines.iter().rev().take(LINES) {
        let line = visible(line);
        letters += line.chars().count() + 3;
        if letters > ALL {
            break;
        }
        shown.push(line);
    }
    let longest = shown.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat(longest.map_or(3, |run| run.max(2) + 1));
    let mut text = format!("{fence}text\n");
    for line in shown.iter().rev() {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(&fence);
    text.push('\n');
    text
}

/// What is a line for everybody: nothing ends it early, or turns it around.
fn visible(line: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let ends = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let letters = line.chars().filter(|c| !turns(*c));
    let letters = letters.map(|c| if ends(c) { ' ' } else { c });
    let mut line: String = letters.clone().take(LINE).collect();
    if letters.count() > LINE {
        line.push('…');
    }
    line
}

/// How many backticks stand together at most.
fn longest_run(line: &str) -> usize {
    let runs = line.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{ALL, LINES, excerpt};

    #[test]
    fn nothing_gets_out() {
        let long = "x".repeat(500);
        for (lines, expected) in [
            (
                vec!["one", "two"],
                "```text\n  one\n  two\n```\n".to_owned(),
            ),
            (vec![], "```text\n```\n".to_owned()),
            (
                vec!["```", "@anne look", "/close"],
                "````text\n  ```\n  @anne look\n  /close\n````\n".to_owned(),
            ),
            (
                vec!["a `````` b", "~~~"],
                "```````text\n  a `````` b\n  ~~~\n```````\n".to_owned(),
            ),
            (
                vec!["a\n```\n@anne", "b\r/close\u{2028}c\u{202e}d"],
                "````text\n  a ``` @anne\n  b /close cd\n````\n".to_owned(),
            ),
            (
                vec![&long],
                format!("```text\n  {}…\n```\n", "x".repeat(200)),
            ),
        ] {
            let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
            assert_eq!(excerpt(&lines), expected);
        }
    }

    #[test]
    fn the_last_of_many() {
        let many: Vec<String> = (0..1000).map(|number| format!("line {number}")).collect();
        let text = excerpt(&many);
        assert_eq!(text.lines().count(), LINES + 2);
        assert!(text.contains("  line 960\n") && text.ends_with("  line 999\n```\n"));
        let wide: Vec<String> = (0..1000)
            .map(|number| format!("{number} {}", "ß".repeat(400)))
            .collect();
        let text = excerpt(&wide);
        assert!(text.chars().count() < ALL + 100 && text.contains("  999 ß"));
    }
}
