//! `COPY` and `ADD`.

use super::mode::is_mode;
use super::remote::{Remote, remote};
use super::run::value;
use super::state::{State, all, wrong};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::graph::copied;
use crate::dockerfile::pattern::Patterns;
use crate::dockerfile::{
    CopyOp, CopySource, Flag, Instruction, Op, Source, Unpack, Word, expand, path,
};

impl State {
    /// `COPY`.
    pub(super) fn copy(
        &mut self,
        instruction: &Instruction,
        words: &[Word],
    ) -> Result<Op, Vec<Diagnostic>> {
        let from = copied(instruction, &self.names, self.stage, self.escape)
            .map_err(|mistake| vec![mistake])?;
        let mut op = self.transfer(instruction, words, "COPY")?;
        op.from = from.unwrap_or(Source::Context);
        Ok(Op::Copy(op))
    }

    /// `ADD`.
    pub(super) fn add(
        &mut self,
        instruction: &Instruction,
        words: &[Word],
    ) -> Result<Op, Vec<Diagnostic>> {
        self.transfer(instruction, words, "ADD").map(Op::Copy)
    }

    fn transfer(
        &mut self,
        instruction: &Instruction,
        words: &[Word],
        keyword: &str,
    ) -> Result<CopyOp, Vec<Diagnostic>> {
        let Some((last, words)) = words.split_last().filter(|(_, words)| !words.is_empty()) else {
            return Err(vec![Diagnostic {
                message: format!("{keyword} has no destination"),
                span: instruction.span.clone(),
                label: String::new(),
                help: Some(format!("write {keyword} SOURCE... DESTINATION")),
            }]);
        };
        let mut op = CopyOp {
            from: Source::Context,
            sources: Vec::new(),
            dest: String::new(),
            chown: None,
            chmod: None,
            link: false,
            parents: false,
            exclude: Vec::new(),
            unpack: match keyword {
                "ADD" => Unpack::Local,
                _ => Unpack::Never,
            },
            checksum: None,
            keep_git_dir: false,
        };
        let mut mistakes = Vec::new();
        for flag in &instruction.flags {
            mistakes.extend(self.flag(flag, &mut op).err());
        }
        // Documents come last, wherever they are written.
        let (documents, paths): (Vec<_>, Vec<_>) =
            words.iter().partition(|word| word.text.starts_with("<<"));
        let paths = all(paths.into_iter().map(|word| self.source(word, keyword)));
        let documents = all(documents
            .into_iter()
            .map(|word| self.document(word, instruction)));
        for sources in [paths, documents] {
            match sources {
                Ok(sources) => op.sources.extend(sources),
                Err(found) => mistakes.extend(found),
            }
        }
        let written = self.word(last);
        if let Ok(written) = &written {
            op.dest = destination(self.cwd(), written, op.sources.len() > 1);
        }
        if op.checksum.is_some() && mistakes.is_empty() {
            let one = matches!(op.sources[..], [CopySource::Url(_) | CopySource::Git(_)]);
            if !one {
                let message = "--checksum is for one download or repository, and nothing else";
                mistakes.push(at(instruction, "checksum", message));
            }
        }
        match written {
            Ok(written) if mistakes.is_empty() => {
                self.note(line(keyword, &op, &written), false);
                Ok(op)
            }
            written => {
                mistakes.extend(written.err());
                mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
                Err(mistakes)
            }
        }
    }

    fn flag(&self, flag: &Flag, op: &mut CopyOp) -> Result<(), Diagnostic> {
        let is_on = || {
            let value = flag.value.as_ref();
            value.is_none_or(|value| value.text.eq_ignore_ascii_case("true"))
        };
        let text = || {
            self.word(value(flag)?)
                .map(|text| (!text.is_empty()).then_some(text))
        };
        match flag.name.as_str() {
            "link" => op.link = is_on(),
            "parents" => op.parents = is_on(),
            "keep-git-dir" => op.keep_git_dir = is_on(),
            "unpack" => {
                op.unpack = if is_on() {
                    Unpack::Always
                } else {
                    Unpack::Never
                };
            }
            "chown" => op.chown = text()?,
            "chmod" => {
                op.chmod = text()?;
                if let Some(mode) = op.chmod.as_ref().filter(|mode| !is_mode(mode)) {
                    let help = "write an octal number up to 7777, or clauses such as u=rwX,go=rX";
                    let message = format!("the flag --chmod is \"{mode}\"");
                    return Err(wrong(value(flag)?, message, help));
                }
            }
            "checksum" => {
                op.checksum = text()?;
                if let Some(sum) = op.checksum.as_ref().filter(|sum| !is_checksum(sum)) {
                    let help = "write sha256: and 64 hex digits, or the full hash of a commit";
                    let message = format!("the flag --checksum is \"{sum}\"");
                    return Err(wrong(value(flag)?, message, help));
                }
            }
            "exclude" => {
                let word = value(flag)?;
                Patterns::new([word.text.as_str()])
                    .map_err(|bad| wrong(word, format!("the flag --exclude: {bad}"), ""))?;
                op.exclude.push(word.text.clone());
            }
            // `--from`, which is read with the graph.
            _ => {}
        }
        Ok(())
    }

    fn source(&self, word: &Word, keyword: &str) -> Result<CopySource, Diagnostic> {
        let text = self.word(word)?;
        match remote(&text) {
            None => Ok(CopySource::Path(text)),
            Some(_) if keyword == "COPY" => {
                let message = format!("COPY does not fetch \"{text}\"");
                Err(wrong(
                    word,
                    message,
                    "use ADD for downloads and Git repositories",
                ))
            }
            Some(Remote::Git) => Ok(CopySource::Git(text)),
            Some(Remote::Url) => Ok(CopySource::Url(text)),
        }
    }

    fn document(&self, word: &Word, instruction: &Instruction) -> Result<CopySource, Diagnostic> {
        let name = word.text.trim_start_matches("<<");
        let name = name.strip_prefix('-').unwrap_or(name).trim();
        let name = expand::word(name, self.escape, &|_| None).unwrap_or_else(|_| name.to_owned());
        let mut heredocs = instruction.heredocs.iter();
        let Some(heredoc) = heredocs.rfind(|heredoc| heredoc.name == name) else {
            let message = format!("there is no document \"{name}\"");
            return Err(wrong(
                word,
                message,
                "end it with its name on a line of its own",
            ));
        };
        let text = if heredoc.expand {
            let place = Word {
                text: heredoc.text.clone(),
                span: heredoc.span.clone(),
            };
            expand::document(&heredoc.text, &self.scope.env.lookup())
                .map_err(|mistake| mistake.diagnostic(&place))?
        } else {
            heredoc.text.clone()
        };
        Ok(CopySource::Inline { name, text })
    }
}

/// The destination: absolute, with a slash at its end if it is surely a folder.
fn destination(cwd: &str, written: &str, several: bool) -> String {
    let folder = several
        || written.is_empty()
        || written == "."
        || written.ends_with('/')
        || written.ends_with("/.");
    let mut dest = path::join(cwd, written);
    if folder && !dest.ends_with('/') {
        dest.push('/');
    }
    dest
}

/// `COPY --chown=a b c # buildkit`.
fn line(keyword: &str, op: &CopyOp, dest: &str) -> String {
    let mut words = vec![keyword.to_owned()];
    if op.parents {
        words.push("--parents".to_owned());
    }
    words.extend(op.chown.iter().map(|chown| format!("--chown={chown}")));
    words.extend(op.chmod.iter().map(|chmod| format!("--chmod={chmod}")));
    words.extend(op.sources.iter().map(|source| match source {
        CopySource::Path(text) | CopySource::Url(text) | CopySource::Git(text) => text.clone(),
        CopySource::Inline { name, .. } => format!("<<{name}"),
    }));
    words.push(dest.to_owned());
    words.join(" ") + " # buildkit"
}

/// `algorithm:hex`, or the hash of a commit.
fn is_checksum(text: &str) -> bool {
    let hex = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    match text.split_once(':') {
        Some(("sha256", sum)) => sum.len() == 64 && hex(sum),
        Some(("sha384", sum)) => sum.len() == 96 && hex(sum),
        Some(("sha512", sum)) => sum.len() == 128 && hex(sum),
        Some(_) => false,
        None => (text.len() == 40 || text.len() == 64) && hex(text),
    }
}

/// A mistake at a flag.
fn at(instruction: &Instruction, name: &str, message: &str) -> Diagnostic {
    let flag = instruction.flags.iter().find(|flag| flag.name == name);
    Diagnostic {
        message: message.to_owned(),
        span: flag.map_or(instruction.span.clone(), |flag| flag.span.clone()),
        label: String::new(),
        help: None,
    }
}
