//! Which packages have to be added, so that what is wanted works. Pure: the same catalog and wishes give the same list.
//!
//! ```text
//! python3 -> python3.11, libpython3-stdlib -> ... ; debconf | debconf-2.0 is met by what is there already
//! ```
//!
//! Recommended packages are left out. Where only one package can meet a need it is taken at once; where there is a
//! choice, the choice waits until nothing else is left, so that a package which another one needs anyway meets it.

use std::collections::{BTreeMap, VecDeque};

use super::catalog::Catalog;
use super::control::Paragraph;
use super::package::Package;
use super::relation::{self, Group, Relation};
use super::unmet::{Because, ResolveError};

/// A package that is on the system already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Names that it stands in for.
    pub provides: Vec<Relation>,
    /// What cannot be on the same system.
    pub excludes: Vec<Relation>,
}

impl Installed {
    /// Reads a paragraph of dpkg's records. `None` if it has no name or no version.
    pub(super) fn read(paragraph: &Paragraph<'_>) -> Option<Self> {
        let relations = |field| {
            let groups = paragraph
                .get(field)
                .map(relation::parse_field)
                .unwrap_or_default();
            groups.into_iter().flatten().collect::<Vec<_>>()
        };
        let mut excludes = relations("Conflicts");
        excludes.extend(relations("Breaks"));
        Some(Self {
            name: paragraph.get("Package")?.to_owned(),
            version: paragraph.get("Version")?.to_owned(),
            provides: relations("Provides"),
            excludes,
        })
    }

    fn satisfies(&self, relation: &Relation) -> bool {
        relation.met_by(&self.name, &self.version, &self.provides)
    }
}

/// Finds the packages to add: everything in `want` with all that it depends on, less what is `installed`. Sorted by name.
/// A wish may be a name, or a name with a version as in `redis-server=5:7.0.15-1`.
pub fn resolve(
    catalog: &Catalog,
    want: &[String],
    installed: &[Installed],
) -> Result<Vec<Package>, ResolveError> {
    let mut search = Search {
        catalog,
        installed,
        chosen: BTreeMap::new(),
        pending: VecDeque::new(),
        choices: VecDeque::new(),
    };
    for wish in want {
        search.wish(wish)?;
    }
    search.run()?;
    Ok(search
        .chosen
        .into_values()
        .map(|choice| choice.package)
        .collect())
}

/// A package that was chosen, and why.
struct Choice {
    package: Package,
    because: Because,
}

/// A need that is not met yet: alternatives, and who has it.
struct Need {
    group: Group,
    by: String,
}

struct Search<'a> {
    catalog: &'a Catalog,
    installed: &'a [Installed],
    chosen: BTreeMap<String, Choice>,
    pending: VecDeque<Need>,
    choices: VecDeque<Need>,
}

impl Search<'_> {
    fn wish(&mut self, wish: &str) -> Result<(), ResolveError> {
        let (name, version) = match wish.split_once('=') {
            Some((name, version)) => (
                name,
                Some((super::relation::Operator::Equal, version.to_owned())),
            ),
            None => (wish, None),
        };
        let relation = Relation {
            name: name.to_owned(),
            architecture: None,
            version,
        };
        if self.met(&relation) {
            return Ok(());
        }
        if !self.catalog.knows(name) {
            return Err(ResolveError::Unknown {
                name: name.to_owned(),
                similar: self.catalog.similar(name),
            });
        }
        let candidates = self.candidates(&relation);
        self.choose(&[relation], candidates, &Because::Wanted)
    }

    fn run(&mut self) -> Result<(), ResolveError> {
        loop {
            if let Some(need) = self.pending.pop_front() {
                self.meet(need, false)?;
            } else if let Some(need) = self.choices.pop_front() {
                self.meet(need, true)?;
            } else {
                return Ok(());
            }
        }
    }

    fn meet(&mut self, need: Need, decide: bool) -> Result<(), ResolveError> {
        if need.group.iter().any(|relation| self.met(relation)) {
            return Ok(());
        }
        let mut candidates: Vec<Package> = need
            .group
            .iter()
            .flat_map(|relation| self.candidates(relation))
            .collect();
        // It merges /usr on a system that is not merged, and drags Perl modules in. Ours are merged from the beginning.
        candidates.sort_by_key(|package| package.name == "usrmerge");
        let distinct = candidates
            .windows(2)
            .any(|pair| pair[0].name != pair[1].name);
        if distinct && !decide {
            self.choices.push_back(need);
            return Ok(());
        }
        self.choose(&need.group, candidates, &Because::Needed { by: need.by })
    }

    /// Everything that could meet a relation, the best first: the package of that name (newest version first), then
    /// those that provide it.
    fn candidates(&self, relation: &Relation) -> Vec<Package> {
        if matches!(&relation.architecture, Some(other) if other != "any" && other != "native") {
            return Vec::new();
        }
        let mut found: Vec<Package> = self.catalog.versions(&relation.name);
        found.retain(|package| relation.accepts(&package.version));
        found.extend(self.catalog.providers(relation));
        found
    }

    fn met(&self, relation: &Relation) -> bool {
        self.chosen
            .values()
            .any(|choice| choice.package.satisfies(relation))
            || self
                .installed
                .iter()
                .any(|package| package.satisfies(relation))
    }

    /// Takes the first candidate that fits beside what is there.
    fn choose(
        &mut self,
        group: &[Relation],
        candidates: Vec<Package>,
        because: &Because,
    ) -> Result<(), ResolveError> {
        let mut conflict = None;
        for package in candidates {
            if let Some(with) = self.conflict(&package) {
                conflict.get_or_insert((package.name, with));
                continue;
            }
            for group in package.pre_depends.iter().chain(&package.depends) {
                self.pending.push_back(Need {
                    group: group.clone(),
                    by: package.name.clone(),
                });
            }
            let because = because.clone();
            self.chosen
                .insert(package.name.clone(), Choice { package, because });
            return Ok(());
        }
        let chain = self.chain(because);
        let wanted = group
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" | ");
        Err(match conflict {
            Some((name, with)) if self.installed.iter().any(|package| package.name == with) => {
                match self.installed.iter().find(|package| package.name == name) {
                    Some(old) => ResolveError::Outdated {
                        name,
                        installed: old.version.clone(),
                        wanted,
                        chain,
                    },
                    None => ResolveError::Conflict { name, with, chain },
                }
            }
            Some((name, with)) => ResolveError::Conflict { name, with, chain },
            None => ResolveError::Unsatisfiable { wanted, chain },
        })
    }

    /// The name of something that `package` cannot be beside. A package is not beside another version of itself.
    fn conflict(&self, package: &Package) -> Option<String> {
        let excluded_by = |name: &str, excludes: &[Relation]| {
            name != package.name && excludes.iter().any(|relation| package.satisfies(relation))
        };
        let excludes = |name: &str, version: &str, provides: &[Relation]| {
            name != package.name
                && package
                    .excludes
                    .iter()
                    .any(|relation| relation.met_by(name, version, provides))
        };
        let chosen = self
            .chosen
            .values()
            .map(|choice| &choice.package)
            .find(|other| {
                other.name == package.name
                    || excluded_by(&other.name, &other.excludes)
                    || excludes(&other.name, &other.version, &other.provides)
            });
        let installed = self.installed.iter().find(|other| {
            other.name == package.name
                || excluded_by(&other.name, &other.excludes)
                || excludes(&other.name, &other.version, &other.provides)
        });
        chosen
            .map(|other| other.name.clone())
            .or_else(|| installed.map(|other| other.name.clone()))
    }

    /// Who wants it, from the need up to the wish.
    fn chain(&self, because: &Because) -> Vec<String> {
        let mut chain = Vec::new();
        let mut because = because;
        while let Because::Needed { by } = because {
            if chain.contains(by) {
                break;
            }
            chain.push(by.clone());
            match self.chosen.get(by) {
                Some(choice) => because = &choice.because,
                None => break,
            }
        }
        chain
    }
}
