/** `0A`: listening, by include/net/tcp_states.h; the second column is the local address and port, in hex. */
const listeners = `awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null`;

export const mark = "-- listening";

/** One look at a machine, in one command: the disk of that directory, and who listens. */
export const lookAtMachine = (directory: string): readonly string[] => [
  "sh",
  "-c",
  `df -Pk "$1"; echo "${mark}"; ${listeners}; true`,
  "sh",
  directory,
];
