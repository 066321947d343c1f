import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "../lab/lab.ts";

const rollLimitMs = 180_000;

/** Ansible at its best: pipelining, and the bench's shared connections, which stay open between the tasks. */
const settings = `[defaults]
inventory = inventory.ini
gathering = explicit
retry_files_enabled = False
host_key_checking = True
forks = 10
[ssh_connection]
pipelining = True
ssh_args = -F SSH_CONFIG
`;

export type Playbook = { roll(image: string, isTuned: boolean): Promise<number> };

/** The playbook, its inventory and settings are in a directory that the office sees. */
export async function preparePlaybook(lab: Lab, sshConfig: string): Promise<Playbook> {
  const directory = lab.sharedDir;
  const inventory = [
    "[hosts]",
    ...lab.hosts.map(({ name }) => name),
    "[balancers]",
    "balancer",
    "[all:vars]",
    "ansible_python_interpreter=/usr/bin/python3",
  ];
  await writeFile(join(directory, "inventory.ini"), `${inventory.join("\n")}\n`);
  const config = join(directory, "ansible.cfg");
  await writeFile(config, settings.replace("SSH_CONFIG", sshConfig));
  const playbook = join(import.meta.dirname, "playbook.yml");
  return {
    async roll(image, isTuned) {
      const startedAt = performance.now();
      const { exitCode, stdout, stderr } = await lab.office.exec(
        ["ansible-playbook", "--extra-vars", JSON.stringify({ image, isTuned }), playbook],
        { cwd: directory, env: { ANSIBLE_CONFIG: config }, limitMs: rollLimitMs },
      );
      const ms = performance.now() - startedAt;
      if (exitCode !== 0) throw new Error(`The playbook ended with ${exitCode}:\n${stdout.slice(-3_000)}${stderr}`);
      return ms;
    },
  };
}
