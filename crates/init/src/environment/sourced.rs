//! What is taken over from a script that bash has run.

use super::Environment;

/// Variables that belong to the shell that ran the script, and not to the script.
const OF_THE_SHELL: [&[u8]; 9] = [
    b"_",
    b"SHLVL",
    b"PWD",
    b"OLDPWD",
    b"BASHOPTS",
    b"SHELLOPTS",
    b"PS4",
    b"IFS",
    b"OPTIND",
];

/// The environment after a script: what it changed is changed, what it added is there, what it removed is gone. `dump` is
/// the environment of a process that the script's shell became: entries that end in NUL, any bytes. Functions and what
/// belongs to the shell are left as they were.
pub fn take_over(before: &Environment, dump: &[u8]) -> Environment {
    let entries = dump
        .split(|&byte| byte == 0)
        .filter(|entry| !entry.is_empty());
    let after = Environment::new(entries.map(<[u8]>::to_vec).collect());
    let mut ours = before.clone();
    for (name, value) in after.variables() {
        if !is_of_the_shell(name) {
            ours.set(name, value);
        }
    }
    for (name, _) in before.variables() {
        if after.get(name).is_none() && !is_of_the_shell(name) {
            ours.unset(name);
        }
    }
    ours
}

fn is_of_the_shell(name: &[u8]) -> bool {
    OF_THE_SHELL.contains(&name) || name.starts_with(b"BASH_FUNC_")
}
