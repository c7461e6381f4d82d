"""The inspector as a client of its endpoint sees it, and who may use it."""

import asyncio
import json
import os
import pathlib
import tempfile
import unittest
import urllib.error
import urllib.request

import websockets
from websockets.exceptions import InvalidStatusCode

from support.program import PATIENCE, Program, run

TOKEN = "0123456789abcdef-of-a-test"


class Inspector(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False) # Unittest's, and slow.
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.token_file = pathlib.Path(folder) / "token"
        self.token_file.write_text(TOKEN + "\n")

    def start(self, *options):
        """@returns the program and the URL of the inspector."""
        program = self.enterContext(Program(
            "--admin.listen=127.0.0.1:0", "--admin.inspector", *options))
        line = program.log.wait_for("inspector at http://")
        return program, line[line.index("http://"):]

    def connect(self, url, token=None, **options):
        protocols = ["troupe.inspector"]
        if token:
            protocols.append(f"bearer.{token}")
        return websockets.connect("ws" + url.removeprefix("http") + "socket",
                                  subprotocols=protocols, **options)

    async def ask(self, socket, event, data=None):
        """@returns the name and the data of the answer."""
        text = ";0;" if data is None else ";4;" + json.dumps(data)
        await socket.send(f"m:{event}{text}")
        async with asyncio.timeout(PATIENCE):
            name, tag, rest = (await socket.recv())[2:].split(";", 2)
        return name, json.loads(rest) if tag == "4" else rest

    async def test_what_runs(self):
        program, url = self.start()
        async with (self.connect(url) as socket,
                    websockets.connect(program.ws("/echo")),
                    websockets.connect(program.ws("/rooms/one")) as one,
                    websockets.connect(program.ws("/rooms/one")) as two):
            for member in (one, two):
                await member.send("hello")
                await member.recv()
            name, x = await self.ask(socket, "overview")
            self.assertEqual(name, "overview")
            servers = {y["path"]: y for y in x["servers"]}
            self.assertEqual(servers["/echo"]["connections"], 1)
            self.assertEqual(servers["/rooms/*"]["rooms"], 1)
            self.assertGreater(sum(y["received_bytes"] for y in x["threads"]),
                               0)
            self.assertEqual(x["nodes"], [])

            _, x = await self.ask(socket, "rooms", {"server": "/rooms/*"})
            self.assertEqual(x, {"server": "/rooms/*",
                                 "rooms": [{"name": "one", "size": 2}]})
            _, x = await self.ask(socket, "rooms",
                                  {"server": "/rooms/*", "part": "two"})
            self.assertEqual(x["rooms"], [])

            _, x = await self.ask(socket, "connections", {"server": "/rooms/*"})
            self.assertEqual(len(x["connections"]), 2)
            for y in x["connections"]:
                self.assertEqual(y["remote"], "127.0.0.1")
                self.assertEqual(y["path"], "/rooms/one")
                self.assertEqual((y["rooms"], y["messages_in"]), (1, 1))
                self.assertGreaterEqual(y["messages_out"], 1)
                self.assertGreater(y["bytes_out"], 0)
                self.assertEqual(y["queued_bytes"], 0)
                self.assertFalse(y["is_slow"])
                self.assertGreaterEqual(y["age"], 0)

    async def test_a_connection_is_ended(self):
        program, url = self.start()
        async with (self.connect(url) as socket,
                    websockets.connect(program.ws("/echo")) as client):
            _, x = await self.ask(socket, "connections", {"server": "/echo"})
            which, = (y["id"] for y in x["connections"])
            answer = await self.ask(socket, "disconnect",
                                    {"server": "/echo", "id": which})
            self.assertEqual(answer, ("disconnected", which))
            with self.assertRaises(websockets.ConnectionClosed) as end:
                await asyncio.wait_for(client.recv(), PATIENCE)
            self.assertEqual(end.exception.rcvd.code, 1008)
        program.log.wait_for("the inspector at 127.0.0.1 disconnects " + which)

    async def test_a_tail_of_a_room(self):
        program, url = self.start()
        which = {"server": "/rooms/*", "room": "one"}
        async with self.connect(url) as socket:
            name, x = await self.ask(socket, "tail", which)
            self.assertEqual((name, x["end"]),
                             ("tail", "there is no room of this name"))
            async with websockets.connect(program.ws("/rooms/one")) as member:
                await member.send("hello")
                await member.recv()
                _, x = await self.ask(socket, "tail", which)
                self.assertEqual(x, which | {"messages": [], "omitted": 0,
                                             "omitted_bytes": 0, "end": ""})
                await member.send("again")
                while not x["messages"]:
                    _, x = await self.ask(socket, "tail", which)
                seen, = x["messages"]
                self.assertGreater(seen.pop("time"), 0)
                self.assertEqual(seen, {"text": "again", "size": 5,
                                        "is_binary": False})
                _, x = await self.ask(socket, "rooms", {"server": "/rooms/*"})
                self.assertEqual(x["rooms"], [{"name": "one", "size": 1}])
            while not x.get("end"):
                _, x = await self.ask(socket, "tail", which)
            self.assertEqual(x["end"], "the room has ended")
        program.log.wait_for("the inspector at 127.0.0.1 shows room one of")

    async def test_there_is_no_such_connection(self):
        program, url = self.start()
        async with (self.connect(url) as socket,
                    websockets.connect(program.ws("/rooms/one")) as member):
            await member.send("hello")
            await member.recv()
            for which in ("nobody", "one", ""): # A room is no connection.
                name, why = await self.ask(
                    socket, "disconnect", {"server": "/rooms/*", "id": which})
                self.assertEqual(name, "failed")
                self.assertIn("no such connection", why)
            await member.send("hello")
            await member.recv()
        program.stop()
        self.assertEqual(program.log.find(" disconnects "), [])

    async def test_messages_that_make_no_sense(self):
        _, url = self.start()
        async with self.connect(url) as socket:
            for data in ([], {}, {"server": 1}, {"server": "/none"}, "x", None):
                for event in ("rooms", "connections", "disconnect", "tail"):
                    await socket.send(f"m:{event};4;{json.dumps(data)}")
            name, _ = await self.ask(socket, "overview")
            self.assertEqual(name, "overview")

    async def status(self, url, token=None, **options):
        try:
            async with self.connect(url, token, **options):
                return 101
        except InvalidStatusCode as error:
            return error.status_code

    async def test_a_token_opens_it(self):
        _, url = self.start(f"--admin.token-file={self.token_file}")
        self.assertEqual(await self.status(url, TOKEN), 101)
        for wrong in (None, TOKEN[:-1], TOKEN + "x", TOKEN.upper()):
            self.assertEqual(await self.status(url, wrong), 401, wrong)
        with_query = url + "socket?access_token=" + TOKEN
        for protocols in (["troupe.inspector"],
                          ["troupe.inspector", f"bearer.{TOKEN}"]):
            with self.assertRaises(InvalidStatusCode) as no:
                await websockets.connect(
                    "ws" + with_query.removeprefix("http"),
                    subprotocols=protocols)
            self.assertEqual(no.exception.status_code, 401)

    async def test_pages_of_other_sites_are_refused(self):
        _, url = self.start()
        own = url.removesuffix("/inspector/")
        self.assertEqual(await self.status(url, origin=own), 101)
        self.assertEqual(
            await self.status(url, origin="http://elsewhere.example"), 403)
        for path in ("/inspector/", "/metrics"):
            request = urllib.request.Request(
                own + path, headers={"Host": "rebound.example"})
            with self.assertRaises(urllib.error.HTTPError) as no:
                urllib.request.urlopen(request, timeout=PATIENCE)
            self.assertEqual(no.exception.code, 421)
            no.exception.close()

    async def test_other_names_are_added(self):
        _, url = self.start("--admin.allowed-hosts=metrics.example")
        metrics = url.removesuffix("/inspector/") + "/metrics"
        for host in ("metrics.example", "localhost", "127.0.0.1"):
            request = urllib.request.Request(metrics, headers={"Host": host})
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                self.assertEqual(answer.status, 200, host)

    async def test_there_is_none_by_default(self):
        program = self.enterContext(Program("--admin.listen=127.0.0.1:0"))
        line = program.log.wait_for("metrics at http://")
        for base in (program.url, line[line.index("http://"):-len("/metrics")]):
            with self.assertRaises(urllib.error.HTTPError) as no:
                urllib.request.urlopen(base + "/inspector/", timeout=PATIENCE)
            self.assertEqual(no.exception.code, 404)
            no.exception.close()


class Refusals(unittest.TestCase):
    def test_settings(self):
        short = self.enterContext(tempfile.NamedTemporaryFile("w"))
        short.write("secret\n")
        short.flush()
        here = "--admin.listen=127.0.0.1:0"
        folder = self.enterContext(tempfile.TemporaryDirectory())
        pipe = pathlib.Path(folder) / "pipe"
        os.mkfifo(pipe)
        for options in (["--admin.inspector"],
                        ["--admin.inspector", "--admin.listen=0.0.0.0:0"],
                        ["--admin.inspector", here,
                         f"--admin.token-file={short.name}"],
                        ["--admin.inspector", here,
                         f"--admin.token-file={pipe}"],
                        ["--admin.inspector", here,
                         "--admin.token-file=/nowhere"]):
            result = run("--port=0", *options)
            self.assertEqual(result.returncode, 1, result)
            self.assertIn("admin.", result.stderr)


if __name__ == "__main__":
    unittest.main()
