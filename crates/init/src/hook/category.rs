//! The files of a category of jobs.

/// Endings of files that editors and package managers leave beside scripts.
const NOT_JOBS: [&str; 6] = ["~", ".md", ".bak", ".dpkg-old", ".dpkg-new", ".dpkg-dist"];

/// Whether a file of this name is a job. Under powershift's rules, the glob `*`: all but names that begin with a dot.
pub fn is_job(name: &str, is_compatible: bool) -> bool {
    let is_hidden = name.starts_with('.');
    let is_leftover =
        NOT_JOBS.iter().any(|ending| name.ends_with(ending)) || name.contains(".dpkg-");
    !is_hidden && (is_compatible || !is_leftover)
}

/// The jobs among these names, in the order of their bytes: the same in every locale.
pub fn sorted(names: impl IntoIterator<Item = String>, is_compatible: bool) -> Vec<String> {
    let mut jobs: Vec<String> = names
        .into_iter()
        .filter(|name| is_job(name, is_compatible))
        .collect();
    jobs.sort();
    jobs
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn are_sorted_and_without_leftovers() {
        let names = [
            "b",
            "B",
            "a10",
            "a9",
            ".x",
            "a~",
            "README.md",
            "a.bak",
            "a.dpkg-dist",
            "é",
        ];
        let sorted = |is_compatible| sorted(names.map(str::to_owned), is_compatible).join(" ");
        assert_eq!(sorted(false), "B a10 a9 b é");
        assert_eq!(sorted(true), "B README.md a.bak a.dpkg-dist a10 a9 a~ b é");
    }
}
