"""Clients that take too much, too little or nothing at all: the server bounds
what they cost, and nobody else waits for them."""

import os
import resource
import select
import threading
import time
import unittest

from support.program import Program, eventually
from support.raw import BINARY, CLOSE, PING, PONG, TEXT
from support.raw import Bystanders, Peer, Wire, close_payload, frame, handshake

MEBIBYTE = 2**20


class SlowReceivers(unittest.TestCase):
    """Who reads nothing is cut, with 1013 if there is still a way to say it
    (C60)."""

    def program(self, *options):
        return Program("--ws.max-queue-bytes=1000000", *options)

    def talk(self, others, mebibytes):
        """Two members of a room send each other more than a queue holds.
        @returns the longest time from a message to its echo."""
        alice, bob = others.people
        longest = 0
        for _ in range(mebibytes * MEBIBYTE // 60000):
            begin = time.monotonic()
            alice.send(frame(BINARY, bytes(60000)))
            for x in (alice, bob):
                self.assertEqual(len(x.receive().payload), 60000)
            longest = max(longest, time.monotonic() - begin)
        return longest

    def test_delay_nobody_and_get_1013(self):
        with self.program("--ws.close-timeout=2min",
                          "--ws.write-timeout=2min") as it, \
             Bystanders(it) as others:
            slow = [self.enterContext(Peer(it, "/rooms/lobby",
                                           receive_buffer=4096))
                    for _ in range(3)]
            others.chat()
            # A write that waited for them would wait for minutes.
            self.assertLess(self.talk(others, 16), 5)
            for x in slow:
                self.assertEqual(x.close_code(), 1013)
                x.socket.close()
                it.log.wait_for(f" {x.port} closed with 1013: .*slow")
            others.chat()

    def test_may_lose_messages_instead(self):
        for policy in ("drop-oldest", "drop-newest", "conflate"):
            with self.subTest(policy), \
                 self.program(f"--ws.on-overflow={policy}",
                              "--ws.write-timeout=2min") as it, \
                 Bystanders(it) as others, \
                 Peer(it, "/rooms/lobby", receive_buffer=4096) as slow:
                others.chat()
                self.assertLess(self.talk(others, 16), 5)
                others.people[0].send_text("the end")
                for x in others.people:
                    self.assertEqual(x.receive_text(), "the end")
                got = []
                while not got or got[-1].payload != b"the end":
                    got.append(slow.receive())
                self.assertLess(len(got), 16 * MEBIBYTE // 60000)
                self.assertEqual(set(len(x.payload) for x in got[4:-1]),
                                 {60000})
                self.assertEqual(it.log.find(f" {slow.port} closed"), [])
                slow.send_text("still here")
                for x in others.people + [slow]:
                    self.assertEqual(x.receive_text(), "still here")

    def test_who_never_reads_is_cut(self):
        with self.program("--ws.close-timeout=500ms") as it, \
             Bystanders(it) as others:
            before = it.open_files()
            with Peer(it, "/rooms/lobby", receive_buffer=4096) as slow:
                others.chat()
                self.talk(others, 16)
                it.log.wait_for(f" {slow.port} closed with 1013: .*slow")
                eventually(lambda: it.open_files() <= before,
                           "the socket is closed")
                others.chat()

    def test_no_progress(self): # C6
        """Too little waits to fill the queue, but too long."""
        with Program("--ws.write-timeout=500ms",
                     "--ws.max-queue-bytes=100000000") as it, \
             Bystanders(it) as others:
            with Peer(it, "/rooms/lobby", receive_buffer=4096) as slow:
                others.chat()
                self.talk(others, 8)
                it.log.wait_for(f" {slow.port} closed with 1006: ")
                others.chat()

    def test_slow_but_steady_is_fine(self):
        """Each of these reads is progress."""
        with Program("--ws.write-timeout=1500ms",
                     "--ws.max-queue-bytes=100000000") as it, \
             Bystanders(it) as others, Peer(it, "/rooms/lobby") as slow:
            others.chat()
            self.talk(others, 8)
            left = 1_200_000
            next_read = time.monotonic()
            while left > 0:
                if time.monotonic() > next_read:
                    next_read += 0.05 # That makes 400 kB per second.
                    got = slow.socket.recv(20_000)
                    self.assertTrue(got, f"cut before the last {left} bytes")
                    left -= len(got)
                others.chat()
            self.assertEqual(it.log.lines, [])

    def test_who_sends_but_never_reads(self):
        for path, data in (("/echo", frame(BINARY, bytes(60000))),
                           ("/echo", frame(BINARY, bytes(100)) * 1000),
                           ("/rooms/own", frame(BINARY, bytes(60000))),
                           ("/echo", frame(PING, bytes(125)) * 1000)):
            with self.subTest(f"{path}, {len(data)} bytes"), \
                 self.program("--ws.write-timeout=500ms",
                              "--ws.close-timeout=500ms",
                              "--ws.max-control-frames-per-second=0") as it, \
                 Bystanders(it) as others:
                with Peer(it, path, receive_buffer=4096) as client:
                    while client.send(data):
                        pass # Until it is cut.
                    others.chat()
                    it.log.wait_for(f" {client.port} closed with 10(13|06): .")
                    others.chat()
                self.assertLess(it.status("VmHWM"), 500_000) # KiB


class Floods(unittest.TestCase):

    def test_pings(self):
        with Program("--ws.max-control-frames-per-second=0") as it, Bystanders(it) as others, \
             Peer(it, "/rooms/lobby") as client:
            count = 100_000
            flood = threading.Thread(
                target=client.send, args=(frame(PING, b"x") * count,))
            flood.start()
            longest = 0
            for i in range(count):
                got = client.receive()
                while got.opcode == TEXT: # The others chat.
                    got = client.receive()
                self.assertEqual(got, (PONG, b"x", True))
                if i % 5000 == 0:
                    begin = time.monotonic()
                    others.chat()
                    longest = max(longest, time.monotonic() - begin)
            flood.join()
            self.assertLess(longest, 2)

    def test_fragments(self):
        """Empty ones cost nothing, and never make a message too big."""
        with Program("--ws.max-control-frames-per-second=0") as it, Bystanders(it) as others, \
             Peer(it, "/echo") as client:
            client.send(frame(TEXT, b"x", fin=False))
            for _ in range(10):
                client.send(frame(0, fin=False) * 10_000)
                others.chat()
            client.send(frame(0, b"y"))
            self.assertEqual(client.receive_text(), "xy")
            self.assertLess(it.status("VmHWM"), 500_000) # KiB

    def test_messages_that_are_announced_only(self):
        """Memory is for bytes that came, not for those that are announced."""
        with Program("--ws.max-message-size=1000000000",
                     "--ws.max-queue-bytes=1000000000",
                     "--ws.close-timeout=500ms") as it, \
             Bystanders(it) as others:
            before = it.status("VmSize")
            for _ in range(50):
                client = self.enterContext(Peer(it, "/echo"))
                client.send(frame(BINARY, b"x" * 1000, length=10**9))
            others.chat()
            self.assertLess(it.status("VmSize") - before, 1_000_000) # KiB

    def test_connect_and_die(self):
        def no_more(_):
            pass

        def half(client):
            client.send(handshake("/rooms/lobby")[:50])

        def whole(client):
            client.send(handshake("/rooms/elsewhere"))

        def member(client):
            whole(client)
            client.read_head()
            client.send(frame(TEXT, b"hello"))

        def farewell(client):
            member(client)
            client.send(frame(CLOSE, close_payload(1000)))

        with Program() as it, Bystanders(it) as others:
            files = it.open_files()
            for life in (no_more, half, whole, member, farewell):
                for dies in (Wire.reset, Wire.__exit__):
                    for _ in range(400):
                        client = Wire(it)
                        life(client)
                        dies(client)
                    others.chat()
            eventually(lambda: it.open_files() <= files, "sockets are closed")
            others.chat()

    def test_short_visits(self):
        """Each ends while the threads of connection, room and registry are all
        busy with it."""
        with Program("--threads=2") as it, Bystanders(it) as others:
            files = it.open_files()
            for i in range(4000):
                with Peer(it, f"/rooms/{i}") as client:
                    client.send(frame(CLOSE, close_payload(1000)))
            others.chat()
            eventually(lambda: it.open_files() <= files, "sockets are closed")

    @unittest.skipIf("UBSAN_OPTIONS" in os.environ,
                     "UBSan takes a file descriptor to look at memory")
    def test_more_clients_than_file_descriptors(self):
        def leave_few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        with Program(before=leave_few) as it, Bystanders(it) as others:
            crowd = [Wire(it) for _ in range(200)]
            it.log.wait_for("cannot accept connections: .*open files")
            others.chat()
            for x in crowd:
                x.socket.close()
            with Bystanders(it, "/rooms/after") as late:
                late.chat()
            others.chat()
            self.assertLess(len(it.log.find("cannot accept")), 10)


class Awaiting(unittest.TestCase):
    """A handler awaits an answer, and nothing else of its client is handled."""

    def program(self, *options):
        # A sanitizer keeps what was freed, and that would count as growth.
        return Program(*options, name="troupe-flood-probe",
                       env={"ASAN_OPTIONS": "quarantine_size_mb=1"})

    def event(self, name, data=""):
        return frame(TEXT, f"m:{name};0;{data}".encode())

    def test_pings_that_nobody_asked_for_cost_nothing(self):
        with self.program("--ws.close-timeout=500ms",
                          "--ws.max-control-frames-per-second=0") as it, \
             Peer(it, "/probe") as client:
            client.send(self.event("await"))
            before = it.status("VmRSS")
            count, data = 30, frame(PING, b"x") * 10_000
            for _ in range(count):
                flood = threading.Thread(target=client.send, args=(data,))
                flood.start()
                for _ in range(10_000):
                    self.assertEqual(client.receive().opcode, PONG)
                flood.join()
            self.assertLess(it.status("VmRSS") - before, 20_000) # KiB

    def test_who_reads_nothing_is_cut_all_the_same(self): # C60
        with self.program("--ws.max-queue-bytes=1000000",
                          "--ws.close-timeout=500ms") as it, \
             Peer(it, "/probe") as talker, \
             Peer(it, "/probe", receive_buffer=4096) as slow:
            for x in (slow, talker):
                x.send(self.event("join", "crowd"))
                x.send(self.event("say", "hello"))
                x.receive()
            slow.send(self.event("await"))
            for _ in range(16 * MEBIBYTE // 60000):
                talker.send(self.event("say", "x" * 60000))
                talker.receive()
            it.log.wait_for(f" {slow.port} closed with 1013: .*slow")


class DeadPeers(unittest.TestCase):

    OPTIONS = ["--ws.ping-period=300ms", "--ws.pong-timeout=1500ms",
               "--ws.close-timeout=500ms"]

    def test_who_answers_no_ping_is_cut(self): # C8, C9
        with Program(*self.OPTIONS) as it:
            dead = self.enterContext(Peer(it, "/rooms/lobby"))
            alive = self.enterContext(Peer(it, "/rooms/lobby"))
            begin = time.monotonic()
            self.assertEqual(dead.receive().opcode, PING)
            # The living one answers meanwhile.
            while not select.select([dead.socket], [], [], 0)[0] \
                    or dead.receive() is not None:
                if select.select([alive.socket], [], [], 0.05)[0]:
                    self.assertEqual(alive.receive().opcode, PING)
                    alive.send(frame(PONG))
            self.assertGreater(time.monotonic() - begin, 1.4)
            it.log.wait_for(f" {dead.port} closed with 1006: .*pong")
            alive.send_text("still here")
            self.assertEqual(alive.receive_text(), "still here")

    def test_any_frame_shows_life(self):
        with Program(*self.OPTIONS) as it, Peer(it, "/echo") as client:
            begin = time.monotonic()
            while time.monotonic() - begin < 2.5:
                got = client.receive()
                if got.opcode == PING:
                    client.send_text("no pong, but alive")
                else:
                    self.assertEqual(got.payload, b"no pong, but alive")

    def test_who_sends_no_message_in_time_is_closed(self): # C7
        with Program("--ws.read-timeout=500ms") as it:
            for data in (b"", frame(TEXT, b"x", fin=False)):
                with self.subTest(data):
                    with Peer(it, "/echo") as client:
                        client.send(data)
                        self.assertEqual(client.close_code(), 1008)
                    it.log.wait_for(f" {client.port} closed with 1008: .")


if __name__ == "__main__":
    unittest.main()
