"""Many clients who talk in rooms, go elsewhere when their server restarts, and
account for every message."""

import asyncio
import collections
import itertools
import random
import time

from support.program import PATIENCE
from support.raw import CLOSE, PING, PONG, TEXT, frame, handshake

CONCURRENCY = 50 # Handshakes at once, in the beginning.

# Seconds until an end and what came before it have arrived everywhere.
SETTLING = 3


class Crowd:
    """Clients in rooms of `room_size`, each of which says something every
    `period` seconds. Those whose server restarts connect again after a random
    time of up to `pause` seconds."""

    def __init__(self, address, clients, room_size, period, pause):
        self.address = address
        self.period = period
        self.pause = pause
        self.connections = []
        self.failures = collections.Counter() # Handshakes, by the status line.
        rooms = max(1, clients // room_size)
        self._clients = [Client(self, f"/rooms/{i % rooms}")
                         for i in range(clients)]
        self._tasks = []

    async def __aenter__(self):
        gate = asyncio.Semaphore(CONCURRENCY)
        self._tasks = [asyncio.create_task(x.run(gate)) for x in self._clients]
        await self.settle()
        return self

    async def __aexit__(self, *_):
        for x in self._tasks:
            x.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for x in self.present():
            x.abort()

    def present(self):
        return [x for x in self.connections if not x.ended]

    async def settle(self):
        """Waits until everyone is there and has heard themselves."""
        async with asyncio.timeout(self.pause + PATIENCE):
            while sum(x.joined is not None for x in self.present()) \
                    < len(self._clients):
                for x in self._tasks:
                    if x.done():
                        x.result()
                await asyncio.sleep(0.05)

    async def fall_silent(self):
        """Waits until nobody speaks and everything said has arrived."""
        for x in self._clients:
            x.is_silent = True
        await asyncio.sleep(SETTLING)


class Client:
    """One of them, with one connection after the other."""

    def __init__(self, crowd, path):
        self.crowd = crowd
        self.path = path
        self.is_silent = False

    async def run(self, gate):
        async with gate:
            connection = await self._connect()
        while True:
            speaking = asyncio.create_task(self._speak(connection))
            try:
                await connection.end.wait()
            finally:
                speaking.cancel()
            await asyncio.sleep(random.uniform(0, self.crowd.pause))
            connection = await self._connect()

    async def _connect(self):
        loop = asyncio.get_running_loop()
        while True:
            _, it = await loop.create_connection(
                lambda: Connection(self.path), *self.crowd.address)
            status = await it.opened
            if " 101 " in status:
                self.crowd.connections.append(it)
                return it
            self.crowd.failures[status] += 1
            it.abort()
            await asyncio.sleep(random.uniform(0, 1))

    async def _speak(self, connection):
        connection.speak() # Whoever hears it has joined.
        period = self.crowd.period
        await asyncio.sleep(random.uniform(0, period))
        while not self.is_silent:
            connection.speak()
            await asyncio.sleep(period)


class Connection(asyncio.Protocol):
    """What one connection said and heard."""

    _names = itertools.count()

    def __init__(self, path):
        loop = asyncio.get_running_loop()
        self.name = next(self._names)
        self.path = path
        self.node = ""
        self.opened = loop.create_future() # The status line.
        self.end = asyncio.Event()
        self.began = time.monotonic()
        self.joined = None # When it heard itself for the first time.
        self.ended = None
        self.code = None # Of the close frame.
        self.said = [] # When.
        self.heard = {} # By speaker.
        self._transport = None
        self._input = bytearray()

    def speak(self):
        if not self.ended:
            self.said.append(time.monotonic())
            self._write(TEXT, b"%d %d" % (self.name, len(self.said)))

    def abort(self):
        self._transport.abort()

    # -- asyncio --------------------------------------------------------------

    def connection_made(self, transport):
        self._transport = transport
        transport.write(handshake(self.path))

    def data_received(self, data):
        self._input += data
        if not self.opened.done() and not self._read_head():
            return
        while (end := self._frame_end()) <= len(self._input):
            head = 4 if self._input[1] == 126 else 2
            payload = bytes(self._input[head:end])
            opcode = self._input[0] & 15
            del self._input[:end]
            self._on_frame(opcode, payload)

    def connection_lost(self, _):
        self.ended = time.monotonic()
        if not self.opened.done():
            self.opened.set_result("no response")
        self.end.set()

    # -- frames ---------------------------------------------------------------

    def _write(self, opcode, payload):
        self._transport.write(frame(opcode, payload))

    def _read_head(self):
        head, found, rest = self._input.partition(b"\r\n\r\n")
        if found:
            self._input = rest
            status, *fields = head.decode("latin-1").split("\r\n")
            fields = dict(x.lower().split(": ", 1) for x in fields)
            self.node = fields.get("x-node", "")
            self.opened.set_result(status)
        return bool(found)

    def _frame_end(self):
        """@returns the end of the first frame; beyond all input if unknown."""
        it = self._input
        if len(it) < 2 or it[1] == 126 and len(it) < 4:
            return len(it) + 1
        assert it[1] < 127, "nobody says that much"
        return it[1] + 2 if it[1] < 126 else 4 + int.from_bytes(it[2:4], "big")

    def _on_frame(self, opcode, payload):
        if opcode == TEXT:
            self._hear(*map(int, payload.split()))
        elif opcode == PING:
            self._write(PONG, payload)
        elif opcode == CLOSE:
            self.code = int.from_bytes(payload[:2], "big")
            self._write(CLOSE, payload)
            self._transport.close()

    def _hear(self, speaker, number):
        if speaker == self.name and self.joined is None:
            self.joined = time.monotonic()
        if (heard := self.heard.get(speaker)) is None:
            heard = self.heard[speaker] = Heard(number)
        heard.add(number)


class Heard:
    """Which messages of a speaker a hearer got."""

    __slots__ = ("first", "last", "missing", "duplicates", "late")

    def __init__(self, first):
        self.first = first
        self.last = first - 1
        self.missing = set()
        self.duplicates = 0
        self.late = 0 # Came after later ones.

    def add(self, number):
        if number == self.last + 1:
            self.last = number
        elif number > self.last:
            self.missing.update(range(self.last + 1, number))
            self.last = number
        elif number in self.missing:
            self.missing.remove(number)
            self.late += 1
        else:
            self.duplicates += 1


class Account:
    """What became of the messages of a crowd that has fallen silent.

    A hearer must get all that a speaker says from the first message that it
    gets, as long as both are connected. From when is up to nodes, which tell
    each other of a first member; on one node, it is from the join on. Until
    when is up to the speaker's node, which reads until it sends its close
    frame; but what anyone heard, everyone must hear."""

    def __init__(self, crowd):
        self.crowd = crowd
        self.said = self.heard = 0
        self.lost = self.duplicates = self.late = 0
        self.unread = 0 # Said after the server's last look.
        self.missed = 0 # Before a new hearer was known to the speaker's node.
        self.longest_deafness = 0 # How long that took at most, in seconds.
        for members in self._rooms():
            for speaker in members:
                self._check(speaker, members)

    def _rooms(self):
        rooms = collections.defaultdict(list)
        for x in self.crowd.connections:
            rooms[x.path].append(x)
        return rooms.values()

    def _check(self, speaker, members):
        last = max((x.heard[speaker.name].last for x in members
                    if speaker.name in x.heard), default=0)
        self.said += last
        self.unread += len(speaker.said) - last
        if not speaker.ended:
            self.lost += len(speaker.said) - last
        for hearer in members:
            self._check_pair(speaker, hearer, last)

    def _check_pair(self, speaker, hearer, last):
        if hearer.joined is None:
            return
        heard = hearer.heard.get(speaker.name)
        if heard:
            self.heard += heard.last - heard.first + 1 - len(heard.missing)
            self.lost += len(heard.missing)
            self.duplicates += heard.duplicates
            self.late += heard.late
            if self._outlives(hearer, speaker):
                self.lost += last - heard.last
        elif not self._outlives(hearer, speaker):
            return # It may have been too short a time.
        first = heard.first if heard else last + 1
        self._check_begin(speaker, hearer, speaker.said[:first - 1])

    def _check_begin(self, speaker, hearer, before):
        missed = sum(when > hearer.joined for when in before)
        if speaker.node == hearer.node:
            self.lost += missed
        elif missed:
            self.missed += missed
            self.longest_deafness = max(self.longest_deafness,
                                        before[-1] - hearer.joined)

    @staticmethod
    def _outlives(hearer, speaker):
        """Whether all that the speaker said must have arrived."""
        if not hearer.ended:
            return True
        return speaker.ended and hearer.ended > speaker.ended + SETTLING
