/**
 * nginx with its own defaults, except that it closes a connection after 100 calls (common versions have 1,000), and that
 * it keeps connections to the server.
 */
export const nginx = {
  name: "nginx",
  program: "nginx",
  args: ["-p", ".", "-c", "proxy.conf", "-e", "stderr"],
  reloadSignal: "SIGHUP",
  configure: (port, serverPort) => `daemon off;
${process.getuid() === 0 ? "user root;" : ""}
pid nginx.pid;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${name};`).join("\n  ")}
  keepalive_requests 100;
  upstream servers {
    server 127.0.0.1:${serverPort};
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port} http2;
    location / { grpc_pass grpc://servers; }
  }
}
`,
};
