using FastGate.Commands;

namespace FastGate.Cluster;

/// <summary>
/// The scripts of the commands; each is atomic. All names begin with KEYS[1], the prefix:
/// <code>
/// prefix:q:device     stream of the commands of a device that have not ended, oldest first; an entry has the payload and is deleted at the end
/// prefix:c:id         a command without its payload, until its outcome is forgotten
/// prefix:h:device     ids of the commands of a device, also of those that have ended
/// prefix:queued       "id device" of the commands that have not ended, by the time at which a sweep ends them
/// prefix:k:device key "hash id": the command of an idempotency key
/// prefix:command      the last id: microseconds of the engine's clock, or one more than the last
/// </code>
/// A text that may be absent begins with '='.
/// </summary>
internal static class RedisCommandScripts
{
    private const string Unknown =
        "unknown outcome: the node that had sent the command has ended or has lost the device before the answer; the command was not sent again, because the device may have carried it out";

    private const string Common = $$"""
        local prefix, unknown = KEYS[1], '={{Unknown}}'

        local function forget(id, device)
          local queue = prefix .. ':q:' .. device
          redis.call('XDEL', queue, id .. '-0')
          if redis.call('XLEN', queue) == 0 then
            redis.call('DEL', queue)
          end
          redis.call('ZREM', prefix .. ':queued', id .. ' ' .. device)
        end

        local function finish(id, device, state, at, reason, result)
          local command = prefix .. ':c:' .. id
          redis.call('HSET', command, 'state', state, 'ended', at, 'reason', reason, 'result', result or '')
          redis.call('EXPIRE', command, redis.call('HGET', command, 'keep'))
          forget(id, device)
        end

        local function sweep(now)
          local expired, failed = 0, 0
          for _, member in ipairs(redis.call('ZRANGEBYSCORE', prefix .. ':queued', '-inf', now, 'LIMIT', 0, 100)) do
            local id, device = string.match(member, '^(%d+) (.*)$')
            local state = redis.call('HGET', prefix .. ':c:' .. id, 'state')
            if state == '0' then
              finish(id, device, 4, now, '={{CommandReasons.NotInTime}}')
              expired = expired + 1
            elseif state == '1' then
              finish(id, device, 3, now, unknown)
              failed = failed + 1
            else
              forget(id, device)
            end
          end
          return expired, failed
        end

        local function row(id)
          return redis.call('HMGET', prefix .. ':c:' .. id, 'device', 'tool', 'state', 'created', 'expires', 'timeout', 'sent', 'ended', 'result', 'reason')
        end

        """;

    /// <summary>
    /// ARGV: device, tool, payload, now, expiry, timeout, commands for a device, for all devices, seconds that an outcome is kept, key, hash, ids that are
    /// kept for a device. The answer: result, id.
    /// </summary>
    public const string Add = Common + """
        local device, now, expires, keep = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[9])
        local queue, history = prefix .. ':q:' .. device, prefix .. ':h:' .. device
        local key = ARGV[10] ~= '' and prefix .. ':k:' .. device .. ' ' .. ARGV[10]
        if key then
          local hash, known = string.match(redis.call('GET', key) or '', '^(%S+) (%d+)$')
          if hash then
            return { hash == ARGV[11] and 'known' or 'other', known }
          end
        end
        if redis.call('ZCARD', prefix .. ':queued') >= tonumber(ARGV[8]) then
          return { 'full', '0' }
        end
        if redis.call('XLEN', queue) >= tonumber(ARGV[7]) then
          return { 'devicefull', '0' }
        end

        local time = redis.call('TIME')
        local id = string.format('%.0f', math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', prefix .. ':command') or '0') + 1))
        local life = math.ceil((expires - now) / 1000) + keep
        redis.call('SET', prefix .. ':command', id)
        redis.call('HSET', prefix .. ':c:' .. id, 'device', device, 'tool', ARGV[2], 'state', 0, 'created', ARGV[4], 'expires', ARGV[5], 'timeout', ARGV[6], 'keep', keep)
        redis.call('EXPIRE', prefix .. ':c:' .. id, life)
        redis.call('XADD', queue, id .. '-0', 'payload', ARGV[3])
        redis.call('EXPIRE', queue, math.max(life, redis.call('TTL', queue)))
        redis.call('ZADD', prefix .. ':queued', expires, id .. ' ' .. device)
        redis.call('ZADD', history, id, id)
        redis.call('ZREMRANGEBYRANK', history, 0, -1 - tonumber(ARGV[12]))
        redis.call('EXPIRE', history, math.max(life, redis.call('TTL', history)))
        if key then
          redis.call('SET', key, ARGV[11] .. ' ' .. id, 'EX', 3600)
        end

        local owner, of = string.match(redis.call('GET', prefix .. ':d:' .. device) or '', '^%d+ %d+ (%S+) (%d+)$')
        if owner and string.match(redis.call('GET', prefix .. ':node:' .. owner) or '', '^%d+') == of then
          redis.call('PUBLISH', prefix .. ':n:' .. owner, 'Q' .. cjson.encode({ id = device }))
        end
        return { 'added', id }
        """;

    /// <summary>
    /// ARGV: device, node, incarnation, token, now, whether the device is ready for tools and for messages (0 not yet, 1 yes, 2 never), milliseconds after
    /// its timeout at which a command of another node is given up. The answer: result, expired, failed, and id, tool, timeout and payload.
    /// </summary>
    public const string Take = Common + $$"""
        local device, now = ARGV[1], tonumber(ARGV[5])
        local queue = prefix .. ':q:' .. device
        local expired, failed = 0, 0
        local owner, of = string.match(redis.call('GET', prefix .. ':d:' .. device) or '', '^%d+ %d+ (%S+) (%d+)$')
        if owner ~= ARGV[2] or of ~= ARGV[3] then
          return { 'none', 0, 0 }
        end

        while true do
          local head = redis.call('XRANGE', queue, '-', '+', 'COUNT', 1)[1]
          if not head then
            return { 'none', expired, failed }
          end
          local id = string.match(head[1], '^%d+')
          local command = prefix .. ':c:' .. id
          local state, tool, expires, timeout, sent, token, sender = unpack(redis.call('HMGET', command, 'state', 'tool', 'expires', 'timeout', 'sent', 'token', 'sender'))
          if state == '0' then
            local ready = tool ~= '' and ARGV[6] or ARGV[7]
            if tonumber(expires) <= now then
              finish(id, device, 4, ARGV[5], '={{CommandReasons.NotInTime}}')
              expired = expired + 1
            elseif ready == '0' then
              return { 'notyet', expired, failed }
            elseif ready == '2' then
              finish(id, device, 3, ARGV[5], '={{CommandReasons.NoTools}}')
              failed = failed + 1
            else
              redis.call('HSET', command, 'state', 1, 'sent', ARGV[5], 'token', ARGV[4], 'sender', ARGV[2] .. ' ' .. ARGV[3])
              redis.call('ZADD', prefix .. ':queued', now + tonumber(timeout) + tonumber(ARGV[8]), id .. ' ' .. device)
              return { 'taken', expired, failed, id, tool, timeout, head[2][2] }
            end
          elseif state == '1' then
            if token == ARGV[4] then
              return { 'taken', expired, failed, id, tool, timeout, head[2][2] }
            end
            local name, lease = string.match(sender, '^(%S+) (%d+)$')
            if now < tonumber(sent) + tonumber(timeout) + tonumber(ARGV[8]) and string.match(redis.call('GET', prefix .. ':node:' .. name) or '', '^%d+') == lease then
              return { 'busy', expired, failed }
            end
            finish(id, device, 3, ARGV[5], unknown)
            failed = failed + 1
          else
            forget(id, device)
          end
        end
        """;

    /// <summary>ARGV: device, id, token.</summary>
    public const string Return = Common + """
        local command = prefix .. ':c:' .. ARGV[2]
        local state, token, expires = unpack(redis.call('HMGET', command, 'state', 'token', 'expires'))
        if state == '1' and token == ARGV[3] then
          redis.call('HSET', command, 'state', 0, 'sent', '', 'token', '')
          redis.call('ZADD', prefix .. ':queued', expires, ARGV[2] .. ' ' .. ARGV[1])
        end
        return 0
        """;

    /// <summary>ARGV: device, id, token, now, state, reason, result. An outcome that had been given up replaces the unknown one. The answer: 1 for the first end.</summary>
    public const string End = Common + """
        local state, token, reason = unpack(redis.call('HMGET', prefix .. ':c:' .. ARGV[2], 'state', 'token', 'reason'))
        if token ~= ARGV[3] or not (state == '1' or (state == '3' and reason == unknown)) then
          return 0
        end
        finish(ARGV[2], ARGV[1], ARGV[5], ARGV[4], ARGV[6], ARGV[7])
        return state == '1' and 1 or 0
        """;

    /// <summary>ARGV: id, now. The answer: 1 when the command was cancelled, 0 when it is too late, -1 when there is none.</summary>
    public const string Cancel = Common + $$"""
        local device, state, expires = unpack(redis.call('HMGET', prefix .. ':c:' .. ARGV[1], 'device', 'state', 'expires'))
        if not device then
          return -1
        end
        if state ~= '0' or tonumber(expires) <= tonumber(ARGV[2]) then
          return 0
        end
        finish(ARGV[1], device, 5, ARGV[2], '={{CommandReasons.Cancelled}}')
        return 1
        """;

    /// <summary>ARGV: id. The answer: the fields of the command.</summary>
    public const string Find = Common + """
        return row(ARGV[1])
        """;

    /// <summary>ARGV: device, id that is not reached any more, number. The answer: the number of all, then the id and the fields of each.</summary>
    public const string Before = Common + """
        local history, before, most = prefix .. ':h:' .. ARGV[1], ARGV[2], tonumber(ARGV[3])
        local found, count = { 0 }, 0
        while count < most do
          local ids = redis.call('ZREVRANGEBYSCORE', history, '(' .. before, '-inf', 'LIMIT', 0, most - count)
          if #ids == 0 then
            break
          end
          for _, id in ipairs(ids) do
            before = id
            local fields = row(id)
            if fields[1] then
              count = count + 1
              found[#found + 1] = id
              for i = 1, 10 do
                found[#found + 1] = fields[i]
              end
            else
              redis.call('ZREM', history, id)
            end
          end
        end
        found[1] = redis.call('ZCARD', history)
        return found
        """;

    /// <summary>ARGV: now. The answer: expired, failed, left.</summary>
    public const string Sweep = Common + """
        local expired, failed = sweep(ARGV[1])
        return { expired, failed, redis.call('ZCARD', prefix .. ':queued') }
        """;
}
