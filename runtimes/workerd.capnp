using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "calls", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "calls")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "dist/worker.js")],
  compatibilityDate = "2026-11-01",
);
