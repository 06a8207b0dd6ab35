using System.Collections.Concurrent;

namespace FastGate.Fleet;

/// <summary>
/// The tags that operators give devices. Any thread reads; changes are one at a time and go through the store first. At the bound another device gets no
/// tags.
/// </summary>
internal sealed class DeviceTags(IFleetStore store)
{
    public const int MaxTags = 16;
    public const int MaxTag = 32;
    public const int Capacity = 100_000;

    private readonly Lock _changes = new();
    private readonly ConcurrentDictionary<string, string[]> _tags = new(StringComparer.Ordinal);

    public int Count => _tags.Count;

    /// <summary>The devices that have tags.</summary>
    public IEnumerable<KeyValuePair<string, string[]>> All => _tags;

    /// <summary>Letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>, of any language.</summary>
    public static bool IsTag(string tag) => tag.Length is > 0 and <= MaxTag && tag.All(static character => char.IsLetterOrDigit(character) || character is '-' or '_' or '.' or ':');

    public IReadOnlyCollection<string> Find(string deviceId) => _tags.GetValueOrDefault(deviceId) ?? [];

    public void Load(IEnumerable<KeyValuePair<string, string[]>> tags)
    {
        foreach ((string deviceId, string[] of) in tags)
        {
            _tags[deviceId] = of;
        }
    }

    /// <summary>Replaces the tags of a device. False when too many devices have tags. Throws what the store throws, and then nothing has changed.</summary>
    public bool Set(string deviceId, string[] tags)
    {
        lock (_changes)
        {
            if (tags.Length > 0 && !_tags.ContainsKey(deviceId) && _tags.Count >= Capacity)
            {
                return false;
            }

            store.SetTags(deviceId, tags);
            if (tags.Length == 0)
            {
                _tags.TryRemove(deviceId, out _);
            }
            else
            {
                _tags[deviceId] = tags;
            }

            return true;
        }
    }
}
