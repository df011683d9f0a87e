//! Which statements a build makes, as `docker buildx build` has it asked for.

/// Which statements a build makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What is in the image.
    pub sbom: bool,
    /// How it was made, and in how much detail.
    pub provenance: Option<Detail>,
    /// Who built: a URI.
    pub builder: Option<String>,
}

/// How much is said about how an image was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What it was made from, and from which file.
    #[default]
    Min,
    /// Also arguments, labels, contexts and the Dockerfile itself.
    Max,
}

/// Words that ask for no statement that we make.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct BadAttest {
    /// What is wrong with them.
    pub problem: &'static str,
}

impl Wanted {
    /// Whether there is nothing to say.
    pub fn is_nothing(&self) -> bool {
        !self.sbom && self.provenance.is_none()
    }

    /// `--sbom[=true|false]`
    pub fn sbom(&mut self, word: &str) -> Result<(), BadAttest> {
        self.add("sbom", word)
    }

    /// `--provenance[=true|false|mode=min|mode=max]`
    pub fn provenance(&mut self, word: &str) -> Result<(), BadAttest> {
        self.add("provenance", word)
    }

    /// `--attest type=sbom|provenance[,mode=...][,disabled=true]`
    pub fn attest(&mut self, words: &str) -> Result<(), BadAttest> {
        let fields = words.split(',');
        let (types, rest): (Vec<&str>, Vec<&str>) =
            fields.partition(|field| field.trim().starts_with("type="));
        match types[..] {
            [kind] => self.add(kind.trim().trim_start_matches("type="), &rest.join(",")),
            _ => Err(BadAttest {
                problem: "one type is asked for: type=sbom or type=provenance",
            }),
        }
    }

    fn add(&mut self, kind: &str, words: &str) -> Result<(), BadAttest> {
        let wrong = |problem| Err(BadAttest { problem });
        let (mut on, mut detail) = (true, Detail::Min);
        for word in words
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            match (kind, word.split_once('=').unwrap_or(("", word))) {
                (_, ("", "true" | "1") | ("reproducible", _))
                | ("provenance", ("version", "v1" | "1")) => {}
                (_, ("", "false" | "0")) => on = false,
                (_, ("disabled", value)) => on = !matches!(value, "true" | "1"),
                ("provenance", ("mode", "min")) => detail = Detail::Min,
                ("provenance", ("mode", "max")) => detail = Detail::Max,
                ("provenance", ("mode", _)) => return wrong("the mode is min or max"),
                ("provenance", ("version", _)) => return wrong("only version v1 is written"),
                ("provenance", ("builder-id", uri)) => self.builder = Some(uri.to_owned()),
                ("sbom", ("generator", _)) => {
                    return wrong("no other generator is run: packages are read from the image");
                }
                _ => return wrong("unknown key or value"),
            }
        }
        match kind {
            "sbom" => self.sbom = on,
            "provenance" => self.provenance = on.then_some(detail),
            _ => return wrong("the type is sbom or provenance"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_buildx() {
        let wanted = |sbom, provenance| Wanted {
            sbom,
            provenance,
            builder: None,
        };
        for (words, expected) in [
            ("type=sbom", wanted(true, None)),
            ("type=sbom,disabled=true", wanted(false, None)),
            ("type=provenance", wanted(false, Some(Detail::Min))),
            ("type=provenance,mode=max", wanted(false, Some(Detail::Max))),
            (
                "mode=max,type=provenance,version=v1",
                wanted(false, Some(Detail::Max)),
            ),
            ("type=provenance,false", wanted(false, None)),
        ] {
            let mut found = Wanted::default();
            found.attest(words).expect(words);
            assert_eq!(found, expected, "{words}");
        }
        for words in [
            "",
            "sbom",
            "type=other",
            "type=sbom,type=provenance",
            "type=sbom,mode=max",
            "type=sbom,generator=x",
            "type=provenance,mode=full",
            "type=provenance,version=v0.2",
            "type=provenance,maybe",
        ] {
            assert!(Wanted::default().attest(words).is_err(), "{words}");
        }
    }

    #[test]
    fn the_last_word_counts() {
        let mut wanted = Wanted::default();
        wanted.provenance("mode=max").expect("known");
        wanted.sbom("true").expect("known");
        wanted.provenance("false").expect("known");
        assert_eq!((wanted.sbom, wanted.provenance), (true, None));
        wanted.sbom("false").expect("known");
        assert!(wanted.is_nothing());
    }
}
