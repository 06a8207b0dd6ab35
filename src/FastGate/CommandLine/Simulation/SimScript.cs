using System.Globalization;

namespace FastGate.CommandLine.Simulation;

/// <summary>
/// What each device does, one step a line: <c>connect</c>, <c>wait 2</c> or <c>wait 1-5</c>, <c>say "text"</c>, <c>say file.wav</c>, <c>say tone 1.5</c>,
/// <c>abort</c>, <c>goodbye</c>, <c>repeat 10</c>. <c>nowait</c> at the end of a <c>say</c> continues before the reply has ended.
/// </summary>
internal static class SimScript
{
    private const string NoWait = " nowait";
    private const double MostSeconds = 24 * 3600;

    /// <summary>A conversation without an end.</summary>
    public const string Default = "connect\nwait 1-3\nsay tone 1.5\nwait 5-15\nrepeat";

    /// <summary>Returns the steps, or null and what is wrong with the first wrong line.</summary>
    public static IReadOnlyList<SimStep>? Parse(string text, out string? error)
    {
        List<SimStep> steps = [];
        error = null;
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (ParseLine(line) is not { } step)
            {
                error = $"line {number}: \"{line}\" is no step. Steps: connect, wait 1-5, say \"text\", say file.wav, say tone 1.5, abort, goodbye, repeat 10.";
                return null;
            }

            steps.Add(step);
        }

        if (steps.Count == 0 || steps[0].Kind is SimStepKind.Repeat)
        {
            error = "the script has no step to begin with";
            return null;
        }

        // A loop that takes no time would keep a processor busy.
        if (steps.Any(static step => step.Kind == SimStepKind.Repeat) && !steps.Any(static step => step.Kind is SimStepKind.Wait or SimStepKind.SaySound or SimStepKind.SayText))
        {
            error = "a script with repeat needs a wait or a say";
            return null;
        }

        return steps;
    }

    private static SimStep? ParseLine(string line)
    {
        string[] parts = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        string rest = parts.Length > 1 ? parts[1] : "";
        return parts[0].ToLowerInvariant() switch
        {
            "connect" when rest.Length == 0 => new SimStep(SimStepKind.Connect),
            "wait" => Wait(rest),
            "say" => Say(rest),
            "abort" when rest.Length == 0 => new SimStep(SimStepKind.Abort),
            "goodbye" when rest.Length == 0 => new SimStep(SimStepKind.Goodbye),
            "repeat" when rest.Length == 0 => new SimStep(SimStepKind.Repeat),
            "repeat" when int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int times) && times > 0 => new SimStep(SimStepKind.Repeat, From: times),
            _ => null,
        };
    }

    private static SimStep? Wait(string text)
    {
        string[] ends = text.Split('-');
        return ends.Length <= 2 && Seconds(ends[0]) is { } from && Seconds(ends[^1]) is { } to && from <= to ? new SimStep(SimStepKind.Wait, From: from, To: to) : null;
    }

    private static SimStep? Say(string text)
    {
        bool awaitsReply = !text.EndsWith(NoWait, StringComparison.OrdinalIgnoreCase);
        text = awaitsReply ? text : text[..^NoWait.Length].TrimEnd();
        return text is ['"', .. { Length: > 0 } words, '"'] ? new SimStep(SimStepKind.SayText, words, AwaitsReply: awaitsReply)
            : text is "tone" ? new SimStep(SimStepKind.SaySound, From: 1.5, AwaitsReply: awaitsReply)
            : text.StartsWith("tone ", StringComparison.OrdinalIgnoreCase) ? Seconds(text[5..]) is > 0 and <= 30 and { } seconds ? new SimStep(SimStepKind.SaySound, From: seconds, AwaitsReply: awaitsReply) : null
            : text.EndsWith(".wav", StringComparison.OrdinalIgnoreCase) ? new SimStep(SimStepKind.SaySound, text, AwaitsReply: awaitsReply)
            : null;
    }

    private static double? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds <= MostSeconds ? seconds : null;
}
