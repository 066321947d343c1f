import { randomBytes } from "node:crypto";

/** A lab's name that no other run on this machine has. */
export const newPrefix = (what: string): string => `${what}-${randomBytes(4).toString("hex")}`;

/** The OpenSSH client with the lab's configuration; a refusal shows within seconds, whatever the cause. */
export const sshFrom = (config: string): string[] => ["ssh", "-F", config, "-o", "ConnectTimeout=3"];
