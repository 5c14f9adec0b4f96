/** HAProxy with its own defaults, in master-worker mode, except that it uses a connection to a server for 100 calls. */
export const haproxy = {
  name: "HAProxy",
  program: "haproxy",
  args: ["-W", "-f", "proxy.conf"],
  reloadSignal: "SIGUSR2",
  configure: (port, serverPort) => `defaults
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
