/** Where a server that listens on `host` (a name, an IPv4 or an IPv6 address) and `port` is asked. */
export const httpAddress = (host: string, port: number): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
