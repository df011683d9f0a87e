//! A repository with one small project.

use std::path::Path;
use std::process::Command;

pub const PROJECT: &str =
    "[project]\nname = \"shop\"\n[role.web]\ncommand = \"serve\"\nport = 8080\n";
/// What Git calls the commit of [`repository_in`]: all that it depends on is said there.
pub const COMMIT: &str = "090e9acf455bd351945b06b1d3684c93af0a8495";

/// A repository in which everybody is at the same commit.
pub fn repository_in(folder: &Path) {
    let shop = folder.join("shop");
    std::fs::create_dir(&shop).unwrap();
    std::fs::write(shop.join("boatyard.toml"), PROJECT).unwrap();
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "Ada")
                .env(format!("GIT_{who}_EMAIL"), "ada@example.org")
                .env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
        }
        let settings = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"];
        git.envs(settings.map(|name| (name, "/dev/null")));
        let output = git.args(words).current_dir(&shop).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {words:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet", "--object-format=sha1", "-b", "main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "x"]);
    assert_eq!(git(&["rev-parse", "HEAD"]).trim(), COMMIT);
}
