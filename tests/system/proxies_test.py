"""troupe behind proxies that are configured as docs/guide/deployment.md shows."""

import asyncio
import contextlib
import signal
import socket
import ssl
import tempfile
import unittest

from websockets.exceptions import InvalidStatusCode

from support.program import PATIENCE, Program, eventually
from support.proxies import (ADDRESS, CHECK_INTERVAL, IDLE_LIMITS, NAME,
                             Proxy, Site, free_port)

ORIGIN = f"https://{NAME}"

# Clients. Mallory is not served.
ALICE, BOB, MALLORY = "127.0.0.2", "127.0.0.3", "127.0.0.4"

# The limit for idle connections and the interval of pings in the guide, in
# seconds, and by what factor they are shorter here.
IDLE_LIMIT, PING_PERIOD, SHORTER = 120, 54, 30


def forged(address):
    """All fields in which proxies name their clients."""
    return {"X-Forwarded-For": address, "X-Real-IP": address,
            "X-Forwarded-Proto": "http", "Forwarded": f"for={address}"}


def setUpModule():
    global site
    site = Site(unittest.enterModuleContext(tempfile.TemporaryDirectory()))


class Server(Program):
    """A program with the guide's options for a kind of proxy."""

    def __init__(self, kind, *options, **more):
        super().__init__(*site.options(kind), *options, hosts=(), **more)


class Case(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False) # Unittest's, and slow.

    async def assert_echo(self, client, message):
        await client.send(message)
        self.assertEqual(await asyncio.wait_for(client.recv(), PATIENCE),
                         message)


class Behind:
    """What is the same behind all proxies."""

    kind = None
    status_for_others = 421 # Hosts without a configuration.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(Server(
            cls.kind, f"--limits.deny={MALLORY}", "--ws.enable-compression"))
        cls.proxy = cls.enterClassContext(
            Proxy(site, cls.kind, cls.server.port))

    async def get(self, proxy, path, **options):
        return await asyncio.to_thread(proxy.get, path, **options)

    async def assert_refused(self, proxy=None, **options):
        with self.assertRaises(InvalidStatusCode) as no:
            await (proxy or self.proxy).open("/echo", **options)
        self.assertEqual(no.exception.status_code, 403)

    async def assert_denied(self, **options):
        await self.assert_refused(**options)

    async def assert_down(self, proxy):
        status, _ = await self.get(proxy, "/healthz")
        self.assertIn(status, (502, 503))

    async def test_websockets(self):
        async with self.proxy.open("/echo") as client:
            self.assertTrue(client.extensions)
            for message in ("", "hello", b"\0" * 60000, "x" * 60000):
                await self.assert_echo(client, message)
        self.assertEqual(client.close_code, 1000)

    async def test_origins(self):
        async with self.proxy.open("/echo", origin=ORIGIN) as client:
            await self.assert_echo(client, "same origin")
        for origin in ("https://other.example.org", f"http://{NAME}"):
            await self.assert_refused(origin=origin)

    async def test_schemes(self):
        with (Server(self.kind, '--http.public-url=""',
                     f"--http.allowed-hosts={NAME}") as server,
              Proxy(site, self.kind, server.port) as proxy):
            async with proxy.open("/echo", origin=ORIGIN):
                pass
            await self.assert_refused(proxy, origin=f"http://{NAME}")

    async def test_hosts(self):
        status, _ = await self.get(self.proxy, "/healthz",
                                   Host="rebound.example.org")
        self.assertEqual(status, self.status_for_others)

    async def test_addresses(self):
        for client, fields in ((ALICE, {}), (BOB, {}), (ALICE, forged(BOB))):
            origin = f"https://{len(fields)}.example.org"
            await self.assert_refused(client=client, origin=origin,
                                      extra_headers=fields)
            self.server.log.wait_for(f" {client}: .*{origin}")

    async def test_denied_addresses(self):
        for fields in ({}, forged(ALICE)):
            await self.assert_denied(client=MALLORY, extra_headers=fields)
        async with self.proxy.open("/echo", client=ALICE,
                                   extra_headers=forged(MALLORY)) as client:
            await self.assert_echo(client, "still served")

    async def test_pages(self):
        with (Server(self.kind, name="troupe-chat") as server,
              Proxy(site, self.kind, server.port) as proxy):
            await self.assert_chat(proxy, "")

    async def assert_chat(self, proxy, path):
        for page, word in (("/", b"app.js"), ("/troupe.mjs", b"export")):
            status, body = await self.get(proxy, path + page)
            self.assertEqual(status, 200)
            self.assertIn(word, body)
        async with proxy.open(f"{path}/chat", origin=ORIGIN):
            pass

    async def test_restart(self):
        port = free_port()
        with contextlib.ExitStack() as stack:
            old = stack.enter_context(
                Server(self.kind, "--drain.window=10ms", port=port))
            proxy = stack.enter_context(Proxy(site, self.kind, port,
                                              shorten=CHECK_INTERVAL, by=5))
            async with proxy.open("/echo") as client:
                await self.assert_echo(client, "before")
                self.assertEqual(await asyncio.to_thread(old.stop), 0)
                await asyncio.wait_for(client.wait_closed(), PATIENCE)
            self.assertEqual(client.close_code, 1012)
            await self.assert_down(proxy)
            stack.enter_context(Server(self.kind, port=port))
            await asyncio.to_thread(eventually, lambda: is_up(proxy), "200")
            async with proxy.open("/echo") as client:
                await self.assert_echo(client, "after")


def is_up(proxy):
    with contextlib.suppress(OSError): # In TCP mode.
        return proxy.get("/healthz")[0] == 200
    return False


class Checking:
    """Proxies that ask whether new clients may come."""

    async def test_checks(self):
        with (Server(self.kind, "--drain.delay=1h") as server,
              Proxy(site, self.kind, server.port,
                    shorten=CHECK_INTERVAL, by=5) as proxy):
            async with proxy.open("/echo") as client:
                await self.assert_echo(client, "before")
                server.send_signal(signal.SIGTERM)
                await asyncio.to_thread(
                    eventually, lambda: not is_up(proxy), "no new clients")
                await self.assert_echo(client, "still served")
            server.kill()


class UnderPath:
    async def test_path(self):
        with (Server(self.kind, name="troupe-chat") as server,
              Proxy(site, self.kind, server.port, path=True) as proxy):
            await self.assert_chat(proxy, "/chat")


class Nginx(UnderPath, Behind, Case):
    kind = "nginx"


class Haproxy(Checking, UnderPath, Behind, Case):
    kind = "haproxy"


class Caddy(UnderPath, Behind, Case):
    kind = "caddy"
    status_for_others = 200 # An empty page of its own.


class HaproxyTcp(Checking, Behind, Case):
    kind = "haproxy tcp"

    async def assert_denied(self, **options):
        with self.assertRaises(OSError):
            await self.proxy.open("/echo", **options)

    async def assert_down(self, proxy):
        with self.assertRaises(OSError):
            await self.get(proxy, "/healthz")

    async def test_a_header_of_the_client(self):
        with socket.create_connection((ADDRESS, self.proxy.port),
                                      PATIENCE) as it:
            it.sendall(f"PROXY TCP4 {BOB} {ADDRESS} 1 443\r\n".encode())
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                site.trust.wrap_socket(it, server_hostname=NAME)


class Idle(Case):
    """Connections on which nothing happens, behind all proxies at once."""

    def start(self, ping_period):
        """@returns nginx, HAProxy, HAProxy in TCP mode, and Caddy."""
        ping = f"--ws.ping-period={1000 * ping_period // SHORTER}ms"
        http = self.enterContext(Server("nginx", ping))
        tcp = self.enterContext(Server("haproxy tcp", ping))
        return [self.enterContext(
            Proxy(site, kind, server.port, shorten=IDLE_LIMITS, by=SHORTER))
                for kind, server in (("nginx", http), ("haproxy", http),
                                     ("haproxy tcp", tcp), ("caddy", http))]

    async def lasts(self, proxy):
        """@returns whether an idle connection lasts longer than proxies wait."""
        async with proxy.open("/echo", ping_interval=None) as client:
            await self.assert_echo(client, "before")
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(client.wait_closed(), 1.5 * IDLE_LIMIT / SHORTER)
                return False
            await self.assert_echo(client, "after")
            return True

    async def test_pings_keep_connections(self):
        proxies = self.start(PING_PERIOD) + self.start(2 * IDLE_LIMIT)
        last = await asyncio.gather(*map(self.lasts, proxies))
        self.assertEqual(last[:4], [True] * 4)
        # Without pings in time. Only Caddy has no limit.
        self.assertEqual(last[4:], [False, False, False, True])


if __name__ == "__main__":
    unittest.main()
