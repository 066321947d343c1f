import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A service's program that can be slow, unhealthy, stopped and started again on its port. */
export class Program {
  port = 0;
  #server: Server | undefined;
  #isHealthy = true;
  #served = 0;
  #held: ServerResponse[] | undefined;
  readonly #sockets = new Set<Socket>();

  static async open(): Promise<Program> {
    const program = new Program();
    await program.start();
    return program;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response));
    // A connection is kept for as long as its other end keeps it.
    this.#server.keepAliveTimeout = 0;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address !== null && typeof address === "object") this.port = address.port;
  }

  /** As a power failure would: whatever is in flight is lost. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }

  /**
   * As a host does that was without power for a while: nobody was told that its connections have ended, and whoever
   * sends on one of them is answered with a reset.
   */
  forgetConnections(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners("data").on("data", () => socket.resetAndDestroy());
    }
  }

  setHealthy(isHealthy: boolean): void {
    this.#isHealthy = isHealthy;
  }

  hold(): { held(): number; release(): void } {
    const held: ServerResponse[] = [];
    this.#held = held;
    return {
      held: () => held.length,
      release: () => {
        this.#held = undefined;
        for (const response of held) response.end("late");
      },
    };
  }

  served(): number {
    return this.#served;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === "/healthz") {
      response.statusCode = this.#isHealthy ? 200 : 503;
      return void response.end(this.#isHealthy ? "ok" : 'not, "yet", ready');
    }
    this.#served++;
    if (request.url === "/reset") return void request.socket.resetAndDestroy();
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": "1000" }).write("the beginning");
      return void setTimeout(() => request.socket.destroy(), 20);
    }
    if (request.url === "/500") response.statusCode = 500;
    // Some time passes, so that requests are in flight whenever something happens.
    if (this.#held) this.#held.push(response);
    else setTimeout(() => response.end("hello"), 10);
  }
}
