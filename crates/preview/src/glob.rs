//! Patterns for the names of branches, as on GitHub: `*` is anything but a slash, `**` anything, `?` one letter that is no slash.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// The pattern that `text` is; every text is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether it has anything that stands for something else: one that has not names a single branch.
    pub fn is_wild(&self) -> bool {
        self.0.contains(['*', '?'])
    }

    /// Whether `name` is meant.
    pub fn fits(&self, name: &str) -> bool {
        fits(&self.0, name)
    }
}

/// Goes along the pattern and keeps which beginnings of the name it fits so far: never more than the product of the lengths.
fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    // What the pattern up to here fits: the beginnings of the name of these lengths.
    let mut fitting = vec![false; name.len() + 1];
    fitting[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let is_double = pattern[at..].starts_with(&['*', '*']);
        match pattern[at] {
            '*' => {
                for end in 1..=name.len() {
                    fitting[end] |= fitting[end - 1] && (is_double || name[end - 1] != '/');
                }
            }
            one => {
                for end in (1..=name.len()).rev() {
                    let is_same = name[end - 1] == one || one == '?' && name[end - 1] != '/';
                    fitting[end] = fitting[end - 1] && is_same;
                }
                fitting[0] = false;
            }
        }
        at += if is_double { 2 } else { 1 };
    }
    fitting[name.len()]
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("main", "main", true),
            ("main", "mainly", false),
            ("main", "alice/main", false),
            ("*", "main", true),
            ("*", "alice/main", false),
            ("**", "alice/main", true),
            ("**", "", true),
            ("release/*", "release/1", true),
            ("release/*", "release/1/2", false),
            ("release/**", "release/1/2", true),
            ("**/main", "a/b/main", true),
            ("1?.0", "15.0", true),
            ("1?.0", "1/.0", false),
            ("?", "é", true),
            ("a*b*c", "abbbcxc", true),
            ("a*b*c", "abbbcx", false),
            ("*****a", "bbbbbbbbbbbbb", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern:?} and {name:?}");
        }
    }
}
