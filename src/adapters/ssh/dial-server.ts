import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { sshEnvironment } from "./ssh-program.ts";

/** A local socket of which every connection is one ssh session that speaks to the far engine by its standard streams. */
export async function serveByDialling(socket: string, args: readonly string[]): Promise<Server> {
  await rm(socket, { force: true });
  const server = createServer((connection) => dial(connection, args));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  server.unref();
  return server;
}

function dial(connection: Socket, args: readonly string[]): void {
  const child = spawn("ssh", [...args], { env: sshEnvironment(), stdio: ["pipe", "pipe", "ignore"] });
  connection.pipe(child.stdin);
  child.stdout.pipe(connection);
  const end = () => {
    connection.destroy();
    child.kill("SIGKILL");
  };
  for (const part of [connection, child, child.stdin]) part.on("error", end);
  connection.on("close", end);
  child.on("exit", () => connection.end());
}
