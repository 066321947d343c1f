import { request } from "node:http";
import { connect } from "node:net";

const pingTimeoutMs = 5_000;

/** Whether something listens on the local end. */
export const accepts = (socketPath: string, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path: socketPath });
    const answer = (yes: boolean) => {
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(yes);
    };
    // Not `connect`'s own option: its listener outlives the socket, and keeps it for as long as the signal lives.
    const giveUp = () => answer(false);
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("connect", () => answer(true)).on("error", () => answer(false));
    if (signal.aborted) giveUp();
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
