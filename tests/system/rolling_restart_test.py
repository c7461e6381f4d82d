"""The nodes of a cluster restart one after the other while clients talk.

    rolling_restart_test.py --measure [CLIENTS [WINDOW]]

does so with as many clients and prints the table in
docs/guide/deployment.md; WINDOW is `drain.window` in seconds."""

import asyncio
import collections
import re
import signal
import sys
import time
import unittest
import urllib.request

from support.balancer import Balancer
from support.crowd import Account, Crowd
from support.program import PATIENCE, Program, eventually

NODES = ["one", "two", "three"]
DELAY = 0.5 # Seconds of `drain.delay`: the balancer looks every 0.1 s.


class Node(Program):

    def __init__(self, others, window, port=0, listen="127.0.0.1:0"):
        join = ",".join(x.address for x in others)
        super().__init__(
            f"--cluster.listen={listen}",
            *([f"--cluster.join={join}"] if join else []),
            f"--drain.delay={int(DELAY * 1000)}ms",
            f"--drain.window={int(window * 1000)}ms",
            "--admin.listen=127.0.0.1:0", "--threads=1", port=port)
        line = self.log.wait_for(r"this is node ")
        self.address = re.search(r" at (\S+)", line)[1]
        line = self.log.wait_for(r"metrics at ")
        self._metrics = re.search(r"metrics at (\S+)", line)[1]

    def await_others(self, count):
        eventually(lambda: self._count_others() == count,
                   f"{count} other nodes")

    def _count_others(self):
        with urllib.request.urlopen(self._metrics, timeout=PATIENCE) as page:
            return len(re.findall(
                rb'^troupe_cluster_nodes{.*state="up"', page.read(), re.M))


Restart = collections.namedtuple(
    "Restart", "node begin end_time rejoin_time end closed stayed")


class Stage:
    """Three nodes behind a balancer, and a crowd."""

    def __init__(self, clients, window, room_size, period):
        self._window = window
        self._nodes = {}
        self.restarts = []
        self.account = None
        self._crowd_options = (clients, room_size, period, window)

    async def run(self):
        try:
            for name in NODES:
                self._nodes[name] = Node(self._nodes.values(), self._window)
            for x in self._nodes.values():
                x.await_others(len(NODES) - 1)
            with Balancer(self._nodes) as balancer:
                await self._restart_all(balancer)
        finally:
            for x in self._nodes.values():
                x.kill()

    async def _restart_all(self, balancer):
        for name in NODES:
            await asyncio.to_thread(balancer.await_state, name, "UP")
        async with Crowd((balancer.host, balancer.port),
                         *self._crowd_options) as crowd:
            for name in NODES:
                await self._restart(name, balancer, crowd)
            await crowd.fall_silent()
            self.account = Account(crowd)

    async def _restart(self, name, balancer, crowd):
        before = crowd.present()
        begin = time.monotonic()
        await asyncio.to_thread(self._end, self._nodes[name])
        end_time = time.monotonic() - begin
        await asyncio.to_thread(self._start_again, name)
        await asyncio.to_thread(balancer.await_state, name, "UP")
        rejoin_time = time.monotonic() - begin - end_time
        await crowd.settle()
        self.restarts.append(Restart(
            name, begin, end_time, rejoin_time, time.monotonic(),
            closed=[x for x in before if x.ended],
            stayed=[x for x in before if not x.ended]))

    def _end(self, node):
        node.send_signal(signal.SIGTERM)
        status = node.wait(DELAY + self._window + PATIENCE)
        assert status == 0, f"ended with {status}: {node.log}"

    def _start_again(self, name):
        old = self._nodes[name]
        others = [x for k, x in self._nodes.items() if k != name]
        self._nodes[name] = Node(others, self._window, old.port, old.address)
        old.kill()
        for x in self._nodes.values():
            x.await_others(len(NODES) - 1)

    def returns_per_second(self, restart):
        """@returns how many connected again in each second that had any."""
        return self._per_second(
            x.began for x in self.account.crowd.connections
            if restart.begin < x.began < restart.end)

    def ends_per_second(self, restart):
        return self._per_second(x.ended for x in restart.closed)

    @staticmethod
    def _per_second(times):
        return sorted(collections.Counter(map(int, times)).values())


def run(*options):
    stage = Stage(*options)
    asyncio.run(stage.run())
    return stage


def measure(clients=2000, window=10):
    stage = run(clients, window, 50, 8)
    account = stage.account
    print("| restarted node | clients moved | close codes | stayed | until "
          "its end | until it is back | closed/s, maximum | connected/s, mean "
          "and maximum |")
    print("|---|---:|---|---:|---:|---:|---:|---:|")
    for x in stage.restarts:
        codes = collections.Counter(y.code for y in x.closed)
        back = stage.returns_per_second(x)
        print(f"| {x.node} | {len(x.closed)} | "
              + ", ".join(f"{k}: {v}" for k, v in codes.items())
              + f" | {len(x.stayed)} | {x.end_time:.1f} s | "
              f"{x.rejoin_time:.1f} s | {stage.ends_per_second(x)[-1]} | "
              f"{sum(back) / len(back):.0f}, {back[-1]} |")
    print()
    print(f"messages {account.said}, deliveries {account.heard}, "
          f"lost {account.lost}, duplicates {account.duplicates}, "
          f"out of order {account.late}")
    print(f"sent to a node that did not read anymore: {account.unread}")
    print(f"missed by new members on another node: {account.missed}, "
          f"for at most {account.longest_deafness * 1000:.0f} ms")
    print(f"refused handshakes: {dict(account.crowd.failures)}")


class RollingRestart(unittest.TestCase):

    CLIENTS = 150
    WINDOW = 2

    def test_loses_nothing(self):
        stage = run(self.CLIENTS, self.WINDOW, 50, 1)
        account = stage.account
        self.assertGreater(account.heard, self.CLIENTS * 50)
        self.assertEqual(account.lost, 0)
        self.assertEqual(account.duplicates, 0)
        self.assertEqual(account.late, 0)
        self.assertEqual(account.crowd.failures, {})
        for x in stage.restarts:
            with self.subTest(x.node):
                self.assertGreater(len(x.closed), self.CLIENTS / 6)
                self.assertGreater(len(x.stayed), self.CLIENTS / 6)
                self.assertEqual({y.code for y in x.closed}, {1012})
                self.assertLess(stage.returns_per_second(x)[-1],
                                len(x.closed))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(*map(int, sys.argv[2:]))
    else:
        unittest.main()
