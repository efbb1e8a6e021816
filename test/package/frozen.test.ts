import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const program = `
import { createReceiver } from "countersign";
import { dataspike, dataspikeSamples } from "countersign/providers/dataspike";
import { vove, voveSamples } from "countersign/providers/vove";
import { signDelivery } from "countersign/testing";

const providers = [
  [dataspike({ secret: "whsec_" + "a1".repeat(32) }), dataspikeSamples.DOCVER],
  [vove({ secret: "whsec_" + btoa("k".repeat(24)) }), voveSamples["idv.successful"]],
];
const kinds = [];
for (const [provider, event] of providers) {
  const handler = (read) => kinds.push(Object.getPrototypeOf(read) === Object.prototype);
  const on = Object.fromEntries(provider.types.map((type) => [type, handler]));
  const receiver = createReceiver(provider, { on });
  const evil = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},';
  const text = JSON.stringify(event).replace("{", "{" + evil);
  const outcome = await receiver.receive(signDelivery(provider, text));
  kinds.push(outcome.kind, ({}).polluted);
}
process.stdout.write(JSON.stringify(kinds));
`;

it("works where built-in prototypes are frozen and __proto__ is no accessor", async () => {
  const flags = ["--frozen-intrinsics", "--disable-proto=throw", "--no-warnings"];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, "--input-type=module", "--eval", program],
    { cwd: root },
  );
  const each = [true, "handled", null];
  expect(JSON.parse(stdout)).toEqual([...each, ...each]);
});
