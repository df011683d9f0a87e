"""runboat, and boatyard serve that has taken over its builds: the same builds, the same kubefiles, the same API, the same hooks."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from server import SECRET, Server, free_port

NAMESPACE = "runboat-builds"
REPOSITORY = "acme/shop"
PASSWORD = "a password for figures"
PATIENCE = 600

CONFIG = f"""
[server]
listen = "127.0.0.1:{{port}}"
domain = "example.org"
[cluster]
prefix = "bench"
[cluster.kubefiles]
folder = "FOLDER"
namespace = "{NAMESPACE}"
image = "odoo:16"
vars = {{ storageClassName = "" }}
adopt = true
[cluster.lease]
lasts = "60s"
[limits]
preparing = 20
running = 150
kept = 100000
[times]
settle = "0s"
starting = "30m"
[[access.token]]
name = "admin"
sha256 = "{hashlib.sha256(PASSWORD.encode()).hexdigest()}"
scopes = ["admin"]
[forge.bench]
kind = "github"
url = "http://127.0.0.1:1"
secret = {{ value = "{SECRET.decode()}" }}
poll = "1h"
reports = false
[[repository]]
name = "{REPOSITORY}"
branches = "**"
"""


def commit(number):
    return hashlib.sha1(f"commit {number}".encode()).hexdigest()


def deployment(number):
    """What runboat leaves of a build that is set up and sleeps."""
    labels = {"runboat/build": f"b{number}", "app": "odoo"}
    container = {"name": "odoo", "image": "odoo", "env": [{"name": f"SETTING_{one}", "value": "x" * 20} for one in range(20)]}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": f"b{number}-odoo", "namespace": NAMESPACE, "labels": labels, "annotations": {
            "runboat/repo": REPOSITORY, "runboat/target-branch": "16.0", "runboat/pr": str(number + 1),
            "runboat/git-commit": commit(number), "runboat/init-status": "succeeded"}},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels},
                 "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}},
    }


def hook(number, is_closed=False):
    """A signed one of GitHub: somebody has opened a pull request, or closed it."""
    repository = {"full_name": REPOSITORY}
    action, state = ("closed", "closed") if is_closed else ("opened", "open")
    body = json.dumps({"action": action, "repository": repository, "pull_request": {
        "number": number, "state": state, "title": "a change", "user": {"login": "anne"}, "draft": False,
        "base": {"ref": "16.0", "repo": repository}, "head": {"ref": "change", "sha": commit(number), "repo": repository}}}).encode()
    digest = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return body, {"x-github-event": "pull_request", "x-github-delivery": commit(f"delivery {time.time()}"),
                  "x-hub-signature-256": f"sha256={digest}", "content-type": "application/json"}


class Served:
    """What answers runboat's API; who inherits says how it is started."""

    process = None

    def ask(self, path, method="GET", body=None, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers or {}, method=method)
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def known(self):
        try:
            return json.loads(self.ask("/api/v1/status"))["deployed"]
        except OSError:
            return 0

    def begin(self, count):
        """Seconds until it knows so many."""
        begin = time.monotonic()
        self.start()
        while self.known() < count:
            if self.process.poll() is not None or time.monotonic() - begin > PATIENCE:
                sys.exit(f"{self.name} does not start\n{self.said()}")
            time.sleep(0.01)
        return time.monotonic() - begin

    def hear(self, number, is_closed=False):
        body, headers = hook(number, is_closed)
        self.ask("/webhooks/github", "POST", body, headers)

    def build(self, number):
        """The build of that pull request; none: there is none yet."""
        found = json.loads(self.ask(f"/api/v1/builds?repo={REPOSITORY}&pr={number}"))
        return found[0] if found else {"status": None}

    def wake(self, name):
        words = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        self.ask(f"/api/v1/builds/{name}/start", "POST", b"", {"authorization": f"Basic {words}"})

    def until(self, number, is_so, what):
        """Returns the build once it is so."""
        begin = time.monotonic()
        while True:
            try:
                found = self.build(number)
                if is_so(found["status"]):
                    return found
            except (OSError, urllib.error.HTTPError):
                found = {"status": "no answer"}
            if time.monotonic() - begin > PATIENCE / 2:
                sys.exit(f"{self.name}: {number} is not {what}, but {found['status']}\n{self.said()}")
            time.sleep(0.02)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                # Threads of runboat wait for watches that do not end.
                self.process.kill()
                self.process.wait()

    def clear(self):
        self.end()
        shutil.rmtree(self.folder)

    def said(self):
        return (self.folder / "log").read_text()[-3000:]


class Runboat(Served):
    name = "runboat"

    def __init__(self, cluster, source, python):
        self.source, self.python, self.port = source, python, free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="boatyard-bench-", dir=os.environ.get("BENCH_DIR")))
        self.kubeconfig = cluster.by_the_way(self.folder)

    def start(self):
        settings = {
            "REPOS": json.dumps([{"repo": f"^{REPOSITORY}$", "branch": ".*", "builds": [{"image": "odoo:16"}]}]),
            "API_ADMIN_USER": "admin", "API_ADMIN_PASSWD": PASSWORD, "BUILD_NAMESPACE": NAMESPACE, "BUILD_DOMAIN": "example.org",
            "DISABLE_COMMIT_STATUSES": "true", "GITHUB_WEBHOOK_SECRET": SECRET.decode(), "MAX_INITIALIZING": "20",
            "MAX_STARTED": "150", "MAX_DEPLOYED": "100000", "BUILD_TEMPLATE_VARS": json.dumps({"storageClassName": ""}),
        }
        environment = os.environ | {f"RUNBOAT_{name}": value for name, value in settings.items()}
        environment |= {"KUBECONFIG": self.kubeconfig, "PYTHONPATH": str(self.source / "src")}
        words = [self.python, "-m", "uvicorn", "runboat.app:app", "--port", str(self.port), "--log-level", "error"]
        with open(self.folder / "log", "ab") as log:
            # Not here: what is called as one of its libraries would be taken for it.
            self.process = subprocess.Popen(words, env=environment, cwd=self.folder, stdout=log, stderr=log)


class Boatyard(Served):
    """What it has written down is there when it begins again."""

    name = "boatyard"

    def __init__(self, cluster, source):
        self.server = Server(CONFIG.replace("FOLDER", str(source.resolve() / "src/runboat/kubefiles")))
        self.port, self.folder = self.server.port, self.server.folder
        os.environ["KUBECONFIG"] = cluster.by_the_way(self.folder)

    def start(self):
        asyncio.run(self.server.start(PATIENCE))
        self.process = self.server.process
