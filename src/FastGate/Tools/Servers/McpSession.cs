using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using FastGate.Diagnostics;
using FastGate.Tools.Settings;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace FastGate.Tools.Servers;

/// <summary>One connection to a server, from its start to its end. Owns the program or the HTTP client.</summary>
internal sealed class McpSession : IAsyncDisposable
{
    /// <summary>Bytes of one message of a server.</summary>
    public const int MaxMessage = 8 * 1_048_576;

    private static readonly TimeSpan s_probe = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_disposal = TimeSpan.FromSeconds(2);

    private readonly McpProcess? _process;
    private readonly HttpClient? _http;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private McpClient? _client;

    private McpSession(McpServerSettings settings)
    {
        _process = settings.Command is null ? null : McpProcess.Start(settings);
        _http = settings.Url is null ? null : McpHttp.Create(settings, MaxMessage);
    }

    public McpClient Client => _client!;

    /// <summary>Why the program of the server ended, with its last words; null while it runs and for a server without one.</summary>
    public async Task<string?> EndingAsync() => _process is null || await _process.EndingAsync().ConfigureAwait(false) is not { } ending ? null
        : _process.LastComplaint is { } complaint ? $"{ending}: {complaint}" : ending;

    /// <summary>Ends when the server says that its list of tools has changed.</summary>
    public Task NextChangeAsync(CancellationToken cancellationToken) => _changes.Reader.ReadAsync(cancellationToken).AsTask();

    /// <exception cref="Exception">The server cannot be started or reached, or does not speak the protocol.</exception>
    public static async Task<McpSession> OpenAsync(McpServerSettings settings, CancellationToken cancellationToken)
    {
        var session = new McpSession(settings);
        try
        {
            await session.ConnectAsync(settings, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch (Exception exception)
        {
            string? ending = await session.EndingAsync().ConfigureAwait(false);
            await session.DisposeAsync().ConfigureAwait(false);
            if (ending is not null && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException(ending, exception);
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Closing the input of a program asks it to end. One that does not is killed below.
        if (_client is not null)
        {
            await Task.WhenAny(CloseAsync(_client), Task.Delay(s_disposal)).ConfigureAwait(false);
        }

        _process?.Dispose();
        _http?.Dispose();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The client owns its transport.")]
    private async Task ConnectAsync(McpServerSettings settings, CancellationToken cancellationToken)
    {
        IClientTransport transport = _process is { } process
            ? new StreamClientTransport(process.Input, new BoundedReadStream(process.Output, MaxMessage, whole: false))
            : new HttpClientTransport(new HttpClientTransportOptions { Endpoint = settings.Url!, ConnectionTimeout = settings.StartTimeout }, _http!);
        _client = await McpClient.CreateAsync(
            transport,
            new McpClientOptions
            {
                ClientInfo = new Implementation { Name = "FastGate", Version = ProcessMetrics.Version },
                InitializationTimeout = settings.StartTimeout,
                DiscoverProbeTimeout = s_probe,
                Handlers = new McpClientHandlers
                {
                    NotificationHandlers = [KeyValuePair.Create<string, Func<JsonRpcNotification, CancellationToken, ValueTask>>(NotificationMethods.ToolListChangedNotification, OnChanged)],
                },
            },
            loggerFactory: null,
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task CloseAsync(McpClient client)
    {
        try
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection is broken.
        }
    }

    private ValueTask OnChanged(JsonRpcNotification notification, CancellationToken cancellationToken)
    {
        _changes.Writer.TryWrite(true);
        return ValueTask.CompletedTask;
    }
}
