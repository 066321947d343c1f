import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { sshFailed } from "./replies.ts";
import { sshEnvironment } from "./ssh-program.ts";

export type DialServer = {
  /** Takes no new connection; those that are there go on. */
  close(): void;
  /** Cuts those too. */
  end(): Promise<void>;
};

/**
 * A local socket of which every connection is one ssh session that speaks to the far engine by its standard streams.
 * `onFailure`: ssh itself failed under a connection.
 */
export async function serveByDialling(
  socket: string,
  args: readonly string[],
  onFailure: () => void,
): Promise<DialServer> {
  await rm(socket, { force: true });
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    dial(connection, args, onFailure);
  });
  server.listen(socket);
  await once(server, "listening");
  server.unref();
  return {
    close: () => void server.close(),
    async end() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      // Called back also where it was closed before.
      await closed;
    },
  };
}

function dial(connection: Socket, args: readonly string[], onFailure: () => void): void {
  const child = spawn("ssh", [...args], { env: sshEnvironment(), stdio: ["pipe", "pipe", "ignore"] });
  connection.pipe(child.stdin);
  child.stdout.pipe(connection);
  const end = () => {
    connection.destroy();
    child.kill("SIGKILL");
  };
  for (const part of [connection, child, child.stdin]) part.on("error", end);
  connection.on("close", end);
  child.on("exit", (code) => {
    if (code === sshFailed) onFailure();
    connection.end();
  });
}
