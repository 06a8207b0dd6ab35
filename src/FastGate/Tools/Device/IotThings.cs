using System.Text.Json;
using FastGate.Conversation.Tools;
using FastGate.Transport.Concurrency;
using Microsoft.Extensions.AI;

namespace FastGate.Tools.Device;

/// <summary>
/// The things of a device with old firmware. The loop puts reports; one pool thread at a time reads them, in order; any thread may call a method.
/// </summary>
internal sealed partial class IotThings(DeviceToolServices services, IToolDevice device) : IThreadPoolWorkItem
{
    public const int MaxThings = 32;

    /// <summary>Characters of a name.</summary>
    public const int MaxName = 64;

    /// <summary>Characters of the state of a thing.</summary>
    public const int MaxState = 2_048;

    /// <summary>Bytes of the reports that wait.</summary>
    public const int MaxWaiting = 64 * 1024;

    /// <summary>What a report costs beside its bytes.</summary>
    private const int ReportOverhead = 64;

    private IntrusiveStack<IotReport> _reports;
    private int _waiting;
    private int _reading;
    private volatile bool _closed;
    private volatile AIFunction[] _tools = [];

    // Owned by the reader; null before the first report.
    private Dictionary<string, IotThing>? _things;

    /// <summary>The functions of all things. Any thread.</summary>
    public IReadOnlyList<AIFunction> Tools => _tools;

    /// <summary>Takes a report of the device: an array's JSON. Loop only; copies it and leaves the reading to the pool.</summary>
    public void Put(ReadOnlySpan<byte> json, bool isStates)
    {
        if (Volatile.Read(ref _waiting) + json.Length + ReportOverhead > MaxWaiting)
        {
            services.Metrics.TooMuch.Increment();
            return;
        }

        _ = Interlocked.Add(ref _waiting, json.Length + ReportOverhead);
        _reports.Push(new IotReport(json.ToArray(), isStates));
        if (Interlocked.CompareExchange(ref _reading, 1, 0) == 0)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>The device has left.</summary>
    public void Close() => _closed = true;

    /// <summary>Sends a command. The device does not answer it.</summary>
    public string Send(string thing, string method, AIFunctionArguments arguments)
    {
        ToolCallOutcome outcome = ToolCallOutcome.Closed;
        try
        {
            if (_closed)
            {
                throw new DeviceToolException("The device has left.", ToolCallOutcome.Closed);
            }

            outcome = ToolCallOutcome.Refused;
            device.Send(IotCommand.Write(thing, method, arguments, device.SessionId));
            outcome = ToolCallOutcome.Ok;
            return "Sent. The device does not report the result.";
        }
        finally
        {
            services.Metrics.CallEnded(outcome, TimeSpan.Zero);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            bool described = false;
            for (IotReport? report = _reports.TakeAllInOrder(); report is not null; report = report.Next)
            {
                _ = Interlocked.Add(ref _waiting, -(report.Json.Length + ReportOverhead));
                described |= !report.IsStates;
                Read(report);
            }

            if (described)
            {
                _tools = BuildTools();
            }

            // A report that is pushed before the flag falls is seen by the test; one pushed later starts another reader.
            _ = Interlocked.Exchange(ref _reading, 0);
        }
        while (!_reports.IsEmpty && Interlocked.CompareExchange(ref _reading, 1, 0) == 0);
    }

    private void Read(IotReport report)
    {
        try
        {
            using var document = JsonDocument.Parse(report.Json);
            foreach (JsonElement json in document.RootElement.EnumerateArray())
            {
                if (Find(DeviceJson.Text(json, "name")) is not { } thing)
                {
                    services.Metrics.TooMuch.Increment();
                }
                else if (!report.IsStates)
                {
                    thing.Describe(json);
                }
                else if (json.TryGetProperty("state", out JsonElement state))
                {
                    string text = state.GetRawText();
                    thing.State = text.Length <= MaxState ? text : null;
                }
            }
        }
        catch (Exception exception) when (DeviceJson.IsUnreadable(exception))
        {
            services.Metrics.Unreadable.Increment();
        }
    }

    /// <summary>The thing of this name, a new one if needed. Null for a bad name, or when there are too many.</summary>
    private IotThing? Find(string name)
    {
        if (name.Length is 0 or > MaxName)
        {
            return null;
        }

        _things ??= new Dictionary<string, IotThing>(StringComparer.Ordinal);
        if (!_things.TryGetValue(name, out IotThing? thing) && _things.Count < MaxThings)
        {
            _things.Add(name, thing = new IotThing(name));
        }

        return thing;
    }

    private AIFunction[] BuildTools()
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        List<AIFunction> tools = [];
        foreach (IotThing thing in _things?.Values ?? Enumerable.Empty<IotThing>())
        {
            tools.AddRange(thing.Methods.Select(method => new IotFunction(this, thing, method, ToolName.Claim(names, ToolName.Fit($"{thing.Name}_{method.Name}")))));
            if (thing.HasState)
            {
                tools.Add(new IotFunction(this, thing, null, ToolName.Claim(names, ToolName.Fit($"{thing.Name}_get"))));
            }
        }

        return [.. tools.Take(McpToolList.MaxTools)];
    }
}
