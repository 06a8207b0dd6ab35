using FastGate.Cluster;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Http.Admin;
using FastGate.Memory;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting.Adapters;

/// <summary>Between the tags of this server and those that all nodes share.</summary>
internal sealed class TagSharing : ITagSharing
{
    private readonly SharedTags _shared;
    private readonly DeviceTags _tags;
    private readonly ILogger _log;

    /// <summary>Before the start of the cluster.</summary>
    public TagSharing(SharedTags shared, DeviceTags tags, ILogger log)
    {
        (_shared, _tags, _log) = (shared, tags, log);
        shared.TakeOver = TakeOver;
        shared.Own = () => tags.All.Select(static of => (of.Key, Text(of.Value)));
    }

    public async Task<string?> ReplacedAsync(string deviceId, IReadOnlyCollection<string> tags) => await _shared.PutAsync(deviceId, Text(tags))
        ? null
        : $"the other nodes are not reached ({_shared.Unavailable ?? "no answer"}); they get the tags when they are";

    private static string Text(IReadOnlyCollection<string> tags) => string.Join(' ', tags);

    private void TakeOver(IReadOnlyList<SharedTagSet> shared)
    {
        foreach (SharedTagSet set in shared)
        {
            string[] tags = set.Tags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            try
            {
                if (!_tags.Find(set.Device).SequenceEqual(tags))
                {
                    _tags.Set(set.Device, tags);
                }
            }
            catch (MemoryStoreException exception)
            {
                // The next start compares all of them.
                _log.TagsNotKept(set.Device, exception.Message);
            }
        }
    }
}
