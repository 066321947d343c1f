/** What a person is shown when the lab is up. */
import type { Lab } from "./lab.ts";

/** The network in plain text: who is where, and which way a connection may go. */
export function drawing(lab: Lab): string {
  const { addresses } = lab;
  const first = lab.hosts[0];
  const last = lab.hosts.at(-1);
  const many = lab.hosts.length > 1 ? `${first?.name}..${last?.name}` : `${first?.name}`;
  const range = lab.hosts.length > 1 ? `${first?.address}..${last?.address.split(".")[3]}` : `${first?.address}`;
  return `
  OFFICE NET 10.10.0.0/24               PRIVATE NET 10.20.0.0/24             PUBLIC NET 10.30.0.0/24

  office ${at(addresses.office)}                                              office ${addresses.officeInPublic}
    |                                                                          |
    +--ssh--> bastion ${at(addresses.bastion)} = ${at(addresses.bastionInPrivate)}                              | http
    |                          |                                               |
    |                          +--ssh--> balancer ${at(addresses.balancer)} = ${at(addresses.front)} :80 <--+
    |                          |            |                                  |
    |                          |            | http :8080                       | http
    |                          |            v                                  |
    |                          +--ssh--> ${pad(many)} ${pad(range, 18)}  client ${addresses.client}
    |                                       |
    +--push-> registry ${at(addresses.registryInOffice)} = ${at(addresses.registryInPrivate)} <--pull--+
  desk ${at(addresses.desk)} (refused by the bastion)
`;
}

/** Commands to look around with; each can be pasted as it is. */
export function directions(lab: Lab, pagePort: number, command: string): string {
  const enter = `${command} --enter`;
  const ssh = `${enter} office ssh -F ${lab.ssh.config}`;
  return `
  be in the office        ${enter} office
  log in to a host        ${ssh} -t web-1
  its containers          ${ssh} web-1 docker ps
  the balancer's state    ${command} --haproxy "show servers state"
  a user's request        ${enter} client curl -i ${lab.frontUrl}
  not allowed in          ${enter} desk ssh -F ${lab.ssh.config} bastion
  the registry            ${lab.registry.address}, ${lab.registry.username} / ${lab.registry.password}
  Slipway's page          http://127.0.0.1:${pagePort}/ once it listens on 127.0.0.1:7420 in the office

  Ctrl-C takes everything down.
`;
}

const at = (address: string): string => address.padEnd(10);
const pad = (text: string, width = 10): string => text.padEnd(width);
