// The routes of troupe-echo on Bun: /echo sends each message back, /rooms/NAME
// sends it to all members of the room, the sender included.
// usage: bun bun_server.mjs [--port N] [--tls-certificate FILE --tls-key FILE]
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "tls-certificate": { type: "string" },
    "tls-key": { type: "string" },
  },
});

function roomOf(path) {
  return path.startsWith("/rooms/") ? path : null;
}

const tls = values["tls-key"] && {
  cert: Bun.file(values["tls-certificate"]),
  key: Bun.file(values["tls-key"]),
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(values.port),
  tls,
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    const room = roomOf(pathname);
    if (!room && pathname !== "/echo")
      return new Response("not found\n", { status: 404 });
    if (server.upgrade(request, { data: { room } })) return;
    return new Response("WebSocket only\n", { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    publishToSelf: true,
    open(socket) {
      if (socket.data.room) socket.subscribe(socket.data.room);
    },
    message(socket, message) {
      if (socket.data.room) socket.publish(socket.data.room, message);
      else socket.send(message);
    },
  },
});

console.log(`listening on http${tls ? "s" : ""}://127.0.0.1:${server.port}`);
