//! `RUN`.

use super::state::{State, wrong};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{
    Command, Flag, Heredoc, Instruction, Mount, MountKind, Op, Proxy, RunNetwork, RunOp, Script,
    Word, expand,
};
use crate::document::suggestion;

/// Where the one document of a `RUN` is shown if it is a script, as `BuildKit` has it.
const SCRIPTS: &str = "/dev/pipes";

/// Build arguments that need no `ARG`: commands see them, in both cases, and nothing else does.
const PROXIES: [&str; 5] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];

impl State {
    /// `RUN`.
    pub(super) fn run(
        &mut self,
        instruction: &Instruction,
        command: &Command,
    ) -> Result<Op, Vec<Diagnostic>> {
        let mut mistakes = Vec::new();
        let mut mounts = Vec::new();
        let mut network = RunNetwork::Default;
        for flag in &instruction.flags {
            let read = match flag.name.as_str() {
                "mount" => self.mount(flag, &mounts).map(|mount| mounts.push(mount)),
                "network" => self::network(flag).map(|read| network = read),
                _ => refused(flag),
            };
            mistakes.extend(read.err());
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let (argv, script) = self.command(command, &instruction.heredocs);
        self.note(self.line(&argv), false);
        Ok(Op::Run(RunOp {
            argv,
            env: self.environment(&mounts),
            proxy: proxy(&self.arguments),
            user: self.config.user.clone(),
            cwd: self.cwd().to_owned(),
            mounts,
            network,
            script,
        }))
    }

    /// The command line, and the script it runs.
    fn command(&self, command: &Command, heredocs: &[Heredoc]) -> (Vec<String>, Option<Script>) {
        let line = match command {
            Command::Exec(words) => return (words.clone(), None),
            Command::Shell(line) => line.text.as_str(),
        };
        let [first, ..] = heredocs else {
            return (self.in_shell(line.to_owned()), None);
        };
        if !is_heredoc(line) {
            // The shell reads the documents itself.
            let mut text = line.to_owned();
            for heredoc in heredocs {
                text.push('\n');
                text.push_str(&heredoc.text);
                text.push_str(&heredoc.name);
            }
            return (self.in_shell(text), None);
        }
        if !first.text.starts_with("#!") {
            return (self.in_shell(first.text.clone()), None);
        }
        let script = Script {
            path: format!("{SCRIPTS}/{}", first.name),
            text: first.text.clone(),
        };
        (self.in_shell(script.path.clone()), Some(script))
    }

    /// Variables and arguments, and where the first ssh agent is.
    fn environment(&self, mounts: &[Mount]) -> Vec<(String, String)> {
        let mut env = self.scope.env.clone();
        let agent = mounts
            .iter()
            .find(|mount| matches!(mount.kind, MountKind::Ssh { .. }));
        if let Some(agent) = agent
            && env.get("SSH_AUTH_SOCK").is_none()
        {
            env.set("SSH_AUTH_SOCK", &agent.target);
        }
        env.iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// `RUN |1 ARG=value /bin/sh -c command # buildkit`.
    fn line(&self, argv: &[String]) -> String {
        let declared = self.declared();
        let mut words = vec!["RUN".to_owned()];
        if !declared.is_empty() {
            words.push(format!("|{}", declared.len()));
            words.extend(declared);
        }
        words.extend(argv.iter().cloned());
        words.join(" ") + " # buildkit"
    }
}

/// Whether the line is one `<<NAME` and nothing else.
fn is_heredoc(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(name) = line.strip_prefix("<<") else {
        return false;
    };
    let name = name.strip_prefix('-').unwrap_or(name);
    !name.contains('<') && expand::words(name, '\\', &|_| None).is_ok_and(|words| words.len() == 1)
}

/// The proxies among the build arguments.
fn proxy(arguments: &std::collections::BTreeMap<String, String>) -> Proxy {
    let mut proxy = Vec::new();
    for known in PROXIES {
        let given = arguments
            .iter()
            .rfind(|(name, _)| name.eq_ignore_ascii_case(known));
        if let Some((_, value)) = given.filter(|(_, value)| !value.is_empty()) {
            proxy.push((known.to_owned(), value.clone()));
            proxy.push((known.to_lowercase(), value.clone()));
        }
    }
    Proxy(proxy)
}

fn network(flag: &Flag) -> Result<RunNetwork, Diagnostic> {
    let value = value(flag)?;
    match value.text.as_str() {
        "default" => Ok(RunNetwork::Default),
        "none" => Ok(RunNetwork::None),
        "host" => Ok(RunNetwork::Host),
        other => {
            let mut mistake = wrong(value, format!("the flag --network is \"{other}\""), "");
            mistake.help = suggestion("networks", other, ["default", "none", "host"]);
            Err(mistake)
        }
    }
}

/// Flags that are known and not done.
fn refused(flag: &Flag) -> Result<(), Diagnostic> {
    let value = value(flag)?;
    let (message, help) = match (flag.name.as_str(), value.text.as_str()) {
        ("security", "sandbox") => return Ok(()),
        ("security", "insecure") => (
            "--security=insecure is not supported: commands always run in a sandbox".to_owned(),
            "remove the flag; --network=host and --mount are possible",
        ),
        ("device", _) => (
            "--device is not supported: commands see no devices of the machine".to_owned(),
            "remove the flag",
        ),
        (name, value) => (
            format!("unknown value \"{value}\" of the flag --{name}"),
            "",
        ),
    };
    Err(wrong(value, message, help))
}

/// What a flag must have.
pub(super) fn value(flag: &Flag) -> Result<&Word, Diagnostic> {
    flag.value.as_ref().ok_or_else(|| Diagnostic {
        message: format!("the flag --{} has no value", flag.name),
        span: flag.span.clone(),
        label: String::new(),
        help: Some(format!("write --{}=...", flag.name)),
    })
}
