import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { SlipwayError } from "#core/errors.ts";

/** `port`: the one that was found, where 0 was asked for. */
export type ReservedPort = AsyncDisposable & { readonly port: number };

/**
 * Holds the port until it is disposed of. Asked before anything is resumed: a server that finds its port taken only
 * when it begins to listen has by then acted on hosts, and leaves them in the middle of it.
 */
export async function reservePort({ host, port }: { host: string; port: number }): Promise<ReservedPort> {
  const holder = createServer((socket) => socket.destroy());
  try {
    holder.listen({ host, port });
    await once(holder, "listening");
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    if (why === "EADDRINUSE")
      throw new SlipwayError("server.second", `Another program listens on ${host}, port ${port}.`, {
        cause,
        advice: "Stop it, or choose another port with --port. Nothing was resumed.",
      });
    throw new SlipwayError("input.invalid", `Could not listen on ${host}, port ${port}: ${why}.`, { cause });
  }
  return {
    port: (holder.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if (!holder.listening) return;
      holder.close();
      await once(holder, "close");
    },
  };
}
