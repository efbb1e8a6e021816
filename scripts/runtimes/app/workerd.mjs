// Writes the configuration with which workerd runs the battery.

/** @param flags Compatibility flags. */
export function workerdConfig(flags) {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "bundle.mjs", esModule = embed "bundle.workerd.mjs"),
  ],
  bindings = [(name = "inputs", json = embed "inputs.json")],
  compatibilityDate = "2026-07-01",
  compatibilityFlags = ${JSON.stringify(flags)},
);
`;
}
