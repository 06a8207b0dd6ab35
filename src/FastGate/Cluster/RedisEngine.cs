using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;

namespace FastGate.Cluster;

/// <summary>
/// The engine on Redis. Calls in an outage fail at once and are not kept: a claim that is sent late may be wrong. Any thread.
/// </summary>
internal sealed class RedisEngine : IClusterEngine
{
    private const int MostText = 200;

    private readonly ConfigurationOptions _options;
    private readonly ClusterSettings _settings;
    private readonly string _prefix;
    private readonly RedisKey[] _keys;

    /// <summary>Tells this process from another one with the same name of its node.</summary>
    private readonly string _process = Guid.NewGuid().ToString("N");

    private ConnectionMultiplexer? _connection;

    /// <summary>Throws <see cref="ArgumentException"/> for options that are not understood.</summary>
    public RedisEngine(string options, string prefix, ClusterSettings settings)
    {
        _options = Read(options);
        _options.AbortOnConnectFail = false;
        _options.BacklogPolicy = BacklogPolicy.FailFast;
        _options.AsyncTimeout = _options.SyncTimeout = (int)settings.Timeout.TotalMilliseconds;
        _options.ConnectTimeout = (int)(2 * settings.Timeout).TotalMilliseconds;
        _options.ConnectRetry = 1;
        _options.HeartbeatInterval = settings.Timeout / 4;
        _options.ReconnectRetryPolicy = new LinearRetry((int)(settings.Timeout / 4).TotalMilliseconds);
        _options.IncludeDetailInExceptions = false;
        _settings = settings;
        _prefix = prefix;
        _keys = [prefix];
        Commands = new RedisCommands(EvaluateAsync);
    }

    /// <inheritdoc/>
    public event Action? Restored;

    /// <summary>Throws <see cref="ArgumentException"/> for options that are not understood, without showing them: they may hold a password.</summary>
    public static ConfigurationOptions Read(string options)
    {
        ConfigurationOptions? read = null;
        try
        {
            read = ConfigurationOptions.Parse(options);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // The message of the library may repeat the value.
        }

        return read is { EndPoints.Count: > 0 }
            ? read
            : throw new ArgumentException("FastGate:Cluster:Redis must be host:port, and options of StackExchange.Redis after commas (redis:6379,password=abc).");
    }

    public ICommandEngine Commands { get; }

    public async Task ConnectAsync()
    {
        if (_connection is not null)
        {
            return;
        }

        ConnectionMultiplexer connection = await CallAsync(() => ConnectionMultiplexer.ConnectAsync(_options));
        connection.ConnectionRestored += (_, _) => Restored?.Invoke();
        _connection = connection;
    }

    public Task<int> SchemaAsync() => CallAsync(async () => (int)await Connection.GetDatabase().StringGetAsync($"{_prefix}:schema"));

    public async Task<string?> EvictionAsync() => (string?)await EvaluateAsync(RedisScripts.Eviction, []) is { Length: > 0 } policy ? policy : null;

    public Task<long[]> ClaimAsync(NodeIdentity node, IReadOnlyList<ClaimRequest> requests)
    {
        const int First = 3;
        var values = new RedisValue[First + (3 * requests.Count)];
        values[0] = node.Name;
        values[1] = node.Incarnation;
        values[2] = (long)_settings.EntryLife.TotalSeconds;
        for (int i = 0; i < requests.Count; i++)
        {
            ClaimRequest request = requests[i];
            values[First + (3 * i)] = request.DeviceId;
            values[First + (3 * i) + 1] = request.Epoch;
            values[First + (3 * i) + 2] = request.ConnectedMs;
        }

        return ClaimAsync(values);
    }

    public async Task<LeaseAnswer> RenewAsync(NodeIdentity node, string load)
    {
        string[] answer = (string[])(await EvaluateAsync(
            RedisScripts.Renew, [ClusterSettings.Schema, node.Name, node.Incarnation, (long)_settings.Lease.TotalMilliseconds, _process, load]))!;
        LeaseResult result = answer[0] switch
        {
            "kept" => LeaseResult.Kept,
            "new" => LeaseResult.New,
            "taken" => LeaseResult.Taken,
            _ => LeaseResult.NewerSchema,
        };
        return new LeaseAnswer(result, Number(answer[1]), Number(answer[2]) / 1_000, answer[3]);
    }

    public Task LeaveAsync(NodeIdentity node) => EvaluateAsync(RedisScripts.Leave, [node.Name, node.Incarnation]);

    public async Task<IReadOnlyList<NodeEntry>> NodesAsync()
    {
        string[] answer = (string[])(await EvaluateAsync(RedisScripts.Nodes, []))!;
        return [.. answer.Chunk(3).Select(static node => new NodeEntry(
            node[0], TimeSpan.FromMilliseconds(Number(node[1])), node[2].Length > 0 ? node[2] : null))];
    }

    public async Task<DeviceEntry?> FindAsync(string deviceId) =>
        (string[])(await EvaluateAsync(RedisScripts.Find, [deviceId]))! is [string node, string epoch] ? new DeviceEntry(node, Number(epoch)) : null;

    public Task SubscribeAsync(string node, Action<string> received) => CallAsync(async () =>
    {
        await Connection.GetSubscriber().SubscribeAsync(ChannelOf(node), (_, message) => received(message.ToString()));
        return true;
    });

    public async Task<IReadOnlyList<SharedBan>> BansAsync()
    {
        RedisValue[] values = await CallAsync(() => Connection.GetDatabase().HashValuesAsync($"{_prefix}:bans"));
        List<SharedBan> bans = new(values.Length);
        foreach (RedisValue value in values)
        {
            // "id json"
            string text = value.ToString();
            try
            {
                if (JsonSerializer.Deserialize(text.AsSpan(text.IndexOf(' ', StringComparison.Ordinal) + 1), ClusterJson.Default.SharedBan) is { } ban)
                {
                    bans.Add(ban);
                }
            }
            catch (JsonException)
            {
                // A later version has written it.
            }
        }

        return bans;
    }

    public Task PutBansAsync(IReadOnlyList<SharedBan> added, IReadOnlyList<SharedBan> removed)
    {
        List<RedisValue> values = new(3 * (added.Count + removed.Count));
        foreach (SharedBan ban in added)
        {
            values.AddRange([KeyOf(ban), ban.Id, JsonSerializer.Serialize(ban, ClusterJson.Default.SharedBan)]);
        }

        foreach (SharedBan ban in removed)
        {
            values.AddRange([KeyOf(ban), ban.Id, ""]);
        }

        return EvaluateAsync(RedisScripts.PutBans, [.. values]);
    }

    public async Task<IReadOnlyList<SharedTagSet>> TagsAsync(long after, int most)
    {
        string[] answer = (string[])(await EvaluateAsync(RedisScripts.Tags, [after, most]))!;
        return [.. answer.Chunk(3).Select(static set => new SharedTagSet(set[0], set[2], Number(set[1])))];
    }

    public Task PutTagsAsync(IReadOnlyList<(string Device, string Tags)> tags, bool onlyNew) =>
        EvaluateAsync(RedisScripts.PutTags, [onlyNew ? 1 : 0, .. tags.SelectMany(static set => (RedisValue[])[set.Device, set.Tags])]);

    public Task<long> PublishAsync(string node, string message) => CallAsync(() => Connection.GetSubscriber().PublishAsync(ChannelOf(node), message));

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }
    }

    private ConnectionMultiplexer Connection => _connection ?? throw new ClusterEngineException("not connected yet");

    private static string KeyOf(SharedBan ban) => ban.Device is { } device ? $"device {device}" : $"address {ban.Address}";

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private async Task<long[]> ClaimAsync(RedisValue[] values) => (long[])(await EvaluateAsync(RedisScripts.Claim, values))!;

    private RedisChannel ChannelOf(string node) => RedisChannel.Literal($"{_prefix}:n:{node}");

    /// <summary>Sends the script's hash, and the script to an engine that does not know it.</summary>
    private Task<RedisResult> EvaluateAsync(string script, RedisValue[] values) =>
        CallAsync(() => Connection.GetDatabase().ScriptEvaluateAsync(script, _keys, values));

    /// <summary>Words for the log and the readiness. A timeout of the library lists all of its counters.</summary>
    private string TextOf(Exception exception) => exception switch
    {
        TimeoutException => FormattableString.Invariant($"no answer within {_settings.Timeout.TotalMilliseconds:N0} ms"),
        { Message.Length: > MostText } => exception.Message[..MostText] + "...",
        _ => exception.Message,
    };

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or InvalidCastException or FormatException)
        {
            throw new ClusterEngineException(TextOf(exception), exception);
        }
    }
}
