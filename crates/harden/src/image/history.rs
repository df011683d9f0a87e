//! Secrets in what an image says about how it was made.

use boatyard_plan::image::History;
use boatyard_plan::secret::{has_password, is_secret, said};

/// The steps that say secrets: index; the step, with all that looks like a secret hidden; what tells.
pub(super) fn secrets(history: &[History]) -> Vec<(usize, (String, &'static str))> {
    let steps = history.iter().enumerate();
    steps
        .filter_map(|(index, step)| {
            let said = step.created_by.as_deref()?;
            let (found, why) = secrets_of(said)?;
            let hide = |said: String, secret: &String| said.replace(secret, "***");
            Some((index, (found.iter().fold(said.to_owned(), hide), why)))
        })
        .collect()
}

/// The secrets in a step, the longest first, and what tells. What is set by ENV is found where it is set.
fn secrets_of(text: &str) -> Option<(Vec<String>, &'static str)> {
    let given = arguments(text).filter(|(name, value)| is_secret(name, value));
    let given: Vec<&str> = given.map(|(_, value)| value).collect();
    let why = if !given.is_empty() {
        "an argument of the build"
    } else if has_password(text) {
        "a password in it"
    } else {
        "a token in it"
    };
    let mut all: Vec<String> = given
        .into_iter()
        .chain(said(text))
        .map(str::to_owned)
        .collect();
    all.sort_by_key(|secret| (std::cmp::Reverse(secret.len()), secret.clone()));
    all.dedup();
    (!all.is_empty()).then_some((all, why))
}

/// Arguments of the build: `|1 NAME=VALUE /bin/sh -c ...`, `RUN |1 NAME=VALUE ...`.
fn arguments(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let rest = text.strip_prefix("RUN ").unwrap_or(text).strip_prefix('|');
    let mut words = rest.unwrap_or_default().split(' ');
    let count = words.next().and_then(|count| count.parse().ok());
    words
        .take(count.unwrap_or(0))
        .filter_map(|pair| pair.split_once('='))
}

#[cfg(test)]
mod tests {
    use super::secrets_of;

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
            (
                "RUN git clone https://ghp_0123456789abcdefghijklmnopqrstuvwxyz@github.com/a/b",
                Some("ghp_0123456789abcdefghijklmnopqrstuvwxyz"),
            ),
            (
                "|2 API_TOKEN=abc DB_PASSWORD=hunter2 sh -c 'git clone https://me:s3cret@x/y'",
                Some("hunter2 s3cret abc"),
            ),
            (
                "RUN pip install -i https://me:hunter2@pypi.example.com/simple x",
                Some("hunter2"),
            ),
        ] {
            let found = secrets_of(said).map(|(found, _)| found.join(" "));
            assert_eq!(found.as_deref(), expected, "{said}");
        }
    }
}
