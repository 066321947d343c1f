import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "#core/secret.ts";
import type { RegistryAccess } from "#ports/images.ts";
import { type Daemon, daemonOf } from "../../../scripts/setup/daemon.ts";
import { freePort } from "../../../scripts/setup/free-port.ts";
import { programFor } from "../../../scripts/setup/programs.ts";

const password = "registry-password-7Q";
const wanted = 401;

export type PrivateRegistry = Daemon & { readonly address: string; readonly access: RegistryAccess };

/** The `docker-registry` program on a loopback port; it wants a name and a password. */
export async function startPrivateRegistry(directory: string): Promise<PrivateRegistry> {
  await mkdir(directory, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  await writeFile(join(directory, "htpasswd"), `acme:${await bcrypt(password)}\n`);
  await writeFile(join(directory, "config.yml"), configuration(directory, address));
  const child = spawn(programFor("registry"), ["serve", join(directory, "config.yml")], {
    env: { PATH: process.env.PATH ?? "", OTEL_TRACES_EXPORTER: "none" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const isReady = async () => (await fetch(`http://${address}/v2/`).catch(() => undefined))?.status === wanted;
  const daemon = await daemonOf(child, { name: "the registry", isReady, deadlineMs: 15_000 });
  const login = { username: "acme", password: new Secret(password) };
  return { ...daemon, address, access: { spec: { insecure: false }, login } };
}

const configuration = (directory: string, address: string): string => `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${directory}/data }
  maintenance: { uploadpurging: { enabled: false } }
auth:
  htpasswd: { realm: test, path: ${directory}/htpasswd }
http: { addr: "${address}" }
`;

/** The registry wants bcrypt; Perl's crypt() makes it, and Perl is in every Debian. */
async function bcrypt(text: string): Promise<string> {
  // Of a salt's last letter only two bits count, and crypt() insists that the others are zero.
  const setting = `$2y$05$${randomBytes(32).toString("base64").replaceAll(/[+=]/g, ".").slice(0, 21)}u`;
  const program = "chomp(my ($password, $setting) = <STDIN>); print crypt($password, $setting)";
  const perl = spawn("perl", ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  perl.stdin.end(`${text}\n${setting}\n`);
  const hash = Buffer.concat(await perl.stdout.toArray()).toString("utf8");
  if (!hash.startsWith("$2y$")) throw new Error("This machine's crypt() does not make bcrypt hashes.");
  return hash;
}
