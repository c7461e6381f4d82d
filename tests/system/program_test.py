"""Starting a server program: its options, its address, what it prints."""

import http.client
import os
import socket
import tempfile
import unittest

from support.program import PATIENCE, Program, run
from support.raw import BINARY, CLOSE, Bystanders, Peer, frame


def get(program, path="/healthz", host=None):
    """@returns status and body."""
    http_client = http.client.HTTPConnection(host or program.host, program.port,
                                             timeout=PATIENCE)
    try:
        http_client.request("GET", path)
        answer = http_client.getresponse()
        return answer.status, answer.read()
    finally:
        http_client.close()


def largest_message(program):
    """What `ws.max-message-size` is, if a power of two up to 64 KiB."""
    for size in (2**n for n in range(17)):
        with Peer(program, "/echo") as client:
            client.send(frame(BINARY, bytes(size + 1)))
            if client.receive().opcode == CLOSE:
                return size
    return None


class Refusals(unittest.TestCase):
    """A program that cannot do what it is told says why and ends with 1."""

    def assert_refused(self, result, *words):
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Aerror: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, result.stderr)

    def test_options_that_are_wrong(self):
        for option, *words in (
            ("--no-such-option", "--no-such-option", "no such option"),
            ("--troupe.no-such-option=1", "--troupe.no-such-option"),
            ("--ws.max-message-size=banana", "max-message-size=banana",
             "whole number"),
            ("--ws.max-message-size=0", "max_message_size", "1 to"),
            ("--ws.max-message-size=-1", "max-message-size"),
            ("--ws.ping-period=0s", "ping_period is 0s", "more than 0"),
            ("--ws.ping-period=-5s", "ping_period is -5s", "more than 0"),
            ("--ws.ping-period=10", "ping-period", "unit"),
            ("--ws.ping-period=2h", "pong_timeout", "ping_period"),
            ("--ws.event-prefix=", "event"),
            ("--ws.max-queue-bytes=1", "max_queue_bytes", "65536"),
            ("--ws.binary-messages=maybe", "binary-messages"),
            ("--http.max-header-size=1", "max_header_size", "512"),
            ("--http.request-timeout=0s", "request_timeout"),
            ("--port=99999", "--port=99999", "65535"),
            ("--port=-1", "--port=-1", "65535"),
            ("--port=", "--port"),
            ("--threads=many", "--threads=many", "whole number"),
            ("--threads=100000", "threads", "1024"),
            ("--host=", "host"),
            ("banana", "banana"),
        ):
            with self.subTest(option):
                self.assert_refused(run("--port=0", option), *words)

    def test_addresses_that_cannot_be_had(self):
        for host in ("no-such-host.invalid", "192.0.2.1", "2001:db8::1"):
            with self.subTest(host):
                self.assert_refused(run("--port=0", f"--host={host}"), host)

    def test_port_in_use(self):
        with Program() as first:
            self.assert_refused(run(f"--port={first.port}"), "127.0.0.1",
                                str(first.port), "Address already in use")
            self.assertEqual(get(first)[0], 200)

    def test_files_that_are_wrong(self):
        for text, *words in (
            ("[ws]\nmax-message-size = \"big\"\n", "max-message-size"),
            ("[ws]\nmax-mesage-size = 1\n", "max-mesage-size"),
            ("[ws]\nping-period = 0s\n", "ping_period"),
            ("port = 99999\n", "port"),
            ("[troupe\n", ),
        ):
            with self.subTest(text), tempfile.NamedTemporaryFile("w") as file:
                file.write(text)
                file.flush()
                result = run("--port=0", f"--config-file={file.name}")
                self.assert_refused(result, *words)
        missing = "/no/such/file"
        self.assert_refused(run(f"--config-file={missing}"), missing)

    def test_environment_that_is_wrong(self):
        for name, value in (("TROUPE_PORT", "banana"),
                            ("TROUPE_WS_PING_PERIOD", "soon"),
                            ("TROUPE_HTTP_MAX_HEADER_SIZE", "-1"),
                            ("TROUPE_CONFIG_FILE", "/no/such/file")):
            with self.subTest(name):
                self.assert_refused(run(env={name: value}), value)


class Settings(unittest.TestCase):

    def test_help(self):
        for option in ("--help", "-h"):
            result = run(option)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            for name in ("--port=", "--host=", "--threads=", "--config-file=",
                         "--ws.max-message-size=", "--ws.ping-period=",
                         "--http.request-timeout=", "TROUPE_PORT"):
                self.assertIn(name, result.stdout)

    def test_option_and_value_as_two_words(self):
        result = run("--port", "0", "--help")
        self.assertEqual(result.returncode, 0)
        with Program("--threads", "1",
                     "--ws.max-message-size", "64") as it:
            self.assertEqual(largest_message(it), 64)

    def test_first_of_command_line_environment_and_file_wins(self):
        name = "--ws.max-message-size"
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("[ws]\nmax-message-size = 128\n")
            file.flush()
            by_option = f"--config-file={file.name}"
            by_env = {"TROUPE_CONFIG_FILE": file.name}
            env = {"TROUPE_WS_MAX_MESSAGE_SIZE": "512"}
            for options, variables, expected in (
                ([], {}, 65536),
                ([by_option], {}, 128),
                ([], by_env, 128),
                ([], env, 512),
                ([], by_env | env, 512),
                ([by_option], env, 512),
                ([f"{name}=1024"], env, 1024),
                ([by_option, f"{name}=1024"], {}, 1024),
                ([by_option, f"{name}=1024"], env, 1024),
                ([f"{name}=2048", f"{name}=1024"], {}, 1024),
                ([], {"TROUPE_WS_MAX_MESSAGE_SIZE": ""}, 65536),
                ([], {"TROUPE_NO_SUCH_OPTION": "1"}, 65536),
            ):
                with self.subTest(options=options, env=variables), \
                     Program(*options, env=variables) as it:
                    self.assertEqual(largest_message(it), expected)

    def test_a_flag(self):
        for value in ({"TROUPE_WS_BINARY_MESSAGES": "true"}, {}):
            options = [] if value else ["--ws.binary-messages"]
            with Program(*options, env=value) as it, \
                 Peer(it, "/echo") as client:
                client.send_text("hello")
                self.assertEqual(client.receive(), (BINARY, b"hello", True))

    def test_threads(self):
        count = {}
        for threads in (1, 2, 4):
            with self.subTest(threads), \
                 Program(f"--threads={threads}") as it, \
                 Bystanders(it) as others:
                others.chat()
                count[threads] = it.status("Threads")
        self.assertEqual(count[4] - count[2], 2)
        # One more is the control thread, which a single worker is itself.
        self.assertEqual(count[4] - count[1], 4)


class Reports(unittest.TestCase):
    """--check-config and --print-config open nothing."""

    def test_valid_settings(self):
        with Program() as other: # Its port is in use, which does not matter.
            result = run("--check-config", f"--port={other.port}")
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (0, "the settings are valid\n", ""))

    def test_invalid_settings(self):
        for option in ("--check-config", "--print-config"):
            result = run(option, "--ws.max-rooms=0")
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertRegex(result.stderr, r"\Aerror: .*max_rooms.*\n\Z")

    def test_unsafe_settings(self):
        result = run("--check-config", "--host=0.0.0.0",
                     "--ws.allow-any-origin")
        self.assertEqual(result.returncode, 0)
        warnings = result.stderr.splitlines()
        self.assertEqual([x.split(":")[0] for x in warnings],
                         ["warning"] * 2, result.stderr)

    def test_what_is_printed_configures_a_program(self):
        env = {"TROUPE_WS_MAX_MESSAGE_SIZE": "128"}
        printed = run("--print-config", "--threads=1", env=env)
        self.assertEqual((printed.returncode, printed.stderr), (0, ""))
        for line in ("threads = 1 ; command line",
                     'host = "127.0.0.1" ; default',
                     "  max-message-size = 128 ; TROUPE_WS_MAX_MESSAGE_SIZE"):
            self.assertIn(line, printed.stdout.splitlines())
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(printed.stdout)
            file.flush()
            with Program(f"--config-file={file.name}") as it:
                self.assertEqual(largest_message(it), 128)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as it:
            it.bind(("::1", 0))
        return True
    except OSError:
        return False


class Addresses(unittest.TestCase):

    def test_url_and_who_can_connect(self):
        for host, shown, reachable in (
            ("127.0.0.1", "127.0.0.1", ["127.0.0.1"]),
            ("0.0.0.0", "127.0.0.1", ["127.0.0.1"]),
            ("localhost", "localhost", ["localhost", "127.0.0.1"]),
            ("::1", "[::1]", ["::1"]),
            ("::", "[::1]", ["::1", "127.0.0.1"]),
        ):
            if ":" in host and not has_ipv6():
                self.skipTest("this machine has no IPv6")
            with self.subTest(host), Program(f"--host={host}") as it:
                self.assertEqual(it.url, f"http://{shown}:{it.port}")
                self.assertEqual(it.output.lines, [f"listening on {it.url}"])
                for x in reachable:
                    self.assertEqual(get(it, host=x), (200, b"ok\n"))
                if host != "localhost":
                    with Bystanders(it) as others:
                        others.chat()

    def test_default_is_for_this_machine_only(self):
        with Program() as it, self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", it.port), PATIENCE)

    def test_restart_on_the_same_port(self):
        with Program("--ws.close-timeout=500ms") as first, \
             Bystanders(first):
            first.stop()
            with Program(port=first.port) as second, \
                 Bystanders(second) as others:
                others.chat()


class Streams(unittest.TestCase):

    def test_outlives_the_reader_of_its_log(self):
        """As in `troupe-echo 2>&1 | head -1`."""
        reader, writer = os.pipe()
        with open(writer, "wb") as stderr:
            it = Program(stderr=stderr)
        os.close(reader)
        with it, Bystanders(it) as others:
            with Peer(it, "/rooms/lobby") as wrong:
                wrong.send(b"\xff" * 16) # Deserves a line in the log.
                self.assertEqual(wrong.close_code(), 1002)
            others.chat()


if __name__ == "__main__":
    unittest.main()
