//! What of the output of a test program tells why it failed.

/// How many lines after a panic are shown, and how many of what said nothing of the kind.
const AFTER: usize = 15;
const LAST: usize = 30;

/// The lines that name a test that failed, and each panic with what follows it; without any, the last lines: the program was ended,
/// or did not get that far. Gaps are empty lines.
pub fn of(output: &str) -> Vec<&str> {
    let lines: Vec<&str> = output.lines().collect();
    let mut told = vec![false; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        let after = match line {
            line if line.contains("panicked at ") => AFTER,
            line if line.starts_with("test ") && line.ends_with(" FAILED") => 1,
            _ => continue,
        };
        let end = (at + after).min(lines.len());
        told[at..end].fill(true);
    }
    if !told.contains(&true) {
        return lines[lines.len().saturating_sub(LAST)..].to_vec();
    }
    let mut shown = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if told[at] {
            shown.push(*line);
        } else if at > 0 && told[at - 1] {
            shown.push("");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{AFTER, LAST, of};

    #[test]
    fn a_panic_and_the_name_of_its_test_are_shown() {
        let noise = "test calm ... ok\n".repeat(100);
        let panic = "thread 'storm' (7) panicked at a.rs:1:2:\nleft: 1\n";
        let output = format!("{noise}{panic}{noise}test storm ... FAILED\n{noise}");
        let shown = of(&output);
        assert_eq!(shown[..2], panic.lines().collect::<Vec<_>>());
        assert_eq!(shown[AFTER..], ["", "test storm ... FAILED", ""]);
        let ends_there = "thread 'storm' (7) panicked at a.rs:1:2:";
        assert_eq!(of(ends_there), [ends_there]);
    }

    #[test]
    fn of_what_was_ended_the_last_lines_are_shown() {
        let output = "waits\n".repeat(LAST + 1);
        assert_eq!(of(&output).len(), LAST);
        assert!(of("").is_empty());
    }
}
