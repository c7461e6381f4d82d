"""Dialogues of version 2 of the protocol with a real server, by a client that
knows docs/protocol-2.md and nothing else; and the same dialogues cut off after
any byte of either side."""

import asyncio
import contextlib
import json
import random
import socket
import struct
import unittest
import urllib.request

import websockets
from prometheus_client.parser import text_string_to_metric_families

from support.dialogue import DIALOGUES, DIALOGUES_FILE, Speaker
from support.program import PATIENCE, Program
from support.raw import BINARY, CLOSE, PING, PONG, TEXT, frame, handshake

PATH = "/dialogue"
SUBPROTOCOL = "troupe.2"

# How many connections are cut at the same time.
AT_ONCE = 50

# Of the long dialogue, one byte in about so many is the last one.
SPREAD = 50


def in_frame(message):
    """The message, and whether it has to be binary."""
    try:
        return message.decode(), False
    except UnicodeDecodeError:
        return message, True


class WebSocket:
    """The wire of a client of the package websockets."""

    def __init__(self, connection):
        self.connection = connection

    async def send(self, message):
        await self.connection.send(in_frame(message)[0])

    async def receive(self):
        message = await asyncio.wait_for(self.connection.recv(), PATIENCE)
        return message.encode() if isinstance(message, str) else message


class Cut(Exception):
    """The last byte has passed that this connection lives for."""


class BriefWire:
    """A WebSocket that ends when `most` bytes have passed in the direction
    `up`, to the server, or `down`, from it; by RST if `most` is odd, by FIN
    otherwise. Counts the bytes in both directions."""

    def __init__(self, direction=None, most=None):
        self.passed = {"up": 0, "down": 0}
        self._direction = direction
        self._most = most
        self._input = bytearray()

    async def open(self, program):
        self._reader, self._writer = await asyncio.open_connection(
            program.host, program.port)
        await self._write(handshake(
            PATH, f"Sec-WebSocket-Protocol: {SUBPROTOCOL}"))
        while b"\r\n\r\n" not in self._input:
            await self._fill()
        head, _, rest = bytes(self._input).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        self._input[:] = rest

    async def send(self, message):
        _, is_binary = in_frame(message)
        await self._write(frame(BINARY if is_binary else TEXT, message))

    async def receive(self):
        while True:
            opcode, payload = await self._frame()
            if opcode in (TEXT, BINARY):
                return payload
            if opcode == PING:
                await self._write(frame(PONG, payload))
            assert opcode != CLOSE, payload

    def end(self):
        if (self._most or 0) % 2 == 1:
            self._writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.close()

    async def _frame(self):
        head = await self._take(2)
        length = head[1] & 127
        if length >= 126:
            length = int.from_bytes(await self._take(2 if length == 126 else 8),
                                    "big")
        assert head[0] & 0xF0 == 0x80, head # Whole, and not compressed.
        return head[0] & 15, await self._take(length)

    async def _take(self, size):
        while len(self._input) < size:
            await self._fill()
        result = bytes(self._input[:size])
        del self._input[:size]
        return result

    def _left(self, direction):
        if direction != self._direction:
            return 2**16
        return self._most - self.passed[direction]

    async def _fill(self):
        if self._left("down") <= 0:
            raise Cut
        data = await asyncio.wait_for(self._reader.read(self._left("down")),
                                      PATIENCE)
        assert data, "the server has closed the connection"
        self.passed["down"] += len(data)
        self._input += data

    async def _write(self, data):
        taken = data[:self._left("up")]
        self._writer.write(taken)
        await self._writer.drain()
        self.passed["up"] += len(taken)
        if len(taken) < len(data):
            raise Cut


class Dialogue(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False) # Unittest's, and slow.
        self.program = self.enterContext(
            Program("--admin.listen=127.0.0.1:0",
                    name="troupe-dialogue-probe"))
        line = self.program.log.wait_for("metrics at http://")
        self.metrics = line[line.index("http://"):]

    async def meet(self, suffix=""):
        connection = await self.enterAsyncContext(websockets.connect(
            self.program.ws(PATH), subprotocols=[SUBPROTOCOL]))
        self.assertEqual(connection.subprotocol, SUBPROTOCOL)
        result = Speaker(WebSocket(connection), suffix)
        hello = await result.greet()
        self.assertEqual(hello["v"], 2)
        return result

    async def gauges(self):
        """What returns to the same when all clients have gone."""
        page = await asyncio.to_thread(
            lambda: urllib.request.urlopen(self.metrics, timeout=PATIENCE)
            .read().decode())
        values = {x.name: x.value
                  for family in text_string_to_metric_families(page)
                  for x in family.samples}
        names = ("troupe_connections", "troupe_rooms", "troupe_queued_bytes",
                 "troupe_congested_connections")
        return {x: values[x] for x in names}

    async def settle(self, wanted):
        async with asyncio.timeout(PATIENCE):
            while await self.gauges() != wanted:
                await asyncio.sleep(0.02)

    async def test_both_dialogues_are_as_written(self):
        self.assertEqual(len(DIALOGUES["long"]), 200)
        for name, steps in DIALOGUES.items():
            client = await self.meet(f"/{name}")
            await client.play(steps)

    async def test_both_dialogues_are_as_written_in_cpp(self):
        with Program(f"--speaker.url={self.program.ws(PATH)}",
                     f"--speaker.file={DIALOGUES_FILE}",
                     name="troupe-speaker-probe") as client:
            # The short one comes last; a step that fails is told in JSON.
            await asyncio.to_thread(client.output.wait_for, "the short|{")
        self.assertEqual(
            client.output.find("dialogue|{"),
            [f"the {x} dialogue is as written" for x in sorted(DIALOGUES)])

    async def test_many_have_the_dialogue_at_once(self):
        clients = [await self.meet(f"/{i}") for i in range(20)]
        await asyncio.gather(*(x.play(DIALOGUES["long"]) for x in clients))

    async def test_the_end_is_announced(self):
        client = await self.meet()
        await client.wire.send(b"q1;;hold;0;")
        await client.wire.send(b"e;bye;0;")
        advice = json.loads((await client.wire.receive())[1:])
        self.assertEqual((advice["again"], advice["why"]), (True, "restart"))
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            await client.wire.receive()
        self.assertEqual(closed.exception.rcvd.code, 1012)

    # -- cut off ----------------------------------------------------------------

    async def brief(self, steps, suffix, direction=None, most=None):
        """Plays until the end, or as long as the wire lives. Then another
        client, that comes in its place, finds everything as it has to be.
        @returns the bytes that have passed"""
        wire = BriefWire(direction, most)
        client = Speaker(wire, suffix)
        with contextlib.suppress(Cut):
            await wire.open(self.program)
            await client.greet()
            await client.play(steps)
        wire.end()
        await self.check_next(client)
        return wire.passed

    async def check_next(self, before):
        wire = BriefWire()
        await wire.open(self.program)
        client = Speaker(wire, before.suffix)
        await client.greet()
        self.assertEqual(await client.ask("rooms", ""), [])
        for word in set(before.sent_words):
            counted = await client.ask("counted", word)
            # A request whose answer was heard was handled, and none twice.
            self.assertLessEqual(before.counted_words.count(word), counted)
            self.assertLessEqual(counted, before.sent_words.count(word))
        room = "tea" + before.suffix
        self.assertIsNone(await client.enter(room))
        self.assertEqual(await client.ask("rooms", ""), [room])
        wire.end()

    async def cut(self, name, choose):
        """Cuts the dialogue off after each of the chosen bytes. Somebody else
        is answered all the time, and the server has forgotten everything."""
        steps = DIALOGUES[name]
        others = await self.meet("/other")
        await others.enter("everybody else")
        before = await self.gauges()
        whole = await self.brief(steps, "/10000")
        cuts = [(direction, most) for direction in ("up", "down")
                for most in choose(range(whole[direction]))]
        waiting = iter(enumerate(cuts, 10001))
        is_done = False

        async def play_some():
            for number, (direction, most) in waiting:
                await self.brief(steps, f"/{number}", direction, most)

        async def chat():
            count = 0
            while not is_done:
                self.assertEqual(await others.ask("echo", count), count)
                count += 1
            return count

        chatting = asyncio.create_task(chat())
        await asyncio.gather(*(play_some() for _ in range(AT_ONCE)))
        is_done = True
        answers = await chatting
        self.assertGreater(answers, 10)
        await self.settle(before)
        print(f"{name}: {len(cuts)} cuts, {answers} answers to others")

    async def test_the_short_dialogue_ends_after_each_byte(self):
        await self.cut("short", lambda all_bytes: all_bytes)

    async def test_the_long_dialogue_ends_after_some_bytes(self):
        choose = random.Random(7)
        await self.cut("long", lambda all_bytes: sorted(
            choose.sample(all_bytes, len(all_bytes) // SPREAD)))


if __name__ == "__main__":
    unittest.main()
