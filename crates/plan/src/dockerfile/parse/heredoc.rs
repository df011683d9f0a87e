//! Documents written into the Dockerfile.

use super::head::Head;
use super::json::{self, Json};
use super::line::Source;
use super::mistakes::{Mistakes, short};
use super::shell::{Raw, Unreadable, words};
use crate::dockerfile::Keyword;
use crate::dockerfile::model::{Heredoc, Instruction, Word};

/// `<<NAME`: a document that follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Announced {
    /// What ends it.
    pub name: String,
    expand: bool,
    chomp: bool,
}

impl Instruction {
    /// The document that `source` of a `COPY` or `ADD` stands for, if it is `<<NAME`.
    pub fn heredoc(&self, source: &Word) -> Option<&Heredoc> {
        let announced = announced(&source.text).ok().flatten()?;
        // The last, where several have one name: as in BuildKit.
        self.heredocs
            .iter()
            .rfind(|heredoc| heredoc.name == announced.name)
    }
}

/// Reads the documents that the instruction announces, up to and with the lines that end them. `None` if one is not ended:
/// then nothing is left to read.
pub(super) fn read(
    source: &mut Source<'_>,
    head: &Head<'_>,
    escape: char,
    mistakes: &mut Mistakes,
) -> Option<Vec<Heredoc>> {
    let mut heredocs = Vec::new();
    let kept = Keyword::of(head.keyword.text()) == Some(Keyword::OnBuild);
    if !head.whole.text().contains("<<") || !can_have(head, escape) {
        return Some(heredocs);
    }
    let raw = Raw {
        quotes: true,
        escapes: true,
    };
    for word in words(head.whole.text(), raw).unwrap_or_default() {
        match announced(&word) {
            Ok(None) => {}
            Ok(Some(announced)) => {
                let mut heredoc = body(source, announced, head, mistakes)?;
                if heredoc.chomp && !kept {
                    heredoc.text = chomp(&heredoc.text);
                }
                heredocs.push(heredoc);
            }
            Err(Unreadable) => {
                mistakes
                    .add(
                        head.whole.span(),
                        format!("the name of the heredoc {} cannot be read", short(&word)),
                    )
                    .with_help("write a plain word after <<, e.g. <<EOF");
            }
        }
    }
    Some(heredocs)
}

/// Whether documents can belong to the instruction: it copies or runs, and is not in the JSON form.
fn can_have(head: &Head<'_>, escape: char) -> bool {
    let inner;
    let head = if Keyword::of(head.keyword.text()) == Some(Keyword::OnBuild) {
        inner = Head::split(head.arguments.clone(), escape);
        &inner
    } else {
        head
    };
    super::instruction::meant(head.keyword.text()).is_some_and(Keyword::takes_heredocs)
        && json::read(head.arguments.text()) == Json::No
}

fn body(
    source: &mut Source<'_>,
    announced: Announced,
    head: &Head<'_>,
    mistakes: &mut Mistakes,
) -> Option<Heredoc> {
    let start = source.at();
    loop {
        let before = source.at();
        let Some(line) = source.take() else {
            mistakes
                .add(
                    head.whole.span(),
                    format!("the heredoc \"{}\" is not ended", short(&announced.name)),
                )
                .with_label("begins here")
                .with_help(format!(
                    "write {} on a line of its own after it, without white space around it",
                    short(&announced.name)
                ));
            return None;
        };
        let content = if announced.chomp {
            line.content.trim_start_matches('\t')
        } else {
            line.content
        };
        if content == announced.name {
            return Some(Heredoc {
                text: source.since(start)[..before - start].to_owned(),
                name: announced.name,
                expand: announced.expand,
                chomp: announced.chomp,
                span: start..before,
            });
        }
    }
}

fn chomp(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| line.trim_start_matches('\t'))
        .collect()
}

/// The document that `word` announces, if it is `<<NAME`, `<<-NAME`, `3<<NAME`, with the name quoted or not.
pub(super) fn announced(word: &str) -> Result<Option<Announced>, Unreadable> {
    let Some(rest) = word
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")
    else {
        return Ok(None);
    };
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let name = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if name.is_empty() || name.contains('<') {
        return Ok(None);
    }
    let read = |quotes| {
        words(
            name,
            Raw {
                quotes,
                escapes: false,
            },
        )
    };
    let [plain] = <[String; 1]>::try_from(read(false)?).unwrap_or_default();
    if plain.is_empty() {
        return Ok(None);
    }
    let quotes = |word: &str| word.matches(['\'', '"']).count();
    let expand = read(true)?
        .first()
        .is_some_and(|raw| quotes(raw) == quotes(&plain));
    Ok(Some(Announced {
        name: plain,
        expand,
        chomp,
    }))
}

#[cfg(test)]
mod tests {
    use super::announced;

    #[test]
    fn names() {
        for (word, expected) in [
            ("<<EOF", Some(("EOF", true, false))),
            ("<<-EOF", Some(("EOF", true, true))),
            ("<< EOF", Some(("EOF", true, false))),
            ("3<<EOF", Some(("EOF", true, false))),
            ("<<'EOF'", Some(("EOF", false, false))),
            ("<<-\"E F\"", Some(("E F", false, true))),
            ("<<E'O'F", Some(("EOF", false, false))),
            ("<<\\EOF", Some(("EOF", true, false))),
            ("<<$EOF", Some(("$EOF", true, false))),
            ("<<E;", Some(("E;", true, false))),
            ("<<", None),
            ("<<-", None),
            ("<<<EOF", None),
            ("<<''", None),
            ("<<E<F", None),
            ("cat<<EOF", None),
            ("<EOF", None),
        ] {
            let found = announced(word).expect("it can be read");
            let found = found
                .as_ref()
                .map(|found| (found.name.as_str(), found.expand, found.chomp));
            assert_eq!(found, expected, "{word}");
        }
        assert!(announced("<<${a:-b").is_err());
    }
}
