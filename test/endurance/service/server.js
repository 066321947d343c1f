import { createServer } from "node:http";
import { openWebsocket, serviceRestart } from "./websocket.js";

const { PORT = "8080", VERSION = "0", COMMIT = "unknown" } = process.env;
const idleSweepMs = 50;

const websockets = new Set();

const answers = {
  "/": () => `version ${VERSION}\n`,
  "/healthz": () => "ok\n",
  "/version": () => `${JSON.stringify({ version: VERSION, commit: COMMIT })}\n`,
};

const server = createServer((request, response) => {
  // A body that nobody reads would keep the connection from being used again.
  request.resume();
  // While the program stops, a connection ends with the answer under way: no next request can be lost on it.
  if (!server.listening) response.setHeader("connection", "close");
  const answer = answers[request.url ?? "/"];
  response.writeHead(answer ? 200 : 404, { "content-type": "text/plain" }).end(answer?.() ?? "no such page\n");
});

// Longer than the balancer keeps an unused connection: the balancer must be the one that closes it, or a request that it
// sends at that very moment is lost.
server.keepAliveTimeout = 120_000;

server.on("upgrade", (request, socket, head) => {
  const websocket = openWebsocket(request, socket, { head, onText: (text) => `${text} by version ${VERSION}` });
  if (!websocket) return;
  websockets.add(websocket);
  socket.on("close", () => websockets.delete(websocket));
});

// Nobody is cut: requests under way are answered, and every websocket is told to come back elsewhere.
const stop = () => {
  server.close(() => process.exit(0));
  for (const websocket of websockets) websocket.close(serviceRestart);
  setInterval(() => server.closeIdleConnections(), idleSweepMs).unref();
};
process.once("SIGTERM", stop);

server.listen(Number(PORT));
