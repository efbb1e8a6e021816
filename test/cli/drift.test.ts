import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { dataspikeSamples } from "../../src/providers/dataspike.js";
import { withValue } from "../helpers/drifts.js";
import { cli, cliJson, temporaryFolder } from "./helpers/cli.js";
import { httpFile } from "./helpers/samples.js";

const fixtures = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const person = "Mirela Dravetz";
const { DOCVER } = dataspikeSamples;

/** A captured delivery whose proof is nobody's. */
function keep(
  name: string,
  event: unknown,
  headers: Readonly<Record<string, string>> = {},
): string {
  const path = join(folder, name);
  writeFileSync(path, httpFile(headers, typeof event === "string" ? event : JSON.stringify(event)));
  return path;
}

const plain = keep("0-plain.http", DOCVER);
const one = keep("1-novel.http", withValue(DOCVER, "payload.novel", person));
const two = keep(
  "2-novel.http",
  withValue(withValue(DOCVER, "payload.novel", person), "payload.status", person),
);
const moved = keep("3-moved.http", { ...DOCVER, event_type: "ADDRESS_CHECK" });
const misfit = keep("4-misfit.http", withValue(DOCVER, "payload.applicant_id", { [person]: 5 }));
const broken = keep("5-broken.http", `{"name":"${person}"`);
const all = [plain, one, two, moved, misfit, broken];

const novel = { kind: "key", messageType: "DOCVER", path: "payload.novel", type: "string" };
const drifts = [
  { ...novel, files: 2 },
  { ...novel, kind: "value", path: "payload.status", files: 1 },
  { kind: "type", messageType: "ADDRESS_CHECK", files: 1 },
];
const misfits = [
  {
    code: "payload_invalid",
    type: "DOCVER",
    path: "payload.applicant_id",
    expected: "string",
    files: 1,
  },
  { code: "payload_not_json", files: 1 },
];

describe("drift", () => {
  it("lists what is new and what does not fit, and in how many files, without a secret", async () => {
    const { code, lines, stderr } = await cliJson(["drift", ...all, "-p", "dataspike"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const [line] = lines as [{ drifts: object[]; misfits: object[] }];
    expect(lines).toHaveLength(1);
    expect(line).toMatchObject({ provider: "dataspike", files: 6 });
    expect(line.drifts).toHaveLength(3);
    expect(line.drifts).toEqual(expect.arrayContaining(drifts));
    expect(line.misfits).toEqual(misfits);
  });

  it("takes a folder for the files in it", async () => {
    writeFileSync(join(folder, "notes.txt"), "no delivery");
    const named = await cliJson(["drift", ...all, "-p", "dataspike"]);
    expect((await cliJson(["drift", folder, "-p", "dataspike"])).lines).toEqual(named.lines);
  });

  it("says it in a line for each, and never what stands there", async () => {
    const { code, stdout, stderr } = await cli(["drift", ...all, "-p", "dataspike"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^not as the schemas have it {2}dataspike {2}in 6 files\n/);
    expect(stdout).toMatch(/^ {2}new key +DOCVER +payload\.novel +string +in 2 files$/m);
    expect(stdout).toMatch(/^ {2}new value +DOCVER +payload\.status +string +in 1 file$/m);
    expect(stdout).toMatch(/^ {2}new type +ADDRESS_CHECK +in 1 file$/m);
    expect(stdout).toMatch(
      /^ {2}misfit +DOCVER +payload\.applicant_id +is not string +in 1 file$/m,
    );
    expect(stdout).toMatch(/^ {2}misfit +payload_not_json +in 1 file$/m);
    expect(stdout.trimEnd().split("\n")).toHaveLength(6);
    expect(stdout).not.toMatch(/Mirela|Dravetz/);
  });

  it("ends with 0 where nothing is new", async () => {
    const { code, stdout, stderr } = await cli(["drift", plain, plain, "-p", "dataspike"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "nothing new  dataspike  in 2 files\n",
      stderr: "",
    });
    expect(await cliJson(["drift", plain, "-p", "dataspike"])).toEqual({
      code: 0,
      lines: [{ provider: "dataspike", files: 1, drifts: [], misfits: [] }],
      stderr: "",
    });
  });

  it("reads the recorded deliveries of every provider", async () => {
    for (const [provider, file, kind] of [
      ["cr3dentials", "gen1-unknown-type.http", "type"],
      ["dataspike", "docver-unknown-status.http", "value"],
      ["screver", "unknown-body.http", "type"],
      ["validas", "unknown-status.http", "type"],
      ["vove", "idv-suspected-aml-check.http", "key"],
    ] as const) {
      const { code, lines } = await cliJson([
        "drift",
        join(fixtures, provider, file),
        "-p",
        provider,
      ]);
      expect(code, provider).toBe(1);
      expect(lines).toMatchObject([{ provider, drifts: [{ kind, files: 1 }], misfits: [] }]);
    }
  });

  it("takes the provider's options, which may decide what type a body is", async () => {
    const file = join(folder, "company");
    writeFileSync(file, httpFile({}, '{"status":"IN_REVIEW","refId":"r","previousStatus":null}'));
    const aml = await cliJson(["drift", file, "-p", "vove"]);
    expect(aml.lines[0]).toMatchObject({ drifts: [{ kind: "key", path: "previousStatus" }] });
    const kyb = await cliJson(["drift", file, "-p", "vove", "--set", "expect=kyb"]);
    expect(kyb).toMatchObject({ code: 0, lines: [{ drifts: [] }] });
  });

  it("reads the standard input for -", async () => {
    const input = httpFile({}, JSON.stringify(withValue(DOCVER, "novel", 1)));
    const { code, lines } = await cliJson(["drift", "-", "-p", "dataspike"], { input });
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ drifts: [{ path: "novel", type: "number" }] });
  });

  it("says which file is none", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const odd = join(folder, "odd");
    writeFileSync(odd, person);
    for (const [place, reason] of [
      [odd, `${odd}: This is no .http file`],
      [empty, `${empty} has no .http file in it.`],
      [join(folder, "none.http"), "none.http cannot be read: there is no such file."],
    ] as const) {
      const { code, stdout, stderr } = await cli(["drift", plain, place, "-p", "dataspike"]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(reason);
    }
  });
});
