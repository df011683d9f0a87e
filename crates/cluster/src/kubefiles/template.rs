//! Templates: files whose names end with `.jinja`.

use minijinja::{AutoEscape, Environment, ErrorKind};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::{Build, Error, Files};

const END: &str = ".jinja";
/// How many steps the templates of a folder may take together: whoever fills them in waits until they end.
const STEPS: u64 = 1_000_000;

/// The files with templates filled in, under their names without the ending.
pub fn rendered(files: &Files, build: &Build) -> Result<Files, Error> {
    let mut environment = Environment::new();
    // What they make is YAML: nothing is put between quotes by itself.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    // They are written with Python's methods, `items()` above all.
    environment.set_unknown_method_callback(unknown_method_callback);
    let mut rendered = Files::new();
    // What was a template takes the place of a file of its name.
    let plain = files.iter().filter(|(path, _)| !path.ends_with(END));
    rendered.extend(plain.map(|(path, text)| (path.clone(), text.clone())));
    let mut left = STEPS;
    for (path, text) in files {
        let Some(name) = path.strip_suffix(END) else {
            continue;
        };
        environment.set_fuel(Some(left));
        let filled = environment
            .template_from_named_str(path, text)
            .and_then(|template| template.render_captured(build));
        let filled = filled.map_err(|error| unfilled(path, error))?;
        left = filled.state().fuel_levels().map_or(left, |(_, left)| left);
        rendered.insert(name.to_owned(), filled.into_output());
    }
    Ok(rendered)
}

fn unfilled(path: &str, error: minijinja::Error) -> Error {
    let file = path.to_owned();
    if error.kind() == ErrorKind::OutOfFuel {
        return Error::Endless { file, steps: STEPS };
    }
    Error::Template {
        file,
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use boatyard_plan::failure::Failure as _;

    use super::*;
    use crate::kubefiles::{Commit, Mode};

    const LOOP: &str = "{% for one in range(100000) %}{% endfor %}";

    fn filled(files: &[(&str, &str)]) -> Result<Files, Error> {
        let build = Build {
            mode: Mode::Start,
            namespace: String::new(),
            build_name: "b1".to_owned(),
            build_slug: String::new(),
            build_domain: String::new(),
            commit_info: Commit {
                repo: String::new(),
                target_branch: String::new(),
                pr: None,
                git_commit: String::new(),
            },
            image_name: String::new(),
            image_tag: String::new(),
            build_env: BTreeMap::new(),
            build_secret_env: BTreeMap::new(),
            build_template_vars: BTreeMap::new(),
        };
        let text = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        rendered(&files.iter().map(text).collect(), &build)
    }

    #[test]
    fn what_has_an_end_is_filled_in() {
        let text = format!("{LOOP}{{{{ build_name }}}}");
        let files = filled(&[("a.yaml.jinja", text.as_str()), ("b.yaml", text.as_str())]).unwrap();
        assert_eq!(files["a.yaml"], "b1");
        assert_eq!(files["b.yaml"], text);
    }

    #[test]
    fn loops_that_nobody_waits_for_are_given_up() {
        let nested = "{% for one in range(100000) %}".repeat(3) + &"{% endfor %}".repeat(3);
        // Each of these has an end, and there are too many.
        let names: Vec<String> = (0..9).map(|number| format!("{number}.jinja")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), LOOP)).collect();
        for files in [&[("a.yaml.jinja", nested.as_str())][..], &many[..]] {
            let error = filled(files).unwrap_err();
            let Error::Endless { file, steps } = &error else {
                panic!("{error}");
            };
            assert!(files.iter().any(|(path, _)| path == file), "{file}");
            assert_eq!(*steps, STEPS);
            assert!(error.help().is_some());
            let said = format!(
                "cannot fill in {file}: with it the templates take more than 1000000 steps"
            );
            assert_eq!(error.to_string(), said);
        }
    }
}
