import { request } from "node:http";
import type { Readable } from "node:stream";

type Call = {
  readonly socketPath: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly deadlineMs: number;
  readonly body?: Readable;
};

/** One call of the Docker Engine API over its socket; rejects unless it answers 2xx. Unversioned paths: every engine knows them. */
export const callEngine = ({ socketPath, method, path, deadlineMs, body }: Call): Promise<string> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(deadlineMs);
    const headers = body ? { "content-type": "application/x-tar" } : {};
    const asked = request({ socketPath, method, path, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString();
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(new EngineRefusal(`${method} ${path} on ${socketPath} answered ${status}: ${text.trim()}`, status));
      });
    });
    asked.once("error", reject);
    if (!body) return void asked.end();
    body.once("error", (error) => asked.destroy(error));
    body.pipe(asked);
  });

/** The engine answered, but not with 2xx. */
export class EngineRefusal extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const probeDeadlineMs = 3_000;

/** The API version of the engine that answers on this socket; undefined where none does. */
export const engineVersion = async (socketPath: string): Promise<string | undefined> => {
  try {
    const text = await callEngine({ socketPath, method: "GET", path: "/version", deadlineMs: probeDeadlineMs });
    return (JSON.parse(text) as { ApiVersion?: string }).ApiVersion;
  } catch {
    // No socket, no right to use it, or something else listens there: for the caller all are "no engine".
    return undefined;
  }
};

/** The containers with this label, running or not. */
export const containersWith = async (socketPath: string, label?: string): Promise<{ id: string; name: string }[]> => {
  const filters = encodeURIComponent(JSON.stringify(label ? { label: [label] } : {}));
  const path = `/containers/json?all=1&filters=${filters}`;
  const text = await callEngine({ socketPath, method: "GET", path, deadlineMs: 30_000 });
  const listed = JSON.parse(text) as { Id: string; Names: string[] }[];
  return listed.map(({ Id, Names }) => ({ id: Id, name: Names[0]?.replace(/^\//, "") ?? Id }));
};
