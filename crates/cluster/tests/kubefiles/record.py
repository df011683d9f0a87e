"""Records what runboat makes of the folders of kubefiles beside this file: its own code fills in the templates, its kubectl builds them.

    git clone https://github.com/sbidoul/runboat && git -C runboat checkout abc930f     # version 2.0.0, Python 3.13
    python3.13 -m venv venv && venv/bin/pip install jinja2==3.1.6 kubernetes==34.1.0 pydantic==2.12.3 pydantic-settings==2.11.0 httpx==0.28.1
    PYTHONPATH=runboat/src venv/bin/python record.py "kubectl"

The argument is kubectl 1.36 (kustomize 5.8.1), the words with spaces between them. Each folder's answer is in `recorded.json` beside its files.
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

os.environ.update(
    RUNBOAT_REPOS='[{"repo": ".*", "branch": ".*", "builds": [{"image": "registry.example.com/acme/shop:1.2"}]}]',
    RUNBOAT_API_ADMIN_USER="admin",
    RUNBOAT_API_ADMIN_PASSWD="admin",
    RUNBOAT_BUILD_NAMESPACE="builds",
    RUNBOAT_BUILD_DOMAIN="preview.example.com",
    RUNBOAT_BUILD_ENV='{"GREETING": "hello, \\"you\\""}',
    RUNBOAT_BUILD_SECRET_ENV='{"PGPASSWORD": "thepgpassword"}',
    RUNBOAT_BUILD_TEMPLATE_VARS='{"storageClassName": "fast"}',
)

import yaml  # noqa: E402 (comes with kubernetes)
from runboat import k8s  # noqa: E402
from runboat.github import CommitInfo  # noqa: E402
from runboat.settings import settings  # noqa: E402

COMMITS = {
    "branch": CommitInfo(repo="Acme/Shop", target_branch="main", pr=None, git_commit="0123456789abcdef"),
    "pull": CommitInfo(repo="Acme/Shop", target_branch="main", pr=7, git_commit="fedcba9876543210"),
}


def built(files, mode, commit):
    build = settings.get_build_settings(commit.repo, commit.target_branch)[0]
    variables = k8s.make_deployment_vars(mode, "b1", "acme-shop-main-0123", commit, build)
    with k8s._render_kubefiles(files, variables) as folder:
        words = [*shlex.split(sys.argv[1]), "kustomize", str(folder)]
        text = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    return list(yaml.safe_load_all(text))


for files in sorted(Path(__file__).parent.glob("*/files")):
    answers = {
        f"{mode.value} {name}": built(files, mode, commit)
        for mode in k8s.DeploymentMode
        for name, commit in COMMITS.items()
    }
    out = files.with_name("recorded.json")
    out.write_text(json.dumps(answers, indent=1, sort_keys=True) + "\n")
    print(out, {key: len(value) for key, value in answers.items()})
