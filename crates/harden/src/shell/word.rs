//! Words: what they say, and what in them is expanded.

use super::model::Word;
use super::parse::Parser;

/// What a word is made of, while it is read.
pub(super) struct Making {
    pub word: Word,
    /// What it says so far, as long as nothing is expanded.
    said: Option<String>,
}

impl Making {
    /// A word that is about to be read.
    pub fn new(word: Word) -> Self {
        Self {
            word,
            said: Some(String::new()),
        }
    }

    /// Something that is not known before the script runs.
    pub fn unknown(&mut self) {
        self.said = None;
    }

    pub fn say(&mut self, text: &str) {
        if let Some(said) = &mut self.said {
            said.push_str(text);
        }
    }
}

impl Parser<'_> {
    /// A word that says nothing, here.
    pub fn nothing(&self) -> Word {
        Word {
            raw: String::new(),
            text: Some(String::new()),
            variables: Vec::new(),
            commands: Vec::new(),
            span: self.span(self.at..self.at),
        }
    }

    /// A word, if one comes next.
    pub fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut making = Making::new(self.nothing());
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | ')' => break,
                '<' | '>' => {
                    if self.at > start || !self.rest()[1..].starts_with('(') {
                        break;
                    }
                    self.at += 2;
                    self.substitution(&mut making);
                }
                '(' => {
                    // A pattern of bash such as `@(a|b)`; otherwise it is no part of a word.
                    if !self.text[start..self.at].ends_with(['@', '?', '*', '+', '!']) {
                        break;
                    }
                    self.at += 1;
                    self.balanced('(', ')', &mut making);
                    making.unknown();
                }
                '\'' => self.single(&mut making),
                '"' => self.double(&mut making),
                '\\' => {
                    self.at += 1;
                    if self.take("\n") || self.take("\r\n") {
                        continue;
                    }
                    match self.peek() {
                        Some(escaped) => {
                            making.say(escaped.encode_utf8(&mut [0; 4]));
                            self.at += escaped.len_utf8();
                        }
                        None => making.say("\\"),
                    }
                }
                '$' => self.dollar(&mut making, false),
                '`' => self.backticks(&mut making),
                '*' | '?' | '[' => {
                    making.unknown();
                    self.at += 1;
                }
                _ => {
                    making.say(c.encode_utf8(&mut [0; 4]));
                    self.at += c.len_utf8();
                }
            }
        }
        if self.at == start {
            return None;
        }
        let mut word = making.word;
        word.raw = self.text[start..self.at]
            .replace("\\\r\n", "")
            .replace("\\\n", "");
        // A lone bracket is the name of a program.
        word.text = if word.raw == "[" {
            Some("[".to_owned())
        } else {
            making.said
        };
        word.span = self.span(start..self.at);
        Some(word)
    }

    fn single(&mut self, making: &mut Making) {
        let start = self.at;
        let rest = &self.rest()[1..];
        if let Some(end) = rest.find('\'') {
            making.say(&rest[..end]);
            self.at += end + 2;
        } else {
            self.mistake("this quote is not closed", start..start + 1);
            making.unknown();
            self.at = self.text.len();
        }
    }

    fn double(&mut self, making: &mut Making) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => {
                    self.mistake("this quote is not closed", start..start + 1);
                    return;
                }
                Some('"') => {
                    self.at += 1;
                    return;
                }
                Some('\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') => self.at += 1,
                        Some(c @ ('"' | '\\' | '$' | '`')) => {
                            making.say(c.encode_utf8(&mut [0; 4]));
                            self.at += 1;
                        }
                        _ => making.say("\\"),
                    }
                }
                Some('$') => self.dollar(making, true),
                Some('`') => self.backticks(making),
                Some(c) => {
                    making.say(c.encode_utf8(&mut [0; 4]));
                    self.at += c.len_utf8();
                }
            }
        }
    }
}
