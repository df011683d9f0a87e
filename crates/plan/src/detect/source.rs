//! Looking at the listing and the texts.

use super::Sources;

/// Files at the top of a project whose text tells something.
const NAMES: [&str; 16] = [
    ".python-version",
    "Dockerfile",
    "Containerfile",
    "Procfile",
    "alembic.ini",
    "app.sh",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "manage.py",
    "pyproject.toml",
    "requirements.txt",
    "runtime.txt",
    "uv.lock",
    ".s2i/environment",
];

/// How deep Python files are looked at.
const DEPTH: usize = 3;

/// Whether the text of a file is needed.
pub fn wants(path: &str) -> bool {
    NAMES.contains(&path)
        || is_requirements(path)
        || (extension(path) == Some("py") && path.split('/').count() <= DEPTH && !is_test(path))
}

/// `requirements/prod.txt` and the like.
pub(super) fn is_requirements(path: &str) -> bool {
    path.strip_prefix("requirements/")
        .is_some_and(|name| extension(name) == Some("txt") && !name.contains('/'))
}

fn is_test(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "tests" | "test") || part.starts_with("test_"))
}

impl<'a> Sources<'a> {
    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|known| known == path)
    }

    /// Whether there is something below a folder.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.paths.iter().any(|path| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// Python files with their texts, those nearest to the top first.
    pub(super) fn python(&self) -> Vec<(&'a str, &'a str)> {
        let files = self.texts.iter();
        let mut files: Vec<(&str, &str)> = files
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .filter(|(path, _)| extension(path) == Some("py"))
            .collect();
        files.sort_by_key(|(path, _)| (path.split('/').count(), *path));
        files
    }
}

/// The name by which Python imports a file: `a/b.py` is `a.b`, `a/__init__.py` is `a`. A folder `src` is on its path.
pub(super) fn module(path: &str) -> String {
    let path = path.strip_prefix("src/").unwrap_or(path);
    let path = path.strip_suffix(".py").unwrap_or(path);
    let path = path.strip_suffix("/__init__").unwrap_or(path);
    path.replace('/', ".")
}

/// What follows the last dot of a name.
pub(super) fn extension(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, extension)| extension)
}

/// The line, from 1, of a place in a text.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_tell_something() {
        for (path, expected) in [
            ("manage.py", true),
            ("shop/settings.py", true),
            ("a/b/c.py", true),
            ("a/b/c/d.py", false),
            ("tests/a.py", false),
            ("a/test_b.py", false),
            ("requirements/prod.txt", true),
            ("docs/requirements.txt", false),
            ("image.png", false),
        ] {
            assert_eq!(wants(path), expected, "{path}");
        }
        assert_eq!(module("src/shop/__init__.py"), "shop");
        assert_eq!(module("app.py"), "app");
    }
}
