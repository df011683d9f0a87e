//! Words that mean something to a shell. Taken from POSIX (XCU 2.4, 2.14, 1.7) and the manuals of bash and dash.

/// Words of the grammar, where they stand first and unquoted.
const WORDS: &[&str] = &[
    "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function",
    "if", "in", "select", "then", "time", "until", "while", "{", "}",
];

/// Commands that are part of the shell and of nothing else.
const BUILTINS: &[&str] = &[
    ".",
    ":",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "chdir",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "declare",
    "dirs",
    "disown",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "pushd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "times",
    "trap",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// Commands that are part of the shell and also programs, which do not always do the same.
const BOTH: &[&str] = &["[", "echo", "kill", "printf", "pwd", "test"];

/// Variables that a shell sets, whatever the environment says.
const VARIABLES: &[&str] = &[
    "COLUMNS",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "HOSTTYPE",
    "IFS",
    "LINENO",
    "LINES",
    "MACHTYPE",
    "OLDPWD",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PIPESTATUS",
    "PPID",
    "PS1",
    "PS2",
    "PS4",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELLOPTS",
    "SHLVL",
    "SRANDOM",
    "UID",
    "_",
];

/// Variables that a shell sets if the environment does not.
const DEFAULTS: &[&str] = &["HOME", "HOSTNAME", "PATH", "SHELL", "TERM"];

pub fn is_word(name: &str) -> bool {
    WORDS.contains(&name)
}

pub fn is_builtin(name: &[u8]) -> bool {
    BUILTINS.iter().any(|builtin| builtin.as_bytes() == name)
}

pub fn is_builtin_and_program(name: &[u8]) -> bool {
    BOTH.iter().any(|both| both.as_bytes() == name)
}

pub fn is_shell_variable(name: &str) -> bool {
    name.starts_with("BASH") || VARIABLES.contains(&name)
}

pub fn has_default(name: &str) -> bool {
    DEFAULTS.contains(&name)
}
