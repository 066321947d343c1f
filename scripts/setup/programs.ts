import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Need =
  | "docker"
  | "registry"
  | "haproxy"
  | "git"
  | "ssh"
  | "sshd"
  | "iproute2"
  | "iptables"
  | "chromium"
  | "ansible"
  | "alertmanager"
  | "faketime";

type Kind = {
  /** Any one of these programs will do. */
  readonly programs: readonly string[];
  readonly apt: readonly string[];
  readonly dnf: readonly string[];
  readonly brew: readonly string[];
  /** systemd units that Debian's package would start; we run the programs ourselves. */
  readonly units: readonly string[];
};

const kind = (programs: string[], rest: Partial<Omit<Kind, "programs">>): Kind => ({
  programs,
  apt: [],
  dnf: [],
  brew: [],
  units: [],
  ...rest,
});

/** What each need is called by those who package it. */
export const kinds: Readonly<Record<Need, Kind>> = {
  docker: kind(["dockerd"], {
    apt: ["docker.io"],
    dnf: ["moby-engine"],
    brew: ["colima", "docker"],
    units: ["docker.service", "docker.socket", "containerd.service"],
  }),
  registry: kind(["docker-registry", "registry"], {
    apt: ["docker-registry"],
    dnf: ["docker-distribution"],
    units: ["docker-registry.service"],
  }),
  haproxy: kind(["haproxy"], { apt: ["haproxy"], dnf: ["haproxy"], brew: ["haproxy"], units: ["haproxy.service"] }),
  git: kind(["git"], { apt: ["git"], dnf: ["git"], brew: ["git"] }),
  ssh: kind(["ssh"], { apt: ["openssh-client"], dnf: ["openssh-clients"], brew: ["openssh"] }),
  sshd: kind(["sshd"], {
    apt: ["openssh-server"],
    dnf: ["openssh-server"],
    brew: ["openssh"],
    units: ["ssh.service", "ssh.socket"],
  }),
  iproute2: kind(["ip"], { apt: ["iproute2"], dnf: ["iproute"] }),
  iptables: kind(["iptables"], { apt: ["iptables"], dnf: ["iptables-nft"] }),
  // Without a font of its own a headless browser draws empty boxes.
  chromium: kind(["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], {
    apt: ["chromium", "fonts-dejavu-core"],
    dnf: ["chromium", "dejavu-sans-fonts"],
    brew: ["chromium"],
  }),
  // Debian's `ansible` has the community modules; its Docker modules need Python's requests where they run.
  ansible: kind(["ansible-playbook"], {
    apt: ["ansible", "python3-requests"],
    dnf: ["ansible", "python3-requests"],
    brew: ["ansible"],
  }),
  alertmanager: kind(["prometheus-alertmanager", "alertmanager"], {
    apt: ["prometheus-alertmanager"],
    dnf: ["alertmanager"],
    brew: ["alertmanager"],
    units: ["prometheus-alertmanager.service"],
  }),
  faketime: kind(["faketime"], { apt: ["faketime"], dnf: ["libfaketime"], brew: ["libfaketime"] }),
};

// A shell opened with `su` has no sbin in its PATH, and Debian keeps dockerd, haproxy and sshd there.
const moreDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/opt/homebrew/bin"];

/** The programs found are also found by those who start them by name from here on. */
export const widenPath = (env: NodeJS.ProcessEnv = process.env): void => {
  const present = (env.PATH ?? "").split(delimiter).filter(Boolean);
  const missing = moreDirectories.filter((directory) => !present.includes(directory) && existsSync(directory));
  env.PATH = [...present, ...missing].join(delimiter);
};

/** The full path of a program on the PATH. */
export const findProgram = (name: string, env: NodeJS.ProcessEnv = process.env): string | undefined =>
  (env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((directory) => join(directory, name))
    .find(isExecutable);

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export const isPresent = (need: Need, env: NodeJS.ProcessEnv = process.env): boolean =>
  kinds[need].programs.some((program) => findProgram(program, env));

/** The program that serves this need, for those who start it. */
export const programFor = (need: Need): string => {
  const found = kinds[need].programs.map((program) => findProgram(program)).find(Boolean);
  if (!found) throw new Error(`${kinds[need].programs[0]} is not on this machine. ${installAdvice([need])}`);
  return found;
};

/** The commands that install these needs, for the three package managers that most machines have. */
export const installAdvice = (needs: readonly Need[]): string => {
  const packages = (manager: "apt" | "dnf" | "brew"): string => needs.flatMap((need) => kinds[need][manager]).join(" ");
  const lines = [
    `Debian, Ubuntu: sudo apt-get install --no-install-recommends ${packages("apt")}`,
    `Fedora: sudo dnf install ${packages("dnf")}`,
    ...(packages("brew") ? [`macOS: brew install ${packages("brew")}`] : []),
  ];
  return `Install it with\n  ${lines.join("\n  ")}`;
};
