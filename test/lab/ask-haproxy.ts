import { connect } from "node:net";
import { adminSocket } from "./haproxy-config.ts";

const askLimitMs = 2_000;

/** One command on the runtime socket of the HAProxy in the node whose process 1 is given; resolves with its answer. */
export function askHaproxy(pid: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(`/proc/${pid}/root${adminSocket}`, () => socket.end(`${command}\n`));
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    socket.setTimeout(askLimitMs, () => socket.destroy(new Error(`HAProxy did not answer "${command}"`)));
    socket.on("error", reject);
    socket.on("end", () => resolve(answer));
  });
}
