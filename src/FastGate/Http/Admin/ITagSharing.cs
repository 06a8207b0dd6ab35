namespace FastGate.Http.Admin;

/// <summary>Makes the tags of devices known to all nodes of a cluster. Any thread.</summary>
internal interface ITagSharing
{
    /// <summary>The tags of a device were replaced here. Returns why the other nodes get them later, or null.</summary>
    Task<string?> ReplacedAsync(string deviceId, IReadOnlyCollection<string> tags);
}
