import { randomBytes } from "node:crypto";
import { registryPort } from "./layout.ts";
import { runProgram } from "./run-program.ts";

/** The lab's registry as its clients see it: plain HTTP, and nothing without this name and password. */
export const registry = {
  address: `registry.lab:${registryPort}`,
  username: "slipway",
  password: "lab-registry-password",
} as const;

export const registryConfig = `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: /var/lib/lab-registry }
  delete: { enabled: true }
  maintenance: { uploadpurging: { enabled: false } }
auth:
  htpasswd: { realm: lab, path: /etc/lab-registry.htpasswd }
http: { addr: ":${registryPort}" }
`;

/** The registry wants bcrypt only. Perl is in every Debian and its crypt() makes it, so nothing has to be installed. */
export async function passwordFile(): Promise<string> {
  const salt = randomBytes(32).toString("base64").replaceAll(/[+=]/g, ".").slice(0, 21);
  // Of a salt's last letter only two bits count, and crypt() insists that the others are zero.
  const setting = `$2y$05$${salt}u`;
  const program = "chomp(my ($password, $setting) = <STDIN>); print crypt($password, $setting)";
  const hash = await runProgram(["perl", "-e", program], `${registry.password}\n${setting}\n`);
  if (!hash.startsWith("$2y$")) throw new Error("This machine's crypt() does not make bcrypt hashes.");
  return `${registry.username}:${hash}\n`;
}
