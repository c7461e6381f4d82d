"""The WebSocket endpoints as a client sees them: Python's `websockets`."""

import asyncio
import http.client
import os
import signal
import unittest

import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatusCode
from websockets.extensions.permessage_deflate import \
    ClientPerMessageDeflateFactory

from support.program import PATIENCE, Program


def open_client(program, path, **options):
    """A connection that ends with its `async with` statement."""
    options = {"max_size": None, "compression": None,
               "open_timeout": PATIENCE} | options
    return websockets.connect(program.ws(path), **options)


async def in_time(awaitable):
    return await asyncio.wait_for(awaitable, PATIENCE)


async def close_of(client):
    """Reads until the connection has ended. @returns code and reason."""
    try:
        while True:
            await in_time(client.recv())
    except ConnectionClosed:
        return client.close_code, client.close_reason


class Case(unittest.IsolatedAsyncioTestCase):
    """All tests of a class share a program, set up with `options`."""

    options = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls.enterClassContext(Program(*cls.options))

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False) # Unittest's, and slow.

    async def connect(self, path, **options):
        client = open_client(self.program, path, **options)
        return await self.enterAsyncContext(client)

    async def assert_echo(self, client, message):
        await client.send(message)
        echo = await in_time(client.recv())
        # Not assertEqual: the words about two such messages fill screens.
        self.assertTrue(type(echo) is type(message) and echo == message,
                        f"{len(message)} in, {len(echo)} out")


class Echo(Case):
    options = ["--ws.max-message-size=1048576"]

    async def test_text(self):
        client = await self.connect("/echo")
        for text in ("", "x", "hello", "ünïcödé ☃ 😀 \0 \ufeff", "m", ":", "m ",
                     "😀" * 20000):
            with self.subTest(text[:20]):
                await self.assert_echo(client, text)

    async def test_sizes(self):
        client = await self.connect("/echo")
        alphabet = bytes(range(256)) * 4096
        for size in (0, 1, 2, 124, 125, 126, 127, 128, 510, 511, 512, 513, 1024,
                     4095, 4096, 4097, 65534, 65535, 65536, 65537, 1048576):
            with self.subTest(size):
                await self.assert_echo(client, alphabet[:size])
                await self.assert_echo(client, "x" * size)

    async def test_fragments(self):
        client = await self.connect("/echo")
        for fragments in (["a", "b"], ["", ""], ["", "x", ""], ["x"] * 1000,
                          [b"a", b"b"], [b"\xff", b""], [b"x" * 65536] * 16,
                          ["grün", "es ", "☃", " und 😀"]):
            with self.subTest(str(fragments)[:20]):
                await client.send(fragments)
                self.assertTrue(await in_time(client.recv())
                                == fragments[0][:0].join(fragments))

    async def test_a_ping_between_fragments(self):
        client = await self.connect("/echo")

        async def fragments():
            yield "one "
            await in_time(await client.ping())
            yield "two"

        await client.send(fragments())
        self.assertEqual(await in_time(client.recv()), "one two")

    async def test_many_at_once_keep_their_order(self):
        client = await self.connect("/echo", max_queue=None)
        sent = [f"{i} " + "x" * (i * 37 % 2000) for i in range(1000)]
        for x in sent:
            await client.send(x)
        self.assertTrue([await in_time(client.recv()) for _ in sent] == sent)

    async def test_ping_is_answered_with_its_payload(self):
        client = await self.connect("/echo")
        for payload in (b"", b"x", b"\xff" * 125):
            # Done when a pong with this payload arrives.
            await in_time(await client.ping(payload))
        await client.pong(b"nobody asked")
        await self.assert_echo(client, "still here")

    async def test_an_event_without_handler_is_ignored(self): # C35
        client = await self.connect("/echo")
        for event in ("m:chat;0;hello", "m:", "m:;0;", "m:x;9;", "m:x;1;no"):
            await client.send(event)
        await self.assert_echo(client, "after these") # None of them came back.


class BinaryMessages(Case):

    options = ["--ws.binary-messages"]

    async def test_text_comes_back_as_binary(self): # C11
        for path in ("/echo", "/rooms/lobby"):
            with self.subTest(path):
                client = await self.connect(path)
                await client.send("text")
                self.assertEqual(await in_time(client.recv()), b"text")


class Deflate(Case):
    """Messages that both sides compress (C13)."""

    options = ["--ws.enable-compression"]

    async def test_messages(self):
        client = await self.connect("/echo", compression="deflate")
        self.assertEqual([x.name for x in client.extensions],
                         ["permessage-deflate"])
        for size in (0, 1, 255, 256, 5000, 65536):
            with self.subTest(size):
                await self.assert_echo(client, "x" * size)
                await self.assert_echo(client, os.urandom(size))

    async def test_fragments(self):
        client = await self.connect("/echo", compression="deflate")
        await client.send(["text ", "in ", "", "parts"])
        self.assertEqual(await in_time(client.recv()), "text in parts")

    async def test_window(self): # C13
        for bits in (9, 11, 15): # `websockets` insists on a limit that it set.
            with self.subTest(bits):
                limit = ClientPerMessageDeflateFactory(
                    server_max_window_bits=bits)
                client = await self.connect("/echo", extensions=[limit])
                self.assertIn(
                    f"server_max_window_bits={bits}",
                    client.response_headers["Sec-WebSocket-Extensions"])
                await self.assert_echo(client, os.urandom(2000) * 2)

    async def test_bomb(self): # C10
        client = await self.connect("/echo", compression="deflate")
        before = self.program.status("VmHWM")
        await client.send(bytes(50 * 2**20))
        self.assertEqual((await close_of(client))[0], 1009)
        self.assertLess(self.program.status("VmHWM") - before, 20 * 1024)


class Handshake(Case):

    async def test_nothing_is_negotiated(self): # C13, C14
        for options in ({"subprotocols": ["chat", "superchat"]},
                        {"compression": "deflate"}):
            with self.subTest(options):
                client = await self.connect("/echo", **options)
                head = client.response_headers
                self.assertNotIn("Sec-WebSocket-Protocol", head)
                self.assertNotIn("Sec-WebSocket-Extensions", head)
                self.assertIsNone(client.subprotocol)
                await self.assert_echo(client, "x" * 1000)

    async def test_subprotocols(self): # C14
        with Program("--ws.subprotocols=v2.chat,v1.chat") as it:
            for offered, chosen in ((["v1.chat", "v2.chat"], "v2.chat"),
                                    (["x", "v1.chat"], "v1.chat"),
                                    (["x"], None), (None, None)):
                with self.subTest(offered):
                    async with open_client(it, "/echo",
                                           subprotocols=offered) as client:
                        self.assertEqual(client.subprotocol, chosen)
                        await self.assert_echo(client, "hello")

    async def test_origins_on_the_list(self): # C4
        with Program("--ws.allowed-origins=https://*.a.example") as it:
            for origin, good in (("https://www.a.example", True),
                                 ("https://a.example", False)):
                try:
                    async with open_client(it, "/echo", origin=origin):
                        self.assertTrue(good)
                except InvalidStatusCode as refusal:
                    self.assertEqual((good, refusal.status_code), (False, 403))

    async def test_refusals(self): # C4
        here = f"{self.program.host}:{self.program.port}"
        for path, origin, status in (
            ("/echo", None, 101),
            ("/echo?a=b&c=%20", None, 101),
            ("/echo", f"http://{here}", 101),
            ("/rooms/", None, 101),
            ("/rooms/a/b", None, 101),
            ("/echo", "http://evil.example", 403),
            ("/echo", f"http://{here}.evil.example", 403),
            ("/echo", "http://127.0.0.1", 403),
            ("/echo", f"https://{here}0", 403),
            ("/echo", "null", 403),
            ("/", None, 404),
            ("/echo/", None, 404),
            ("/ECHO", None, 404),
            ("/healthz", None, 200),
        ):
            with self.subTest(path=path, origin=origin):
                try:
                    await self.connect(path, origin=origin)
                    got = 101
                except InvalidStatusCode as refusal:
                    got = refusal.status_code
                self.assertEqual(got, status)

    async def test_any_origin_on_demand(self):
        with Program("--ws.allow-any-origin") as it:
            origin = "http://a.example"
            async with open_client(it, "/echo", origin=origin) as client:
                await self.assert_echo(client, "hello")

    async def test_plain_http_beside_it(self):
        where = self.program.host, self.program.port
        browser = http.client.HTTPConnection(*where, timeout=PATIENCE)
        for method, path, status in (
            ("GET", "/healthz", 200), ("HEAD", "/healthz", 200),
            ("POST", "/healthz", 405), ("GET", "/echo", 426),
            ("GET", "/nowhere", 404), ("GET", "/healthz", 200),
        ):
            with self.subTest(f"{method} {path}"):
                browser.request(method, path)
                answer = browser.getresponse()
                answer.read()
                self.assertEqual(answer.status, status)
                if status == 426:
                    self.assertEqual(answer.getheader("Upgrade"), "websocket")
        browser.close()


class Closing(Case):

    async def test_by_client(self):
        for code, reason in ((1000, ""), (1000, "bye"), (1001, "left"),
                             (1011, "x" * 123), (3000, "ünïcödé"), (4999, "")):
            with self.subTest(code):
                client = await self.connect("/echo")
                await client.send("last words")
                await in_time(client.close(code, reason))
                self.assertEqual(client.close_code, code)

    async def test_by_server(self): # C10
        for message, code in ((b"x" * 65537, 1009), (b"x" * 1000000, 1009),
                              ([b"x" * 40000] * 2, 1009)):
            client = await self.connect("/echo")
            await client.send(message)
            self.assertEqual((await close_of(client))[0], code)

    async def test_text_that_is_no_utf8(self):
        for text in (b"\xff", b"ok \xc3", b"\xed\xa0\x80", b"\xc0\x80",
                     b"\xf4\x90\x80\x80", b"\xe2\x82"):
            with self.subTest(text):
                client = await self.connect("/echo")
                await client.write_frame(True, 1, text)
                self.assertEqual((await close_of(client))[0], 1007)

    async def test_when_the_server_stops(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            with Program() as it:
                async with open_client(it, "/echo") as a, \
                           open_client(it, "/rooms/x") as b:
                    it.send_signal(which)
                    self.assertEqual((await close_of(a))[0], 1001)
                    self.assertEqual((await close_of(b))[0], 1001)
                self.assertEqual(await asyncio.to_thread(it.wait), 0)


class Rooms(Case):
    options = ["--threads=4"]

    async def enter(self, room, count):
        """@returns that many clients, in the room for sure."""
        people = [await self.connect(f"/rooms/{room}", max_queue=None)
                  for _ in range(count)]
        for i, x in enumerate(people):
            await x.send(f"hello from {i}")
        for i, x in enumerate(people):
            while await in_time(x.recv()) != f"hello from {i}":
                pass # An own message comes back to a member.
        await people[0].send("all here")
        for x in people:
            while await in_time(x.recv()) != "all here":
                pass
        return people

    async def test_all_members_see_one_order(self): # C58
        people = await self.enter("order", 8)
        count = 100

        async def talk(who):
            for i in range(count):
                await people[who].send(f"{who} {i}")
                if i % 7 == who % 7:
                    await asyncio.sleep(0) # Lets the others speak, too.

        async def listen(client):
            return [await in_time(client.recv())
                    for _ in range(count * len(people))]

        results = await asyncio.gather(*map(listen, people),
                                       *map(talk, range(len(people))))
        first = results[0]
        self.assertTrue(all(x == first for x in results[1:len(people)]))
        for who in range(len(people)): # Each one's own order is kept.
            self.assertEqual([x for x in first if x.startswith(f"{who} ")],
                             [f"{who} {i}" for i in range(count)])

    async def test_rooms_are_apart(self):
        names = ["a", "b", "a/b", "ünï", "%C3%BCn", "a%2Fc"]
        rooms = [await self.enter(x, 2) for x in names]
        for name, (speaker, _) in zip(names, rooms):
            await speaker.send(f"in {name}")
        for name, people in zip(names, rooms):
            for x in people:
                self.assertEqual(await in_time(x.recv()), f"in {name}")
        await self.assert_echo(rooms[0][0], b"\xff\0") # Binary stays binary.

    async def test_who_leaves_is_missed_by_nobody(self):
        *people, leaver = await self.enter("leaving", 4)
        await leaver.close()
        for i in range(10):
            await people[i % 3].send(f"message {i}")
            for x in people:
                self.assertEqual(await in_time(x.recv()), f"message {i}")

    async def test_many_members(self):
        people = await self.enter("crowd", 200)
        await people[0].send("hello, world")
        for x in people:
            self.assertEqual(await in_time(x.recv()), "hello, world")


if __name__ == "__main__":
    unittest.main()
