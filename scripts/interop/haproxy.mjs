/**
 * HAProxy in master-worker mode with its own defaults, except that it uses a connection to a server for 100 calls, and
 * that its buffers hold more than a frame: with the default, version 2.6 ends connections to servers of any library
 * with INTERNAL_ERROR when several streams send much at a time (https://github.com/haproxy/haproxy/issues/2388).
 */
export const haproxy = {
  name: "HAProxy",
  program: "haproxy",
  args: ["-W", "-f", "proxy.conf"],
  reloadSignal: "SIGUSR2",
  configure: (port, serverPort) => `global
  tune.bufsize 65536

defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m

frontend grpc
  bind 127.0.0.1:${port} proto h2
  default_backend servers

backend servers
  server one 127.0.0.1:${serverPort} proto h2 max-reuse 100
`,
};
