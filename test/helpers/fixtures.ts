/// <reference types="vite/client" />
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Provider } from "../../src/provider.js";
import { type HttpFile, readHttpFile } from "./http-file.js";

/** One case of a provider's `cases.json`. */
export interface FixtureCase {
  readonly name: string;
  readonly file: string;
  readonly options: unknown;
  /** Unix seconds. */
  readonly now: number;
  readonly expect: {
    readonly verify: string;
    readonly type?: string;
    readonly known?: boolean;
    readonly id?: string;
    readonly subject?: string;
    readonly decision?: string;
    readonly ambiguous?: boolean;
  };
}

export interface ProviderModule {
  readonly id: string;
  readonly factory: (options: unknown) => Provider;
  readonly exports: Readonly<Record<string, unknown>>;
}

const root = new URL("../../fixtures/", import.meta.url);

const modules = import.meta.glob<Record<string, unknown>>("../../src/providers/*.ts", {
  eager: true,
});

/** Every provider there is; a new file in `src/providers` is found by itself. */
export const providerModules: readonly ProviderModule[] = Object.entries(modules).map(
  ([path, exports]) => {
    const id = /([^/]+)\.ts$/.exec(path)?.[1] ?? "";
    return { id, exports, factory: exports[id] as ProviderModule["factory"] };
  },
);

export function providerModule(id: string): ProviderModule {
  const found = providerModules.find((module) => module.id === id);
  if (found === undefined) throw new Error(`no provider ${id}`);
  return found;
}

export function fixtureFolders(): readonly string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/cases.json`, root)))
    .map(({ name }) => name);
}

export function fixtureCases(id: string): readonly FixtureCase[] {
  const text = readFileSync(new URL(`${id}/cases.json`, root), "utf8");
  return (JSON.parse(text) as { cases: FixtureCase[] }).cases;
}

export function fixtureCase(id: string, name: string): FixtureCase {
  const found = fixtureCases(id).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${id}/${name}`);
  return found;
}

export function recorded(id: string, { file }: Pick<FixtureCase, "file">): HttpFile {
  return readHttpFile(new URL(`${id}/${file}`, root));
}
