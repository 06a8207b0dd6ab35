using System.Buffers;
using System.Text.Json;

namespace FastGate.Tools.Device;

/// <content>The things pass to another process with their states.</content>
internal sealed partial class IotThings
{
    /// <summary>Reading a report takes microseconds; a device whose reports are not read by then has none of its things until it reports them again.</summary>
    private static readonly TimeSpan s_readingWait = TimeSpan.FromMilliseconds(5);

    /// <summary>All things as one JSON array; empty when there are none. Loop only.</summary>
    public ReadOnlyMemory<byte> Save()
    {
        // Takes the reader's place, so that no other thread changes a thing.
        if (!SpinWait.SpinUntil(() => _reports.IsEmpty && Interlocked.CompareExchange(ref _reading, 1, 0) == 0, s_readingWait))
        {
            return default;
        }

        var json = new ArrayBufferWriter<byte>(1_024);
        if (_things is not null)
        {
            using var writer = new Utf8JsonWriter(json, DeviceJson.Plain);
            writer.WriteStartArray();
            foreach (IotThing thing in _things.Values)
            {
                thing.Save(writer);
            }

            writer.WriteEndArray();
        }

        Interlocked.Exchange(ref _reading, 0);
        return json.WrittenMemory;
    }

    /// <summary>Before the first report. Loop only.</summary>
    public void Restore(ReadOnlyMemory<byte> saved)
    {
        try
        {
            using var document = JsonDocument.Parse(saved);
            _things = document.RootElement.EnumerateArray().Take(MaxThings).Select(IotThing.Restore).ToDictionary(static thing => thing.Name, StringComparer.Ordinal);
            _tools = BuildTools();
        }
        catch (Exception exception) when (DeviceJson.IsUnreadable(exception) || exception is KeyNotFoundException or ArgumentException)
        {
            _things = null;
            services.Metrics.Unreadable.Increment();
        }
    }
}
