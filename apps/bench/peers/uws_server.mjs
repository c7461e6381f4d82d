// The routes of troupe-echo on uWebSockets: /echo sends each message back,
// /rooms/NAME sends it to all members of the room, the sender included.
// usage: node uws_server.mjs [--port N] [--tls-certificate FILE --tls-key FILE]
import { parseArgs } from "node:util";
import uws from "@trufflesuite/uws-js-unofficial";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "tls-certificate": { type: "string" },
    "tls-key": { type: "string" },
  },
});

const behavior = {
  compression: uws.DISABLED,
  maxBackpressure: 64 * 1024 * 1024,
};

const hasTls = values["tls-key"] !== undefined;
const app = hasTls
  ? uws.SSLApp({
      cert_file_name: values["tls-certificate"],
      key_file_name: values["tls-key"],
    })
  : uws.App();

app.ws("/echo", {
  ...behavior,
  message(socket, message, isBinary) {
    socket.send(message, isBinary);
  },
});

app.ws("/rooms/*", {
  ...behavior,
  upgrade(response, request, context) {
    response.upgrade(
      { room: request.getUrl() },
      request.getHeader("sec-websocket-key"),
      request.getHeader("sec-websocket-protocol"),
      request.getHeader("sec-websocket-extensions"),
      context,
    );
  },
  open(socket) {
    socket.subscribe(socket.getUserData().room);
  },
  message(socket, message, isBinary) {
    // Not that of the socket, which leaves out the sender.
    app.publish(socket.getUserData().room, message, isBinary);
  },
});

app.listen("127.0.0.1", Number(values.port), (listening) => {
  const port = uws.us_socket_local_port(listening);
  console.log(`listening on http${hasTls ? "s" : ""}://127.0.0.1:${port}`);
});
