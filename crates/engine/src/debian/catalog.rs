//! The packages that can be had, by name and by what they provide: the merged contents of several `Packages` files.

use std::collections::HashMap;

use super::control::{self, Paragraph};
use super::package::Package;
use super::relation::{self, Relation};

/// One `Packages` file: its text, and where its paths begin.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The URL that `Filename` is relative to, without a slash at its end.
    pub base: String,
    /// The paragraphs.
    pub text: String,
}

/// Where a paragraph stands: which listing, from and to which byte.
#[derive(Clone, Copy, Debug)]
struct Place {
    listing: usize,
    from: usize,
    to: usize,
}

/// Every package of all listings. Paragraphs are looked at when they are asked for: of sixty thousand, a few hundred.
#[derive(Debug, Default)]
pub struct Catalog {
    listings: Vec<Listing>,
    by_name: HashMap<String, Vec<Place>>,
    providers: HashMap<String, Vec<Place>>,
    essential: Vec<Place>,
}

impl Catalog {
    /// Merges listings. Where two have the same package and version, the first counts.
    pub fn new(listings: Vec<Listing>) -> Self {
        let mut catalog = Self::default();
        for (listing, source) in listings.iter().enumerate() {
            for (from, to) in paragraph_ranges(&source.text) {
                catalog.add(&source.text[from..to], Place { listing, from, to });
            }
        }
        catalog.listings = listings;
        catalog
    }

    fn add(&mut self, text: &str, place: Place) {
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("Package:") {
                self.by_name
                    .entry(name.trim().to_owned())
                    .or_default()
                    .push(place);
            } else if let Some(provides) = line.strip_prefix("Provides:") {
                for relation in relation::parse_field(provides).into_iter().flatten() {
                    self.providers.entry(relation.name).or_default().push(place);
                }
            } else if line == "Essential: yes" {
                self.essential.push(place);
            }
        }
    }

    fn read(&self, place: Place) -> Option<Package> {
        let listing = &self.listings[place.listing];
        let paragraph: Paragraph<'_> =
            control::paragraphs(&listing.text[place.from..place.to]).next()?;
        Package::read(&paragraph, &listing.base)
    }

    /// All versions of a package, newest first.
    pub fn versions(&self, name: &str) -> Vec<Package> {
        let mut found: Vec<Package> = self
            .by_name
            .get(name)
            .into_iter()
            .flatten()
            .filter_map(|place| self.read(*place))
            .collect();
        // Stable: of equal versions the first listing's stays in front.
        found.sort_by(|a, b| super::version::compare(&b.version, &a.version));
        found.dedup_by(|b, a| a.version == b.version);
        found
    }

    /// The newest versions of packages that stand in for what a relation asks for, the most needed first, then by name.
    pub fn providers(&self, relation: &Relation) -> Vec<Package> {
        let mut names: Vec<String> = self
            .providers
            .get(&relation.name)
            .into_iter()
            .flatten()
            .filter_map(|place| self.read(*place))
            .map(|package| package.name)
            .filter(|name| *name != relation.name)
            .collect();
        names.sort();
        names.dedup();
        let mut found: Vec<Package> = names
            .iter()
            .filter_map(|name| {
                self.versions(name)
                    .into_iter()
                    .find(|package| package.satisfies(relation))
            })
            .collect();
        found.sort_by(|a, b| {
            (!a.essential, a.priority, &a.name).cmp(&(!b.essential, b.priority, &b.name))
        });
        found
    }

    /// The names of the packages that a system cannot do without, in order.
    pub fn essential(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .essential
            .iter()
            .filter_map(|place| self.read(*place))
            .map(|package| package.name)
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Whether a package of that name exists, or something that provides it.
    pub fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.providers.contains_key(name)
    }

    /// Names that somebody may have meant by a name that does not exist, the likeliest first; at most three.
    pub fn similar(&self, name: &str) -> Vec<String> {
        let limit = 1 + name.len() / 4;
        let mut found: Vec<(usize, &String)> = self
            .by_name
            .keys()
            .chain(self.providers.keys())
            .filter(|other| other.len().abs_diff(name.len()) <= limit.max(4))
            .filter_map(|other| {
                let distance = distance(name, other);
                let extends = other.starts_with(name) || name.starts_with(other.as_str());
                (distance <= limit || (extends && distance <= 4)).then_some((distance, other))
            })
            .collect();
        found.sort();
        found.dedup();
        found
            .into_iter()
            .take(3)
            .map(|(_, name)| name.clone())
            .collect()
    }
}

/// Where the paragraphs of a text begin and end.
fn paragraph_ranges(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while text[from..].starts_with('\n') {
            from += 1;
        }
        if from >= text.len() {
            return None;
        }
        let to = text[from..]
            .find("\n\n")
            .map_or(text.len(), |length| from + length);
        let range = (from, to);
        from = to;
        Some(range)
    })
}

/// How many letters have to be put in, taken out or exchanged (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right = right.as_bytes();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_listings_newest_first() {
        let paragraph = |version: &str| {
            format!(
                "Package: a\nVersion: {version}\nArchitecture: all\nFilename: pool/a_{version}.deb\nSize: 1\nSHA256: 00\n"
            )
        };
        let catalog = Catalog::new(vec![
            Listing {
                base: "http://one".to_owned(),
                text: format!("{}\n{}", paragraph("1"), paragraph("3")),
            },
            Listing {
                base: "http://two".to_owned(),
                text: format!("{}\n\n{}", paragraph("2"), paragraph("3")),
            },
        ]);
        let urls: Vec<String> = catalog
            .versions("a")
            .into_iter()
            .map(|package| package.url)
            .collect();
        assert_eq!(
            urls,
            [
                "http://one/pool/a_3.deb",
                "http://two/pool/a_2.deb",
                "http://one/pool/a_1.deb"
            ]
        );
    }

    #[test]
    fn guesses_what_was_meant() {
        let text: String = [
            "libpq5",
            "libpq-dev",
            "python3",
            "python3-venv",
            "redis-server",
        ]
        .iter()
        .map(|name| format!("Package: {name}\n\n"))
        .collect::<Vec<_>>()
        .concat();
        let catalog = Catalog::new(vec![Listing {
            base: String::new(),
            text,
        }]);
        for (wrong, right) in [
            ("libpq", "libpq5"),
            ("pyhton3", "python3"),
            ("redis-sever", "redis-server"),
        ] {
            assert_eq!(
                catalog.similar(wrong).first().map(String::as_str),
                Some(right),
                "{wrong}"
            );
        }
        assert!(catalog.similar("zzzzzzzz").is_empty());
    }
}
