"""What apps/bench/troupe-load measures on a server that keeps its promises."""

import asyncio
import json
import os
import pathlib
import tempfile
import unittest

import websockets

from support.authority import Authority
from support.program import Program, run


def measure(workload, path, *options, server=(), name="troupe-echo"):
    """@returns the figures."""
    with Program(*server, name=name) as program:
        done = run(workload, "--url", program.ws(path),
                   "--server-pid", str(program.pid), *options,
                   name="troupe-load")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def is_built():
    """Not every build has the load generator."""
    return (pathlib.Path(os.environ["TROUPE_BIN_DIR"]) / "troupe-load").exists()


@unittest.skipUnless(is_built(), "without TROUPE_BENCH there is no troupe-load")
class Load(unittest.TestCase):
    def test_all_leave_and_the_server_notices(self):
        for path in ("/echo", "/rooms/a"):
            for goodbye in ("no", "yes"):
                with self.subTest(path=path, goodbye=goodbye):
                    figures = measure("leave", path, "--connections", "200",
                                      "--goodbye", goodbye)
                    self.assertGreater(figures["server_cpu_us"], 0)

    def test_a_slow_member_fills_its_queue_with_the_smallest_messages(self):
        figures = measure("slow", "/rooms/a", "--members", "10",
                          "--rate", "3000", "--seconds", "1", "--warmup", "0",
                          server=["--ws.max-message-size=4096",
                                  "--ws.max-queue-bytes=4096"])
        self.assertEqual(figures["slow_was_closed"], 1)

    def test_who_reads_less_often_misses_nothing(self):
        figures = measure("rooms", "/rooms/a", "--rooms", "2", "--members",
                          "10", "--senders", "2", "--read-at", "4096",
                          "--seconds", "0.5", "--warmup", "0")
        self.assertGreater(figures["messages_per_read"], 2)

    def test_requests_are_answered(self):
        figures = measure("request", "/requests", "--dialect", "troupe.2",
                          "--seconds", "0.5", "--warmup", "0",
                          name="troupe-bench-server")
        self.assertGreater(figures["requests"], 100)

    def test_members_leave_and_join_again_and_stay_connected(self): # C43, C58
        for threads in (1, 2):
            with self.subTest(threads=threads):
                figures = measure("churn", "/rooms/a", "--commuters", "20",
                                  "--stay", "0.02", "--seconds", "1",
                                  "--warmup", "0",
                                  name="troupe-bench-server",
                                  server=[f"--threads={threads}"])
                self.assertGreater(figures["returns_per_second"], 0)


@unittest.skipUnless(is_built(), "without TROUPE_BENCH there is no troupe-load")
class Tls(unittest.TestCase):
    def setUp(self):
        self.server = Authority(
            self.enterContext(tempfile.TemporaryDirectory())).options()

    def measure(self, workload, path, *options):
        return measure(workload, path, *options, server=self.server)

    def test_members_of_a_room_get_what_is_due(self):
        for size in ("64", "60000"):
            with self.subTest(size=size):
                figures = self.measure("fanout", "/rooms/a", "--members", "20",
                                       "--payload", size, "--seconds", "0.5",
                                       "--warmup", "0")
                self.assertGreater(figures["deliveries"], 0)

    def test_sessions_are_resumed(self):
        # The load fails if one is not, or if one of so many that open at the
        # same time makes no progress.
        figures = self.measure("connect", "/echo", "--connections", "1000",
                               "--resume", "yes")
        self.assertEqual(figures["connections"], 1000)

    def test_idle_connections_have_had_an_echo(self):
        figures = self.measure("idle", "/echo", "--connections", "200",
                               "--greet", "yes")
        self.assertGreater(figures["rss_per_connection"], 0)

    def test_a_flood_of_handshakes(self):
        for finish in ("no", "yes"):
            with self.subTest(finish=finish):
                figures = self.measure("hellos", "/echo", "--connections", "10",
                                       "--finish", finish, "--seconds", "0.5")
                self.assertGreater(figures["handshakes"], 10)


@unittest.skipUnless(is_built(), "without TROUPE_BENCH there is no troupe-load")
class BrokenServer(unittest.IsolatedAsyncioTestCase):
    async def test_who_has_left_and_still_hears_the_room_is_noticed(self):
        members = set()

        async def serve(client, *_):
            members.add(client)
            async for message in client:
                if message in ("leave", "join"):
                    await client.send(message) # And does nothing.
                else:
                    websockets.broadcast(members, message)

        async with websockets.serve(serve, "127.0.0.1", 0,
                                    compression=None) as server:
            _, port = server.sockets[0].getsockname()
            done = await asyncio.to_thread(
                run, "churn", "--url", f"ws://127.0.0.1:{port}/",
                "--members", "10", "--senders", "2", "--commuters", "1",
                "--warmup", "0", name="troupe-load")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sent after it had left", done.stderr)


if __name__ == "__main__":
    unittest.main()
