/** What a person is shown when the lab is up. */
import type { Lab } from "./lab.ts";
import { appPort, frontPort } from "./layout.ts";

/** The network in plain text: who is where, and which way a connection may go. */
export function drawing({ addresses, hosts }: Lab): string {
  const [first, ...others] = hosts.map(({ name, address }) => `${name.padEnd(8)}${address}:${appPort}`);
  return `
 OFFICE NET 10.10.0.0/24       PRIVATE NET 10.20.0.0/24           PUBLIC NET 10.30.0.0/24

 office ${addresses.office} ---------------------------------------------------- office ${addresses.officeInPublic}
 |                                                                        |
 | ssh                                   ssh                              | http
 +----> bastion ${addresses.bastion} = ${addresses.bastionInPrivate} ---+                              v
 |                                         +-> balancer ${addresses.balancer} === ${addresses.front}:${frontPort}
 |                                         |      | http                  ^
 |                                         |      v                       | http
 |                                         +-> ${first?.padEnd(26)}client ${addresses.client}
${others.map((host) => ` |                                             ${host}\n`).join("")} |                                                |
 | push                                           | pull
 +----> registry ${addresses.registryInOffice} = ${addresses.registryInPrivate} <----------+
 |
 desk ${addresses.desk} (the bastion refuses it)
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
