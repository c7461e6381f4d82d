"""The end of a server program whose clients go to other servers."""

import asyncio
import http.client
import signal
import time
import unittest

import websockets

from support.program import PATIENCE, Program, eventually

CLIENTS = 40


def readiness(program):
    """@returns the status of /readyz."""
    it = http.client.HTTPConnection(program.host, program.port,
                                    timeout=PATIENCE)
    try:
        it.request("GET", "/readyz")
        return it.getresponse().status
    finally:
        it.close()


class Drain(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False) # Unittest's, and slow.

    def start(self, *options):
        return self.enterContext(Program(*options))

    async def connect(self, program):
        return await self.enterAsyncContext(
            websockets.connect(program.ws("/echo"), open_timeout=PATIENCE))

    async def end_of(self, client):
        """@returns when the connection ended, and how."""
        await asyncio.wait_for(client.wait_closed(), PATIENCE)
        return time.monotonic(), client.close_code

    async def test_clients_go_one_after_the_other(self):
        program = self.start("--drain.window=2s")
        clients = [await self.connect(program) for _ in range(CLIENTS)]
        ends = [asyncio.create_task(self.end_of(x)) for x in clients]
        program.send_signal(signal.SIGTERM)
        ends = await asyncio.gather(*ends)
        self.assertEqual({code for _, code in ends}, {1012})
        times = sorted(when for when, _ in ends)
        self.assertGreater(times[-1] - times[0], 1)
        # Not all in one wave: no tenth of the window has half of them.
        for begin in times:
            at_once = [x for x in times if begin <= x < begin + 0.2]
            self.assertLess(len(at_once), CLIENTS / 2)
        self.assertEqual(program.wait(), 0)

    async def test_load_balancers_learn_it_first(self):
        program = self.start("--drain.delay=2s")
        self.assertEqual(readiness(program), 200)
        program.send_signal(signal.SIGTERM)
        eventually(lambda: readiness(program) == 503, "503")
        late = await self.connect(program)
        await late.send("still served")
        self.assertEqual(await late.recv(), "still served")
        _, code = await self.end_of(late)
        self.assertEqual(code, 1012)
        self.assertEqual(program.wait(), 0)

    async def test_a_client_that_stays_does_not_hold_the_program(self):
        program = self.start("--drain.window=100ms", "--drain.patience=200ms",
                             "--ws.close-timeout=500ms")
        reader, writer = await asyncio.open_connection(program.host,
                                                       program.port)
        writer.write(b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                     b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(), 0) # It never answers the close frame.
        writer.close()

    async def test_a_second_signal_ends_it_at_once(self):
        program = self.start("--drain.delay=1h")
        program.send_signal(signal.SIGTERM)
        eventually(lambda: readiness(program) == 503, "503")
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(), 128 + signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
