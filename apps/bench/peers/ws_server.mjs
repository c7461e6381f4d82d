// The routes of troupe-echo on ws: /echo sends each message back, /rooms/NAME
// sends it to all members of the room, the sender included.
// usage: node ws_server.mjs [--port N]
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" } },
});

const rooms = new Map();

function join(socket, name) {
  if (!rooms.has(name)) rooms.set(name, new Set());
  const room = rooms.get(name).add(socket);
  socket.on("close", () => room.delete(socket));
  return room;
}

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(values.port),
  perMessageDeflate: false,
});

server.on("connection", (socket, request) => {
  const receivers = request.url.startsWith("/rooms/")
    ? join(socket, request.url)
    : [socket];
  socket.on("error", () => {}); // "close" follows
  socket.on("message", (message, isBinary) => {
    for (const receiver of receivers)
      receiver.send(message, { binary: isBinary });
  });
});

server.on("listening", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
