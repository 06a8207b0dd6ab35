using FastGate.Conversation.Tools;
using FastGate.Diagnostics;
using FastGate.Llm.Failures;
using FastGate.Tools.Settings;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace FastGate.Tools.Servers;

/// <summary>
/// One server of the operator, shared by all devices. A loop on the pool connects, reads the tools, waits for the end and starts again. A server
/// that fails costs its own tools only.
/// </summary>
internal sealed class McpServer : IAsyncDisposable
{
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Calls in a row without an answer, after which the connection is replaced: the server may hang.</summary>
    private const int MostTimeouts = 2;

    private const int LongestReason = 300;

    /// <summary>A server may report changes of its list without a pause.</summary>
    private static readonly TimeSpan s_betweenLists = TimeSpan.FromSeconds(1);

    private readonly McpMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Action _toolsChanged;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private volatile Connection? _connection;
    private volatile IReadOnlyList<McpClientTool> _tools = [];
    private volatile McpServerState _state = McpServerState.Starting;
    private volatile string? _lastError;
    private long _lastErrorAt;
    private int _starts;
    private int _timeouts;

    /// <param name="settings">What to start or to call.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="logger">Logs.</param>
    /// <param name="time">The clock of timeouts and waits.</param>
    /// <param name="toolsChanged">Is called on any thread after <see cref="Tools"/> or <see cref="IsReady"/> has changed.</param>
    public McpServer(McpServerSettings settings, McpMetrics metrics, ILogger logger, TimeProvider time, Action toolsChanged)
    {
        Settings = settings;
        (_metrics, _logger, _time, _toolsChanged) = (metrics, logger, time, toolsChanged);
        _slots = new SemaphoreSlim(settings.MaxConcurrency, settings.MaxConcurrency);
    }

    public McpServerSettings Settings { get; }

    /// <summary>The tools of the last connection; they keep their names while the server is away.</summary>
    public IReadOnlyList<McpClientTool> Tools => _tools;

    public bool IsReady => _state == McpServerState.Ready;

    public void Start() => _running = Task.Run(RunAsync);

    public McpServerReport Report(IReadOnlyList<McpToolReport> tools) => new(
        Settings.Name,
        Settings.Command is null ? "http" : "stdio",
        _state,
        tools,
        Volatile.Read(ref _starts),
        _lastError,
        Interlocked.Read(ref _lastErrorAt) is > 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);

    /// <summary>Calls a tool on the present connection. The text for the model, or an exception whose message is for the model.</summary>
    public async Task<string> CallAsync(string tool, IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        long began = _time.GetTimestamp();
        string outcome = "failed";
        using var timeout = new CancellationTokenSource(Settings.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        bool hasSlot = false;
        Connection? connection = null;
        try
        {
            await _slots.WaitAsync(either.Token).ConfigureAwait(false);
            hasSlot = true;
            connection = _connection ?? throw new McpCallException($"{Settings.Name} is not connected");
            CallToolResult result = await connection.Session.Client.CallToolAsync(tool, arguments, cancellationToken: either.Token).ConfigureAwait(false);
            Volatile.Write(ref _timeouts, 0);
            string text = McpText.Of(result);
            outcome = result.IsError == true ? "refused" : "ok";
            return result.IsError == true ? throw new McpCallException(text.Length > 0 ? text : "the tool failed") : text;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "cancelled";
            throw;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            outcome = "timeout";
            if (hasSlot && Interlocked.Increment(ref _timeouts) >= MostTimeouts)
            {
                connection?.Break("it does not answer");
            }

            throw Failed(tool, FormattableString.Invariant($"no answer within {Settings.Timeout.TotalSeconds} s"), exception);
        }
        catch (McpException exception)
        {
            outcome = "refused";
            throw Failed(tool, exception.Message, exception);
        }
        catch (Exception exception) when (exception is not McpCallException)
        {
            // The connection is broken; which exception says so depends on the transport.
            connection?.Break(Describe(exception));
            throw Failed(tool, Describe(exception), exception);
        }
        finally
        {
            if (hasSlot)
            {
                _slots.Release();
            }

            _metrics.Called(Settings.Name, outcome, _time.GetElapsedTime(began));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan wait = FirstWait;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref _starts);
                _state = McpServerState.Starting;
                (string reason, TimeSpan served) = await ServeAsync().ConfigureAwait(false);
                _connection = null;
                if (_stop.IsCancellationRequested)
                {
                    break;
                }

                wait = served > LongestWait ? FirstWait : wait;
                _state = McpServerState.Waiting;
                _lastError = LogText.Shorten(Unsecret(reason), LongestReason);
                Interlocked.Exchange(ref _lastErrorAt, _time.GetUtcNow().ToUnixTimeMilliseconds());
                _metrics.ServerFailed(Settings.Name);
                _logger.McpServerFailed(Settings.Name, _lastError, wait);
                _toolsChanged();
                await Task.Delay(wait, _time, _stop.Token).ConfigureAwait(false);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped during the wait.
        }
        catch (Exception exception)
        {
            _lastError = LogText.Shorten(Unsecret(exception.Message), LongestReason);
            _logger.McpServerFaulted(exception, Settings.Name);
        }

        _connection = null;
        _state = McpServerState.Stopped;
        _toolsChanged();
    }

    /// <summary>One connection from its start to its end. Returns why it ended, and for how long its tools were offered.</summary>
    private async Task<(string Reason, TimeSpan Served)> ServeAsync()
    {
        long ready = 0;
        using var starting = new CancellationTokenSource(Settings.StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, starting.Token);
        McpSession? session = null;
        try
        {
            session = await McpSession.OpenAsync(Settings, either.Token).ConfigureAwait(false);
            var connection = new Connection(session);
            await ListAsync(session, either.Token).ConfigureAwait(false);
            starting.CancelAfter(Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _timeouts, 0);
            _connection = connection;
            _state = McpServerState.Ready;
            ready = _time.GetTimestamp();
            _logger.McpServerReady(Settings.Name, _tools.Count);
            _toolsChanged();
            string reason = await UntilEndAsync(connection).ConfigureAwait(false);
            return (await session.EndingAsync().ConfigureAwait(false) ?? reason, _time.GetElapsedTime(ready));
        }
        catch (Exception exception)
        {
            // Whatever a server or the way to it may cause: the package documents no list of its exceptions.
            string reason = starting.IsCancellationRequested
                ? FormattableString.Invariant($"no list of tools within {Settings.StartTimeout.TotalSeconds} s") : Describe(exception);
            string? ending = session is null ? null : await session.EndingAsync().ConfigureAwait(false);
            return (ending ?? reason, ready == 0 ? TimeSpan.Zero : _time.GetElapsedTime(ready));
        }
        finally
        {
            _connection = null;
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<string> UntilEndAsync(Connection connection)
    {
        Task<ClientCompletionDetails> completion = connection.Session.Client.Completion;
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
        while (true)
        {
            Task changed = connection.Session.NextChangeAsync(_stop.Token);
            Task first = await Task.WhenAny(completion, connection.Broken, stopped, changed).ConfigureAwait(false);
            if (first != changed || _stop.IsCancellationRequested)
            {
                return connection.Broken.IsCompletedSuccessfully ? await connection.Broken.ConfigureAwait(false)
                    : completion.IsCompletedSuccessfully ? (await completion.ConfigureAwait(false)).Exception is { } cause ? Describe(cause) : "it closed the connection"
                    : "stopped";
            }

            using var limit = new CancellationTokenSource(Settings.StartTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, limit.Token);
            await Task.Delay(s_betweenLists, _time, either.Token).ConfigureAwait(false);
            await ListAsync(connection.Session, either.Token).ConfigureAwait(false);
            _toolsChanged();
        }
    }

    private async Task ListAsync(McpSession session, CancellationToken cancellationToken) => _tools = await McpToolReader.ReadAsync(
        Settings, session.Client, problem => _logger.McpToolsLeftOut(Settings.Name, LogText.Shorten(problem, LongestReason)), cancellationToken).ConfigureAwait(false);

    private McpCallException Failed(string tool, string reason, Exception inner)
    {
        string shown = LogText.Shorten(Unsecret(reason), LongestReason);
        _logger.McpCallFailed(LogText.Shorten(tool, ToolName.MaxLength), Settings.Name, shown);
        return new McpCallException(shown, inner);
    }

    /// <summary>The outer message says what was tried, the innermost what was wrong.</summary>
    private static string Describe(Exception exception) =>
        exception.GetBaseException() is var cause && cause != exception && cause.Message != exception.Message ? $"{exception.Message} {cause.Message}" : exception.Message;

    /// <summary>A message of a library may repeat an argument or a header.</summary>
    private string Unsecret(string text) =>
        LogText.Without(text, [.. Settings.Headers.Values, .. Settings.Environment.Values, Settings.ApiKey, Settings.Url?.UserInfo, Settings.Url?.Query]);

    /// <summary>A session and the first reason why it cannot be used any more.</summary>
    private sealed class Connection(McpSession session)
    {
        private readonly TaskCompletionSource<string> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public McpSession Session => session;

        public Task<string> Broken => _broken.Task;

        public void Break(string reason) => _broken.TrySetResult(reason);
    }
}
