using System.Globalization;

namespace FastGate.Tools.Device;

/// <summary>Makes names that every provider accepts: letters, digits, '_' and '-', at most 64, unique.</summary>
internal sealed class ToolNames
{
    public const int MaxLength = 64;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The name for the model.</summary>
    public string Add(string deviceName)
    {
        string fit = Fit(deviceName);
        string name = fit;
        for (int number = 2; !_taken.Add(name); number++)
        {
            string suffix = "_" + number.ToString(CultureInfo.InvariantCulture);
            name = string.Concat(fit.AsSpan(0, Math.Min(fit.Length, MaxLength - suffix.Length)), suffix);
        }

        return name;
    }

    private static string Fit(string name)
    {
        if (name.Length == 0)
        {
            return "tool";
        }

        return string.Create(Math.Min(name.Length, MaxLength), name, static (fit, name) =>
        {
            for (int i = 0; i < fit.Length; i++)
            {
                fit[i] = IsFit(name[i]) ? name[i] : '_';
            }
        });
    }

    private static bool IsFit(char value) => char.IsAsciiLetterOrDigit(value) || value is '_' or '-';
}
