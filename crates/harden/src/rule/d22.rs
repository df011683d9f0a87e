//! D22: whoever is on the way can change what is downloaded.

use boatyard_plan::dockerfile::Kind;

use super::command::{Packages, all};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::shell::Simple;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D22",
    severity: Severity::Error,
    title: "certificates or signatures are not checked",
    why: "Whoever sits between the build and the server can put anything into the image. That it is inside of a company's network is no reason: \
          the image leaves it.",
    mend: "install the certificate of your authority into the image or give it to the build, and leave the check on",
    fix: Fixing::Never,
    same_as: "checkov CKV2_DOCKER_2 to CKV2_DOCKER_16",
    check,
};

/// Variables, and the values that switch a check off.
const VARIABLES: [(&str, &[&str]); 5] = [
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"]),
    ("PYTHONHTTPSVERIFY", &["0"]),
    ("GIT_SSL_NO_VERIFY", &["1", "true"]),
    ("NPM_CONFIG_STRICT_SSL", &["false"]),
    ("GOINSECURE", &["*"]),
];

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for (_, instruction) in dockerfile.instructions() {
            if let Kind::Env(pairs) | Kind::Arg(pairs) = &instruction.kind {
                for pair in pairs {
                    let value = pair
                        .value
                        .as_ref()
                        .map_or("", |value| value.text.trim_matches(['"', '\'']));
                    if is_off(&pair.name.text, value)
                        || (pair.name.text == "PIP_TRUSTED_HOST" && !value.is_empty())
                    {
                        report.add(
                            &RULE,
                            &document.path,
                            pair.name.span.clone(),
                            format!("{} switches a check off", pair.name.text),
                        );
                    }
                }
            }
        }
        for (_, _, script) in dockerfile.runs() {
            for simple in all(script) {
                for assignment in &simple.assignments {
                    if is_off(
                        &assignment.name,
                        assignment.value.text.as_deref().unwrap_or_default(),
                    ) {
                        report.add(
                            &RULE,
                            &document.path,
                            assignment.span.clone(),
                            format!("{} switches a check off", assignment.name),
                        );
                    }
                }
                if let Some(what) = switched_off(simple) {
                    report.add(&RULE, &document.path, simple.span.clone(), what);
                }
            }
        }
    }
}

fn is_off(name: &str, value: &str) -> bool {
    VARIABLES
        .iter()
        .any(|(variable, values)| name.eq_ignore_ascii_case(variable) && values.contains(&value))
}

fn switched_off(simple: &Simple) -> Option<String> {
    let raws = || simple.words.iter().map(|word| word.raw.as_str());
    let any = |flags: &[&str]| raws().find(|raw| flags.contains(raw)).map(str::to_owned);
    let local = raws().any(|raw| {
        ["localhost", "127.0.0.1"]
            .iter()
            .any(|host| raw.contains(host))
    });
    let flag = match simple.program()? {
        "curl" if !local && simple.flag('k', "insecure") => Some("-k".to_owned()),
        "wget" if !local => any(&["--no-check-certificate"]),
        "git" => {
            let off = raws().any(|raw| raw == "http.sslVerify=false")
                || (simple.has("http.sslVerify") && simple.has("false"));
            off.then(|| "http.sslVerify".to_owned())
        }
        "npm" | "yarn" | "pnpm" => {
            let off = any(&["--strict-ssl=false"]).is_some()
                || (raws().any(|raw| raw.contains("strict-ssl")) && simple.has("false"));
            off.then(|| "strict-ssl".to_owned())
        }
        _ => None,
    };
    if let Some(flag) = flag {
        return Some(format!(
            "{} {flag}: certificates are not checked",
            simple.program()?
        ));
    }
    let one = Packages::of(simple)?;
    let flag = match one.manager {
        _ if one.is_pip() => raws()
            .find(|raw| raw.starts_with("--trusted-host"))
            .map(str::to_owned),
        "apt-get" | "apt" => any(&[
            "--allow-unauthenticated",
            "--force-yes",
            "--allow-insecure-repositories",
        ]),
        "apk" => any(&["--allow-untrusted"]),
        "yum" | "dnf" | "microdnf" => any(&["--nogpgcheck", "--nogpg"]),
        "zypper" => any(&["--no-gpg-checks"]),
        _ => None,
    }?;
    Some(format!("{} {flag}: what comes is not checked", one.manager))
}
