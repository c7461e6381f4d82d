"""A network between nodes that breaks and heals: each node in a network
namespace of its own. Needs root."""

import contextlib
import itertools
import os
import subprocess
import time
import unittest

from support.cluster import TIMEOUT, Node, Talk, Traffic, form
from support.network import ip, unshare
from support.program import eventually

# What a busy machine may add to it.
SLACK = 5.0


class Network:
    """Hosts on a switch, in a network of our own that nobody else sees."""

    def __init__(self):
        unshare()
        self._hosts = []
        ip("link", "add", "switch", "type", "bridge")
        ip("addr", "add", "10.99.0.254/24", "dev", "switch")
        ip("link", "set", "switch", "up")

    def add_host(self):
        """@returns its number."""
        number = len(self._hosts)
        name = f"troupe-{os.getpid()}-{number}"
        ip("netns", "add", name)
        self._hosts.append(name)
        ip("link", "add", f"port{number}", "type", "veth", "peer", "name",
           "eth0", "netns", name)
        ip("link", "set", f"port{number}", "master", "switch", "up")
        ip("addr", "add", f"{self.address(number)}/24", "dev", "eth0",
           namespace=name)
        ip("link", "set", "eth0", "up", namespace=name)
        ip("link", "set", "lo", "up", namespace=name)
        return number

    @staticmethod
    def address(host):
        return f"10.99.0.{host + 1}"

    def at(self, host):
        """What makes a command run there."""
        return ["ip", "netns", "exec", self._hosts[host]]

    def cut(self, one, other):
        """What the two send each other gets lost, without a word."""
        for here, there in ((one, other), (other, one)):
            ip("neigh", "replace", self.address(there), "lladdr",
               "02:00:00:00:00:99", "dev", "eth0", "nud", "permanent",
               namespace=self._hosts[here])

    def heal(self, one, other):
        for here, there in ((one, other), (other, one)):
            ip("neigh", "del", self.address(there), "dev", "eth0",
               namespace=self._hosts[here])

    def close(self):
        for x in self._hosts:
            ip("netns", "del", x)


class Cuts(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.network = Network()
            cls.addClassCleanup(cls.network.close)
            for _ in range(3):
                cls.network.add_host()
        except (OSError, subprocess.CalledProcessError) as e:
            why = getattr(e, "stderr", None) or e
            raise unittest.SkipTest(f"no network namespaces here: {why}")

    def setUp(self):
        stack = self.enterContext(contextlib.ExitStack())
        self.nodes = []
        for host in range(3):
            address = self.network.address(host)
            self.nodes.append(stack.enter_context(Node(
                [x.address for x in self.nodes], f"{address}:0",
                [f"--host={address}", "--cluster.allow-plaintext"],
                under=self.network.at(host))))
        form(*self.nodes)
        self.talk = Talk(self.nodes)
        stack.callback(self.talk.close)
        self.talk.converge()

    def assert_heals(self):
        """All hear each other again within two time-outs."""
        healed = time.monotonic()
        form(*self.nodes)
        self.talk.converge()
        took = time.monotonic() - healed
        self.assertLess(took, 2 * TIMEOUT + SLACK)

    def test_between_any_two(self):
        """Each goes on with the third, and nothing else is lost."""
        for one, other in itertools.combinations(range(3), 2):
            third = 3 - one - other
            with self.subTest(cut=(one, other)), Traffic(self.talk):
                self.network.cut(one, other)
                try:
                    self.nodes[one].sees(self.nodes[third])
                    self.nodes[other].sees(self.nodes[third])
                    self.nodes[third].sees(self.nodes[one], self.nodes[other])
                finally:
                    self.network.heal(one, other)
                self.assert_heals()
        self.talk.check()

    def test_it_is_told_who_cannot_see_whom(self):
        """By the node that sees both, and in the logs of all three."""
        names = [x.name for x in self.nodes]

        def told():
            seen = self.nodes[2].nodes()
            return [seen[x]["cannot_see"] for x in names[:2] if x in seen]
        self.network.cut(0, 1)
        try:
            eventually(lambda: told() == [[names[1]], [names[0]]],
                       "the third node tells who cannot see whom")
            for x in self.nodes:
                x.log.wait_for("cannot reach each other, though both are up")
        finally:
            self.network.heal(0, 1)
        self.assert_heals()
        eventually(lambda: told() == [[], []], "and when that is over")
        for x in self.nodes:
            x.log.wait_for("are no longer cut off from each other")

    def test_what_a_cut_does_not_touch_is_whole(self):
        with Traffic(self.talk):
            self.network.cut(0, 1)
            try:
                self.nodes[0].sees(self.nodes[2])
                self.nodes[1].sees(self.nodes[2])
            finally:
                self.network.heal(0, 1)
            self.assert_heals()
        self.talk.check(lossless=[(0, 2), (2, 0), (1, 2), (2, 1)])

    def test_one_alone(self):
        """It serves its own clients, and is back by itself."""
        with Traffic(self.talk):
            self.network.cut(0, 1)
            self.network.cut(0, 2)
            try:
                self.nodes[0].sees()
                form(*self.nodes[1:])
                self.talk.converge(self.talk.clients[:1])
            finally:
                self.network.heal(0, 1)
                self.network.heal(0, 2)
            self.assert_heals()
        self.talk.check(lossless=[(1, 2), (2, 1)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
