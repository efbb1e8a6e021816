// Run by `node --test`, as an application would check a store of its own.

import test from "node:test";
import { memoryStore } from "countersign/stores/memory";
import { storeConformance } from "countersign/testing";

const store = memoryStore();
for (const { name, run } of storeConformance(() => store)) test(name, run);
