import { Cluster, Redis } from "ioredis";
import { Cluster as Cluster5, Redis as Redis5 } from "ioredis5";
import { createClient, createClientPool, createCluster } from "redis";
import {
  createClient as createClient5,
  createClientPool as createClientPool5,
  createCluster as createCluster5,
} from "redis5";
import type { RedisClient } from "../../../src/stores/redis.js";

/** A client under test, and how to be rid of it. */
export interface Connection {
  readonly client: RedisClient;
  close(): void;
}

/** One library in one version. The options of its clients are those that the store's documentation recommends. */
export interface Library {
  readonly name: string;
  readonly connect: (url: string) => Promise<Connection>;
  /** Through several connections, where the library has that. */
  readonly pool?: (url: string) => Promise<Connection>;
  readonly cluster: (url: string) => Promise<Connection>;
}

const ignore = (): void => undefined;
const reconnectMs = 50;

// Each version has types of its own, so each stands here by itself: that it compiles is part of the test.

export const ioredis: Library = {
  name: "ioredis",
  connect: async (url) => {
    const client = new Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      retryStrategy: () => reconnectMs,
    });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
  cluster: async (url) => {
    const client = new Cluster([url], { lazyConnect: true });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
};

export const ioredis5: Library = {
  name: "ioredis5",
  connect: async (url) => {
    const client = new Redis5(url, {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      retryStrategy: () => reconnectMs,
    });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
  cluster: async (url) => {
    const client = new Cluster5([url], { lazyConnect: true });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
};

export const redis: Library = {
  name: "redis",
  connect: async (url) => {
    const client = createClient({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: reconnectMs },
    });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  pool: async (url) => {
    const client = createClientPool({ url }, { minimum: 2, maximum: 4 });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  cluster: async (url) => {
    const client = createCluster({ rootNodes: [{ url }] });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
};

export const redis5: Library = {
  name: "redis5",
  connect: async (url) => {
    const client = createClient5({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: reconnectMs },
    });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  pool: async (url) => {
    const client = createClientPool5({ url }, { minimum: 2, maximum: 4 });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  cluster: async (url) => {
    const client = createCluster5({ rootNodes: [{ url }] });
    client.on("error", ignore);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
};

export const libraries: readonly Library[] = [ioredis, ioredis5, redis, redis5];
