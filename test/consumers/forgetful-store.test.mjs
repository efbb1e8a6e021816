// A store that forgets what is done: `node --test` has to fail.

import test from "node:test";
import { memoryStore } from "countersign/stores/memory";
import { storeConformance } from "countersign/testing";

const memory = memoryStore();
const store = { ...memory, complete: (key, token) => memory.release(key, token) };
for (const { name, run } of storeConformance(() => store)) test(name, run);
