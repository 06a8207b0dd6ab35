using System.Collections.Concurrent;

namespace FastGate.Tools.Device;

/// <summary>
/// Lets devices with the same firmware share one list of tools. Lists live as long as a device has them. Any thread.
/// </summary>
internal sealed class ToolLists
{
    /// <summary>Different lists that are shared; devices with others keep their own.</summary>
    public const int MaxLists = 1_024;

    private readonly ConcurrentDictionary<Guid, WeakReference<IReadOnlyList<DeviceTool>>> _lists = new();

    /// <summary>The list of this digest; null when no device has it.</summary>
    public IReadOnlyList<DeviceTool>? Find(Guid digest) =>
        _lists.TryGetValue(digest, out WeakReference<IReadOnlyList<DeviceTool>>? known) && known.TryGetTarget(out IReadOnlyList<DeviceTool>? list) ? list : null;

    /// <summary>The list of this digest: that of another device, or else this one.</summary>
    /// <param name="digest">Identifies what the device wrote; no device can find the digest of another's list for its own.</param>
    /// <param name="list">The list as it was read.</param>
    public IReadOnlyList<DeviceTool> Share(Guid digest, IReadOnlyList<DeviceTool> list)
    {
        if (Find(digest) is { } shared)
        {
            return shared;
        }

        if (_lists.Count >= MaxLists)
        {
            foreach ((Guid old, WeakReference<IReadOnlyList<DeviceTool>> reference) in _lists)
            {
                if (!reference.TryGetTarget(out _))
                {
                    _ = _lists.TryRemove(old, out _);
                }
            }
        }

        if (_lists.Count < MaxLists)
        {
            _lists[digest] = new WeakReference<IReadOnlyList<DeviceTool>>(list);
        }

        return list;
    }
}
