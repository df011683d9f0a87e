//! How people say who they are, and what each of them may.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scope, Source, Token};
use crate::glob::Glob;
use crate::revision::Repository;

/// Somebody else who knows people: they log in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who.
    pub via: Via,
    /// What we are called there.
    pub client: String,
    /// Where the secret is with which we say so; none: we are a public client.
    pub secret: Option<Source>,
}

/// Who knows people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// A provider of OIDC.
    Oidc {
        /// Its issuer, without a slash at its end.
        issuer: String,
        /// A file with the certificates of its own authority.
        authority: Option<String>,
        /// The claim that has somebody's groups.
        groups: String,
        /// The claim that has somebody's name, if people there cannot choose it; none: roles go by the subject only.
        names: Option<String>,
        /// What is asked for besides `openid`.
        scopes: Vec<String>,
    },
    /// A forge, by its name in the file.
    Forge(String),
}

/// What some of those who have logged in may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Where they logged in; none: anywhere.
    pub login: Option<String>,
    /// Which of them.
    pub whom: Whom,
    /// What they may.
    pub scopes: BTreeSet<Scope>,
    /// In which repositories, by the name with or without the forge's; none: in all.
    pub repositories: Option<Vec<Glob>>,
}

/// Which of those who have logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// All of them.
    All,
    /// The one who has that number or word there for ever: the claim `sub` of an issuer, the number of an account on a forge.
    Subject(String),
    /// Those of that name, where nobody chooses whose name he has.
    User(Glob),
    /// Those in such a group or team.
    Group(Glob),
    /// Those who may do at least that in the repository that it is about.
    Permission(Permission),
}

/// What a forge lets somebody do in a repository; each has those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// See it.
    Read,
    /// Push to it.
    Write,
    /// Change its settings.
    Admin,
}

impl Permission {
    /// All, by the word in the file.
    pub const ALL: [(&'static str, Self); 3] = [
        ("read", Self::Read),
        ("write", Self::Write),
        ("admin", Self::Admin),
    ];
}

/// Somebody who has logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// What he is called here: in the audit log, and to himself. Nothing is given for it.
    pub name: String,
    /// What he is there for ever, which nobody else is or becomes.
    pub subject: String,
    /// What he is called there, if that can be believed.
    pub user: Option<String>,
    /// The groups or teams that he is in.
    pub groups: Vec<String>,
    /// What he may in repositories of that forge.
    pub permissions: BTreeMap<Repository, Permission>,
}

/// What somebody may who has logged in at `login`: as if he had these tokens, of which each may something somewhere.
pub fn grants(roles: &[Role], login: &str, person: &Person) -> Vec<Token> {
    let here = roles
        .iter()
        .filter(|role| role.login.as_deref().is_none_or(|named| named == login));
    let grant = |role: &Role, repositories| Token {
        name: format!("{}@{login}", person.name),
        sha256: String::new(),
        scopes: role.scopes.clone(),
        repositories,
    };
    let whole = |role: &Role, is: bool| {
        let one = is.then(|| grant(role, role.repositories.clone()));
        one.into_iter().collect()
    };
    let grants = here.flat_map(|role| match &role.whom {
        Whom::All => whole(role, true),
        Whom::Subject(subject) => whole(role, !subject.is_empty() && *subject == person.subject),
        Whom::User(name) => {
            let user = person.user.as_ref();
            whole(role, user.is_some_and(|user| name.fits(user)))
        }
        Whom::Group(name) => whole(role, person.groups.iter().any(|group| name.fits(group))),
        Whom::Permission(least) => {
            let whole = grant(role, role.repositories.clone());
            let may = person
                .permissions
                .iter()
                .filter(|(_, permission)| *permission >= least)
                .map(|(repository, _)| repository)
                .filter(|repository| whole.is_in(Some(repository)));
            let names: Vec<Glob> = may.map(|one| Glob::new(one.to_string())).collect();
            if names.is_empty() {
                Vec::new()
            } else {
                vec![grant(role, Some(names))]
            }
        }
    });
    grants.collect()
}

#[cfg(test)]
mod tests {
    use super::{Permission, Person, Role, Whom, grants};
    use crate::config::Scope;
    use crate::glob::Glob;
    use crate::revision::Repository;

    #[test]
    fn who_may_what() {
        let repository = |name: &str| Repository {
            forge: "git.test".into(),
            name: name.into(),
        };
        let role = |login: Option<&str>, whom, scope, repositories: &[&str]| Role {
            login: login.map(str::to_owned),
            whom,
            scopes: [scope].into(),
            repositories: (!repositories.is_empty())
                .then(|| repositories.iter().map(|name| Glob::new(*name)).collect()),
        };
        let glob = Glob::new;
        let roles = [
            role(None, Whom::All, Scope::Read, &["open/*"]),
            role(Some("work"), Whom::Group(glob("acme/*")), Scope::Use, &[]),
            role(
                Some("work"),
                Whom::User(glob("anne")),
                Scope::Admin,
                &["acme/shop"],
            ),
            role(
                Some("work"),
                Whom::Subject("7".into()),
                Scope::Admin,
                &["else/shop"],
            ),
            role(
                Some("hub"),
                Whom::Permission(Permission::Write),
                Scope::Operate,
                &["acme/**"],
            ),
        ];
        let person = |name: &str, groups: &[&str], permissions: &[(&str, Permission)]| Person {
            // Whatever somebody wants to be called, it is shown and no more.
            name: "anne".into(),
            subject: if name == "bob" { "7" } else { "70" }.into(),
            user: Some(name.into()),
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
            permissions: permissions
                .iter()
                .map(|(name, permission)| (repository(name), *permission))
                .collect(),
        };
        let anne = person("anne", &["acme/ops", "other"], &[]);
        let writes = [
            ("acme/shop", Permission::Admin),
            ("acme/blog", Permission::Read),
            ("else/shop", Permission::Write),
        ];
        let bob = person("bob", &["acme/ops"], &writes);
        let may = |login: &str, person: &Person| -> Vec<String> {
            let all = grants(&roles, login, person);
            let mut lines = Vec::new();
            for name in ["open/x", "acme/shop", "acme/blog", "else/shop"] {
                let scopes = Scope::ALL.iter().rev();
                let most = scopes.clone().find(|(_, scope)| {
                    all.iter()
                        .any(|one| one.may(*scope, Some(&repository(name))))
                });
                lines.push(most.map_or("-", |(word, _)| word).to_owned());
            }
            lines.push(all.first().map_or("", |one| &one.name).to_owned());
            lines
        };
        assert_eq!(
            may("work", &anne),
            ["use", "admin", "use", "use", "anne@work"]
        );
        assert_eq!(may("hub", &anne), ["read", "-", "-", "-", "anne@hub"]);
        assert_eq!(
            may("work", &bob),
            ["use", "use", "use", "admin", "anne@work"]
        );
        assert_eq!(may("hub", &bob), ["read", "operate", "-", "-", "anne@hub"]);
        let nobody = Person {
            user: None,
            subject: String::new(),
            ..anne
        };
        assert_eq!(
            may("work", &nobody),
            ["use", "use", "use", "use", "anne@work"]
        );
    }
}
