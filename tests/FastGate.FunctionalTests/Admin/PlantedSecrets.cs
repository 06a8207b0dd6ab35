using System.Text;

namespace FastGate.FunctionalTests.Admin;

/// <summary>Secrets and private texts that a test plants, and where they must not be. None looks like a key, so that no rule about the form of keys hides it.</summary>
internal sealed class PlantedSecrets
{
    private readonly Dictionary<string, string> _values = [];

    /// <summary>A value for this name, always the same.</summary>
    public string this[string name]
    {
        get
        {
            if (!_values.TryGetValue(name, out string? value))
            {
                value = $"Q{_values.Count:00}vx{string.Concat(name.Where(char.IsAsciiLetter)).ToLowerInvariant()}7w";
                _values.Add(name, value);
            }

            return value;
        }
    }

    /// <summary>No value is in the text, except those with these names.</summary>
    public void AssertAbsent(string place, string text, params string[] except)
    {
        foreach ((string name, string value) in _values.Where(value => !except.Contains(value.Key)))
        {
            foreach (string form in (string[])[value, Convert.ToBase64String(Encoding.UTF8.GetBytes(value))])
            {
                int at = text.IndexOf(form, StringComparison.OrdinalIgnoreCase);
                Assert.True(at < 0, $"{name} is in {place}: {(at < 0 ? "" : text[Math.Max(0, at - 300)..Math.Min(text.Length, at + 100)])}");
            }
        }
    }
}
