using System.Globalization;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Test sizes that an environment variable can override.</summary>
internal static class TestSize
{
    public static int Of(string variable, int defaultValue) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : defaultValue;
}
