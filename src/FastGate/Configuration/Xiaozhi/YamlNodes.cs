using YamlDotNet.RepresentationModel;

namespace FastGate.Configuration.Xiaozhi;

internal static class YamlNodes
{
    /// <summary>The value of a key, or null; the library's own indexer throws for an absent one.</summary>
    public static YamlNode? Child(this YamlMappingNode mapping, string name) =>
        mapping.Children.TryGetValue(new YamlScalarNode(name), out YamlNode? value) ? value : null;
}
