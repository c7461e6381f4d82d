"""Clients that measure how a server treats them while somebody floods it."""

import asyncio
import collections
import struct
import time

from support.raw import BINARY, CLOSE, PING, PONG, TEXT, frame, handshake

# All in seconds.
HANDSHAKE_TIMEOUT = 0.5
PING_PERIOD = 0.2
PONG_TIMEOUT = 0.4
CLOSE_TIMEOUT = 0.3

OPTIONS = [f"--ws.{name}={int(seconds * 1000)}ms" for name, seconds in
           (("handshake-timeout", HANDSHAKE_TIMEOUT),
            ("ping-period", PING_PERIOD), ("pong-timeout", PONG_TIMEOUT),
            ("close-timeout", CLOSE_TIMEOUT))]
OPTIONS.append("--ws.max-control-frames-per-second=0") # Pings are a flood.

BYSTANDERS_PER_THREAD = 4
MOST_BYSTANDERS = 200
BYSTANDERS_PAUSE = 0.02
NEWCOMERS_PAUSE = 0.1
TIMEOUTS_PAUSE = 0.5


class Times:
    """How long things took, or have taken so far."""

    Time = collections.namedtuple("Time", "seconds is_over")

    def __init__(self):
        self.all = [] # Sorted, once it is settled.
        self._begun = {}
        self._is_settled = False

    def begin(self, key, ahead=0):
        """Counts from now, or from so many seconds ahead of now."""
        self._begun[key] = time.monotonic() + ahead

    def end(self, key):
        if not self._is_settled:
            took = time.monotonic() - self._begun.pop(key)
            self.all.append(self.Time(took, True))

    def are_pending(self):
        return bool(self._begun)

    def settle(self):
        """What is under way counts as it is; nothing else counts any more."""
        now = time.monotonic()
        self.all += [self.Time(now - x, False) for x in self._begun.values()]
        self.all.sort()
        self._is_settled = True

    def quantile(self, share):
        return self.all[min(int(share * len(self.all)), len(self.all) - 1)]


class Witnesses:
    """What clients see: `bystanders`, who were there before, one `Times` for
    each thread; `newcomers`, from connecting to the end of the handshake; how
    late `timeouts` come, by name; how late we are `ourselves`, which is part of
    all these figures."""

    def __init__(self, program, path, *, echoes=True, threads=None):
        """Bystanders send messages, too, if the path `echoes` them. They are
        told apart by thread if the server tells which of its `threads` serves
        a client, else each counts alone."""
        self._program = program
        self._path = path
        self._echoes = echoes
        self._threads = threads
        self._clients = []
        self._tasks = []
        self._is_flooded = asyncio.Event()
        self._is_over = False
        self.bystanders = {}
        self.newcomers = Times()
        self.timeouts = {x: Times() for x in ("handshake", "ping", "pong")}
        self.ourselves = Times()

    @property
    def worst_bystanders(self):
        return max(self.bystanders.values(), key=lambda x: x.quantile(0.5))

    async def gather(self, seconds):
        """Lets in whom so many seconds of watching need."""
        while not self._are_enough():
            number = len(self._tasks)
            assert number < MOST_BYSTANDERS, "a thread serves nobody"
            client = await self._open()
            thread = await client.thread() if self._threads else number
            times = self.bystanders.setdefault(thread, Times())
            self._spawn(self._ask(client, times, number))
        for i in range(int(seconds / TIMEOUTS_PAUSE)):
            self._spawn(self._fall_silent(await self._open(),
                                          i * TIMEOUTS_PAUSE))

    async def watch(self, seconds, patience):
        """Measures. What is under way then may take `patience` longer."""
        self._is_flooded.set()
        for x in (self._oversleep(),
                  self._repeat(self._arrive, NEWCOMERS_PAUSE),
                  self._repeat(self._arrive_by_half, TIMEOUTS_PAUSE)):
            self._spawn(x)
        await asyncio.sleep(seconds)
        self._is_over = True
        all_times = [*self.bystanders.values(), self.newcomers,
                     *self.timeouts.values(), self.ourselves]
        end = time.monotonic() + patience
        while (time.monotonic() < end
               and any(x.are_pending() for x in all_times)):
            await asyncio.sleep(0.01)
        for x in all_times:
            x.settle()

    async def close(self):
        for x in self._tasks:
            x.cancel()
        for x in await asyncio.gather(*self._tasks, return_exceptions=True):
            # Who was cut off is one who waits in vain.
            if x and not isinstance(x, (asyncio.CancelledError, EOFError,
                                        OSError)):
                raise x
        for x in self._clients:
            x.close()

    # -- bystanders -----------------------------------------------------------

    def _are_enough(self):
        count = len(self._tasks)
        if not self._threads:
            return count >= 2 * BYSTANDERS_PER_THREAD
        return (count >= BYSTANDERS_PER_THREAD * self._threads
                and len(self.bystanders) == self._threads)

    async def _ask(self, client, times, number):
        asking = asyncio.create_task(self._send(client, times, number))
        try:
            while (got := await client.receive())[0] != CLOSE:
                if got[0] == PING:
                    client.send(frame(PONG, got[1]))
                elif got[0] in (PONG, BINARY): # The chat says hello by itself.
                    times.end((number, got[1]))
        finally:
            asking.cancel()

    async def _send(self, client, times, number):
        """Whether or not what went before was answered."""
        await self._is_flooded.wait()
        count = 0
        while not self._is_over:
            count += 1
            payload = struct.pack("!I", count)
            times.begin((number, payload))
            is_message = self._echoes and count % 2 == 0
            client.send(frame(BINARY if is_message else PING, payload))
            await asyncio.sleep(BYSTANDERS_PAUSE)

    async def _fall_silent(self, client, delay):
        """Answers pings until so many seconds of the flood are over."""
        key = object()
        silence = asyncio.create_task(self._be_silent(client, key, delay))
        while True:
            opcode, payload = await client.receive()
            if silence.done() and opcode == PING:
                break
            if opcode == PING:
                client.send(frame(PONG, payload))
        self.timeouts["ping"].end(key)
        await self._await_end(client, "pong", PONG_TIMEOUT)

    async def _be_silent(self, client, key, delay):
        await self._is_flooded.wait()
        await asyncio.sleep(delay)
        client.send(frame(PONG)) # The last for long.
        self.timeouts["ping"].begin(key, PING_PERIOD)

    # -- who comes ------------------------------------------------------------

    async def _repeat(self, visit, pause):
        while not self._is_over:
            self._spawn(visit())
            await asyncio.sleep(pause)

    async def _arrive(self):
        key = object()
        self.newcomers.begin(key)
        client = await self._open()
        self.newcomers.end(key)
        client.close()

    async def _arrive_by_half(self):
        client = await self._connect()
        client.send(handshake(self._path)[:50])
        await self._await_end(client, "handshake", HANDSHAKE_TIMEOUT)

    async def _await_end(self, client, timeout, seconds):
        key = object()
        self.timeouts[timeout].begin(key, seconds)
        await client.read_to_end()
        self.timeouts[timeout].end(key)

    async def _oversleep(self):
        while not self._is_over:
            key = object()
            self.ourselves.begin(key, 0.01)
            await asyncio.sleep(0.01)
            self.ourselves.end(key)

    # -- connections ----------------------------------------------------------

    async def _connect(self):
        client = _Client(*await asyncio.open_connection(self._program.host,
                                                        self._program.port))
        self._clients.append(client)
        return client

    async def _open(self):
        client = await self._connect()
        await client.shake_hands(self._path)
        return client

    def _spawn(self, coroutine):
        self._tasks.append(asyncio.create_task(coroutine))


class _Client:
    """A WebSocket client. What it does raises `EOFError` or `OSError` at the
    connection's end."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    def close(self):
        self._writer.transport.abort()

    def send(self, data):
        self._writer.write(data)

    async def shake_hands(self, path):
        self.send(handshake(path))
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head

    async def receive(self):
        """@returns opcode and payload."""
        first, length = await self._reader.readexactly(2)
        if length >= 126:
            more = await self._reader.readexactly(2 if length == 126 else 8)
            length = int.from_bytes(more, "big")
        return first & 15, await self._reader.readexactly(length)

    async def thread(self):
        """@returns which of the server's threads this client is on."""
        self.send(frame(TEXT, b"m:thread;0;"))
        while (got := await self.receive())[0] != TEXT:
            pass
        return int(got[1].split(b";")[2])

    async def read_to_end(self):
        try:
            while await self._reader.read(4096):
                pass
        except OSError:
            pass # So it ends, too.
