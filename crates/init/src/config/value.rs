//! What values mean, as getconf has it.

/// `on`, `yes`, `true` and `1` in any case are true, everything else is not.
pub fn boolean(value: &str) -> bool {
    ["on", "yes", "true", "1"].contains(&value.to_lowercase().as_str())
}

/// What is between commas, without blanks around it; what is empty is left out.
pub fn list(value: &str) -> Vec<&str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}
