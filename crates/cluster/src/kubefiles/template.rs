//! Templates: files whose names end with `.jinja`.

use minijinja::{AutoEscape, Environment};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::{Build, Error, Files};

const END: &str = ".jinja";

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
    for (path, text) in files {
        let Some(name) = path.strip_suffix(END) else {
            continue;
        };
        let filled = environment.render_named_str(path, text, build);
        let filled = filled.map_err(|source| Error::Template {
            file: path.clone(),
            source: Box::new(source),
        })?;
        rendered.insert(name.to_owned(), filled);
    }
    Ok(rendered)
}
