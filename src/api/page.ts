import { existsSync } from "node:fs";
import { join } from "node:path";
import staticFiles from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Serves the page's built files. Its own addresses (`/rollouts/7`) all get index.html; the page reads the rest. */
export const servePage = async (app: FastifyInstance, directory: string): Promise<void> => {
  if (!existsSync(join(directory, "index.html"))) {
    app.get("/", async (_, reply) => reply.type("text/html; charset=utf-8").send(notBuilt));
    return;
  }
  await app.register(staticFiles, {
    root: directory,
    wildcard: false,
    setHeaders: (reply, path) => reply.header("Cache-Control", path.includes("/assets/") ? forever : "no-cache"),
  });
};

/** Whether an unknown address is one of the page's own: a browser that asks for a document. */
export const isPageAddress = (method: string, url: string, accept: string | undefined): boolean =>
  method === "GET" && !/^\/(api|assets)(\/|$)/.test(url) && (accept ?? "").includes("text/html");

// Vite puts the content's hash into the names below assets/.
const forever = "public, max-age=31536000, immutable";

const notBuilt = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Slipway</title></head>
<body>
<h1>Slipway</h1>
<p>The server runs; its page was not built. Run <code>npm run build</code> in the checkout and start the server again.</p>
<p>Meanwhile: <code>slipway status</code>, or <a href="/api/overview">/api/overview</a> and <a href="/openapi.json">/openapi.json</a>.</p>
</body></html>
`;
