import { accessSync, constants } from "node:fs";
import { join } from "node:path";

const packageOf: Readonly<Record<string, string>> = {
  dockerd: "docker.io",
  "docker-registry": "docker-registry",
  haproxy: "haproxy",
  sshd: "openssh-server",
  ssh: "openssh-client",
  "iptables-restore": "iptables",
  ip: "iproute2",
  nsenter: "util-linux",
  perl: "perl-base",
};

/** Refuses before anything is touched: no lab starts on a machine that cannot hold one. */
export function demandMachine(): void {
  if (process.getuid?.() !== 0) throw new Error("The lab makes namespaces and needs root.");
  const missing = Object.keys(packageOf).filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => packageOf[program]).join(" ");
  throw new Error(`The lab needs ${missing.join(", ")}, which this machine lacks. Try: apt-get install ${packages}`);
}

function isInstalled(program: string): boolean {
  return [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"].some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
