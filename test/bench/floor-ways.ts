import { request } from "node:http";
import { connect } from "node:net";
import { adminSocket } from "../lab/haproxy-config.ts";
import { appPort } from "../lab/layout.ts";
import { runProgram } from "../lab/run-program.ts";

const answerLimitMs = 5_000;
const balancerSocket = "/run/bench-balancer.sock";
const healthSocket = (host: string): string => `/run/bench-${host}.sock`;

export type FloorSight = { readonly status: string; readonly inFlight: number; readonly isCheckGood: boolean };

/** The ways that the floor's program opens once and keeps: a shared ssh connection and a forward for each machine. */
export type FloorWays = {
  readonly config: string;
  open(): Promise<void>;
  order(line: string): Promise<void>;
  sight(host: string): Promise<FloorSight>;
  isHealthy(host: string): Promise<boolean>;
};

export const openFloorWays = (config: string, hosts: readonly string[]): FloorWays => ({
  config,
  async open() {
    // The bastion's first: all at once would each log in to it anew. It gives no shell: -N, in the background.
    await runProgram(["ssh", "-F", config, "-fN", "--", "bastion"]);
    const forward = async (machine: string, way: string) => {
      await runProgram(["ssh", "-F", config, "--", machine, "true"]);
      await runProgram(["ssh", "-F", config, "-O", "forward", "-L", way, "--", machine]);
    };
    await Promise.all([
      forward("balancer", `${balancerSocket}:${adminSocket}`),
      ...hosts.map((host) => forward(host, `${healthSocket(host)}:127.0.0.1:${appPort}`)),
    ]);
  },
  async order(line) {
    const complaint = (await ask(line)).trim();
    if (complaint !== "") throw new Error(`HAProxy refused "${line}": ${complaint}`);
  },
  async sight(host) {
    return readSight(await ask("show stat hello 4 -1"), host);
  },
  isHealthy: (host) => answersWell(healthSocket(host)),
});

/** A row of HAProxy's CSV, by the names in its first line. */
export function readSight(csv: string, host: string): FloorSight {
  const [head = "", ...rows] = csv.trim().split("\n");
  const names = head.replace(/^# /, "").split(",");
  const row = rows.map((line) => line.split(",")).find((fields) => fields[names.indexOf("svname")] === host);
  if (!row) throw new Error(`HAProxy has no server ${host}`);
  const field = (name: string): string => row[names.indexOf(name)] ?? "";
  return {
    status: field("status"),
    inFlight: Number(field("scur")),
    isCheckGood: field("check_status").replace("* ", "") === "L7OK",
  };
}

function ask(line: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(balancerSocket, () => socket.write(`${line}\n`));
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    answer += text;
  });
  socket.setTimeout(answerLimitMs, () => socket.destroy(new Error(`HAProxy did not answer "${line}"`)));
  socket.on("error", reject).on("end", () => resolve(answer));
  return promise;
}

function answersWell(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: "/healthz", agent: false, timeout: answerLimitMs }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    // Not yet listening looks like a hang-up through a forward.
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
