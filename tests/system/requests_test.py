"""The examples of requests, spoken to in version 2 of the protocol as
docs/protocol-2.md describes it, by a client that knows nothing else."""

import asyncio
import json
import signal
import unittest

from support.example import Example
from support.program import PATIENCE
from support.raw import TEXT, Wire, frame, handshake


class Requests(Example):
    path = None

    async def meet(self):
        client = await self.connect(self.path, subprotocols=["troupe.2"])
        self.assertEqual(client.socket.subprotocol, "troupe.2")
        hello = await self.ask(client.socket, 'h{"v":2}')
        self.assertEqual(json.loads(hello.removeprefix("h"))["v"], 2)
        return client.socket

    async def heard(self, socket):
        return await asyncio.wait_for(socket.recv(), PATIENCE)

    async def ask(self, socket, *messages):
        """@returns the first thing that is heard after them."""
        for message in messages:
            await socket.send(message)
        return await self.heard(socket)


class Auction(Requests):
    name = "auction"
    path = "/auction"

    async def test_a_client_asks_and_is_answered(self):
        client = await self.meet()
        self.assertEqual(await self.ask(client, "q1;;price;0;"), "a1;1;0")
        self.assertEqual(await self.ask(client, "q2;;bid;1;10"), "a2;1;10")
        self.assertEqual(await self.ask(client, "q3;;bid;1;10"),
                         "x3;too_low;0;more than 10")
        self.assertEqual(await self.ask(client, "q4;;bid;0;much"),
                         "x4;invalid;0;")
        self.assertEqual(await self.ask(client, "q5;;steal;0;"),
                         "x5;no_handler;0;")

    async def test_members_hear_the_bids_and_join_only_open_rooms(self):
        member, bidder = await self.meet(), await self.meet()
        self.assertEqual(await self.ask(member, "j1;bids;0;"), "a1;4;null")
        self.assertTrue((await self.ask(member, "j2;office;0;"))
                        .startswith("x2;refused;0;"))
        self.assertEqual(await self.ask(bidder, "q1;;bid;1;5"), "a1;1;5")
        self.assertEqual(await self.heard(member), "e#bids;highest;1;5")
        self.assertEqual(await self.ask(member, "e#bids;highest;1;6"),
                         "x0;refused;0;bids")

    async def test_the_server_asks_the_client(self):
        client = await self.meet()
        for number, sure, outcome in ((1, "a1;2;true", "a1;0;sold"),
                                      (2, "a2;2;false", "x2;changed_mind;0;"),
                                      (3, "x3;refused;0;", "x3;changed_mind;0;")):
            question = await self.ask(client, f"q{number};;buy;0;")
            self.assertEqual(question, f"q{number};;sure;0;really?")
            self.assertEqual(await self.ask(client, sure), outcome)

    async def test_messages_may_follow_the_hello_at_once(self):
        client = await self.connect(self.path, subprotocols=["troupe.2"])
        hello = await self.ask(client.socket, 'h{"v":2}', "q1;;price;0;",
                               "q2;;bid;1;1")
        self.assertEqual(hello[0], "h")
        self.assertEqual(await self.heard(client.socket), "a1;1;0")
        self.assertEqual(await self.heard(client.socket), "a2;1;1")

    async def test_the_server_shows_that_it_is_alive_and_advises(self):
        client = await self.meet()
        self.assertEqual(await self.ask(client, "?"), ".")
        self.program.send_signal(signal.SIGTERM)
        advice = json.loads((await self.heard(client)).removeprefix("s"))
        self.assertTrue(advice["again"])
        self.assertIn("window", advice)
        await client.wait_closed()
        self.program.wait()


class UnreadAnswers(Requests):
    name = "auction"
    path = "/auction"
    options = ("--ws.on-overflow=drop_oldest", "--ws.max-unsent-bytes=4096",
               "--ws.write-timeout=60s", "--limits.queued-bytes=200000")

    def test_a_client_that_leaves_its_answers_is_closed_beyond_the_limit(self):
        with Wire(self.program, receive_buffer=4096) as client:
            client.send(handshake(self.path, "Sec-WebSocket-Protocol: troupe.2"))
            self.assertIn(" 101 ", client.read_head())
            client.send(frame(TEXT, b'h{"v":2}'))
            client.socket.settimeout(1)
            # The server stops reading, or takes all of it.
            try:
                client.send(frame(TEXT, b"q1;;nobody;0;") * 50_000)
            except TimeoutError:
                pass
            self.program.log.wait_for("closed with 1013")


class Service(Requests):
    name = "service"
    path = "/shop"

    async def test_an_actor_answers_and_the_thread_goes_on(self):
        client = await self.meet()
        self.assertEqual(
            await self.ask(client, "q1;;price;0;tea", "q2;;items;0;"),
            'a2;4;["tea","milk"]')
        self.assertEqual(await self.heard(client), "a1;4;2.5")

    async def test_an_actor_refuses(self):
        client = await self.meet()
        self.assertEqual(await self.ask(client, "q1;;price;4;[]"),
                         "x1;invalid;0;")
        self.assertEqual(await self.ask(client, "q2;;price;0;gold"),
                         "x2;unknown;0;gold")
        self.assertEqual(await self.ask(client, "q3;;sell;0;tea"),
                         "x3;no_handler;0;")


if __name__ == "__main__":
    unittest.main()
