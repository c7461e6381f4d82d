"""Version 2 of the protocol, written from docs/protocol-2.md alone."""

import json
import re


def escaped(room):
    return room.replace("%", "%25").replace(";", "%3B")


def unescaped(room):
    return re.sub("%(25|3B)", lambda x: chr(int(x[1], 16)), room)


def tagged(value):
    """A value with its tag. Bytes are bytes; None is the null of JSON."""
    match value:
        case bytes():
            return b"3;" + value
        case str():
            return b"0;" + value.encode()
        case bool():
            return b"2;" + str(value).lower().encode()
        case int():
            return b"1;" + str(value).encode()
    return b"4;" + json.dumps(value, ensure_ascii=False).encode()


def untagged(tag, payload):
    if tag == b"3":
        return payload
    if tag == b"0":
        return payload.decode()
    return json.loads(payload) if payload else None


def target(room):
    return (f"#{escaped(room)};" if room else ";").encode()


def hello(auth):
    return b"h" + json.dumps({"v": 2, "auth": auth}).encode()


def event(name, value, room=None):
    return b"e" + target(room) + name.encode() + b";" + tagged(value)


def request(number, name, value, room=None):
    return (b"q%d;" % number + target(room) + name.encode() + b";"
            + tagged(value))


def answer(number, value):
    return b"a%d;" % number + tagged(value)


def error(number, code):
    return b"x%d;%s;0;" % (number, code.encode())


def join(number, room, value):
    return b"j%d;%s;" % (number, escaped(room).encode()) + tagged(value)


def leave(room):
    return b"l" + escaped(room).encode() + b";"


def parse(message):
    """The parts of a message from a server, by their names in the vectors."""
    kind, rest = message[:1].decode(), message[1:]
    part = lambda: fields.pop(0).decode()
    if kind in "hs":
        return {"kind": kind, "json": json.loads(rest)}
    if kind in ".r":
        return {"kind": kind, "payload": rest}
    fields = rest.split(b";", {"e": 3, "q": 4, "a": 2, "x": 3, "y": 2}[kind])
    result = {"kind": kind}
    if kind in "qax":
        result["id"] = int(part())
    if kind in "eq":
        room = part()
        result["room"] = unescaped(room[1:]) if room else None
        result["event"] = part()
    if kind == "y":
        return result | {"room": unescaped(part()), "code": part()}
    if kind == "x":
        result["code"] = part()
    return result | {"value": untagged(*fields)}
