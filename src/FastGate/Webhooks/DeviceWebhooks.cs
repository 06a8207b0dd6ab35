using System.Net;
using System.Runtime.CompilerServices;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Outbound;
using Microsoft.Extensions.Logging;

namespace FastGate.Webhooks;

/// <summary>
/// Reports events of devices to the operator's URLs. The methods that report are for any thread and never wait; only that of turns allocates. Each URL has a
/// bounded ring and a sender of its own, so that one that fails delays neither devices nor another URL.
/// </summary>
internal sealed class DeviceWebhooks : IAsyncDisposable
{
    private static readonly TimeSpan s_flushPoll = TimeSpan.FromMilliseconds(10);

    private readonly WebhookSender[] _senders;
    private readonly TimeProvider _time;
    private int _isStopped;

    public DeviceWebhooks(
        WebhookOptions options, WebhookMetrics metrics, ILogger<DeviceWebhooks> log, TimeProvider time, Func<Uri, HttpMessageHandler>? handlerFor = null)
    {
        _time = time;
        handlerFor ??= url => OutboundHttp.CreateHandler(url, options.Timeout, maxConnections: 1);
        _senders =
        [
            .. UrlsOf(options).Select(entry => new WebhookSender(entry.Url, entry.Kinds, options, handlerFor(entry.Url), metrics, log, time)),
        ];
        metrics.Observe(() => _senders.Sum(static sender => sender.Pending), () => _senders.Sum(static sender => sender.Dropped));
    }

    /// <summary>Null when there is no URL: then nothing is reported.</summary>
    public static DeviceWebhooks? Create(WebhookOptions options, System.Diagnostics.Metrics.IMeterFactory meters, ILogger<DeviceWebhooks> log, TimeProvider time) =>
        options.IsOn ? new DeviceWebhooks(options, new WebhookMetrics(meters), log, time) : null;

    public void Connected(string deviceId, Guid sessionId, EndPoint? address) => Add(WebhookEventKind.Connected, deviceId, sessionId, address, null);

    public void Registered(string deviceId, Guid sessionId, EndPoint? address) => Add(WebhookEventKind.Registered, deviceId, sessionId, address, null);

    /// <summary>The reason is the end reason by its name in metrics.</summary>
    public void Disconnected(string deviceId, Guid sessionId, EndPoint? address, string reason) =>
        Add(WebhookEventKind.Disconnected, deviceId, sessionId, address, reason);

    /// <summary>Allocates one object where a URL gets these events, because a ring of times would be several times larger.</summary>
    public void TurnFinished(string deviceId, Guid sessionId, EndPoint? address, string outcome, in TurnTimes times)
    {
        if (Array.Exists(_senders, static sender => (sender.Kinds & WebhookEventKind.TurnFinished) != 0))
        {
            Add(WebhookEventKind.TurnFinished, deviceId, sessionId, address, outcome, new StrongBox<TurnTimes>(times));
        }
    }

    /// <summary>Before a restart: sends what waits, within a limit. Receivers that fail are not waited for.</summary>
    public async Task FlushAsync(TimeSpan limit)
    {
        long began = _time.GetTimestamp();

        while (!IsFlushed() && _time.GetElapsedTime(began) < limit)
        {
            await Task.Delay(s_flushPoll);
        }

        // Wakes every sender, again in each round, because it may have begun to wait just before.
        bool IsFlushed()
        {
            bool isFlushed = true;
            foreach (WebhookSender sender in _senders)
            {
                isFlushed &= sender.TryFlush();
            }

            return isFlushed;
        }
    }

    /// <summary>The program is about to be replaced: logs what was not delivered.</summary>
    public void NoteLost() => Array.ForEach(_senders, static sender => sender.NoteLost());

    /// <summary>Sends what waits within a limit, and reports no more. May be called twice.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (Interlocked.Exchange(ref _isStopped, 1) == 0)
        {
            await Task.WhenAll(_senders.Select(sender => sender.StopAsync(limit)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(2));
        foreach (WebhookSender sender in _senders)
        {
            sender.Dispose();
        }
    }

    private void Add(
        WebhookEventKind kind, string deviceId, Guid sessionId, EndPoint? address, string? detail, StrongBox<TurnTimes>? times = null)
    {
        var happened = new WebhookEvent(kind, _time.GetUtcNow().ToUnixTimeMilliseconds(), deviceId, sessionId, address, detail, times);
        foreach (WebhookSender sender in _senders)
        {
            if ((sender.Kinds & kind) != 0)
            {
                sender.Add(happened);
            }
        }
    }

    /// <summary>Each URL once, with the events of all lists that name it.</summary>
    private static IEnumerable<(Uri Url, WebhookEventKind Kinds)> UrlsOf(WebhookOptions options) =>
        new (WebhookEventKind Kind, IReadOnlyList<string> Urls)[]
        {
            (WebhookEventKind.All, options.All),
            (WebhookEventKind.Connected, options.Connected),
            (WebhookEventKind.Registered, options.Registered),
            (WebhookEventKind.Disconnected, options.Disconnected),
            (WebhookEventKind.TurnFinished, options.TurnFinished),
        }
        .SelectMany(static list => list.Urls.Select(url => (Url: new Uri(url), list.Kind)))
        .GroupBy(static entry => entry.Url)
        .Select(static group => (group.Key, group.Aggregate(WebhookEventKind.None, static (kinds, entry) => kinds | entry.Kind)));
}
