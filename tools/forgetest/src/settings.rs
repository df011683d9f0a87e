//! What Gitea is set to: <https://docs.gitea.com/administration/config-cheat-sheet>.

use std::path::Path;

/// The file that it is started with: `state` is what it has, `program` the folder that it came in.
pub fn settings(state: &Path, program: &Path, port: u16) -> String {
    let (state, program) = (state.display(), program.display());
    format!(
        "APP_NAME = Forge for tests
RUN_MODE = prod
WORK_PATH = {state}
; It is killed with the test, and what it has with it.
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true

[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {program}
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false

[database]
DB_TYPE = sqlite3
PATH = {state}/gitea.db
SQLITE_JOURNAL_MODE = WAL

[repository]
ROOT = {state}/repositories
DEFAULT_BRANCH = main

[security]
INSTALL_LOCK = true
MIN_PASSWORD_LENGTH = 6

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback

[log]
MODE = console
LEVEL = warn

[session]
PROVIDER = memory

[indexer]
ISSUE_INDEXER_TYPE = db

[actions]
ENABLED = false

[packages]
ENABLED = false

[cron.update_checker]
ENABLED = false

[picture]
DISABLE_GRAVATAR = true
"
    )
}
