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
            var numbers = new List<int>();
            foreach (string value in sides.Length == 2 ? sides[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
            {
                if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                {
                    numbers.Add(number);
                }
            }

            ticket = (sides[0], numbers) switch
            {
                ("fd", [int number]) => ticket with { Descriptor = number },
                ("lock", [> 2 and int number]) => ticket with { Lock = number },
                ("restarts", [int number]) => ticket with { Restarts = number },
                ("waited", [int number]) => ticket with { TurnsWaited = number },
                ("cut", [int number]) => ticket with { TurnsCut = number },
                ("ignored", _) => ticket with { IgnoredSignals = numbers },
                _ => ticket,
            };
        }

        return ticket.Descriptor > 2 ? ticket : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"fd={Descriptor} lock={Lock} restarts={Restarts} waited={TurnsWaited} cut={TurnsCut} ignored={string.Join(',', IgnoredSignals)}");
}
