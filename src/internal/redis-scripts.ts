/** A script as Redis knows it, and the name that Redis gives it. */
export interface RedisScript {
  readonly text: string;
  /** SHA-1 of the text, in hex. Written down, since `node:crypto` is not everywhere; a test compares the two. */
  readonly sha: string;
}

// KEYS[1] is the message: "1" once it has been completed, while claimed "=" and the token, so that no token says
// "completed". KEYS[2], only with an order, is the subject: a hash of "<at>:<end>", both in milliseconds since the epoch,
// for each live claim under "=" and its token, and for the newest completed message under "done". ARGV is the value of
// a claim, how long it is to hold, and `at`.
//
// For cursors KEYS[1] is the cursor, and ARGV[1] its text.
//
// `at` is kept as it was written: Lua writes fourteen digits of a number, which is enough for the clock only.

/** Enters a field, and has the hash outlive it: before Redis 7, PEXPIRE cannot be told only to extend. */
const order = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function enter(field, at, ms)
  redis.call('HSET', KEYS[2], field, at .. ':' .. (now + ms))
  if redis.call('PTTL', KEYS[2]) < tonumber(ms) then redis.call('PEXPIRE', KEYS[2], ms) end
end
local function read(value)
  local at, stop = string.match(value, '^(.+):(.+)$')
  return at, tonumber(stop) > now
end`;

/**
 * Answers 0 for busy, 1 for done, 2 for claimed, 3 for claimed while a newer one is being handled, 4 for claimed after
 * a newer one was.
 *
 * Whoever holds the claim gets it again: a client that lost its connection before the answer came may send the command
 * once more. Everything is read before anything is written, for an error undoes nothing.
 */
export const claimScript: RedisScript = {
  text: `local held = redis.call('GET', KEYS[1])
if held == '1' then return 1 end
if held and held ~= ARGV[1] then return 0 end
if not KEYS[2] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 2
end
${order}
local answer = 2
local ended = {}
local fields = redis.call('HGETALL', KEYS[2])
for i = 1, #fields, 2 do
  local at, live = read(fields[i + 1])
  if not live then
    ended[#ended + 1] = fields[i]
  elseif tonumber(at) > tonumber(ARGV[3]) then
    answer = math.max(answer, fields[i] == 'done' and 4 or 3)
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for _, field in ipairs(ended) do redis.call('HDEL', KEYS[2], field) end
enter(ARGV[1], ARGV[3], ARGV[2])
return answer`,
  sha: "6c28b8eafe4a33685e26aa748dddc015b1d7ef54",
};

/** Answers 1 while the claim is held, else 0. */
export const renewScript: RedisScript = {
  text: `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if not KEYS[2] then return 1 end
${order}
enter(ARGV[1], ARGV[3], ARGV[2])
return 1`,
  sha: "71c7826bad440f2ad2ae22d025acaa7d2dd8f705",
};

/** Answers 1 if the claim was held, else 0. */
export const completeScript: RedisScript = {
  text: `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
if not KEYS[2] then return 1 end
${order}
local newest = ARGV[3]
local done = redis.call('HGET', KEYS[2], 'done')
if done then
  local at, live = read(done)
  if live and tonumber(at) > tonumber(newest) then newest = at end
end
enter('done', newest, ARGV[2])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1`,
  sha: "6cc270195ce4d0725247a5b26ac16e1bb0b08ea9",
};

/** Answers 1 if the claim was held, else 0. */
export const releaseScript: RedisScript = {
  text: `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if KEYS[2] then redis.call('HDEL', KEYS[2], ARGV[1]) end
return 1`,
  sha: "725ef1c3e0ca339c2e7ed651d32a70c6bbc24adf",
};

/** Answers "=" and the text, or "-" where there is none: clients have several ways to say nothing. */
export const readCursorScript: RedisScript = {
  text: `local value = redis.call('GET', KEYS[1])
return value and '=' .. value or '-'`,
  sha: "a5d10282b33489a29cd7923f9dc45d7a90f2a677",
};

/** Answers OK. Without an expiry, and without that of what was there before. */
export const writeCursorScript: RedisScript = {
  text: `return redis.call('SET', KEYS[1], ARGV[1])`,
  sha: "d8f2fad9f8e86a53d2a6ebd960b33c4972cacc37",
};
