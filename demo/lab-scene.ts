import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { daemonOf } from "../scripts/setup/daemon.ts";
import { ensureSystem } from "../scripts/setup/ensure-system.ts";
import { type Lab, type LabOptions, labUp } from "../test/lab/lab.ts";
import { childOf } from "../test/lab/proc.ts";
import { ensureBaseImage } from "./base-image.ts";
import { makeRepository } from "./repository.ts";
import type { Scene, SceneOptions } from "./scene.ts";
import { TrafficProgram } from "./traffic-program.ts";

const program = join(import.meta.dirname, "../bin/slipway.ts");
const officePort = 7420;
const serverDeadlineMs = 60_000;
/** Without the link /var/run, which would lead back to this machine. */
const officeEngine = "run/docker.sock";

export type LabStage = Scene &
  AsyncDisposable & {
    readonly lab: Lab;
    /** The server is gone without a word when it resolves; its database goes on. */
    killServer(): Promise<void>;
    /** Once it is gone: another one, ready. */
    startServer(): Promise<void>;
    /** The server's own process, as a pid of this machine; undefined when it has ended. */
    serverPid(): number | undefined;
  };

export type LabWish = Pick<LabOptions, "smallDisks"> & {
  /** How often the server looks at the repository. */
  readonly poll?: string;
  /** Changes fleet.yaml before the server reads it. */
  readonly fleet?: (yaml: string) => string;
  /** What else is in the server's environment. */
  readonly serverEnv?: (lab: Lab) => Promise<Readonly<Record<string, string>>>;
};

/** For the demo: what it needs of the stage. */
export const labScene = ({ say, signal }: SceneOptions): Promise<Scene> => labStage(say, signal);

/** The private network: Slipway in the office, four hosts behind a bastion, the registry and the balancer beside them. */
export const labStage = async (
  say: (line: string) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
  { poll = "500ms", fleet: changed = (yaml) => yaml, serverEnv = async () => ({}), ...wish }: LabWish = {},
): Promise<LabStage> => {
  await using stack = new AsyncDisposableStack();
  await ensureSystem(["git", "haproxy", "registry", "docker", "ssh", "sshd", "iproute2", "iptables"]);
  const lab = stack.use(await labUp({ signal, ...wish }));
  say(`lab ${lab.prefix}: office, bastion, balancer, registry, ${lab.hosts.map(({ name }) => name).join(", ")}`);
  // A unix socket crosses network namespaces: the base image is made from this side.
  const base = await ensureBaseImage(`/proc/${lab.office.pid}/root/${officeEngine}`);
  say(`base image: ${base}`);
  const repository = await makeRepository(join(lab.sharedDir, "hello"));
  const fleet = join(lab.sharedDir, "fleet.yaml");
  await writeFile(fleet, changed(lab.fleetYaml({ git: repository, poll })));
  signal.throwIfAborted();
  const url = `http://127.0.0.1:${await lab.publish(officePort)}`;
  const data = join(lab.officeDataDir, "state");
  const env = { SLIPWAY_SECRET_REGISTRY_PASSWORD: lab.registry.password, ...(await serverEnv(lab)) };
  const log = await open(join(lab.sharedDir, "server.log"), "a");
  stack.defer(() => log.close());
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
  const spawnServer = () =>
    lab.office.spawn([process.execPath, program, "server", "--fleet", fleet, "--data", data], {
      env,
      stdio: ["ignore", log.fd, "pipe"],
    });
  let child = spawnServer();
  let server = await daemonOf(child, { name: "Slipway", isReady, deadlineMs: serverDeadlineMs });
  stack.defer(() => server.stop());
  const token = (await lab.office.exec(["cat", join(data, "token")])).stdout.trim();
  const tokenFile = join(lab.sharedDir, "token");
  await writeFile(tokenFile, token, { mode: 0o600 });
  const parts = stack.move();
  return {
    url,
    token,
    repository,
    hello: { registry: lab.registry.address, base, network: "host" },
    hints: [
      `export SLIPWAY_SERVER=${url} SLIPWAY_TOKEN_FILE=${tokenFile}`,
      "./bin/slipway status",
      `npm run lab -- --prefix ${lab.prefix} --enter office`,
    ],
    startTraffic() {
      const script = join(import.meta.dirname, "traffic.ts");
      const users = new TrafficProgram(
        lab.client.spawn([process.execPath, script, lab.frontUrl], { stdio: ["pipe", "pipe", "inherit"] }),
      );
      parts.defer(() => users.stop());
      return users;
    },
    lab,
    async killServer() {
      child.kill("SIGKILL");
      await server.ended;
    },
    async startServer() {
      child = spawnServer();
      server = await daemonOf(child, { name: "Slipway", isReady, deadlineMs: serverDeadlineMs });
    },
    serverPid: () => childOf(server.pid),
    stop: () => parts.disposeAsync(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
};
