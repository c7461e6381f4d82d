"""One client that never stops sending costs itself, not others: whatever it
sends, and whatever its events cost, the server's threads come round.

    flood_test.py --measure [SECONDS [THREADS]]

floods for as long and prints what others notice, as the table in
docs/performance.md."""

import asyncio
import contextlib
import math
import select
import signal
import subprocess
import sys
import time
import unittest
import zlib

from support.cluster import TIMEOUT, Client, Node, form
from support.flooder import Flood, Kind, repeat
from support.program import Program
from support.raw import (BINARY, PING, PONG, TEXT, Peer, Wire, event, frame,
                         handshake)
from support.witnesses import CLOSE_TIMEOUT, OPTIONS, Witnesses

# What is promised, in seconds.
BYSTANDER_P99 = 0.01 # And the longest handler.
NEWCOMER = 0.25
LATENESS = 0.5
STOP = 2 # And the time to answer a close frame.

# All is slower on a machine that is busy with other tests, and with sanitizers.
SLACK = 6
MOST_STOP = STOP * 2

FLOOD = 1 # Seconds.
PATIENCE = LATENESS * SLACK


def fragments(count):
    parts = [frame(0, b"x", fin=False)] * (count - 2)
    return b"".join([frame(TEXT, b"x", fin=False), *parts, frame(0, b"x")])


def compressed(data):
    deflate = zlib.compressobj(wbits=-15)
    body = deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return frame(BINARY, body.removesuffix(b"\0\0\xff\xff"), rsv=4)


def rooms(count):
    return b"".join(event(what, 0, f"room {i}") for what in ("join", "leave")
                    for i in range(count))


class Case:
    """A server, what is done to it, and how long its handlers take."""

    def __init__(self, messages=b"", *, name="troupe-flood-probe",
                 path="/probe", handler=0, fields=(), kind=None, once=b""):
        """A flooder sends `messages` for ever, or what `kind` says; or a client
        sends something `once`, which has the server do the rest. `handler` is
        the time of the longest handler in seconds."""
        self.name = name
        self.path = path
        self.handler = handler
        self.once = once
        self.kind = kind or Kind(handshake(path, *fields),
                                 messages and repeat(messages))

    def witnesses(self, program, threads):
        is_probe = self.name == "troupe-flood-probe"
        return Witnesses(program, self.path,
                         echoes=self.name != "troupe-chat",
                         threads=threads if is_probe else None)

    @contextlib.contextmanager
    def happens_to(self, program):
        if self.once:
            with Peer(program, self.path) as client:
                client.send(self.once)
                yield
        else:
            with Flood(program, self.kind):
                yield


EVENT = event("event", 0, "x" * 53) # 64 bytes.
DEFLATE = ["Sec-WebSocket-Extensions: permessage-deflate"]
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: server\r\n\r\n"

CASES = {
    "messages": Case(frame(BINARY, b"x" * 64)),
    "messages to troupe-echo": Case(frame(BINARY, b"x" * 64),
                                    name="troupe-echo", path="/echo"),
    "events": Case(EVENT),
    "unknown events to troupe-chat": Case(EVENT, name="troupe-chat",
                                          path="/chat"),
    "pings": Case(frame(PING, b"x" * 8)),
    "pongs": Case(frame(PONG, b"x" * 8)),
    "pongs to troupe-chat": Case(frame(PONG, b"x" * 8), name="troupe-chat",
                                 path="/chat"),
    "one-byte fragments": Case(fragments(1000)),
    "compressed messages": Case(compressed(b"troupe" * 10_000),
                                fields=DEFLATE),
    "requests": Case(kind=Kind(block=repeat(REQUEST))),
    "joins and leaves": Case(rooms(100)),
    "messages to a room": Case(kind=Kind(
        handshake("/probe"),
        event("join", 0, "crowd") + repeat(event("say", 0, "x" * 55)), 8)),
    "visits": Case(kind=Kind(handshake("/probe"), visits=True)),
    "handlers of 10 us": Case(event("work", 1, 10), handler=10e-6),
    "handlers of 50 us": Case(event("work", 1, 50), handler=50e-6),
    "handlers of 200 us": Case(event("work", 1, 200), handler=200e-6),
    "an actor that is always busy": Case(once=event("busy", 0, ""),
                                         handler=50e-6),
}


class Outcome:
    """What others notice of a case, and how long the server takes to stop
    meanwhile."""

    def __init__(self, case, threads, seconds, patience):
        self._handler = case.handler
        with Program(f"--threads={threads}", *OPTIONS, name=case.name) as it:
            self._seen = asyncio.run(self._run(it, case, threads, seconds,
                                               patience))

    async def _run(self, program, case, threads, seconds, patience):
        seen = case.witnesses(program, threads)
        try:
            await seen.gather(seconds)
            with case.happens_to(program):
                await seen.watch(seconds, patience)
                self._stop_time = await asyncio.to_thread(self._stop, program)
        finally:
            await seen.close()
        return seen

    def _stop(self, program):
        """@returns how many seconds it takes beyond the closing time-out."""
        begin = time.monotonic()
        program.send_signal(signal.SIGTERM)
        try:
            status = program.wait(CLOSE_TIMEOUT + MOST_STOP)
        except subprocess.TimeoutExpired:
            program.kill()
            return math.inf
        assert status == 0, f"ended with {status}: {program.log}"
        return time.monotonic() - begin - CLOSE_TIMEOUT

    def broken(self, slack):
        """@returns promises that were not kept, with the figures."""
        seen = self._seen
        own = seen.ourselves.quantile(0.99).seconds
        limits = [("a bystander's answer, p99", BYSTANDER_P99 + self._handler,
                   seen.worst_bystanders.quantile(0.99)),
                  ("a newcomer", NEWCOMER, seen.newcomers.quantile(1)),
                  *((f"lateness of a {name} time-out", LATENESS,
                     x.quantile(1)) for name, x in seen.timeouts.items()
                    if x.all)] # No time-out for a pong without a ping.
        result = [f"{what} takes {figure(x)} ms, not {limit * 1000:g}"
                  for what, limit, x in limits
                  if x.seconds > limit * slack + own]
        if self._stop_time > MOST_STOP:
            result.append("it does not stop")
        return result

    def row(self, name, threads):
        seen = self._seen
        late = max(x.quantile(1) for x in seen.timeouts.values() if x.all)
        cells = [name, threads,
                 *(figure(seen.worst_bystanders.quantile(x))
                   for x in (0.5, 0.99, 1)),
                 *(figure(seen.newcomers.quantile(x)) for x in (0.5, 1)),
                 figure(late), f"{self._stop_time:.1f} s".replace(
                     "inf", f"> {MOST_STOP}"),
                 figure(seen.ourselves.quantile(0.99))]
        return f"| {' | '.join(map(str, cells))} |"


def figure(time):
    """In milliseconds; what was not over took longer."""
    value = time.seconds * 1000
    digits = ".0f" if value >= 10 else ".1f"
    return f"{'' if time.is_over else '> '}{value:{digits}}"


def measure(seconds=20, threads=2):
    print("| flood | threads | bystander p50, ms | p99 | most "
          "| newcomer p50, ms | most | time-out late by, ms | stop "
          "| ourselves p99, ms |")
    print("| --- |" + " ---: |" * 9)
    for name, case in CASES.items():
        outcome = Outcome(case, threads, seconds, PATIENCE)
        print(outcome.row(name, threads), flush=True)


class Floods(unittest.TestCase):

    def check(self, threads):
        for name, case in CASES.items():
            with self.subTest(name):
                outcome = Outcome(case, threads, FLOOD, PATIENCE)
                self.assertEqual(outcome.broken(SLACK), [])

    def test_on_the_only_thread(self):
        self.check(1)

    def test_on_one_of_two_threads(self):
        self.check(2)


class Nodes(unittest.TestCase):

    def test_hear_each_other_while_one_is_flooded(self):
        node = [self.enterContext(Node(options=["--threads=1"]))]
        node.append(self.enterContext(Node([node[0].address],
                                           options=["--threads=1"])))
        form(*node)
        clients = [self.enterContext(Client(x)) for x in node]
        for x in clients:
            x.join("lobby")
        kind = Kind(handshake("/probe"), repeat(event("id", 0, "")))
        with Flood(node[0], kind):
            end = time.monotonic() + 2 * TIMEOUT
            while time.monotonic() < end:
                for speaker in clients:
                    speaker.say("say", ["lobby", "hello"])
                    for x in clients:
                        x.socket.settimeout(TIMEOUT)
                        self.assertEqual(x.await_event("said"), "hello")
            for x in node:
                self.assertEqual(x.log.find("is down"), [])


class BlockedThread(unittest.TestCase):

    BLOCK = 1.5 # Seconds.
    LIMIT = BLOCK / 2

    def each_thread(self, program, count):
        """@returns a client on each of its threads, the first one's first."""
        clients = {}
        for _ in range(100):
            client = self.enterContext(Peer(program, "/probe"))
            client.send(event("thread", 0, ""))
            clients.setdefault(int(client.receive_text().split(";")[-1]),
                               client)
            if len(clients) == count:
                return [clients[x] for x in sorted(clients)]
        self.fail("a thread serves nobody")

    def block(self, client):
        client.send(event("block", 1, int(self.BLOCK * 1e6)))
        client.send(frame(BINARY, b"over"))

    def longest(self, client, visit):
        """@returns the longest time that a visit takes until the end."""
        result = 0
        while not select.select([client.socket], [], [], 0.02)[0]:
            begin = time.monotonic()
            visit()
            result = max(result, time.monotonic() - begin)
        self.assertEqual(client.receive().payload, b"over")
        return result

    def test_keeps_nobody_out(self):
        def visit():
            with Peer(it, "/probe") as x:
                x.send(frame(BINARY, b"hello"))
                self.assertEqual(x.receive().payload, b"hello")

        with Program("--threads=4", name="troupe-flood-probe") as it:
            for client in self.each_thread(it, 4):
                self.block(client)
                self.assertLess(self.longest(client, visit), self.LIMIT)
            self.assertRegex(str(it.log), r"thread \d was held for \d+ ms by "
                                          r"the handler of event block ")

    def test_keeps_no_health_check_waiting(self):
        def visit():
            with Wire(it) as x:
                x.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertIn(" 200 ", x.read_head())

        with Program("--threads=4", name="troupe-flood-probe") as it:
            for client in self.each_thread(it, 4):
                self.block(client)
                self.assertLess(self.longest(client, visit), self.LIMIT)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(*map(int, sys.argv[2:]))
    else:
        unittest.main()
