//! Cases of the resolver: an archive, what is wanted, what comes out.

use proptest::prelude::*;

use super::catalog::{Catalog, Listing};
use super::relation;
use super::resolve::{Installed, resolve};

/// Makes a catalog of lines `NAME VERSION ; FIELD: VALUE ; ...`.
fn catalog(lines: &str) -> Catalog {
    let text = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut parts = line.split(" ; ").map(str::trim);
            let (name, version) = parts.next().and_then(|head| head.split_once(' ')).expect("NAME VERSION");
            let fields: String = parts.map(|field| format!("{field}\n")).collect::<Vec<_>>().concat();
            format!(
                "Package: {name}\nVersion: {version}\nArchitecture: all\n{fields}Filename: {name}\nSize: 1\nSHA256: 0\n\n"
            )
        })
        .collect::<Vec<_>>()
        .concat();
    Catalog::new(vec![Listing {
        base: String::new(),
        text,
    }])
}

fn installed(packages: &[(&str, &str, &str)]) -> Vec<Installed> {
    packages
        .iter()
        .map(|(name, version, provides)| Installed {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            provides: relation::parse_field(provides)
                .into_iter()
                .flatten()
                .collect(),
            excludes: Vec::new(),
        })
        .collect()
}

/// The packages that are added, as `name=version`, or the error.
fn answer(lines: &str, want: &str, there: &[(&str, &str, &str)]) -> String {
    let want: Vec<String> = want.split_whitespace().map(ToOwned::to_owned).collect();
    match resolve(&catalog(lines), &want, &installed(there)) {
        Ok(packages) => packages
            .iter()
            .map(|package| format!("{}={}", package.name, package.version))
            .collect::<Vec<_>>()
            .join(" "),
        Err(error) => error.to_string(),
    }
}

#[test]
fn cases() {
    const CHAIN: &str = "a 1 ; Depends: b (>= 2)\nb 1\nb 2 ; Pre-Depends: c\nc 1";
    const MAIL: &str =
        "a 1 ; Depends: exim | mta\nexim 1\nfix 1 ; Provides: mta\nb 1 ; Depends: fix";
    const AWK: &str = "a 1 ; Depends: awk\ngawk 1 ; Provides: awk ; Priority: optional\n\
                       mawk 1 ; Provides: awk ; Priority: required";
    const CLASH: &str = "a 1 ; Depends: x | y\nx 1 ; Conflicts: b\ny 1\nb 1\nc 1 ; Depends: x";
    const VERSIONED: &str =
        "a 1 ; Depends: api (>= 2)\np 9 ; Provides: api\nq 1 ; Provides: api (= 2.1)";
    const MERGE: &str = "a 1 ; Depends: usrmerge | usr-is-merged\nusrmerge 1\nusr-is-merged 1";
    let nothing: &[(&str, &str, &str)] = &[];
    for (lines, want, there, expected) in [
        (CHAIN, "a", nothing, "a=1 b=2 c=1"),
        (CHAIN, "b=1", nothing, "b=1"),
        (CHAIN, "a", &[("c", "1", "")], "a=1 b=2"),
        (CHAIN, "a", &[("b", "2", "")], "a=1"),
        (
            CHAIN,
            "a",
            &[("b", "1", "")],
            "the base has b 1, but b (>= 2) is needed (wanted by a)",
        ),
        (CHAIN, "d", nothing, "there is no Debian package named d"),
        (MAIL, "a", nothing, "a=1 exim=1"),
        (MAIL, "a b", nothing, "a=1 b=1 fix=1"),
        (MAIL, "b a", nothing, "a=1 b=1 fix=1"),
        (MAIL, "a", &[("other", "1", "mta")], "a=1"),
        (AWK, "a", nothing, "a=1 mawk=1"),
        (AWK, "a gawk", nothing, "a=1 gawk=1"),
        (CLASH, "a b", nothing, "a=1 b=1 y=1"),
        (
            CLASH,
            "b c",
            nothing,
            "x cannot be installed together with b (wanted by c)",
        ),
        (VERSIONED, "a", nothing, "a=1 q=1"),
        (MERGE, "a", nothing, "a=1 usr-is-merged=1"),
        (
            "a 1 ; Depends: b\nb 1 ; Depends: c (<< 1) | d\nc 1",
            "a",
            nothing,
            "no package of the archive is c (<< 1) | d (wanted by b, which is wanted by a)",
        ),
        (
            "a 1 ; Depends: b:any, c:arm64 | d\nb 1\nc 1\nd 1",
            "a",
            nothing,
            "a=1 b=1 d=1",
        ),
        (
            "a 1 ; Depends: b\nb 1 ; Depends: a",
            "a",
            nothing,
            "a=1 b=1",
        ),
        ("a 1 ; Conflicts: m ; Provides: m", "a", nothing, "a=1"),
    ] {
        assert_eq!(answer(lines, want, there), expected, "{want} of\n{lines}");
    }
}

proptest! {
    /// Whatever the archive: every need of what comes out is met, and asking again gives the same.
    #[test]
    fn the_answer_is_closed_and_stable(
        needs in prop::collection::vec(prop::collection::vec((0..12usize, 0..12usize), 0..4), 12),
        want in prop::collection::vec(0..12usize, 1..4),
    ) {
        let lines: String = needs.iter().enumerate().map(|(name, needs)| {
            let groups: Vec<String> = needs.iter().map(|(a, b)| format!("p{a} | p{b}")).collect();
            if groups.is_empty() { format!("p{name} 1\n") } else { format!("p{name} 1 ; Depends: {}\n", groups.join(", ")) }
        }).collect();
        let want: Vec<String> = want.iter().map(|name| format!("p{name}")).collect();
        let catalog = catalog(&lines);
        let found = resolve(&catalog, &want, &[]).expect("nothing excludes anything");
        for group in found.iter().flat_map(|package| &package.depends) {
            prop_assert!(group.iter().any(|need| found.iter().any(|package| package.satisfies(need))));
        }
        for name in &want {
            prop_assert!(found.iter().any(|package| package.name == *name));
        }
        prop_assert_eq!(resolve(&catalog, &want, &[]).expect("as before"), found.clone());
        let there: Vec<Installed> = found.iter().map(|package| Installed {
            name: package.name.clone(), version: package.version.clone(), provides: Vec::new(), excludes: Vec::new(),
        }).collect();
        prop_assert_eq!(resolve(&catalog, &want, &there).expect("all is there"), Vec::new());
    }
}
