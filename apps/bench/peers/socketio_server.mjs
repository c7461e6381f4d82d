// The routes of troupe-echo on socket.io: event "m" is sent back, or with
// ?room=NAME in the URL to all members of the room, the sender included. If the
// client asks for an acknowledgement, that has the message instead.
// usage: node socketio_server.mjs [--port N]
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Server } from "socket.io";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" } },
});

const http = createServer();
const server = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  serveClient: false,
  pingInterval: 600_000, // longer than a benchmark takes
});

server.on("connection", (socket) => {
  const { room } = socket.handshake.query;
  if (room) socket.join(room);
  socket.on("m", (message, acknowledge) => {
    if (acknowledge) acknowledge(message);
    else if (room) server.to(room).emit("m", message);
    else socket.emit("m", message);
  });
});

http.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});
