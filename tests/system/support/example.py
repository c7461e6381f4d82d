"""Base of the tests of programs in apps/examples."""

import asyncio
import json
import unittest
import urllib.request

import websockets

from .program import PATIENCE, Program


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
    options = ()

    def setUp(self):
        self.program = self.enterContext(
            Program("--threads=1", *self.options,
                    name=f"troupe-example-{self.name}"))

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
