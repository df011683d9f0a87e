//! Lists, and-or lists and pipelines; what is between words.

use std::ops::Range;

use super::joined::Joined;
use super::model::{AndOr, Item, Link, List, Mistake, Pipeline, Redirect, Script};

/// Commands in commands beyond this are not read: each costs a frame of the stack.
const DEEPEST: usize = 64;

/// Reads a script.
pub fn parse(source: &Joined) -> Script {
    let mut parser = Parser {
        source,
        text: &source.text,
        at: 0,
        depth: 0,
        pending: Vec::new(),
        script: Script::default(),
    };
    if parser.text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    let mut items = List::new();
    loop {
        items.extend(parser.list());
        if parser.rest().is_empty() {
            break;
        }
        // Whatever stopped the list does not belong here: it is passed over with its line.
        let start = parser.at;
        parser.mistake("this does not belong here", start..start + 1);
        parser.skip_line();
    }
    parser.script.items = items;
    parser.script
}

/// A document that is announced and comes after the line.
pub(super) struct Pending {
    pub delimiter: String,
    pub chomp: bool,
}

/// Where the reading is.
pub(super) struct Parser<'t> {
    pub source: &'t Joined,
    pub text: &'t str,
    pub at: usize,
    depth: usize,
    pub pending: Vec<Pending>,
    pub script: Script,
}

impl<'t> Parser<'t> {
    /// What is left.
    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The next character, which stays.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes `token` if it comes next.
    pub fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Where `range` of the text is in the file.
    pub fn span(&self, range: Range<usize>) -> Range<usize> {
        let mut end = range.end.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.source.span(range.start.min(end)..end)
    }

    /// Notes what cannot be read.
    pub fn mistake(&mut self, message: &'static str, range: Range<usize>) {
        let span = self.span(range);
        self.script.mistakes.push(Mistake { message, span });
    }

    /// Goes one level deeper; `None`, and everything is passed over, if that is too deep.
    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth == DEEPEST {
            self.mistake(
                "commands are nested too deeply to be read",
                self.at..self.at,
            );
            self.at = self.text.len();
            return None;
        }
        self.depth += 1;
        let made = read(self);
        self.depth -= 1;
        Some(made)
    }

    /// Passes over the rest of the line.
    pub fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
        self.pending.clear();
    }

    /// Passes over white space, continuations and comments within a line.
    pub fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with("\\\r\n") {
                self.at += 3;
            } else if rest.starts_with([' ', '\t', '\r']) {
                self.at += 1;
            } else if rest.starts_with('#') {
                let end = rest.find('\n').unwrap_or(rest.len());
                let comment = self.at..self.at + rest[..end].trim_end().len();
                let span = self.span(comment);
                // What follows a command is read once to find its end, and once more after it.
                let last = self.script.comments.last();
                if last.is_none_or(|last| last.start < span.start) {
                    self.script.comments.push(span);
                }
                self.at += end;
            } else {
                return;
            }
        }
    }

    /// Passes over white space, comments and ends of lines, and takes the documents that come after those.
    pub fn newlines(&mut self) {
        loop {
            self.blanks();
            if !self.newline() {
                return;
            }
        }
    }

    /// Takes the end of a line and the documents after it.
    fn newline(&mut self) -> bool {
        if !self.take("\n") {
            return false;
        }
        for pending in std::mem::take(&mut self.pending) {
            let start = self.at;
            loop {
                let rest = self.rest();
                if rest.is_empty() {
                    self.mistake("a document that << announces is not ended", start..start);
                    break;
                }
                let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
                let mut line = rest[..length].trim_end_matches(['\n', '\r']);
                if pending.chomp {
                    line = line.trim_start_matches('\t');
                }
                self.at += length;
                if line == pending.delimiter {
                    break;
                }
            }
        }
        true
    }

    /// Whether the word `word` comes next, alone.
    pub fn at_word(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| {
            rest.chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || ";&|<>()".contains(c))
        })
    }

    /// Takes the reserved word `word`; notes that it is missing if it does not come.
    pub fn expect(&mut self, word: &'static str, message: &'static str) -> Range<usize> {
        self.newlines();
        let start = self.at;
        if self.at_word(word) || (word.len() == 1 && self.rest().starts_with(word) && word != "}") {
            self.at += word.len();
        } else {
            self.mistake(message, start..start);
        }
        self.span(start..self.at)
    }

    /// Commands until something comes that is none.
    pub fn list(&mut self) -> List {
        let mut items = List::new();
        loop {
            self.newlines();
            let before = self.at;
            let Some(Some(item)) = self.deeper(Self::item) else {
                return items;
            };
            items.push(item);
            if self.at == before {
                return items;
            }
        }
    }

    fn item(&mut self) -> Option<Item> {
        let start = self.at;
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        let mut end = first.1;
        let background;
        loop {
            self.blanks();
            let here = self.at;
            let link = if self.take("&&") {
                Link::And
            } else if self.rest().starts_with("||") {
                self.at += 2;
                Link::Or
            } else {
                let semicolon = self.rest().starts_with(';')
                    && !self.rest().starts_with(";;")
                    && !self.rest().starts_with(";&");
                background = if self.take("&") {
                    end = self.at;
                    Some(self.span(here..self.at))
                } else {
                    if semicolon {
                        self.at += 1;
                    }
                    None
                };
                break;
            };
            self.newlines();
            let before = self.at;
            let Some((pipeline, after)) = self.pipeline() else {
                self.mistake("a command is missing after this", here..before);
                background = None;
                break;
            };
            end = after;
            rest.push(AndOr { link, pipeline });
        }
        Some(Item {
            first: first.0,
            rest,
            background,
            span: self.span(start..end),
        })
    }

    /// A pipeline, and where it ends in the text.
    fn pipeline(&mut self) -> Option<(Pipeline, usize)> {
        let start = self.at;
        let mut negated = false;
        while self.at_word("!") {
            self.at += 1;
            negated = true;
            self.blanks();
        }
        let mut commands = Vec::new();
        let mut pipes = Vec::new();
        let mut end;
        loop {
            let command = self.command()?;
            commands.push(command);
            end = self.at;
            self.blanks();
            let here = self.at;
            if self.rest().starts_with("||") || !self.take("|") {
                break;
            }
            self.take("&");
            pipes.push(self.span(here..self.at));
            self.newlines();
        }
        // What a command ends with may be white space that was passed over.
        end = start + self.text[start..end].trim_end().len();
        let span = self.span(start..end);
        Some((
            Pipeline {
                commands,
                pipes,
                negated,
                span,
            },
            end,
        ))
    }

    /// Takes redirections, if any come.
    pub fn redirects(&mut self) -> Vec<Redirect> {
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            let Some(redirect) = self.redirect() else {
                return redirects;
            };
            redirects.push(redirect);
        }
    }

    /// A redirection, if one comes next.
    pub fn redirect(&mut self) -> Option<Redirect> {
        const OPERATORS: [&str; 13] = [
            "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">", "&>>", "&>", "<",
        ];
        let start = self.at;
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let operator = OPERATORS
            .into_iter()
            .find(|one| rest[digits..].starts_with(one))?;
        // `<(command)` is a word.
        if matches!(operator, "<" | ">") && rest[digits + 1..].starts_with('(') {
            return None;
        }
        self.at += digits + operator.len();
        let name = rest[..digits + operator.len()].to_owned();
        self.blanks();
        let Some(target) = self.word() else {
            self.mistake("a redirection leads nowhere", start..self.at);
            return None;
        };
        let document = operator.starts_with("<<") && operator != "<<<";
        if document {
            self.pending.push(Pending {
                delimiter: target.raw.replace(['\'', '"', '\\'], ""),
                chomp: operator == "<<-",
            });
        }
        Some(Redirect {
            operator: name,
            span: self.span(start..self.at),
            target,
        })
    }
}
