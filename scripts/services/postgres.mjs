import { execFile } from "node:child_process";
import { chownSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { aptInstall } from "./apt.mjs";
import { makeDirectory, removeDirectory, startEngine } from "./engine.mjs";
import { findBinary } from "./find-binary.mjs";
import { freePort } from "./free-port.mjs";

const run = promisify(execFile);
const initTimeoutMs = 60_000;
const database = "countersign";
const superuser = "countersign";

// The package would make a cluster, and keep it running, if its settings did not say otherwise meanwhile.
const steps = `install postgresql-common
settings=/etc/postgresql-common/createcluster.conf
cp -p "$settings" "$settings.before"
undo="$undo; mv -f $settings.before $settings"
echo "create_main_cluster = false" >>"$settings"
install postgresql
`;

/** Where Debian has the server, the newest version first, since it is not in PATH there. */
function debianFolders() {
  const folder = "/usr/lib/postgresql";
  if (!existsSync(folder)) return [];
  const versions = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(folder, version, "bin"));
}

function findOrInstall() {
  const find = () => {
    const server = findBinary("postgres", debianFolders()) ?? findBinary("postgres");
    return server && { server, initdb: server.replace(/postgres$/, "initdb") };
  };
  const found = find();
  if (found) return found;
  aptInstall("PostgreSQL", steps);
  const installed = find();
  if (!installed) throw new Error("PostgreSQL has been installed, and is not found.");
  return installed;
}

/** Whom to run it as: it refuses to be root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = ["postgres", "nobody"]
    .map((name) => users.find(([each]) => each === name))
    .find((each) => each !== undefined);
  if (!user) {
    throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody.");
  }
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** Runs one statement, and gives back its rows. */
async function query(url, text) {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2000,
    query_timeout: 10_000,
  });
  // The server may end while the connection is open.
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function initialise(initdb, state, data, user) {
  const args = [
    ...["--pgdata", data, "--username", superuser, "--auth", "trust"],
    ...["--encoding", "UTF8", "--no-locale", "--no-sync"],
  ];
  try {
    await run(initdb, args, { ...user, cwd: state.directory, timeout: initTimeoutMs });
  } catch (error) {
    const said = `${error.stdout ?? ""}${error.stderr ?? ""}`.trim();
    throw new Error(`initdb failed: ${said || error.message}`, { cause: error });
  }
}

/**
 * Starts a PostgreSQL of its own on 127.0.0.1, with an empty database and the durability that it has by default.
 * Installs it when it is missing. As root, it runs as the user postgres or nobody.
 *
 * @param options `args`: more arguments for `postgres`, such as `["-c", "deadlock_timeout=100ms"]`.
 * @returns `url` and `port`; `stop()` in order, though it waits for no client; `kill()` at once, with all children;
 *   `restart()` at the same port with the same data; `remove()` stops it and deletes the data. Each resolves when it is
 *   done, `restart()` when queries are answered.
 */
export async function startPostgres({ args = [] } = {}) {
  const { server, initdb } = findOrInstall();
  const user = unprivileged();
  const port = await freePort();
  // A temporary directory of root's own would be closed to another user.
  const state = makeDirectory("postgres", user && "/tmp");
  const data = join(state.directory, "data");
  const at = (name) => `postgres://${superuser}@127.0.0.1:${port}/${name}`;
  try {
    if (user) chownSync(state.directory, user.uid, user.gid);
    await initialise(initdb, state, data, user);
    const engine = await startEngine({
      name: "PostgreSQL",
      state,
      port,
      url: at(database),
      command: [
        ...[server, "-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1"],
        ...["-c", "unix_socket_directories=", "-c", "max_connections=200"],
        ...args,
      ],
      user,
      isReady: () =>
        query(at("postgres"), "select 1").then(
          () => true,
          () => false,
        ),
      // SIGTERM would wait until the last client has gone.
      orderly: "SIGINT",
      // What it takes for “end at once”, and hands on to its children.
      crashed: "QUIT",
    });
    try {
      await query(at("postgres"), `create database ${database}`);
    } catch (error) {
      await engine.kill();
      throw error;
    }
    return engine;
  } catch (error) {
    removeDirectory(state);
    throw error;
  }
}
