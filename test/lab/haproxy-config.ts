import { appPort, frontPort, type HostAddress } from "./layout.ts";

export const backend = "hello";
export const adminSocket = "/run/haproxy/admin.sock";

/**
 * Retries and redispatch are off: they would repeat a request elsewhere and hide that a host was cut too early. A reload
 * lets a kept connection have one more answer before it closes it: else it closes it just as a request comes.
 */
export function haproxyConfig(hosts: readonly HostAddress[]): string {
  return `global
    stats socket ${adminSocket} mode 660 group deploy level admin expose-fd listeners
    stats timeout 1m
    maxconn 8000
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 15s
    timeout queue 5s
    timeout tunnel 1h
    option idle-close-on-response
    retries 0
    no option redispatch
frontend front
    bind :${frontPort}
    default_backend ${backend}
backend ${backend}
    balance roundrobin
    option httpchk GET /healthz
    http-check expect status 200
    default-server inter 500ms fastinter 200ms downinter 200ms fall 2 rise 1
${hosts.map(({ name, address }) => `    server ${name} ${address}:${appPort} check\n`).join("")}`;
}
