//! What somebody may have meant.

/// The one of `known` that looks most like `word`, if one looks alike enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .filter(|&(distance, name)| distance <= (name.chars().count().max(3) / 3).min(3))
        .min()
        .map(|(_, name)| name)
}

/// `did you mean "web"?`, or the known ones if none looks alike, or nothing if none is known.
pub fn suggestion<'a>(
    what: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(name) = nearest(word, known.iter().copied()) {
        return Some(format!("did you mean \"{name}\"?"));
    }
    (!known.is_empty()).then(|| format!("known {what}: {}", known.join(", ")))
}
