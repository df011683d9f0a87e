//! Commands: simple ones, and those made of others.

use super::model::{Arm, Assignment, Command, List, Simple};
use super::parse::Parser;
use super::word::Making;

/// Words that end a list: they belong to the command around it.
const CLOSING: [&str; 9] = [
    "then", "elif", "else", "fi", "do", "done", "esac", "}", ";;",
];

impl Parser<'_> {
    /// One command, if one comes next.
    pub fn command(&mut self) -> Option<Command> {
        if CLOSING.iter().any(|word| self.at_word(word)) || self.rest().is_empty() {
            return None;
        }
        let start = self.at;
        let made = if self.at_word("if") {
            self.deeper(Self::conditional)?
        } else if self.at_word("case") {
            self.deeper(Self::case)?
        } else if self.at_word("while") || self.at_word("until") {
            self.at += 5;
            self.deeper(|parser| parser.repeat(start, true))?
        } else if self.at_word("for") || self.at_word("select") {
            self.deeper(|parser| parser.each(start))?
        } else if self.at_word("{") {
            self.at += 1;
            let list = self.list();
            self.expect("}", "this group has no }");
            Command::Group(list, self.span(start..self.at))
        } else if self.rest().starts_with("((") && self.arithmetic() {
            Command::Test(self.span(start..self.at))
        } else if self.at_word("[[") {
            if !self.skip_until(" ]]") {
                self.mistake("[[ has no ]]", start..start + 2);
                self.skip_line();
            }
            Command::Test(self.span(start..self.at))
        } else if self.take("(") {
            let list = self.list();
            self.expect(")", "this subshell has no )");
            Command::Subshell(list, self.span(start..self.at))
        } else if let Some(name) = self.function_name() {
            self.newlines();
            let body = self.deeper(Self::command)??;
            Command::Function {
                name,
                body: Box::new(body),
                span: self.span(start..self.at),
            }
        } else {
            return self.simple().map(Command::Simple);
        };
        let end = self.at;
        let redirects = self.redirects();
        if redirects.is_empty() {
            self.at = end;
        }
        Some(made)
    }

    /// Passes over everything up to and with `end`, quotes left aside. Whether it came.
    fn skip_until(&mut self, end: &str) -> bool {
        let rest = self.rest();
        let Some(found) = rest.find(end) else {
            return false;
        };
        self.at += found + end.len();
        true
    }

    /// Passes over `(( ... ))`. Whether it was that, and not a subshell in a subshell.
    fn arithmetic(&mut self) -> bool {
        let (start, mistakes) = (self.at, self.script.mistakes.len());
        self.at += 2;
        let mut making = Making::new(self.nothing());
        self.balanced('(', ')', &mut making);
        if self.take(")") {
            return true;
        }
        self.at = start;
        self.script.mistakes.truncate(mistakes);
        false
    }

    fn conditional(&mut self) -> Command {
        let start = self.at;
        let mut branches = Vec::new();
        let mut otherwise = None;
        self.at += "if".len();
        loop {
            let condition = self.list();
            self.expect("then", "this condition has no then");
            let body = self.list();
            branches.push((condition, body));
            self.newlines();
            if self.at_word("elif") {
                self.at += 4;
                continue;
            }
            if self.at_word("else") {
                self.at += 4;
                otherwise = Some(self.list());
            }
            break;
        }
        self.expect("fi", "this condition has no fi");
        Command::If {
            branches,
            otherwise,
            span: self.span(start..self.at),
        }
    }

    fn repeat(&mut self, start: usize, conditional: bool) -> Command {
        let condition = if conditional {
            self.list()
        } else {
            List::new()
        };
        self.expect("do", "this loop has no do");
        let body = self.list();
        self.expect("done", "this loop has no done");
        Command::Loop {
            condition,
            body,
            span: self.span(start..self.at),
        }
    }

    fn each(&mut self, start: usize) -> Command {
        self.at += if self.at_word("for") { 3 } else { 6 };
        self.blanks();
        if self.rest().starts_with("((") {
            self.arithmetic();
        }
        // The name, `in` and the words: what is done with them is in the body.
        loop {
            self.blanks();
            if self.word().is_none() {
                break;
            }
        }
        if self.rest().starts_with(';') {
            self.at += 1;
        }
        self.newlines();
        if self.at_word("{") {
            self.at += 1;
            let body = self.list();
            self.expect("}", "this group has no }");
            return Command::Loop {
                condition: List::new(),
                body,
                span: self.span(start..self.at),
            };
        }
        self.repeat(start, false)
    }

    fn case(&mut self) -> Command {
        let start = self.at;
        self.at += "case".len();
        self.blanks();
        let subject = self.word().unwrap_or_else(|| self.nothing());
        self.expect("in", "this case has no in");
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.at_word("esac") || self.rest().is_empty() {
                break;
            }
            let before = self.at;
            arms.push(self.arm());
            if self.at == before {
                break;
            }
        }
        let end = self.expect("esac", "this case has no esac");
        Command::Case {
            subject,
            arms,
            end,
            span: self.span(start..self.at),
        }
    }

    fn arm(&mut self) -> Arm {
        self.take("(");
        self.blanks();
        let start = self.at;
        let mut patterns = Vec::new();
        loop {
            self.blanks();
            patterns.extend(self.word());
            self.blanks();
            if !self.take("|") {
                break;
            }
        }
        if !self.take(")") {
            self.mistake("a pattern of case has no )", start..self.at);
            self.skip_line();
        }
        let body = self.list();
        self.newlines();
        let end = self.at;
        for token in [";;&", ";;", ";&"] {
            if self.take(token) {
                break;
            }
        }
        Arm {
            patterns,
            body,
            span: self.span(start..end),
        }
    }

    /// `name()` or `function name`: takes it.
    fn function_name(&mut self) -> Option<String> {
        let rest = self.rest();
        let keyword = self.at_word("function");
        let offset = if keyword {
            let after = &rest["function".len()..];
            "function".len() + after.len() - after.trim_start_matches([' ', '\t']).len()
        } else {
            0
        };
        let name = &rest[offset..];
        let length = name
            .find(|c: char| !(c.is_alphanumeric() || "_-.:".contains(c)))
            .unwrap_or(name.len());
        if length == 0 {
            return None;
        }
        let after = name[length..].trim_start_matches([' ', '\t']);
        let parentheses = after.strip_prefix('(').and_then(|rest| {
            let rest = rest.trim_start_matches([' ', '\t']);
            rest.strip_prefix(')').map(str::len)
        });
        match parentheses {
            Some(left) => self.at = self.text.len() - left,
            None if keyword => self.at += offset + length,
            None => return None,
        }
        Some(name[..length].to_owned())
    }

    fn simple(&mut self) -> Option<Simple> {
        let start = self.at;
        let mut simple = Simple {
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            span: 0..0,
        };
        let mut end = start;
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect() {
                simple.redirects.push(redirect);
            } else if let Some(assignment) =
                simple.words.is_empty().then(|| self.assignment()).flatten()
            {
                simple.assignments.push(assignment);
            } else if let Some(word) = self.word() {
                simple.words.push(word);
            } else {
                break;
            }
            end = self.at;
        }
        if end == start {
            return None;
        }
        simple.span = self.span(start..end);
        self.at = end;
        Some(simple)
    }

    /// `NAME=value`, if it comes next.
    fn assignment(&mut self) -> Option<Assignment> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        if length == 0 || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let mut after = &rest[length..];
        if after.starts_with('[') {
            after = &after[after.find(']')? + 1..];
        }
        let value = after
            .strip_prefix("+=")
            .or_else(|| after.strip_prefix('='))?;
        self.at = self.text.len() - value.len();
        let name = rest[..length].to_owned();
        let value = if self.take("(") {
            let first = self.at - 1;
            loop {
                self.newlines();
                if self.word().is_none() {
                    break;
                }
            }
            if !self.take(")") {
                self.mistake("this list has no )", first..first + 1);
                self.skip_line();
            }
            let mut word = self.nothing();
            self.text[first..self.at].clone_into(&mut word.raw);
            word.text = None;
            word.span = self.span(first..self.at);
            word
        } else {
            self.word().unwrap_or_else(|| self.nothing())
        };
        Some(Assignment {
            name,
            value,
            span: self.span(start..self.at),
        })
    }
}
