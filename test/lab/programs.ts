/** The programs of the nodes: how each is started, and how one knows that it is ready. */
import { request } from "node:http";
import { cgroupName } from "./lab-files.ts";
import { frontPort, type ProgramName, registryPort, sshPort } from "./layout.ts";
import { isListening } from "./proc.ts";
import { registry } from "./registry-files.ts";

export const engineSocket = "/run/docker.sock";
const pingLimitMs = 1_000;

/** Words without spaces: node-init.sh splits its lines at them. */
export function startCommand(program: ProgramName, prefix: string, node: string): readonly string[] {
  switch (program) {
    case "sshd":
      return ["/usr/sbin/sshd", "-D", "-e"];
    case "haproxy":
      return ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"];
    case "registry":
      return ["env", "OTEL_TRACES_EXPORTER=none", "docker-registry", "serve", "/etc/lab-registry.yml"];
    case "engine":
      return [...engine, "--cgroup-parent", `/${cgroupName(prefix)}/${node}`];
  }
}

const engine = [
  "dockerd",
  ...["--host", `unix://${engineSocket}`, "--group", "docker", "--pidfile", "/run/docker.pid"],
  ...["--data-root", "/var/lib/docker", "--exec-root", "/run/docker", "--log-level", "warn"],
  // Containers use the host's network: published ports would slip past the host's firewall.
  ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--insecure-registry", registry.address],
  // The lab may kill an engine; its containers then go on serving, as on a server set up with care.
  ...["--live-restore", "--exec-opt", "native.cgroupdriver=cgroupfs"],
];

/** Asked from outside, of the node's process 1: its network tables and files are visible in /proc. */
export async function isReady(program: ProgramName, pid: number): Promise<boolean> {
  switch (program) {
    case "sshd":
      return isListening(pid, sshPort);
    case "haproxy":
      return isListening(pid, frontPort);
    case "registry":
      return isListening(pid, registryPort);
    case "engine":
      return pings(`/proc/${pid}/root${engineSocket}`);
  }
}

function pings(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: "/_ping", agent: false, timeout: pingLimitMs }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });
}
