-- The members of a cluster, as its nodes share them. The only writer of them; a call is one step.
--
-- KEYS  state     all of it in one value, which is there, or gone, as a whole
--       views     a stream of the newest view, whose id is that of the entry
--       founding  the token of who founds a generation; whatever forgets the state forgets it
--       counts    the beginning of the keys {sender: batches sent} of each receiver
-- ARGV  what is asked, in msgpack: see members_script.py
--
-- Returns, in msgpack:
--       [whether the one who asks is to found the next generation]      there is no state
--       [generation, n, members, inside, closed ms, sent, strangers, the one who is deaf or false]
local STATE, VIEWS, FOUNDING, COUNTS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ask = cmsgpack.unpack(ARGV[1])

-- The server's own time: those of the nodes may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local packed = redis.call('GET', STATE)
local state = packed and cmsgpack.unpack(packed)

local function is_from_the_past()
  return state.generation < ask.generation_seen
    or (state.generation == ask.generation_seen and state.n < ask.n_seen)
end

if state and is_from_the_past() then
  -- A copy was restored, or another server has taken over: as good as forgotten.
  for incarnation in pairs(state.members) do
    redis.call('DEL', COUNTS .. incarnation)
  end
  redis.call('DEL', STATE, VIEWS, FOUNDING)
  state = nil
end

if not state then
  if ask.step ~= 'renew' then
    return cmsgpack.pack({false})
  end
  if ask.raised == 0 or redis.call('GET', FOUNDING) ~= ask.token then
    redis.call('SET', FOUNDING, ask.token, 'NX', 'PX', ask.lease)
    return cmsgpack.pack({redis.call('GET', FOUNDING) == ask.token})
  end
  -- Nothing was forgotten since the token was put there, so no generation is above this one. The
  -- first one of all has no owners to wait for.
  redis.call('DEL', FOUNDING, VIEWS)
  local wait = ask.raised > 1 and ask.lease or 0
  state = {generation = ask.raised, n = 0, open = now + wait, seen = now, members = {}, strangers = {}}
end

if now < state.seen then
  -- The server's clock was set back: what was left of a lease is left.
  local back = state.seen - now
  state.open = state.open - back
  for _, member in pairs(state.members) do
    member.ends = member.ends - back
  end
end
state.seen = now

local changed = false

local function remove(gone)
  state.members[gone] = nil
  redis.call('DEL', COUNTS .. gone)
  for incarnation in pairs(state.members) do
    redis.call('HDEL', COUNTS .. incarnation, gone)
  end
  changed = true
end

local function deaf()
  for _, member in pairs(state.members) do
    if member.node ~= ask.node and math.abs(member.speaks - ask.speaks) > 1 then
      return {member.node, member.speaks}
    end
  end
  return false
end

for incarnation, member in pairs(state.members) do
  if member.ends <= now then
    remove(incarnation)
  end
end
for node, stranger in pairs(state.strangers) do
  if stranger.ends <= now then
    state.strangers[node] = nil
  end
end

local gap = false
if ask.step == 'leave' then
  if state.members[ask.incarnation] then
    remove(ask.incarnation)
  end
else
  local mine = state.members[ask.incarnation]
  if not mine and ask.generation < state.generation then
    gap = deaf()
    if gap then
      state.strangers[ask.node] = {speaks = ask.speaks, ends = now + ask.lease}
    else
      for incarnation, member in pairs(state.members) do
        if member.node == ask.node then
          remove(incarnation)
        end
      end
      mine = {node = ask.node}
      state.members[ask.incarnation] = mine
    end
  end
  if mine then
    changed = changed or mine.place ~= ask.place
    mine.place, mine.member, mine.speaks = ask.place, ask.member, ask.speaks
    mine.ends = now + ask.lease
    redis.call('PEXPIRE', COUNTS .. ask.incarnation, 10 * ask.lease)
    for receiver, count in pairs(ask.sent) do
      if state.members[receiver] then
        redis.call('HSET', COUNTS .. receiver, ask.incarnation, count)
      end
    end
  end
end

local members = {}
for _, member in pairs(state.members) do
  members[#members + 1] = member.member
end
if changed then
  state.n = state.n + 1
  local id = string.format('%.0f-%.0f', state.generation, state.n)
  redis.call('XADD', VIEWS, 'MAXLEN', 1, id, 'view', cmsgpack.pack({state.generation, state.n, members}))
end
redis.call('SET', STATE, cmsgpack.pack(state))

local strangers = {}
for node, stranger in pairs(state.strangers) do
  strangers[#strangers + 1] = node
  strangers[#strangers + 1] = stranger.speaks
end
return cmsgpack.pack({
  state.generation,
  state.n,
  members,
  state.members[ask.incarnation] ~= nil,
  math.max(0, state.open - now),
  redis.call('HGETALL', COUNTS .. ask.incarnation),
  strangers,
  gap,
})
