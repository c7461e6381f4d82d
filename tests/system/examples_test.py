"""The programs of apps/examples: each shows what it is there to show."""

import asyncio
import contextlib
import json
import re
import unittest
import urllib.request

import websockets

from support.program import PATIENCE, Program


class Client:
    """A WebSocket client that speaks in events."""

    def __init__(self, socket):
        self.socket = socket

    async def say(self, event, data=""):
        """Data is a string or an integer."""
        await self.socket.send(f"m:{event};{int(isinstance(data, int))};{data}")

    async def hear(self, timeout=PATIENCE):
        """@returns the next event and its data."""
        message = await asyncio.wait_for(self.socket.recv(), timeout)
        event, tag, data = message.removeprefix("m:").split(";", 2)
        return event, {"0": str, "1": int, "4": json.loads}[tag](data)


class Example(unittest.IsolatedAsyncioTestCase):
    """Starts the program `name` with one thread for all connections."""

    name = None

    def setUp(self):
        self.program = self.enterContext(
            Program("--threads=1", name=f"troupe-example-{self.name}"))

    async def connect(self, path, url=None, **options):
        url = f"ws{(url or self.program.url).removeprefix('http')}{path}"
        socket = websockets.connect(url, **options)
        return Client(await self.enterAsyncContext(socket))

    def get(self, path):
        """@returns the type and the text of a page."""
        with urllib.request.urlopen(self.program.url + path,
                                    timeout=PATIENCE) as answer:
            return answer.headers.get_content_type(), answer.read().decode()

    async def assert_hears(self, client, *events):
        for event in events:
            self.assertEqual(await client.hear(), event)


class Echo(Example):
    name = "echo"

    async def test_messages_and_events_come_back(self):
        client = await self.connect("/echo")
        for message in ("hello", b"\x00\xff", "m:say;0;hello", 'm:say;4;{"a":1}'):
            await client.socket.send(message)
            self.assertEqual(await client.socket.recv(), message)


class Chat(Example):
    name = "chat"

    async def enter(self, room, name):
        client = await self.connect(f"/rooms/{room}")
        await client.say("name", name)
        await self.assert_hears(client,
                                ("status", {"name": name, "text": "joined"}))
        return client

    async def test_people_of_one_room_hear_each_other(self):
        alice = await self.enter("lobby", "Alice")
        carol = await self.enter("attic", "Carol")
        bob = await self.enter("lobby", "Bob")
        await bob.say("say", "hello")
        said = ("said", {"name": "Bob", "text": "hello"})
        await self.assert_hears(bob, said)
        await bob.socket.close()
        await self.assert_hears(alice,
                                ("status", {"name": "Bob", "text": "joined"}),
                                said,
                                ("status", {"name": "Bob", "text": "left"}))
        await carol.say("say", "anybody here?")
        await self.assert_hears(carol, ("said", {"name": "Carol",
                                                 "text": "anybody here?"}))

    def test_its_page_comes_with_the_client(self):
        kind, page = self.get("/")
        self.assertEqual(kind, "text/html")
        client = re.search(r"import {Ws} from '(\S+)'", page)[1]
        kind, script = self.get(client)
        self.assertEqual(kind, "text/javascript")
        self.assertIn("export", script)


class Authentication(Example):
    name = "authentication"

    async def enter(self, cookie):
        return await self.connect("/members", extra_headers={"Cookie": cookie})

    async def test_a_session_names_its_user(self):
        alice = await self.enter("theme=dark; session=4d1f0a")
        bob = await self.enter("session=c07be2; theme=dark")
        await self.assert_hears(alice, ("welcome", "alice"))
        await self.assert_hears(bob, ("welcome", "bob"))
        await alice.say("say", "hello")
        for x in (alice, bob):
            await self.assert_hears(x, ("said", "alice: hello"))

    async def test_nobody_else_comes_in(self):
        bob = await self.enter("session=c07be2")
        await self.assert_hears(bob, ("welcome", "bob"))
        for cookie in ("", "session=", "session=4d1f0", "session=4d1f0a0",
                       "xsession=4d1f0a", "4d1f0a"):
            with self.subTest(cookie):
                client = await self.enter(cookie)
                with contextlib.suppress(websockets.ConnectionClosed):
                    await client.say("say", "I am in")
                await asyncio.wait_for(client.socket.wait_closed(), PATIENCE)
                self.assertEqual(client.socket.close_code, 1008)
                self.assertEqual(client.socket.close_reason, "not logged in")
        await bob.say("say", "I am alone")
        await self.assert_hears(bob, ("said", "bob: I am alone"))


if __name__ == "__main__":
    unittest.main()
