import { createServer } from "node:http";
import { greeting } from "./greeting.js";

const slowLimitMs = 60_000;

/** The service, not yet listening. `sessions()` is undefined until the session store is connected. */
export const makeApp = ({ version, commit, host, sessions }) => {
  const routes = {
    "/": (answer) => answer(200, greeting({ version, host })),
    "/healthz": (answer) => (sessions() ? answer(200, "ok\n") : answer(503, "no connection to the session store\n")),
    "/version": (answer) => answer(200, `${JSON.stringify({ version, commit, host })}\n`),
    "/slow": (answer, query) => {
      const waitMs = Math.min(Number(query.get("ms")) || 0, slowLimitMs);
      setTimeout(() => answer(200, `waited ${waitMs} ms\n`), waitMs);
    },
  };
  const server = createServer((request, response) => {
    // A body that nobody reads would keep the connection from being used again.
    request.resume();
    const answer = (status, body) => {
      // While the server stops, a connection ends with the answer that was under way: no next request can be lost on it.
      if (!server.listening) response.setHeader("connection", "close");
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(body);
    };
    const url = new URL(request.url ?? "/", "http://hello.invalid");
    if (Object.hasOwn(routes, url.pathname)) routes[url.pathname](answer, url.searchParams);
    else answer(404, "there is no such page\n");
  });
  return server;
};
