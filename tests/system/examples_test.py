"""The programs of apps/examples: each shows what it is there to show."""

import asyncio
import base64
import hmac
import http.client
import json
import pathlib
import re
import tempfile
import time
import unittest

import websockets
from websockets.exceptions import InvalidStatusCode

from support.example import Client, Example
from support.program import PATIENCE, Program

PAGES = pathlib.Path(__file__).parents[2] / "apps/examples/login"


async def speak_until_heard(speaker, text, hearer, event):
    """Programs need a moment to meet and to learn of members."""
    async def hear():
        while await hearer.hear() != event:
            pass
    hearing = asyncio.create_task(hear())
    while not hearing.done():
        await speaker.say("say", text)
        await asyncio.wait([hearing], timeout=0.05)
    await hearing


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
                with self.assertRaises(InvalidStatusCode) as no:
                    await self.enter(cookie)
                self.assertEqual(no.exception.status_code, 401)
        await bob.say("say", "I am alone")
        await self.assert_hears(bob, ("said", "bob: I am alone"))


class Login(Example):
    name = "login"
    options = ("--login.pages=" + str(PAGES),)

    def log_in(self, name, password):
        """@returns the status and the cookie."""
        client = http.client.HTTPConnection(
            self.program.host, self.program.port, timeout=PATIENCE)
        client.request("POST", "/login",
                       json.dumps({"name": name, "password": password}),
                       {"Content-Type": "application/json"})
        answer = client.getresponse()
        client.close()
        cookie = answer.headers["Set-Cookie"] or ""
        return answer.status, cookie.partition(";")[0]

    async def test_a_login_opens_the_endpoint(self):
        status, cookie = self.log_in("alice", "wonderland")
        self.assertEqual(status, 204)
        alice = await self.connect("/members", extra_headers={"Cookie": cookie})
        await self.assert_hears(alice, ("welcome", "alice"))
        self.assertNotEqual(self.log_in("alice", "wonderland")[1], cookie)

    async def test_a_wrong_password_does_not(self):
        self.assertEqual(self.log_in("alice", "x"), (401, ""))
        self.assertEqual(self.log_in("alice", 1), (400, ""))
        for cookie in ("", "session=", "session=1.2.3.4."):
            with self.assertRaises(InvalidStatusCode):
                await self.connect("/members",
                                   extra_headers={"Cookie": cookie})

    def test_its_pages_come_from_a_folder(self):
        kind, page = self.get("/")
        self.assertEqual(kind, "text/html")
        style = re.search(r'href="(\S+)"', page)[1]
        self.assertEqual(self.get(f"/{style}")[0], "text/css")
        script = re.search(r"import {Ws} from '(\S+)'", page)[1]
        self.assertEqual(self.get(script)[0], "text/javascript")


class Token(Example):
    name = "token"
    key = "a key of thirty-two bytes or more"

    def setUp(self):
        file = self.enterContext(tempfile.NamedTemporaryFile("w"))
        file.write(self.key)
        file.flush()
        self.options = (f"--jwt.key-file={file.name}",)
        super().setUp()

    def token(self, lifetime=60, key=None, algorithm="HS256", kind="JWT",
              **claims):
        """A JSON Web Token, signed (RFC 7519, RFC 7515)."""
        def encode(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        claims = {"sub": "alice", "exp": int(time.time() + lifetime)} | claims
        signed = b".".join(encode(json.dumps(x).encode()) for x in (
            {"alg": algorithm, "typ": kind}, claims))
        signature = hmac.digest((key or self.key).encode(), signed, "sha256")
        return (signed + b"." + encode(signature)).decode()

    async def enter(self, token):
        return await self.connect("/members", extra_headers={
            "Authorization": f"Bearer {token}"})

    async def test_a_token_names_its_user(self):
        alice = await self.enter(self.token())
        await self.assert_hears(alice, ("welcome", "alice"))

    async def test_a_page_sends_its_token_as_a_subprotocol(self):
        alice = await self.connect("/members", subprotocols=[
            f"bearer.{self.token()}"])
        await self.assert_hears(alice, ("welcome", "alice"))
        self.assertIsNone(alice.socket.subprotocol)

    async def test_no_other_token_will_do(self):
        valid = self.token()
        for token in ("", "x", "x.y.z", valid[:-1], valid + "x",
                      self.token(lifetime=-60), self.token(key="x" * 32),
                      self.token(algorithm="none"),
                      self.token(algorithm="none").rpartition(".")[0] + "."):
            with self.subTest(token):
                with self.assertRaises(InvalidStatusCode) as no:
                    await self.enter(token)
                self.assertEqual(no.exception.status_code, 401)
                self.assertEqual(no.exception.headers["WWW-Authenticate"],
                                 "Bearer")

    async def test_no_token_ends_the_verifier(self):
        for token in (self.token(algorithm=1), self.token(kind=1),
                      self.token(algorithm=1, key="x"), self.token(kind=[]),
                      self.token(sub=1), self.token(exp="soon"),
                      self.token(sub=None), self.token(exp=None)):
            with self.subTest(token):
                with self.assertRaises(InvalidStatusCode) as no:
                    await self.enter(token)
                self.assertEqual(no.exception.status_code, 401)
        alice = await self.enter(self.token())
        await self.assert_hears(alice, ("welcome", "alice"))

    async def test_the_connection_ends_with_its_token(self):
        alice = await self.enter(self.token(lifetime=3))
        await self.assert_hears(alice, ("welcome", "alice"))
        await asyncio.wait_for(alice.socket.wait_closed(), PATIENCE)
        self.assertEqual(alice.socket.close_code, 1008)
        self.assertEqual(alice.socket.close_reason, "expired")


class Bot(Example):
    name = "bot"

    async def test_it_counts_and_answers(self):
        alice = await self.connect("/chat")
        for count in range(3):
            await alice.say("say", "!count")
            await self.assert_hears(alice, ("say", "!count"),
                                    ("say", str(count)))
            await alice.say("say", "hello")
            await self.assert_hears(alice, ("say", "hello"))
        # Everyone in the room hears the bot.
        bob = await self.connect("/chat")
        await bob.say("say", "!count")
        for x in (alice, bob):
            await self.assert_hears(x, ("say", "!count"), ("say", "3"))


class Blocking(Example):
    name = "blocking"

    async def test_the_thread_goes_on_while_a_job_runs(self):
        client = await self.connect("/reports")
        for title in ("weather", "traffic"):
            await client.say("order", title)
        await self.assert_hears(client,
                                ("ordered", "weather"),
                                ("ordered", "traffic"),
                                ("report", "report on weather"),
                                ("report", "report on traffic"))

    async def test_the_result_of_a_client_that_left_is_dropped(self):
        async with websockets.connect(self.program.ws("/reports")) as socket:
            await Client(socket).say("order", "weather")
            await Client(socket).hear()
        client = await self.connect("/reports")
        await client.say("order", "traffic")
        await self.assert_hears(client, ("ordered", "traffic"),
                                ("report", "report on traffic"))


class Request(Example):
    name = "request"

    async def test_answers_come_back(self):
        client = await self.connect("/numbers")
        for n, divisor in ((2, 2), (91, 7), (97, 97)):
            await client.say("divide", n)
            await self.assert_hears(client, ("divisor", divisor))

    async def test_errors_come_back(self):
        client = await self.connect("/numbers")
        for n in (1, -7, 2**62):
            await client.say("divide", n)
            event, text = await client.hear()
            self.assertEqual(event, "failed")
            self.assertIn("2 to 10^16", text)

    async def test_the_thread_goes_on_while_a_request_is_open(self):
        client = await self.connect("/numbers")
        prime = 9_999_999_999_999_937 # Takes as long as a number may take.
        await client.say("divide", prime)
        await client.say("ping")
        await self.assert_hears(client, ("pong", ""), ("divisor", prime))


class TwoNodes(Example):
    name = "two-nodes"

    async def test_a_room_spans_both(self):
        line = self.program.log.wait_for("other node at ")
        here = await self.connect("/chat")
        there = await self.connect("/chat", url=line.split()[-1])
        for speaker, hearer, text in ((here, there, "from here"),
                                      (there, here, "from there")):
            await speak_until_heard(speaker, text, hearer, ("say", text))


class Bridge(Example):
    name = "bridge"

    def setUp(self):
        self.chats = [
            self.enterContext(Program(name="troupe-example-chat"))
            for _ in range(2)]
        self.options = tuple(
            f"--bridge.{side}={chat.ws('/rooms/lobby')}"
            for side, chat in zip(("left", "right"), self.chats))
        super().setUp()

    async def test_what_is_said_in_one_room_is_said_in_the_other(self):
        alice, bob = [await self.connect("/rooms/lobby", url=chat.url)
                      for chat in self.chats]
        await alice.say("name", "Alice")
        await bob.say("name", "Bob")
        for speaker, hearer, name in ((alice, bob, "Alice"),
                                      (bob, alice, "Bob")):
            wanted = {"name": "bridge", "text": f"{name}: hello"}
            await speak_until_heard(speaker, "hello", hearer, ("said", wanted))


class Beast(Example):
    name = "beast"

    async def test_its_pages_and_troupes_sockets(self):
        _, page = self.get("/")
        self.assertIn("/chat", page)
        alice = await self.connect("/chat")
        await alice.say("say", "is anybody here?")
        await self.assert_hears(alice, ("say", "is anybody here?"))
        bob = await self.connect("/chat")
        await bob.say("say", "hello")
        for x in (alice, bob):
            await self.assert_hears(x, ("say", "hello"))

    def test_a_bad_handshake_is_answered(self):
        browser = http.client.HTTPConnection(
            self.program.host, self.program.port, timeout=PATIENCE)
        browser.request("GET", "/chat")
        self.assertEqual(browser.getresponse().status, 426)
        browser.close()


if __name__ == "__main__":
    unittest.main()
