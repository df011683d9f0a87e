"""Who sees on the API server, and not from the server of previews, what becomes of its environments.

Versions of objects are those of the whole store, so what is seen by one watch can be put in order with what is seen by another.
"""

import asyncio
import collections

PHASE = "boatyard.dev/phase"


class Witness:
    def __init__(self, api, prefix):
        self.api, self.prefix = api, prefix
        self.phases, self.awake = {}, set()
        # What there was at most at one instant.
        self.most = collections.Counter()
        # Of each name the namespaces that had it, as [uid, first version, last version]; and jobs, as {uid: version}.
        self.lives, self.jobs = collections.defaultdict(list), collections.defaultdict(dict)
        ours = f"?labelSelector=boatyard.dev/server={prefix}"
        self.tasks = [asyncio.create_task(api.follow(path, anew, changed)) for path, anew, changed in [
            (f"/api/v1/namespaces{ours}", self.all_namespaces, self.namespace),
            ("/apis/apps/v1/deployments", self.all_deployments, self.deployment),
            ("/apis/batch/v1/jobs", self.all_jobs, self.job),
        ]]

    def end(self):
        for task in self.tasks:
            task.cancel()

    def all_namespaces(self, found):
        self.phases = {}
        for one in found:
            self.namespace("MODIFIED", one)

    def namespace(self, how, one):
        about = one["metadata"]
        name, version = about["name"], int(about["resourceVersion"])
        lives = self.lives[name]
        if not lives or lives[-1][0] != about["uid"]:
            if lives and lives[-1][2] is None:
                lives[-1][2] = version
            lives.append([about["uid"], version, None])
        if how == "DELETED":
            lives[-1][2] = version
            self.phases.pop(name, None)
        else:
            self.phases[name] = about["labels"].get(PHASE)
        count = collections.Counter(self.phases.values())
        self.see("preparing", count["preparing"])
        self.see("running", count["starting"] + count["running"] + count["stopping"])

    def all_deployments(self, found):
        self.awake = set()
        for one in found:
            self.deployment("MODIFIED", one)

    def deployment(self, how, one):
        name = one["metadata"]["namespace"]
        if how != "DELETED" and one["spec"]["replicas"]:
            self.awake.add(name)
        else:
            self.awake.discard(name)
        self.see("awake", len(self.awake))

    def all_jobs(self, found):
        for one in found:
            self.job("MODIFIED", one)

    def job(self, _, one):
        about = one["metadata"]
        self.jobs[about["namespace"], about["name"]].setdefault(about["uid"], int(about["resourceVersion"]))

    def see(self, what, count):
        self.most[what] = max(self.most[what], count)

    def again(self, but):
        """Jobs that were made twice in one life of their namespace, those of `but` left out."""
        found = []
        for (namespace, name), made in self.jobs.items():
            for uid, first, last in self.lives[namespace]:
                inside = [one for one, at in made.items() if first <= at and (last is None or at <= last)]
                if len(inside) > 1 and namespace not in but:
                    found.append(f"{namespace}/{name}")
        return found

    def lives_more(self):
        """How many more namespaces there were than names."""
        return sum(len(lives) - 1 for lives in self.lives.values() if lives)

    def state(self):
        """Of each environment on the cluster its phase, and whether it is awake."""
        return {name: (phase, name in self.awake) for name, phase in self.phases.items()}
