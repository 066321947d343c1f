import { request } from "node:http";
import { connect } from "node:net";

const pingTimeoutMs = 5_000;

/** Whether something listens on the local end. */
export const accepts = (socketPath: string, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path: socketPath, signal });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });

/**
 * Asks a Docker engine whether it is there. `ssh -L` says nothing when the far side refuses the forward: such a
 * connection is closed at once, while a host that has vanished lets it hang.
 */
export const ping = (socketPath: string, signal: AbortSignal): Promise<"answers" | "closed" | "silent"> =>
  new Promise((resolve) => {
    const timeout = AbortSignal.timeout(pingTimeoutMs);
    const asked = request(
      {
        socketPath,
        path: "/_ping",
        headers: { host: "docker", connection: "close" },
        signal: AbortSignal.any([signal, timeout]),
        agent: false,
      },
      (response) => {
        response.resume();
        resolve("answers");
      },
    );
    asked.on("error", () => resolve(timeout.aborted ? "silent" : "closed"));
    asked.end();
  });
