"""The options that limit clients: each is reached, and others notice nothing.

Clients come with a header of the PROXY protocol, since limits for an address do
not apply to the loopback interface."""

import re
import threading
import unittest
import urllib.request

from support.program import PATIENCE, Program, eventually
from support.raw import (PONG, TEXT, Peer, Wire, close_payload, frame,
                         handshake)

GUEST, OTHER, NEIGHBOR = "203.0.113.7", "198.51.100.1", "203.0.113.8"


class Limits(unittest.TestCase):
    def start(self, *options):
        """Starts a program and a client that must notice nothing."""
        self.program = self.enterContext(
            Program("--http.proxy-protocol", "--http.trusted-proxies=127.0.0.1",
                    "--admin.listen=127.0.0.1:0", *options))
        line = self.program.log.wait_for("metrics at http://")
        self.metrics = line[line.index("http://"):]
        self.bystander = self.member(OTHER)

    def tearDown(self):
        self.bystander.echo("still here")

    def guest(self, address=GUEST):
        """A client that has sent nothing yet."""
        return self.enterContext(Wire(self.program, address=address))

    def member(self, address=GUEST):
        """A client whose WebSocket is open."""
        return self.enterContext(Peer(self.program, "/echo", address=address))

    def status(self, address=GUEST):
        """@returns the status of a handshake, 0 if there is no response."""
        return self.statuses(1, address)[0]

    def statuses(self, count, address=GUEST):
        """@returns those of several handshakes at once."""
        guests = [self.guest(address) for _ in range(count)]
        for x in guests:
            x.send(handshake("/echo"))
        heads = [x.read_head() for x in guests]
        return [int(x.split()[1]) if x else 0 for x in heads]

    def counter(self, name):
        """@returns the sum of the samples of a metric."""
        with urllib.request.urlopen(self.metrics, timeout=PATIENCE) as answer:
            text = answer.read().decode()
        found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M)
        assert found, f"no {name} in\n{text}"
        return sum(map(float, found))

    def test_connections_of_the_process(self):
        self.start("--limits.connections=3")
        guests = [self.member(), self.member("2001:db8::1")]
        self.assertEqual(self.status("192.0.2.9"), 503)
        for x in guests:
            x.echo("as before")
        guests[0].socket.close() # Makes room.
        eventually(lambda: self.status() == 101, "a free place")

    def test_connections_from_one_address(self):
        self.start("--limits.connections-per-address=2")
        for _ in range(2):
            self.member()
        self.assertEqual(self.status(), 429)
        self.member(NEIGHBOR)
        # One customer has a /64 network of IPv6.
        for i in range(2):
            self.member(f"2001:db8::{i}")
        self.assertEqual(self.status("2001:db8::ffff:1"), 429)
        self.member("2001:db8:0:1::1")

    def test_new_connections_per_second(self):
        self.start("--limits.handshakes-per-second=1")
        self.assertEqual(set(self.statuses(50)), {101, 429})
        self.member(NEIGHBOR)
        eventually(lambda: self.status() == 101, "the next second")

    def test_connections_without_a_request(self):
        self.start("--limits.pending=8", "--limits.pending-per-address=2")
        oldest, *_ = (self.guest() for _ in range(3))
        self.assertEqual(oldest.read_to_end(), b"")
        # Many addresses: others of them go, never one with a WebSocket.
        for i in range(20):
            self.guest(f"192.0.2.{i}")
        eventually(lambda: self.status(NEIGHBOR) == 101, "a place for others")

    def test_addresses_that_are_denied(self):
        self.start("--limits.deny=203.0.113.0/29,2001:db8::/32")
        for address in (GUEST, "2001:db8:1::1"):
            self.assertEqual(self.status(address), 0, address)
        self.member(NEIGHBOR)

    def test_addresses_that_are_allowed(self):
        self.start(f"--limits.allow={OTHER}/32,{GUEST}/32")
        self.member()
        self.assertEqual(self.status(NEIGHBOR), 0)

    def test_requests_on_one_connection(self):
        self.start("--http.max-requests-per-connection=3")
        guest = self.guest()
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        guest.send(request * 5)
        text = guest.read_to_end().decode()
        self.assertEqual(text.count("HTTP/1.1 200 "), 3, text)
        self.assertIn("Connection: close", text)

    def check_rate(self, option, data):
        """Sends `data` until the server closes the connection."""
        self.start(option)
        guest = self.member()
        received = bytearray()
        reader = threading.Thread(
            target=lambda: received.extend(guest.read_to_end()), daemon=True)
        reader.start()
        while reader.is_alive() and guest.send(data):
            pass
        reader.join(PATIENCE)
        self.assertIn(close_payload(1008), received[-128:])
        self.assertEqual(self.counter("troupe_rates_exceeded_total"), 1)

    def test_output_that_waits(self):
        self.start("--limits.queued-bytes=1000000",
                   "--ws.max-queue-bytes=1000000000")
        slow = [self.enterContext(Peer(self.program, "/rooms/lobby",
                                       address=GUEST, receive_buffer=4096))
                for _ in range(3)]
        speaker = self.enterContext(Peer(self.program, "/rooms/lobby",
                                         address=NEIGHBOR))
        def all_are_cut():
            speaker.echo("x" * 60000)
            return self.counter("troupe_slow_receivers_total") == len(slow)
        eventually(all_are_cut, "the slow ones are cut")
        for x in slow:
            self.assertEqual(x.close_code(), 1013)

    def test_messages_per_second(self):
        self.check_rate("--ws.max-messages-per-second=10",
                        frame(TEXT, b"x") * 10)

    def test_bytes_per_second(self):
        self.check_rate("--ws.max-bytes-per-second=65536",
                        frame(TEXT, b"x" * 10000))

    def test_control_frames_per_second(self):
        self.check_rate("--ws.max-control-frames-per-second=20",
                        frame(PONG) * 100)


if __name__ == "__main__":
    unittest.main()
