using System.Text;
using FastGate.Configuration.Yaml;

namespace FastGate.Fuzz.Targets;

/// <summary>The configuration of the Python server. A file that cannot be used is refused with a reason.</summary>
internal static class YamlTarget
{
    private const string Name = "config.yaml";

    public static void Run(byte[] input)
    {
        if (TextFile.Check(Name, input) is null)
        {
            YamlMapping? root = YamlFile.Parse(Name, Encoding.UTF8.GetString(input), [], out string? failure);
            FuzzException.ThrowUnless(root is not null || failure is { Length: > 0 }, "A file was refused without a reason.");
        }
    }
}
