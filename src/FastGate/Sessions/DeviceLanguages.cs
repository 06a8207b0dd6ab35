using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.HandOver;

namespace FastGate.Sessions;

/// <summary>
/// The language that each device named in its last OTA request. Any thread, without locks. A fixed number of slots, each for one device: a device
/// whose slot belongs to another replaces it, so unknown clients can displace a language but not grow the table.
/// </summary>
internal sealed class DeviceLanguages(StripedCounter kept, StripedCounter replaced, int slots = DeviceLanguages.Slots)
{
    /// <summary>A power of two. Half a megabyte, allocated at the first language.</summary>
    public const int Slots = 65_536;

    private Entry?[]? _entries;

    /// <param name="deviceId">The normalised id, whose length is bounded.</param>
    /// <param name="language">Ignored when it is not known.</param>
    public void Remember(string deviceId, SessionLanguage language)
    {
        if (language == SessionLanguage.Auto)
        {
            return;
        }

        if (Volatile.Read(ref _entries) is not { } entries)
        {
            entries = new Entry?[slots];
            entries = Interlocked.CompareExchange(ref _entries, entries, null) ?? entries;
        }

        ref Entry? slot = ref SlotOf(entries, deviceId);
        Entry? former = Volatile.Read(ref slot);
        bool isSameDevice = former is not null && former.DeviceId == deviceId;
        if (isSameDevice && former!.Language == language)
        {
            return;
        }

        Volatile.Write(ref slot, new Entry(deviceId, language));
        StripedCounter counter = former is null || isSameDevice ? kept : replaced;
        counter.Increment();
    }

    /// <summary><see cref="SessionLanguage.Auto"/> when it is not known.</summary>
    public SessionLanguage Find(string deviceId) =>
        Volatile.Read(ref _entries) is { } entries && Volatile.Read(ref SlotOf(entries, deviceId)) is { } entry && entry.DeviceId == deviceId
            ? entry.Language
            : SessionLanguage.Auto;

    /// <summary>All languages, for another process. Any thread.</summary>
    public IReadOnlyList<DeviceLanguageState> Save() =>
        [.. (Volatile.Read(ref _entries) ?? []).OfType<Entry>().Select(static entry => new DeviceLanguageState(entry.DeviceId, (byte)entry.Language))];

    /// <summary>Remembers the languages of another process. Any thread.</summary>
    public void Restore(IReadOnlyList<DeviceLanguageState> languages)
    {
        foreach (DeviceLanguageState state in languages)
        {
            if (Enum.IsDefined((SessionLanguage)state.Language))
            {
                Remember(state.DeviceId, (SessionLanguage)state.Language);
            }
        }
    }

    // The hash of a string is keyed per process: a client cannot choose whose slot it takes.
    private static ref Entry? SlotOf(Entry?[] entries, string deviceId) => ref entries[deviceId.GetHashCode() & (entries.Length - 1)];

    private sealed record Entry(string DeviceId, SessionLanguage Language);
}
