/** Runs in the office: relay.ts SOCKET PORT. Every connection to the socket is carried on to 127.0.0.1:PORT. */
import { connect, createServer } from "node:net";
import { joinSockets } from "./join-sockets.ts";

const [socketPath, port] = process.argv.slice(2);

createServer({ allowHalfOpen: true }, (caller) =>
  joinSockets(caller, connect({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true })),
).listen(socketPath);
