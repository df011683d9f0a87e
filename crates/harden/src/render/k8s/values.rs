//! What a chart leaves open.

use crate::render::yaml::{Scalar, Tree};

/// The value at `path` of the chart, which is a text.
pub(super) fn text(plain: &str, path: &[&str]) -> Tree {
    setting(
        Scalar::Text(plain.to_owned()),
        format!("{{{{ {} | quote }}}}", reach(path)),
    )
}

/// The value at `path` of the chart, which is a number.
pub(super) fn number(plain: u32, path: &[&str]) -> Tree {
    setting(
        Scalar::Number(i64::from(plain)),
        format!("{{{{ {} }}}}", reach(path)),
    )
}

/// The tag of images; `label`: as long as a label may be.
pub(super) fn tag(plain: &str, label: bool) -> Tree {
    let cut = if label {
        " | trunc 63 | trimSuffix \"-\""
    } else {
        ""
    };
    setting(
        Scalar::Text(plain.to_owned()),
        format!("{{{{ {}{cut} | quote }}}}", reach(&["image", "tag"])),
    )
}

/// The image of `service`, whose name ends with `end`, which may be an action.
pub(super) fn image(plain: &str, service: &str, end: &str) -> Tree {
    let prefix = reach(&["image", "prefix"]);
    setting(
        Scalar::Text(plain.to_owned()),
        format!("\"{{{{ {prefix} }}}}/{service}{end}\""),
    )
}

/// An action that is the value at `path`. What is no word of the template language is reached by its name.
pub(super) fn reach(path: &[&str]) -> String {
    let word = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if path.iter().all(word) {
        return format!(".Values.{}", path.join("."));
    }
    let parts: Vec<String> = path.iter().map(|part| format!("\"{part}\"")).collect();
    format!("(index .Values {})", parts.join(" "))
}

fn setting(plain: Scalar, template: String) -> Tree {
    Tree::Scalar(Scalar::Setting {
        plain: Box::new(plain),
        template,
    })
}
