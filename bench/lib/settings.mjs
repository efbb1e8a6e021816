// How long to measure.

export const settings = (quick) => ({
  verify: quick ? { rounds: 5, batchMs: 4 } : { rounds: 25, batchMs: 20 },
  growth: quick ? { rounds: 5, batchMs: 4 } : { rounds: 25, batchMs: 20 },
  pipeline: quick ? { rounds: 9, batchMs: 5 } : { rounds: 31, batchMs: 15 },
  server: quick ? { cycles: 3, burstMs: 200 } : { cycles: 11, burstMs: 600 },
  imports: quick ? 7 : 20,
  openssl: quick ? 1 : 3,
  memory: { requests: 200 },
});
