namespace FastGate.Configuration.Options;

/// <summary>Paths of configuration keys, such as <c>Devices:Timeouts:Idle</c>. Case is ignored.</summary>
internal static class OptionPath
{
    public static bool IsAtOrBelow(string path, string root) =>
        path.StartsWith(root, StringComparison.OrdinalIgnoreCase) && (path.Length == root.Length || path[root.Length] == ':');
}
