"""TLS on the port of a server program: foreign clients, and certificates that
change while it runs."""

import asyncio
import http.client
import os
import signal
import socket
import ssl
import tempfile
import unittest

import websockets

from support.authority import Authority
from support.program import PATIENCE, Program, eventually, run


class Case(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.authority = Authority(
            self.enterContext(tempfile.TemporaryDirectory()))

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False) # Unittest's, and slow.

    def start(self, *options):
        return self.enterContext(Program(*self.authority.options(), *options))

    async def connect(self, program):
        return await self.enterAsyncContext(
            websockets.connect(f"wss://localhost:{program.port}/echo",
                               ssl=self.authority.trusting(), max_size=None,
                               open_timeout=PATIENCE))

    async def assert_echo(self, client, message):
        await client.send(message)
        echo = await asyncio.wait_for(client.recv(), PATIENCE)
        self.assertTrue(echo == message, f"{len(message)} in, {len(echo)} out")

    def serial_number(self, program):
        """That of the certificate which a new connection gets."""
        with socket.create_connection((program.host, program.port)) as plain:
            with self.authority.trusting().wrap_socket(
                    plain, server_hostname="localhost") as it:
                return it.getpeercert()["serialNumber"]


class Clients(Case):
    async def test_websockets(self):
        program = self.start("--ws.max-message-size=4194304")
        self.assertTrue(program.url.startswith("https://"), program.url)
        client = await self.connect(program)
        for message in ("", "hello", "x" * 16384, "y" * 4000000, b"\0" * 100000):
            await self.assert_echo(client, message)
        await client.close()
        self.assertEqual(client.close_code, 1000)

    async def test_compression(self):
        program = self.start("--ws.enable-compression")
        client = await self.connect(program)
        self.assertTrue(client.extensions)
        await self.assert_echo(client, "compressible " * 1000)

    async def test_pages(self):
        program = self.start()
        it = http.client.HTTPSConnection("localhost", program.port,
                                         context=self.authority.trusting(),
                                         timeout=PATIENCE)
        for _ in range(2): # on one connection
            it.request("GET", "/healthz")
            answer = it.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, b"ok\n"))
        it.close()

    async def test_a_strange_authority_is_not_trusted(self):
        program = self.start()
        with tempfile.TemporaryDirectory() as folder:
            strangers = Authority(folder).trusting()
            with self.assertRaises(ssl.SSLCertVerificationError):
                await websockets.connect(
                    f"wss://localhost:{program.port}/echo", ssl=strangers)
        await self.assert_echo(await self.connect(program), "still there")

    async def test_unencrypted_requests(self):
        program = self.start()
        it = http.client.HTTPConnection("localhost", program.port,
                                        timeout=PATIENCE)
        it.request("GET", "/healthz")
        answer = it.getresponse()
        self.assertEqual(answer.status, 308)
        self.assertEqual(answer.headers["Location"],
                         f"https://localhost:{program.port}/healthz")
        it.close()
        with self.assertRaises(websockets.exceptions.InvalidStatusCode) as no:
            await websockets.connect(f"ws://localhost:{program.port}/echo")
        self.assertEqual(no.exception.status_code, 403)

    async def test_clients_that_open_and_wait(self):
        program = self.start()
        silent = [socket.create_connection((program.host, program.port))
                  for _ in range(100)]
        for x in silent[::2]:
            x.sendall(b"\x16\x03\x01\x02\x00half a hello")
        await self.assert_echo(await self.connect(program), "served")
        for x in silent:
            x.close()


class Changes(Case):
    async def test_a_new_certificate(self):
        program = self.start()
        client = await self.connect(program)
        old = self.serial_number(program)
        self.authority.replace("localhost")
        eventually(lambda: self.serial_number(program) != old,
                   "the new certificate")
        await self.assert_echo(client, "the old connection")
        program.log.wait_for("certificates have changed")

    async def test_unusable_files(self):
        program = self.start()
        old = self.serial_number(program)
        (self.authority.folder / "localhost.pem").write_text("nonsense")
        program.log.wait_for("previous certificates")
        self.assertEqual(self.serial_number(program), old)

    async def test_a_pipe_in_place_of_a_file(self):
        program = self.start()
        certificate = self.authority.folder / "localhost.pem"
        pipe = certificate.with_suffix(".pipe")
        os.mkfifo(pipe)
        pipe.replace(certificate)
        program.log.wait_for("localhost.pem: not a regular file")
        await self.assert_echo(await self.connect(program), "still there")
        self.assertEqual(program.stop(), 0)

    async def test_a_hang_up_does_not_end_the_program(self):
        program = self.start()
        program.send_signal(signal.SIGHUP)
        await self.assert_echo(await self.connect(program), "still there")


class Refusals(Case):
    def assert_refused(self, *options, word):
        result = run("--port=0", *options)
        self.assertEqual(result.returncode, 1, result)
        self.assertRegex(result.stderr, r"\Aerror: [^\n]+\n\Z")
        self.assertIn(word, result.stderr)

    async def test_settings_that_cannot_work(self):
        certificate, key = self.authority.options()
        folder = self.authority.folder
        self.assert_refused(certificate, word="tls.keys")
        self.assert_refused(certificate, f"--tls.key={folder}/none.key",
                            word="none.key: No such file")
        self.assert_refused(certificate, f"--tls.key={self.authority.ca}",
                            word="readable by all users")
        self.assert_refused(f"--tls.certificate={folder}/localhost.key", key,
                            word="localhost.key")
        self.assert_refused(certificate, key, "--tls.client-auth=require",
                            word="client_ca")
        self.assert_refused(certificate, key, "--tls.min-version=1.1",
                            word="min-version")
        self.authority.add("other")
        self.assert_refused(certificate, f"--tls.key={folder}/other.key",
                            word="key values mismatch")
        os.chmod(folder / "localhost.key", 0o644)
        self.assert_refused(certificate, key, word="readable by all users")


if __name__ == "__main__":
    unittest.main()
