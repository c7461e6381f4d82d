"""The metrics of a program, as Prometheus reads them."""

import asyncio
import contextlib
import json
import pathlib
import re
import resource
import socket
import threading
import unittest
import urllib.error
import urllib.request

import websockets
from prometheus_client.parser import text_string_to_metric_families

from support.program import PATIENCE, Program, run
from support.raw import TEXT, Peer, frame

HISTOGRAMS = {"troupe_turn_duration_seconds",
              "troupe_ping_round_trip_seconds", "troupe_recipients"}

DOCS = pathlib.Path(__file__).parents[2] / "docs"


class Scraped:
    """The metrics of a program at one time."""

    def __init__(self, url):
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            self.text = answer.read().decode()
        self.samples = {}
        for family in text_string_to_metric_families(self.text):
            assert family.documentation, family.name
            for x in family.samples:
                self.samples.setdefault(x.name, []).append(x)

    def value(self, name, **labels):
        return sum(x.value for x in self.samples[name]
                   if labels.items() <= x.labels.items())


class Metrics(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False) # Unittest's, and slow.

    def start(self, *options, **how):
        """@returns the program and the address of its metrics."""
        program = self.enterContext(
            Program("--admin.listen=127.0.0.1:0", *options, **how))
        line = program.log.wait_for("metrics at http://")
        return program, line[line.index("http://"):]

    async def test_it_is_reached_when_the_program_is_full(self):
        most = 256 # file descriptors, hence fewer connections

        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        program, url = self.start(before=limit)
        with contextlib.ExitStack() as clients:
            for _ in range(most):
                last = clients.enter_context(socket.create_connection(
                    (program.host, program.port), PATIENCE))
            self.assertIn(b" 503 ", last.recv(100))
            self.assertIn("troupe_", Scraped(url).text)

    async def test_traffic_is_counted(self):
        program, url = self.start()
        async with websockets.connect(program.ws("/echo")) as client:
            for _ in range(10):
                await client.send("x" * 1000)
                await client.recv()
            x = Scraped(url)
            for name, value in (
                ("troupe_connections", 1),
                ("troupe_connections_opened_total", 1),
                ("troupe_messages_received_total", 10),
            ):
                self.assertEqual(x.value(name, endpoint="/echo"), value, name)
            self.assertEqual(x.value("troupe_messages_sent_total"), 10)
            self.assertGreater(x.value("troupe_received_bytes_total"), 10000)
            self.assertGreater(x.value("troupe_sent_bytes_total"), 10000)
            turns = x.value("troupe_turn_duration_seconds_bucket", le="+Inf")
            self.assertEqual(turns,
                             x.value("troupe_turn_duration_seconds_count"))
            self.assertGreater(turns, 10)
            self.assertGreater(x.value("troupe_sockets_accepted_total"), 0)
            self.assertEqual(
                x.value("troupe_handshakes_total", result="accepted"), 1)
        x = Scraped(url)
        self.assertEqual(
            x.value("troupe_closes_total", code="1000", by="client"), 1)

    async def test_pings_are_timed(self):
        program, url = self.start("--ws.ping-period=50ms")
        async with websockets.connect(program.ws("/echo")):
            await self.until(lambda: Scraped(url).value(
                "troupe_ping_round_trip_seconds_count") > 0)

    async def test_output_that_waits_is_a_gauge(self):
        program, url = self.start("--ws.on-overflow=drop-oldest")
        client = self.enterContext(Peer(program, "/echo", receive_buffer=4096))
        message = frame(TEXT, b"x" * 30_000)

        def send_without_reading():
            while client.send(message):
                pass
        sender = threading.Thread(target=send_without_reading)
        sender.start()
        self.addCleanup(sender.join)
        await self.until(lambda: Scraped(url).value("troupe_queued_bytes") > 0)
        await self.until(lambda: Scraped(url).value(
            "troupe_congested_connections") == 1)
        client.socket.shutdown(socket.SHUT_RDWR) # Ends the sender.

    async def until(self, is_true):
        """Waits for what happens at a tick of the server."""
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(is_true):
                pass

    async def test_clients_do_not_get_them(self):
        program, _ = self.start()
        with self.assertRaises(urllib.error.HTTPError) as no:
            Scraped(program.url + "/metrics")
        self.assertEqual(no.exception.code, 404)
        no.exception.close()

    async def test_probes(self):
        _, url = self.start()
        for path in ("/healthz", "/readyz"):
            with urllib.request.urlopen(url.replace("/metrics", path)) as it:
                self.assertEqual(it.read(), b"ok\n")

    async def test_the_documents_name_what_exists(self):
        name = re.compile(r"\b(?:troupe|process)_[a-z_]+\b")
        _, url = self.start("--cluster.listen=127.0.0.1:0",
                            "--cluster.join=127.0.0.1:9")
        real = set(Scraped(url).samples)
        listed = set(name.findall((DOCS / "metrics.md").read_text()))
        self.assertEqual({x for x in real
                          if not x.endswith(("_bucket", "_sum", "_count"))},
                         listed - HISTOGRAMS)
        dashboard = json.loads((DOCS / "metrics/dashboard.json").read_text())
        rules = (DOCS / "metrics/alerts.yml").read_text()
        used = set(name.findall(json.dumps(dashboard["panels"]) + rules))
        self.assertGreater(len(used), 15)
        self.assertLessEqual(used, real)


class Refusals(unittest.TestCase):
    def test_addresses(self):
        for address in ("9090", "127.0.0.1", ":9090", "127.0.0.1:banana"):
            result = run("--port=0", f"--admin.listen={address}")
            self.assertEqual(result.returncode, 1, result)
            self.assertIn("admin.listen", result.stderr)


if __name__ == "__main__":
    unittest.main()
