using System.Globalization;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Sizes of tests that may be run larger than in the suite: an environment variable overrides the default.</summary>
internal static class TestSize
{
    public static int Of(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
