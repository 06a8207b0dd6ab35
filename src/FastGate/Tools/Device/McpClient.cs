using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FastGate.Diagnostics;
using FastGate.Protocol.Messages;
using Microsoft.Extensions.AI;

namespace FastGate.Tools.Device;

/// <summary>
/// The client of one device's MCP server. The loop brings messages and ends the client; the setup runs on the pool; any thread may call a tool.
/// </summary>
internal sealed partial class McpClient(DeviceToolServices services, IToolDevice device)
{
    /// <summary>Bytes of an answer that is read. The firmware's pages have at most 8,000.</summary>
    public const int MaxAnswer = 64 * 1024;

    /// <summary>Bytes of the arguments of a call: eight calls fit into the queue of the device.</summary>
    public const int MaxArguments = 8 * 1024;

    /// <summary>The setup has the ids below.</summary>
    private const int FirstCallId = 100;

    private const int Idle = 0;
    private const int Running = 1;
    private const int RunningAndWanted = 2;

    /// <summary>Some devices never answer <c>initialize</c> and still list their tools.</summary>
    private static readonly TimeSpan s_initializeWait = TimeSpan.FromSeconds(5);

    private readonly PendingRequests _pending = new();
    private volatile IReadOnlyList<DeviceTool> _tools = [];
    private int _lastCallId = FirstCallId - 1;
    private int _setup;
    private volatile bool _isSetUp;

    // Owned by the setup.
    private int _lastSetupId;
    private bool _initialized;
    private bool _refusalLogged;

    /// <summary>The tools that the device has listed. Any thread.</summary>
    public IEnumerable<AIFunction> Tools => _tools.Select(tool => new McpToolFunction(this, tool));

    /// <summary>Whether the device has listed tools. Any thread.</summary>
    public bool HasTools => _tools.Count > 0;

    /// <summary>Whether the device was asked for its tools and has answered, or its time is over. Any thread.</summary>
    public bool IsSetUp => _isSetUp;

    /// <summary>Reads the list of tools, again when the device has changed it. Loop only.</summary>
    public void List()
    {
        if (Interlocked.CompareExchange(ref _setup, Running, Idle) == Idle)
        {
            _ = Task.Run(SetUpAsync);
            return;
        }

        _ = Interlocked.CompareExchange(ref _setup, RunningAndWanted, Running);
    }

    /// <summary>An answer or notification of the device. Loop only; copies the result and leaves the rest to the thread that waits.</summary>
    public void OnMessage(in McpMessage message)
    {
        if (message.Method != McpMethod.None)
        {
            if (message.Method == McpMethod.ToolsChanged)
            {
                List();
            }

            return;
        }

        if (_pending.Take(message.Id) is not { } request)
        {
            bool wasAsked = message.Id > 0 && message.Id <= Volatile.Read(ref _lastCallId);
            (wasAsked ? services.Metrics.Late : services.Metrics.UnknownId).Increment();
        }
        else if (message.HasError)
        {
            string error = DeviceJson.Cut(message.GetError(), McpResult.MaxText);
            request.Fail(error.Length == 0 ? "The device reported an error." : error);
        }
        else if (message.Result.IsEmpty)
        {
            request.Fail("The device answered without a result.");
        }
        else if (message.Result.Length > MaxAnswer)
        {
            services.Metrics.TooMuch.Increment();
            request.Fail(string.Create(CultureInfo.InvariantCulture, $"The device's answer has {message.Result.Length} bytes, which is too long."));
        }
        else
        {
            _ = request.TrySetResult(message.Result.ToArray());
        }
    }

    /// <summary>The device has left: pending calls fail at once. Any thread.</summary>
    public void Close() => _pending.Close();

    /// <summary>Calls a tool. Ends with an exception whose message is for the model, or with the cancellation of the turn.</summary>
    public Task<string> CallAsync(DeviceTool tool, AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        CallAsync(tool.DeviceName, () => Write(arguments), services.Timeout, cancellationToken);

    /// <summary>Calls a tool, also one that the device does not list, for an operator.</summary>
    /// <param name="tool">The device's name of the tool.</param>
    /// <param name="arguments">The JSON of an object.</param>
    /// <param name="timeout">How long the device may take to answer.</param>
    public Task<string> CallAsync(string tool, ReadOnlyMemory<byte> arguments, TimeSpan timeout) =>
        CallAsync(tool, () => arguments, timeout, CancellationToken.None);

    private async Task<string> CallAsync(string tool, Func<ReadOnlyMemory<byte>> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long startedAt = services.Time.GetTimestamp();
        ToolCallOutcome outcome = ToolCallOutcome.Error;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlyMemory<byte> written = arguments();
            int id = Interlocked.Increment(ref _lastCallId);
            byte[] message = McpRequest.Call(id, tool, written, device.SessionId);
            string text = McpResult.Read(await RequestAsync(new PendingRequest(id), message, isCall: true, timeout, cancellationToken));
            outcome = ToolCallOutcome.Ok;
            return text;
        }
        catch (OperationCanceledException)
        {
            // The caller has the same timeout, and it may be first.
            outcome = services.Time.GetElapsedTime(startedAt) < timeout ? ToolCallOutcome.Cancelled : ToolCallOutcome.Timeout;
            throw;
        }
        catch (DeviceToolException exception)
        {
            outcome = exception.Outcome;
            throw;
        }
        finally
        {
            services.Metrics.CallEnded(outcome, services.Time.GetElapsedTime(startedAt));
        }
    }

    private static ReadOnlyMemory<byte> Write(AIFunctionArguments arguments)
    {
        var json = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(json, DeviceJson.Plain))
        {
            DeviceJson.WriteArguments(writer, arguments);
        }

        return json.WrittenCount > MaxArguments
            ? throw new DeviceToolException("The arguments are too long for the device.", ToolCallOutcome.Refused)
            : json.WrittenMemory;
    }

    private async Task<byte[]> RequestAsync(
        PendingRequest request, byte[] message, bool isCall, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _pending.Add(request, isCall);
        try
        {
            device.Send(message);
            return await request.Task.WaitAsync(timeout, services.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new DeviceToolException(
                string.Create(CultureInfo.InvariantCulture, $"The device did not answer within {timeout.TotalSeconds:0.#} s."), ToolCallOutcome.Timeout);
        }
        finally
        {
            _pending.Remove(request);
        }
    }

    private async Task SetUpAsync()
    {
        do
        {
            Volatile.Write(ref _setup, Running);
            try
            {
                await InitializeAsync();
                await ListAsync();
            }
            catch (DeviceToolException exception)
            {
                services.Metrics.ListEnded("failed");
                services.Log.ToolListFailed(device.DeviceId, exception.Message);
            }
            catch (Exception exception)
            {
                services.Metrics.ListEnded("failed");
                services.Log.ToolListFaulted(exception, device.DeviceId);
            }
        }
        while (Interlocked.CompareExchange(ref _setup, Idle, Running) != Running);
        _isSetUp = true;
        services.OnListed?.Invoke(device.DeviceId);
    }

    private async Task InitializeAsync()
    {
        if (_initialized)
        {
            return;
        }

        _initialized = true;
        var request = new PendingRequest(NextSetupId());
        TimeSpan timeout = services.Timeout < s_initializeWait ? services.Timeout : s_initializeWait;
        try
        {
            await RequestAsync(
                request,
                McpRequest.Initialize(request.Id, services.Vision?.GrantFor(device.DeviceId), device.SessionId),
                isCall: false,
                timeout,
                CancellationToken.None);
        }
        catch (DeviceToolException exception) when (exception.Outcome != ToolCallOutcome.Closed)
        {
            // A device that does not know the method may still list its tools.
            services.Log.ToolListFailed(device.DeviceId, exception.Message);
        }

        device.Send(McpRequest.Initialized(device.SessionId));
    }

    private async Task ListAsync()
    {
        var list = new McpToolList();
        string cursor = "";
        bool ended = false;
        try
        {
            do
            {
                var request = new PendingRequest(NextSetupId());
                byte[] message = McpRequest.List(request.Id, cursor, device.SessionId);
                cursor = list.Add(await RequestAsync(request, message, isCall: false, services.Timeout, CancellationToken.None));
            }
            while (cursor.Length > 0);
            ended = true;
        }
        finally
        {
            // The pages before one that failed count, unless there is an earlier list.
            if (ended || _tools.Count == 0)
            {
                _tools = services.Lists.Share(list.Digest, list.Tools);
            }
        }

        services.Metrics.ListEnded(list.Refusal is null ? "listed" : "refused");
        services.Log.ToolsListed(device.DeviceId, list.Tools.Count, list.LeftOut);
        if (list.Refusal is { } reason && !_refusalLogged)
        {
            _refusalLogged = true;
            services.Log.ToolListRefused(device.DeviceId, reason);
        }
    }

    /// <summary>1 for <c>initialize</c>, then 2 to 99 in turn.</summary>
    private int NextSetupId() => _lastSetupId = _lastSetupId == FirstCallId - 1 ? 2 : _lastSetupId + 1;
}
