"""What apps/bench/troupe-load measures on a server that keeps its promises."""

import json
import os
import pathlib
import unittest

from support.program import Program, run


def measure(workload, path, *options, server=()):
    """@returns the figures."""
    with Program(*server) as program:
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
                          server=["--troupe.max-message-size=4096",
                                  "--troupe.max-queue-bytes=4096"])
        self.assertEqual(figures["slow_was_closed"], 1)

    def test_who_reads_less_often_misses_nothing(self):
        figures = measure("rooms", "/rooms/a", "--rooms", "2", "--members",
                          "10", "--senders", "2", "--read-at", "4096",
                          "--seconds", "0.5", "--warmup", "0")
        self.assertGreater(figures["messages_per_read"], 2)


if __name__ == "__main__":
    unittest.main()
