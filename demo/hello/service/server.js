import { hostname } from "node:os";
import { makeApp } from "./app.js";
import { openSessions } from "./sessions.js";

const { PORT = "8080", VERSION = "0", COMMIT = "unknown" } = process.env;
const connectAgainMs = 1_000;
const idleSweepMs = 50;

let sessions;
const connect = async () => {
  try {
    sessions = await openSessions();
  } catch (error) {
    console.error(String(error));
    setTimeout(connect, connectAgainMs);
  }
};

const server = makeApp({ version: VERSION, commit: COMMIT, host: hostname(), sessions: () => sessions });

// New connections are refused, requests under way are answered, connections that wait for nothing are closed.
const stop = () => {
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), idleSweepMs).unref();
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);

server.listen(Number(PORT), () => console.log(`hello version ${VERSION} listens on port ${server.address().port}`));
await connect();
