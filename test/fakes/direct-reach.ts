import type { Endpoint, Reach, Target } from "#ports/reach.ts";

/** A Reach for machines that are reached directly: every target is its own endpoint. Counts what it was asked for. */
export class DirectReach implements Reach {
  readonly opened: Target[] = [];
  readonly forgotten: Target[] = [];

  async open(_network: unknown, target: Target, signal: AbortSignal): Promise<Endpoint> {
    signal.throwIfAborted();
    this.opened.push(target);
    if ("unix" in target) return { socketPath: target.unix };
    if ("command" in target) throw new Error("a command can be reached by ssh only");
    return { host: "on" in target ? target.on.address : target.address, port: target.port };
  }

  forget(_network: unknown, target: Target, _endpoint: Endpoint): void {
    this.forgotten.push(target);
  }

  async run(): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    return { exitCode: 0, stdout: "", stderr: "" };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
