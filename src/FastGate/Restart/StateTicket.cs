using System.Globalization;

namespace FastGate.Restart;

/// <summary>What a program passes to the next one in an environment variable, apart from the state itself. Unknown parts are skipped.</summary>
/// <param name="Descriptor">The memory file with the state.</param>
internal sealed record StateTicket(int Descriptor)
{
    public const string Variable = "FASTGATE_STATE";

    /// <summary>The lock of the database; -1 for none.</summary>
    public int Lock { get; init; } = -1;

    /// <summary>Restarts in place, with this one.</summary>
    public int Restarts { get; init; }

    /// <summary>Turns that ended while the program waited for them.</summary>
    public int TurnsWaited { get; init; }

    /// <summary>Turns that were cut.</summary>
    public int TurnsCut { get; init; }

    /// <summary>Connections with TLS that were closed.</summary>
    public int Closed { get; init; }

    /// <summary>Connections that were in use, which were detached last.</summary>
    public int Active { get; init; }

    /// <summary>Milliseconds that the program took to detach the connections that were not in use, to detach the others, and to finish the state.</summary>
    public (int Idle, int Active, int Write) Took { get; init; }

    /// <summary>When the program was replaced, in milliseconds of Unix time; 0 when that is not known.</summary>
    public long ReplacedAtUnixMs { get; init; }

    /// <summary>Signals that are ignored until the new program handles them.</summary>
    public IReadOnlyList<int> IgnoredSignals { get; init; } = [];

    /// <summary>This program has replaced another, whose arguments it has.</summary>
    public static bool IsGiven => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>Removes it from the environment, before any child process can inherit it. Null when this program was started and not replaced.</summary>
    public static StateTicket? Take()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return Parse(text);
    }

    public static StateTicket? Parse(string? text)
    {
        var ticket = new StateTicket(-1);
        foreach (string part in text?.Split(' ') ?? [])
        {
            string[] sides = part.Split('=');
            var numbers = new List<long>();
            foreach (string value in sides.Length == 2 ? sides[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
            {
                if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                {
                    numbers.Add(number);
                }
            }

            int[] small = [.. numbers.Where(static number => number <= int.MaxValue).Select(static number => (int)number)];
            ticket = (sides[0], small) switch
            {
                ("fd", [int number]) => ticket with { Descriptor = number },
                ("lock", [> 2 and int number]) => ticket with { Lock = number },
                ("restarts", [int number]) => ticket with { Restarts = number },
                ("waited", [int number]) => ticket with { TurnsWaited = number },
                ("cut", [int number]) => ticket with { TurnsCut = number },
                ("closed", [int number]) => ticket with { Closed = number },
                ("active", [int number]) => ticket with { Active = number },
                ("took", [int idle, int active, int write]) => ticket with { Took = (idle, active, write) },
                ("at", _) when numbers is [long number] => ticket with { ReplacedAtUnixMs = number },
                ("ignored", _) => ticket with { IgnoredSignals = small },
                _ => ticket,
            };
        }

        return ticket.Descriptor > 2 ? ticket : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"fd={Descriptor} lock={Lock} restarts={Restarts} waited={TurnsWaited} cut={TurnsCut} closed={Closed} active={Active} took={Took.Idle},{Took.Active},{Took.Write} at={ReplacedAtUnixMs} ignored={string.Join(',', IgnoredSignals)}");
}
