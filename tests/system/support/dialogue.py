"""Plays the dialogues of tests/data/dialogues.json with a server, as a client
of version 2 of the protocol. Each step says what the client sends, how it is
answered, and what the client hears."""

import json
import pathlib

from support import protocol2

DIALOGUES_FILE = pathlib.Path(__file__).parents[2] / "data/dialogues.json"
DIALOGUES = json.loads(DIALOGUES_FILE.read_text())


def value_of(step):
    """The value that is sent in a step; without any, the empty string."""
    if "hex" in step:
        return bytes.fromhex(step["hex"])
    return step.get("value", "")


class Speaker:
    """One client. `wire` has `send(bytes)` and `receive()`, which returns the
    next message as bytes. Each client has rooms and words of its own: their
    names end with `suffix`."""

    def __init__(self, wire, suffix=""):
        self.wire = wire
        self.suffix = suffix
        self.last = 0
        self.asked = [] # Requests of the server that are to be expected.
        self.outcomes = {} # By the ids.
        self.heard = [] # And not compared yet.
        self._held = [] # Requests that a later step settles.
        self._signs = [] # Hellos, beats, and errors that answer no request.
        self.sent_words = [] # That the server has been sent to count.
        self.counted_words = [] # That it has answered.

    async def greet(self, auth=None):
        await self.wire.send(protocol2.hello(auth))
        return await self._until(lambda: self._take("hello", "refused"))

    async def play(self, steps):
        for step in steps:
            await getattr(self, "_" + step["do"])(step)
            for expected in step.get("hears", []):
                got = await self._until(lambda: self.heard[:1])
                assert got == [self._own(expected)], (step, self.heard)
                self.heard.clear()
            assert not self.heard, (step, self.heard)
        assert not self.asked, self.asked

    async def ask(self, event, value, room=None):
        """@returns the answer, or the error as (code, value)."""
        number = self._next()
        await self.wire.send(protocol2.request(number, event, value, room))
        return await self._outcome(number)

    async def enter(self, room, value=""):
        number = self._next()
        await self.wire.send(protocol2.join(number, room, value))
        return await self._outcome(number)

    # -- steps ----------------------------------------------------------------

    async def _request(self, step):
        value = value_of(step)
        if "room_value" in step:
            room = self._named(step["room_value"])
            value = [room, *value] if value != "" else room
        if "word" in step:
            value = self._named(step["word"])
            self.sent_words.append(value)
        if "asked" in step:
            self.asked.append(step["asked"])
        number = self._next()
        room = step.get("room") and self._named(step["room"])
        await self.wire.send(
            protocol2.request(number, step["event"], value, room))
        if step.get("later"):
            self._held.append((number, step))
            return
        self._check(step, await self._outcome(number))
        if "word" in step:
            self.counted_words.append(value)
        if "settles" in step:
            for number, held in self._held:
                self._check(held, await self._outcome(number))

    async def _event(self, step):
        await self.wire.send(protocol2.event(step["event"], value_of(step)))

    async def _raw(self, step):
        value = value_of(step)
        await self.wire.send(
            b"r" + (value if isinstance(value, bytes) else value.encode()))

    async def _join(self, step):
        self._check(step, await self.enter(self._named(step["room"]),
                                           value_of(step)))

    async def _leave(self, step):
        await self.wire.send(protocol2.leave(self._named(step["room"])))

    async def _publish(self, step):
        room = self._named(step["room"])
        await self.wire.send(protocol2.event(step["event"], value_of(step),
                                             room))
        if "error" in step:
            got = await self._until(lambda: self._take("refused"))
            assert got == (step["error"], room), (step, got)

    async def _rooms(self, step):
        wanted = sorted(self._named(x) for x in step["rooms"])
        got = await self.ask("rooms", "")
        assert sorted(got) == wanted, (got, wanted)

    async def _probe(self, _step):
        await self.wire.send(b"?")
        await self._until(lambda: self._take("beat"))

    async def _hello(self, step):
        got = await self.greet(step.get("auth"))
        assert (got[0] if "error" in step else got["v"]) == step.get(
            "error", 2), (step, got)

    # -- what comes -----------------------------------------------------------

    async def _outcome(self, number):
        return (await self._until(
            lambda: [self.outcomes.pop(number)] if number in self.outcomes
            else None))[0]

    async def _until(self, probe):
        """Reads until `probe` returns something true. @returns that."""
        while not (result := probe()):
            await self._read(protocol2.parse(await self.wire.receive()))
        return result

    async def _read(self, x):
        match x["kind"]:
            case "a" | "x" if x["id"] > 0:
                assert x["id"] not in self.outcomes, f"answered twice: {x}"
                self.outcomes[x["id"]] = (x["value"] if x["kind"] == "a"
                                          else (x["code"], x["value"]))
            case "x":
                self._signs.append(("refused", (x["code"], x["value"])))
            case "h":
                self._signs.append(("hello", x["json"]))
            case ".":
                self._signs.append(("beat", True))
            case "q":
                await self._answer(x)
            case "r":
                raw = x["payload"]
                try:
                    self.heard.append({"raw": raw.decode()})
                except UnicodeDecodeError:
                    self.heard.append({"raw_hex": raw.hex()})
            case "y":
                self.heard.append({"change": x["code"], "room": x["room"]})
            case "e":
                room = {"room": x["room"]} if x["room"] else {}
                self.heard.append(room | {"event": x["event"], "value": x["value"]})

    async def _answer(self, x):
        expected = self.asked[:1]
        if not expected or expected[0]["event"] != x["event"]:
            await self.wire.send(protocol2.error(x["id"], "no_handler"))
            return
        assert self.asked.pop(0)["value"] == x["value"], x
        await self.wire.send(
            protocol2.error(x["id"], expected[0]["error"])
            if "error" in expected[0]
            else protocol2.answer(x["id"], expected[0]["answer"]))

    def _take(self, *kinds):
        for i, (kind, what) in enumerate(self._signs):
            if kind in kinds:
                del self._signs[i]
                return what
        return None

    def _check(self, step, got):
        if "error" in step:
            assert got[0] == step["error"], (step, got)
            text = got[1]
            if "after" in step:
                assert text["after"] == step["after"], (step, got)
                text = text["message"]
            assert text == step.get("message", text), (step, got)
        else:
            wanted = (bytes.fromhex(step["hex_answer"])
                      if "hex_answer" in step else step["answer"])
            assert (type(got), got) == (type(wanted), wanted), (step, got)

    def _own(self, expected):
        room = expected.get("room")
        return expected | ({"room": self._named(room)} if room else {})

    def _named(self, name):
        return name + self.suffix

    def _next(self):
        self.last += 1
        return self.last
