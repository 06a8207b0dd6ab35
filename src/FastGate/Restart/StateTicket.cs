using System.Globalization;

namespace FastGate.Restart;

/// <summary>What a program passes to the next one in an environment variable, apart from the state itself.</summary>
/// <param name="Descriptor">The memory file with the state.</param>
/// <param name="IgnoredSignals">Signals that are ignored until the new program handles them.</param>
internal sealed record StateTicket(int Descriptor, IReadOnlyList<int> IgnoredSignals)
{
    public const string Variable = "FASTGATE_STATE";

    /// <summary>Removes it from the environment, before any child process can inherit it. Null when this program was started and not replaced.</summary>
    public static StateTicket? Take()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return Parse(text);
    }

    public static StateTicket? Parse(string? text)
    {
        var numbers = new List<int>();
        foreach (string part in text?.Split(' ') ?? [])
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return numbers is [> 2, ..] ? new StateTicket(numbers[0], numbers[1..]) : null;
    }

    public override string ToString() => string.Join(' ', IgnoredSignals.Prepend(Descriptor).Select(static number => number.ToString(CultureInfo.InvariantCulture)));
}
