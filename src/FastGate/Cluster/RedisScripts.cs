namespace FastGate.Cluster;

/// <summary>
/// The scripts of the engine; each is atomic. All names begin with KEYS[1], the prefix:
/// <code>
/// prefix:schema       version of these keys
/// prefix:d:device     "epoch connected node incarnation": the connection that has the device; forgotten when its node does not verify it
/// prefix:node:name    "incarnation process load": the lease of a node; expires
/// prefix:nodes        names by the time of their last renewal
/// prefix:bans         bans and their ends by device or address: "id json"
/// prefix:tags         tags by device; empty for a device whose tags were removed within 30 days
/// prefix:tagged       devices by the version of their tags; prefix:untagged those without tags by the time of their removal
/// prefix:n:name       channel of messages to a node
/// </code>
/// Epochs and incarnations are microseconds of the engine's clock, or one more than the last: they grow also after a loss of all data, and are exact in
/// the numbers of Lua.
/// </summary>
internal static class RedisScripts
{
    /// <summary>
    /// ARGV: node, incarnation, seconds of an entry's life; then for each device its id, epoch and time of connect. The answer has one epoch for each.
    /// <para>
    /// A node always wins against its own entry, because its registry knows which of its connections is the newest. Between nodes the later connect
    /// wins; an entry whose time of connect is in the future was written before the engine's clock went back and says nothing. A connection that has an
    /// epoch also loses against a greater one. The node is notified of devices for which commands wait.
    /// </para>
    /// </summary>
    public const string Claim = """
        local prefix, node, incarnation, life = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
        local time = redis.call('TIME')
        local us = time[1] * 1000000 + time[2]
        local ms = math.floor(us / 1000)
        local answers, leases = {}, {}

        local function lives(owner, of)
          if leases[owner] == nil then
            leases[owner] = string.match(redis.call('GET', prefix .. ':node:' .. owner) or '', '^%d+') or ''
          end
          return leases[owner] == of
        end
        local waits = redis.call('EXISTS', prefix .. ':queued') == 1

        for i = 4, #ARGV, 3 do
          local id, epoch, connected = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
          local key = prefix .. ':d:' .. id
          local entry = redis.call('GET', key)
          local last, since, owner, of
          if entry then
            last, since, owner, of = string.match(entry, '^(%d+) (%d+) (%S+) (%d+)$')
            last, since = tonumber(last), tonumber(since)
          end

          local answer
          if epoch < 0 then
            answer = 0
            if owner == node and (last == -epoch or epoch == -9007199254740992) then
              redis.call('DEL', key)
            end
          elseif not last then
            answer = epoch > 0 and epoch or us
          elseif owner == node then
            answer = epoch > 0 and math.max(epoch, last) or math.max(us, last + 1)
          elseif epoch > 0 and last >= epoch then
            answer = -1
          elseif since > connected and since <= ms and (epoch > 0 or lives(owner, of)) then
            answer = -1
          else
            answer = epoch > 0 and epoch or math.max(us, last + 1)
          end

          if answer > 0 then
            if answer == last and owner == node and of == incarnation then
              redis.call('EXPIRE', key, life)
            else
              local text = string.format('%.0f', answer)
              redis.call('SET', key, text .. ' ' .. string.format('%.0f', math.min(connected, ms)) .. ' ' .. node .. ' ' .. incarnation, 'EX', life)
              if owner and owner ~= node then
                redis.call('PUBLISH', prefix .. ':n:' .. owner, 'K' .. cjson.encode({ id = id, epoch = string.format('%.0f', last) }))
              end
            end
          end
          if answer > 0 and waits and redis.call('EXISTS', prefix .. ':q:' .. id) == 1 then
            redis.call('PUBLISH', prefix .. ':n:' .. node, 'Q' .. cjson.encode({ id = id }))
          end
          answers[#answers + 1] = answer
        end
        return answers
        """;

    /// <summary>
    /// ARGV: schema, node, incarnation, milliseconds of the lease, process, load. The answer: result, incarnation, microseconds of the clock, run of the
    /// engine. A process without an incarnation takes the lease from an earlier one of its name. The process is a random word: a lease that this process has
    /// taken without getting the answer is not one of a later process.
    /// </summary>
    public const string Renew = """
        local prefix, node, incarnation = KEYS[1], ARGV[2], tonumber(ARGV[3])
        local time = redis.call('TIME')
        local us = time[1] * 1000000 + time[2]
        local info = redis.pcall('INFO', 'server')
        local run = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
        local function answer(result, of)
          return { result, string.format('%.0f', of), string.format('%.0f', us), run }
        end

        local schema = tonumber(redis.call('GET', prefix .. ':schema') or '0')
        if schema > tonumber(ARGV[1]) then
          return answer('newer', schema)
        end
        if schema < tonumber(ARGV[1]) then
          redis.call('SET', prefix .. ':schema', ARGV[1])
        end

        local key = prefix .. ':node:' .. node
        local held, process = string.match(redis.call('GET', key) or '', '^(%d+) (%S+)')
        held = tonumber(held or '0')
        local result = 'kept'
        if incarnation > 0 and held > incarnation and process ~= ARGV[5] then
          return answer('taken', incarnation)
        end
        if held == 0 or held ~= incarnation then
          result = 'new'
          incarnation = math.max(us, held + 1)
        end
        redis.call('SET', key, string.format('%.0f', incarnation) .. ' ' .. ARGV[5] .. ' ' .. ARGV[6], 'PX', ARGV[4])
        redis.call('ZADD', prefix .. ':nodes', math.floor(us / 1000), node)
        redis.call('ZREMRANGEBYSCORE', prefix .. ':nodes', '-inf', math.floor(us / 1000) - 86400000)
        return answer(result, incarnation)
        """;

    /// <summary>The answer: the policy at the limit of the memory; empty when this is not shown.</summary>
    public const string Eviction = """
        local info = redis.pcall('INFO', 'memory')
        return type(info) == 'string' and string.match(info, 'maxmemory_policy:([%w%-]+)') or ''
        """;

    /// <summary>ARGV: node, incarnation.</summary>
    public const string Leave = """
        local key = KEYS[1] .. ':node:' .. ARGV[1]
        if string.match(redis.call('GET', key) or '', '^%d+') == ARGV[2] then
          redis.call('DEL', key)
          redis.call('ZREM', KEYS[1] .. ':nodes', ARGV[1])
        end
        return 0
        """;

    /// <summary>The answer: name, milliseconds since the last renewal and load of each node; no load for a node without a lease.</summary>
    public const string Nodes = """
        local time = redis.call('TIME')
        local ms = time[1] * 1000 + math.floor(time[2] / 1000)
        local names = redis.call('ZRANGE', KEYS[1] .. ':nodes', 0, 9999, 'WITHSCORES')
        local nodes = {}
        for i = 1, #names, 2 do
          nodes[#nodes + 1] = names[i]
          nodes[#nodes + 1] = string.format('%.0f', math.max(0, ms - tonumber(names[i + 1])))
          nodes[#nodes + 1] = string.match(redis.call('GET', KEYS[1] .. ':node:' .. names[i]) or '', '^%d+ %S+ (.*)$') or ''
        end
        return nodes
        """;

    /// <summary>ARGV: device id. The answer: node and epoch, or nothing when the node that had the device has no lease.</summary>
    public const string Find = """
        local last, owner, of = string.match(redis.call('GET', KEYS[1] .. ':d:' .. ARGV[1]) or '', '^(%d+) %d+ (%S+) (%d+)$')
        if last and string.match(redis.call('GET', KEYS[1] .. ':node:' .. owner) or '', '^%d+') == of then
          return { owner, last }
        end
        return {}
        """;

    /// <summary>ARGV: for each entry the device or address, its id and its JSON. The greater id stays; an entry without JSON is removed.</summary>
    public const string PutBans = """
        local key = KEYS[1] .. ':bans'
        for i = 1, #ARGV, 3 do
          local id = string.match(redis.call('HGET', key, ARGV[i]) or '', '^%d+')
          if ARGV[i + 2] == '' then
            if id == ARGV[i + 1] then
              redis.call('HDEL', key, ARGV[i])
            end
          elseif not id or tonumber(id) < tonumber(ARGV[i + 1]) then
            redis.call('HSET', key, ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
          end
        end
        return 0
        """;

    /// <summary>ARGV: version, number. The answer: device, version and tags of those with a greater version.</summary>
    public const string Tags = """
        local found = redis.call('ZRANGEBYSCORE', KEYS[1] .. ':tagged', '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
        local sets = {}
        for i = 1, #found, 2 do
          sets[#sets + 1] = found[i]
          sets[#sets + 1] = string.format('%.0f', tonumber(found[i + 1]))
          sets[#sets + 1] = redis.call('HGET', KEYS[1] .. ':tags', found[i]) or ''
        end
        return sets
        """;

    /// <summary>ARGV: 1 for devices only that have no entry; then the device and its tags. A version is greater than all before.</summary>
    public const string PutTags = """
        local tags, tagged, untagged = KEYS[1] .. ':tags', KEYS[1] .. ':tagged', KEYS[1] .. ':untagged'
        local time = redis.call('TIME')
        local us = time[1] * 1000000 + time[2]
        local version = math.max(us - 1, tonumber(redis.call('ZREVRANGE', tagged, 0, 0, 'WITHSCORES')[2] or '0'))
        for i = 2, #ARGV, 2 do
          if ARGV[1] == '0' or redis.call('HEXISTS', tags, ARGV[i]) == 0 then
            version = version + 1
            redis.call('HSET', tags, ARGV[i], ARGV[i + 1])
            redis.call('ZADD', tagged, string.format('%.0f', version), ARGV[i])
            if ARGV[i + 1] == '' then
              redis.call('ZADD', untagged, time[1], ARGV[i])
            else
              redis.call('ZREM', untagged, ARGV[i])
            end
          end
        end
        for _, device in ipairs(redis.call('ZRANGEBYSCORE', untagged, '-inf', time[1] - 2592000, 'LIMIT', 0, 1000)) do
          redis.call('HDEL', tags, device)
          redis.call('ZREM', tagged, device)
          redis.call('ZREM', untagged, device)
        end
        return 0
        """;
}
