"""What goes wrong around a server of previews on a cluster, at random."""

import asyncio
import collections
import os
import random
import signal

SEED = int(os.environ.get("BENCH_SEED", "1"))
# Seconds from one fault to the next, at most.
PAUSE = 8


class Storm:
    def __init__(self, fleet, cluster, api):
        self.fleet, self.cluster, self.api = fleet, cluster, api
        self.chance = random.Random(SEED)
        self.done = collections.Counter()
        # Namespaces in which something was deleted: what ran there may run again.
        self.hit = set()
        self.is_over = asyncio.Event()
        # Whether the server may be killed.
        self.kills = True

    async def blow(self):
        kinds = {
            self.kill: 3, self.kill_and_forget: 2, self.stand_still: 1, self.restart: 1, self.compact: 2, self.pause: 2,
            self.delete_job: 4, self.delete_pod: 4, self.delete_namespace: 4,
        }
        while not self.is_over.is_set():
            try:
                await asyncio.wait_for(self.is_over.wait(), self.chance.random() * PAUSE)
                return
            except asyncio.TimeoutError:
                pass
            [kind] = self.chance.choices(list(kinds), kinds.values())
            if not self.kills and kind in (self.kill, self.kill_and_forget):
                continue
            try:
                if await kind() is not False:
                    self.done[kind.__name__.replace("_", " ")] += 1
            except (OSError, ValueError, asyncio.IncompleteReadError):
                self.done["could not be done"] += 1

    async def end(self, blows):
        """No more, once what goes on is over."""
        self.is_over.set()
        await blows

    async def kill(self):
        await self.fleet.restart(forgets=False)

    async def kill_and_forget(self):
        await self.fleet.restart(forgets=True)

    async def stand_still(self):
        """For longer than its lease now and then."""
        process = self.fleet.server.process
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(self.chance.choice([1, 2, 7]))
        process.send_signal(signal.SIGCONT)

    async def restart(self):
        await self.cluster.suffer("restart")

    async def compact(self):
        await self.cluster.suffer("compact")
        await self.cluster.suffer("restart")

    async def pause(self):
        await self.cluster.suffer("pause", f"{self.chance.random() * 5:.1f}")

    async def delete_job(self):
        return await self.delete("/apis/batch/v1/jobs", "/apis/batch/v1/namespaces/{}/jobs/{}?propagationPolicy=Background")

    async def delete_pod(self):
        return await self.delete("/api/v1/pods", "/api/v1/namespaces/{}/pods/{}?gracePeriodSeconds=0")

    async def delete_namespace(self):
        return await self.delete("/api/v1/namespaces", "/api/v1/namespaces/{1}")

    async def delete(self, all_of, one):
        """One of those of environments; false: there is none."""
        found = [one["metadata"] for one in await self.api.list(all_of) or []]
        ours = [(about.get("namespace", about["name"]), about["name"]) for about in found]
        ours = [names for names in ours if names[0].startswith(self.fleet.prefix + "-")]
        if not ours:
            return False
        namespace, name = self.chance.choice(ours)
        self.hit.add(namespace)
        await self.api.ask("DELETE", one.format(namespace, name))
