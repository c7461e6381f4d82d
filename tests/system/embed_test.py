"""A program whose own HTTP server hands connections to troupe (C19)."""

import asyncio
import http.client
import unittest

import websockets
from websockets.exceptions import InvalidStatusCode

from support.program import PATIENCE, Program
from support.raw import Wire, handshake


async def in_time(awaitable):
    return await asyncio.wait_for(awaitable, PATIENCE)


class Embed(unittest.IsolatedAsyncioTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls.enterClassContext(Program(name="troupe-embed"))

    async def connect(self, path="/chat", **options):
        client = websockets.connect(self.program.ws(path), **options)
        return await self.enterAsyncContext(client)

    def answer(self, head):
        """@returns status and body of the answer to a bad handshake."""
        with Wire(self.program) as wire:
            wire.send(head)
            answer = http.client.HTTPResponse(wire.socket)
            answer.begin()
            return answer.status, answer.read().decode(), answer.headers

    def test_pages_are_the_programs_own(self):
        browser = http.client.HTTPConnection(
            self.program.host, self.program.port, timeout=PATIENCE)
        for path, status, words in (("/", 200, "<title>embed"),
                                    ("/nowhere", 404, "not found"),
                                    ("/", 200, "<title>embed")):
            browser.request("GET", path)
            answer = browser.getresponse()
            self.assertEqual(answer.status, status)
            self.assertIn(words, answer.read().decode())
        browser.close()

    async def test_sockets_are_troupes(self): # C19, C51
        here = f"http://{self.program.host}:{self.program.port}"
        alice = await self.connect(origin=here)
        bob = await self.connect()
        for who in (alice, bob): # emitted before wait()
            self.assertEqual(await in_time(who.recv()), "m:say;0;welcome")
        await alice.send("m:say;0;hello")
        for who in (alice, bob):
            self.assertEqual(await in_time(who.recv()), "m:say;0;hello")
        await in_time(bob.close(1000))
        self.assertEqual(bob.close_code, 1000)

    async def test_other_origins_are_refused(self): # C4, C19
        with self.assertRaises(InvalidStatusCode) as refusal:
            await self.connect(origin="http://evil.example")
        self.assertEqual(refusal.exception.status_code, 403)
        self.program.log.wait_for("403 this origin is not allowed")

    def test_refusals_have_their_true_status(self): # C19
        good = handshake("/chat")
        for old, new, status in (
            (b"Version: 13", b"Version: 12", 426),
            (b"GET", b"POST", 405),
            (b"Host: localhost\r\n", b"", 400),
            (b"Upgrade: websocket\r\n", b"", 426),
        ):
            with self.subTest(new):
                got, _, fields = self.answer(good.replace(old, new))
                self.assertEqual(got, status)
                if b"12" in new:
                    self.assertEqual(fields["Sec-WebSocket-Version"], "13")

    async def test_it_ends_in_good_order(self):
        with Program(name="troupe-embed") as it:
            client = await self.enterAsyncContext(
                websockets.connect(it.ws("/chat")))
            await in_time(client.recv())
            self.assertEqual(await asyncio.to_thread(it.stop), 0)
            await in_time(client.wait_closed())
            self.assertEqual(client.close_code, 1001)


if __name__ == "__main__":
    unittest.main()
