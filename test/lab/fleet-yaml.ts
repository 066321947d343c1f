import { adminSocket, backend } from "./haproxy-config.ts";
import { addresses, type HostAddress } from "./layout.ts";
import { registry } from "./registry-files.ts";
import type { SshFiles } from "./ssh-files.ts";

export interface FleetSource {
  /** A path in the office or a URL it can reach. */
  readonly git: string;
  /** ["main"] unless said. */
  readonly branches?: readonly string[];
  /** "1s" unless said. */
  readonly poll?: string;
}

/** The registry's password is `registry.password`, to be given to Slipway as the secret REGISTRY_PASSWORD. */
export function fleetYaml(hosts: readonly HostAddress[], ssh: SshFiles, source?: FleetSource): string {
  const hostList = hosts.map(({ name, address }) => `{ name: ${name}, address: ${address} }`).join(", ");
  const key = `key: { file: ${JSON.stringify(ssh.deployKey)} }`;
  return `networks:
  private:
    bastion: { address: ${addresses.bastion}, user: jump, ${key} }
    ssh: { user: deploy, ${key}, known_hosts: ${JSON.stringify(ssh.knownHosts)} }
registries:
  ${registry.address}: { username: ${registry.username}, password: { secret: REGISTRY_PASSWORD }, insecure: true }
environments:
  integration:
    network: private
    services:
      hello:
        hosts: [${hostList}]
        balancers: [{ haproxy: { socket: "ssh://deploy@${addresses.balancer}${adminSocket}", backend: ${backend} } }]
        traffic: { url: "http://${addresses.front}/", every: 20ms }
${source === undefined ? "" : sourceLines(source)}`;
}

function sourceLines({ git, branches = ["main"], poll = "1s" }: FleetSource): string {
  const names = branches.map((branch) => JSON.stringify(branch)).join(", ");
  return `sources:\n  - { git: ${JSON.stringify(git)}, poll: ${poll}, branches: [${names}] }\n`;
}
