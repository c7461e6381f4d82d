"""Nodes of a cluster that fail: killed, frozen, restarted, overloaded."""

import contextlib
import signal
import time
import unittest

from support.cluster import TIMEOUT, Client, Node, Talk, Traffic, form
from support.program import eventually


class Case(unittest.TestCase):

    def setUp(self):
        self.stack = self.enterContext(contextlib.ExitStack())
        self.nodes = []

    def start(self, *, join=None, listen="127.0.0.1:0", options=(), **more):
        join = self.nodes if join is None else join
        node = Node([x.address for x in join], listen, options, **more)
        return self.stack.enter_context(node)

    def form(self, count, options=(), **more):
        for _ in range(count):
            self.nodes.append(self.start(options=options, **more))
        form(*self.nodes)
        return self.nodes

    def talk(self, *nodes):
        talk = Talk(nodes or self.nodes)
        self.stack.callback(talk.close)
        talk.converge()
        return talk

    def restart(self, i):
        old = self.nodes.pop(i)
        old.kill()
        node = self.start(listen=old.address)
        self.nodes.insert(i, node)
        return node


class Meeting(Case):

    def test_one_address_is_enough(self):
        """Nodes introduce each other, and rooms, ids and counts span them."""
        self.nodes.append(self.start())
        for _ in range(3):
            self.nodes.append(self.start(join=self.nodes[:1]))
        form(*self.nodes)
        talk = self.talk()
        for _ in range(200):
            talk.round()
        talk.converge()
        names = range(len(self.nodes))
        talk.check(lossless=[(x, y) for x in names for y in names])

    def test_an_id_is_reached_from_any_node(self):
        one, two, _ = self.form(3)
        with Client(one) as alice, Client(two) as bob:
            alice.say("id")
            bob.say("say", [alice.await_event("id"), "psst"])
            self.assertEqual(alice.await_event("said"), "psst")

    def test_who_says_goodbye_is_missed_at_once(self):
        one, two, three = self.form(3, ["--cluster.timeout=1min"])
        self.assertEqual(three.stop(), 0)
        form(one, two)


class Failures(Case):

    def test_a_killed_node(self):
        """The others talk on and lose nothing among themselves; what comes at
        its address afterwards is a node like any other."""
        one, two, three = self.form(3)
        talk = self.talk()
        with Traffic(talk):
            three.kill()
            form(one, two)
        talk.converge(talk.clients[:2])
        talk.check(lossless=[(0, 1), (1, 0)])
        talk.add("new", self.restart(2))
        form(*self.nodes)
        talk.converge([x for x in talk.clients if x.name != 2])
        talk.check(lossless=[(0, 1), (1, 0)])

    def test_a_frozen_node(self):
        """It is dropped after the time-out, and is back when it goes on."""
        one, two, three = self.form(3)
        talk = self.talk()
        with Traffic(talk):
            three.send_signal(signal.SIGSTOP)
            frozen = time.monotonic()
            try:
                form(one, two)
                self.assertGreater(time.monotonic() - frozen, TIMEOUT / 2)
            finally:
                three.send_signal(signal.SIGCONT)
            form(one, two, three)
        talk.converge()
        talk.check(lossless=[(0, 1), (1, 0)])

    def test_a_hiccup(self):
        """A node that is frozen for less than the time-out misses nothing."""
        nodes = self.form(3, ["--cluster.timeout=20s"])
        talk = self.talk()
        names = {x.name for x in nodes}
        with Traffic(talk):
            nodes[2].send_signal(signal.SIGSTOP)
            time.sleep(1) # No state to wait for: that is the hiccup.
            nodes[2].send_signal(signal.SIGCONT)
        talk.converge()
        talk.check(lossless=[(x, y) for x in range(3) for y in range(3)])
        self.assertEqual({x.name for x in nodes}, names)

    def test_a_drain_waits_for_slow_nodes(self):
        """What clients said before their node restarts arrives elsewhere."""
        one, two = self.form(2, ["--cluster.timeout=2min",
                                 "--drain.window=100ms", "--drain.patience=1min",
                                 "--ws.close-timeout=100ms"])
        talk = self.talk()
        speaker, hearer = talk.clients
        two.send_signal(signal.SIGSTOP)
        try:
            for _ in range(500): # 5 MB: more than may be under way.
                number = speaker.speak(padding=10000)
            eventually(lambda: speaker.has_heard(0, number), "local delivery")
            one.send_signal(signal.SIGTERM)
            speaker.await_end()
            time.sleep(1) # No state to wait for: it must not have gone.
        finally:
            two.send_signal(signal.SIGCONT)
        self.assertEqual(one.wait(), 0)
        eventually(lambda: hearer.has_heard(0, number), "the last message")
        talk.check(lossless=[(0, 1)])

    def test_restart_of_all_in_turn(self):
        self.form(3)
        talk = self.talk()
        with Traffic(talk):
            for i in range(3):
                node = self.restart(i)
                form(*self.nodes)
                talk.add(f"new {i}", node)
        talk.converge(talk.clients[3:])
        talk.check()

    def test_memory_is_bounded_while_a_node_is_frozen(self):
        """What waits for it beyond the limit is dropped and counted."""
        limit = 4 * 2**20
        # AddressSanitizer keeps freed memory: here it must not keep much.
        one, two = self.form(2, ["--cluster.timeout=2min",
                                 f"--cluster.max-queue-bytes={limit}"],
                             env={"ASAN_OPTIONS": "quarantine_size_mb=1"})
        talk = self.talk()
        speaker = talk.client(0)
        for _ in range(200): # Buffers grow to what is normal.
            speaker.speak(padding=10000)
        talk.converge()
        before = one.status("VmRSS")
        two.send_signal(signal.SIGSTOP)
        try:
            for _ in range(6000): # 60 MB
                speaker.speak(padding=10000)
            number = speaker.speak()
            eventually(lambda: speaker.has_heard(0, number), "local delivery")
            known = one.nodes()[two.name]
            self.assertLessEqual(known["queued_bytes"], limit)
            self.assertGreater(known["lost"], 0)
            # The queue, CAF's and the kernel's buffers; not all of it.
            grown = (one.status("VmRSS") - before) * 1024
            self.assertLess(grown, 7 * limit)
        finally:
            two.send_signal(signal.SIGCONT)
        talk.converge()
        talk.check()
        self.assertEqual(talk.lost(0, 0), 0)
        self.assertEqual(talk.lost(0, 1), one.nodes()[two.name]["lost"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
