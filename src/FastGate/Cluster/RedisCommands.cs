using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FastGate.Commands;
using FastGate.Configuration.Options;
using StackExchange.Redis;

namespace FastGate.Cluster;

/// <summary>The commands of all nodes on Redis. Any thread.</summary>
/// <param name="evaluate">Runs a script.</param>
internal sealed class RedisCommands(Func<string, RedisValue[], Task<RedisResult>> evaluate) : ICommandEngine
{
    /// <summary>After the timeout of a command the node that sent it has had time to store the outcome.</summary>
    private const int GraceMs = 2_000;

    /// <summary>Commands that a list of a device has at most.</summary>
    private const int MostListed = 1_000;

    private const int FieldsOfRow = 10;

    public async Task<CommandAnswer> AddAsync(NewCommand command, CommandOptions limits, long nowMs)
    {
        long expires = nowMs + (long)(command.Ttl ?? limits.Ttl).TotalMilliseconds;
        long timeout = (long)command.Timeout.TotalMilliseconds;
        var answer = (RedisValue[])(await evaluate(RedisCommandScripts.Add,
        [
            command.DeviceId, Text(command.Tool), command.Payload, nowMs, expires, timeout, limits.PerDevice, limits.Total,
            (long)limits.KeepOutcome.TotalSeconds, command.Key ?? "", HashOf(command), MostListed,
        ]))!;
        long id = (long)answer[1];
        switch ((string)answer[0]!)
        {
            case "full":
                return new CommandAnswer(CommandRefusal.Full);
            case "devicefull":
                return new CommandAnswer(CommandRefusal.DeviceFull);
            case "other":
                return new CommandAnswer(CommandRefusal.OtherCommand);
            case "known":
                return await FindAsync(id) is { } known ? new CommandAnswer(CommandRefusal.None, known) : new CommandAnswer(CommandRefusal.Unknown);
            default:
                return new CommandAnswer(CommandRefusal.None, new StoredCommand
                {
                    Id = id,
                    DeviceId = command.DeviceId,
                    Tool = command.Tool,
                    CreatedAt = nowMs,
                    ExpiresAt = expires,
                    TimeoutMs = timeout,
                });
        }
    }

    public async Task<TakenCommand> TakeAsync(string deviceId, NodeIdentity node, string token, long nowMs, CommandReadiness tools, CommandReadiness messages)
    {
        var answer = (RedisValue[])(await evaluate(
            RedisCommandScripts.Take, [deviceId, node.Name, node.Incarnation, token, nowMs, (int)tools, (int)messages, GraceMs]))!;
        TakeResult result = (string)answer[0]! switch
        {
            "taken" => TakeResult.Taken,
            "notyet" => TakeResult.NotYet,
            "busy" => TakeResult.Busy,
            _ => TakeResult.None,
        };
        return result == TakeResult.Taken
            ? new TakenCommand(
                result, (int)answer[1], (int)answer[2], (long)answer[3], Optional(answer[4]), TimeSpan.FromMilliseconds((long)answer[5]), (byte[])answer[6]!)
            : new TakenCommand(result, (int)answer[1], (int)answer[2], 0, null, TimeSpan.Zero, []);
    }

    public Task ReturnAsync(string deviceId, long id, string token) => evaluate(RedisCommandScripts.Return, [deviceId, id, token]);

    public async Task<bool> EndAsync(string deviceId, long id, string token, long nowMs, CommandResult result) => (int)await evaluate(
        RedisCommandScripts.End, [deviceId, id, token, nowMs, (int)result.State, Text(result.Reason), Text(result.Result)]) == 1;

    public async Task<CommandAnswer> CancelAsync(long id, long nowMs)
    {
        int answer = (int)await evaluate(RedisCommandScripts.Cancel, [id, nowMs]);
        return answer < 0 || await FindAsync(id) is not { } command ? new CommandAnswer(CommandRefusal.Unknown)
            : new CommandAnswer(answer == 1 ? CommandRefusal.None : CommandRefusal.TooLate, command);
    }

    public async Task<StoredCommand?> FindAsync(long id)
    {
        var row = (RedisValue[])(await evaluate(RedisCommandScripts.Find, [id]))!;
        return row[0].IsNull ? null : Read(id, row);
    }

    public async Task<(int Total, List<StoredCommand> Commands)> BeforeAsync(string deviceId, long beforeId, int most)
    {
        var answer = (RedisValue[])(await evaluate(RedisCommandScripts.Before, [deviceId, beforeId, most]))!;
        List<StoredCommand> commands = new(answer.Length / FieldsOfRow);
        for (int i = 1; i + FieldsOfRow < answer.Length; i += FieldsOfRow + 1)
        {
            commands.Add(Read((long)answer[i], answer.AsSpan(i + 1, FieldsOfRow)));
        }

        return ((int)answer[0], commands);
    }

    public async Task<EndedCommands> SweepAsync(long nowMs)
    {
        int[] answer = (int[])(await evaluate(RedisCommandScripts.Sweep, [nowMs]))!;
        return new EndedCommands(answer[0], answer[1], answer[2]);
    }

    private static StoredCommand Read(long id, ReadOnlySpan<RedisValue> row) => new()
    {
        Id = id,
        DeviceId = row[0].ToString(),
        Tool = Optional(row[1]),
        State = (CommandState)(int)row[2],
        CreatedAt = (long)row[3],
        ExpiresAt = (long)row[4],
        TimeoutMs = (long)row[5],
        SentAt = row[6].IsNullOrEmpty ? null : (long)row[6],
        EndedAt = row[7].IsNullOrEmpty ? null : (long)row[7],
        Result = Optional(row[8]),
        Reason = Optional(row[9]),
    };

    private static string Text(string? optional) => optional is null ? "" : $"={optional}";

    private static string? Optional(RedisValue text) => text.IsNullOrEmpty ? null : text.ToString()[1..];

    /// <summary>Two requests are the same command when it is equal.</summary>
    private static string HashOf(NewCommand command)
    {
        if (command.Key is null)
        {
            return "";
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{command.Timeout.Ticks} {command.Ttl?.Ticks} {command.Tool}\n")));
        hash.AppendData(command.Payload);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
