//! Secrets in what an image says about how it was made.

use boatyard_plan::image::History;

use crate::rule::secret::{is_secret_name, is_token};

/// The steps that say a secret: index; the step, with what looks like a secret hidden; what tells.
pub(super) fn secrets(history: &[History]) -> Vec<(usize, (String, &'static str))> {
    let steps = history.iter().enumerate();
    steps
        .filter_map(|(index, step)| {
            let said = step.created_by.as_deref()?;
            let (secret, why) = secret(said)?;
            Some((index, (said.replace(&secret, "***"), why)))
        })
        .collect()
}

/// A secret in a step, and what tells. What is set by ENV is found where it is set.
fn secret(said: &str) -> Option<(String, &'static str)> {
    let words = said.split(|c: char| c.is_whitespace() || "\"'`;()|&".contains(c));
    for word in words {
        let value = word.split_once('=').map_or(word, |(_, value)| value);
        if is_token(value) {
            return Some((value.to_owned(), "a token in it"));
        }
    }
    // `|1 NAME=VALUE /bin/sh -c ...`, `RUN |1 NAME=VALUE ...`: arguments of the build.
    let arguments = said.strip_prefix("RUN ").unwrap_or(said);
    let arguments = arguments.strip_prefix('|')?;
    let count = arguments.split(' ').next()?.parse::<usize>().ok()?;
    let pairs = arguments.split(' ').skip(1).take(count);
    pairs
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, value)| is_secret_name(name) && !value.is_empty())
        .map(|(_, value)| (value.to_owned(), "an argument of the build"))
}

#[cfg(test)]
mod tests {
    use super::secret;

    #[test]
    fn what_steps_say() {
        for (said, expected) in [
            (
                "RUN |1 API_TOKEN=abc /bin/sh -c make # buildkit",
                Some("abc"),
            ),
            ("|2 A=1 DB_PASSWORD=x /bin/sh -c make", Some("x")),
            ("RUN |1 VERSION=3 /bin/sh -c make", None),
            (
                "RUN curl -u ghp_0123456789abcdefghijklmnopqrstuvwxyz x",
                Some("ghp_0123456789abcdefghijklmnopqrstuvwxyz"),
            ),
            ("CMD [\"app\"]", None),
        ] {
            let found = secret(said).map(|(secret, _)| secret);
            assert_eq!(found.as_deref(), expected, "{said}");
        }
    }
}
