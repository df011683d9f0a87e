//! What is done in a pod that has a volume: small programs of `sh`.

/// A program, which gets the folder of the volume as its first word.
#[derive(Clone, Copy)]
pub(super) struct Script {
    /// What it does, for people.
    pub doing: &'static str,
    /// The program.
    pub text: &'static str,
}

/// Prints all that is in the volume as a tar. What file systems keep for themselves is not the volume's.
pub(super) const READ: Script = Script {
    doing: "read",
    text: r#"cd "$1" && shift || exit
if tar -c -f - --exclude=./a /dev/null >/dev/null 2>&1; then
  exec tar -c -f - --exclude=./.boatyard --exclude=./lost+found .
fi
# A busybox may leave nothing out.
for one in * .[!.]* ..?*; do
  case "$one" in .boatyard | lost+found) continue ;; esac
  if [ -e "$one" ] || [ -L "$one" ]; then set -- "$@" "./$one"; fi
done
if [ $# -gt 0 ]; then exec tar -c -f - "$@"; fi
exec head -c 1024 /dev/zero"#,
};

/// Puts the tar that it is sent beside what is there; the second word is how many bytes it has. Those are counted: that no more
/// come cannot be said on every cluster.
pub(super) const WRITE: Script = Script {
    doing: "write",
    text: r#"cd "$1" && rm -rf .boatyard && mkdir -p .boatyard/new || exit
if [ "$2" -gt 0 ]; then head -c "$2" | tar -x -p -f - -C .boatyard/new || exit; fi
sync"#,
};

/// Has what was put beside take the place of what is there. It can be killed anywhere and done again.
pub(super) const SWAP: Script = Script {
    doing: "exchange what is on",
    text: r#"cd "$1" || exit
if [ -d .boatyard/new ]; then
    if [ ! -e .boatyard/moved ]; then
        mkdir -p .boatyard/old || exit
        for one in * .[!.]* ..?*; do
            case $one in .boatyard|lost+found) continue;; esac
            if [ -e "$one" ] || [ -L "$one" ]; then mv -- "$one" .boatyard/old/ || exit; fi
        done
        : >.boatyard/moved || exit
    fi
    for one in .boatyard/new/* .boatyard/new/.[!.]* .boatyard/new/..?*; do
        if [ -e "$one" ] || [ -L "$one" ]; then mv -- "$one" . || exit; fi
    done
    rmdir .boatyard/new || exit
    sync
fi
rm -rf .boatyard"#,
};

/// Removes what was put beside what is there.
pub(super) const DROP: Script = Script {
    doing: "clean",
    text: r#"cd "$1" && rm -rf .boatyard"#,
};

/// Prints a file of the volume, which the second word names; nothing if there is none.
pub(super) const SHOW: Script = Script {
    doing: "look at",
    text: r#"cd "$1" && { head -c 16 -- "$2" 2>/dev/null || :; }"#,
};
