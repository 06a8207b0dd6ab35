using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Webhooks;

/// <summary>
/// Sends the events of one URL, a batch at a time: a batch that fails is tried again with a growing wait before the next one is sent, while further
/// events wait in the ring. One asynchronous loop owns everything but the ring.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    private readonly Uri _url;
    private readonly WebhookOptions _options;
    private readonly WebhookSignature _signature;
    private readonly WebhookMetrics _metrics;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly EventRing _ring;
    private readonly CancellationTokenSource _abandon = new();
    private readonly List<(long Number, WebhookEvent Event)> _batch = [];
    private readonly Task _loop;
    private long _droppedReported;

    // Written by the loop, read by any thread.
    private int _inBatch;
    private volatile bool _isFailing;

    // Any thread.
    private volatile bool _isStopping;
    private TaskCompletionSource _wake = new();

    public WebhookSender(
        Uri url, WebhookEventKind kinds, WebhookOptions options, HttpMessageHandler handler, WebhookMetrics metrics, ILogger log, TimeProvider time)
    {
        _url = url;
        Kinds = kinds;
        _options = options;
        _signature = new WebhookSignature(options.Secrets);
        _metrics = metrics;
        _log = log;
        _time = time;
        _ring = new EventRing(options.Queue);
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The events that the URL gets.</summary>
    public WebhookEventKind Kinds { get; }

    /// <summary>Events that were not delivered yet. Any thread.</summary>
    public int Pending => _ring.Count + Volatile.Read(ref _inBatch);

    public long Dropped => _ring.Dropped;

    /// <summary>Any thread; allocates nothing and never waits.</summary>
    public void Add(in WebhookEvent happened) => _ring.Add(happened);

    /// <summary>Sends at once instead of at the next interval. True when nothing waits, or when the receiver fails and waiting is useless.</summary>
    public bool TryFlush()
    {
        Wake();
        return Pending == 0 || _isFailing;
    }

    /// <summary>Logs what is lost with this process.</summary>
    public void NoteLost()
    {
        int lost = Pending;
        if (lost > 0)
        {
            _metrics.Lost(lost);
            _log.WebhookEventsLost(lost, _url.Host);
        }
    }

    /// <summary>Sends what waits, each batch once, within a limit; what is left afterwards is lost and counted.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        _isStopping = true;
        Wake();
        await Task.WhenAny(_loop, Task.Delay(limit, _time));
        await _abandon.CancelAsync();
        await _loop;
        NoteLost();
    }

    public void Dispose()
    {
        _http.Dispose();
        _abandon.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await WaitAsync(_options.BatchInterval);
            while (!_abandon.IsCancellationRequested && (!_isStopping || _batch.Count > 0 || _ring.Count > 0))
            {
                if (_batch.Count == 0 && !Fill())
                {
                    await WaitAsync(_options.BatchInterval);
                }
                else if (!await DeliverAsync() && _isStopping)
                {
                    // A receiver that fails now gets no second attempt.
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private bool Fill()
    {
        while (_batch.Count < _options.BatchSize && _ring.TryTake(out WebhookEvent happened, out long number))
        {
            _batch.Add((number, happened));
            Volatile.Write(ref _inBatch, _batch.Count);
        }

        return _batch.Count > 0;
    }

    /// <summary>Sends the batch until it is delivered or its time is over. False when it failed.</summary>
    private async Task<bool> DeliverAsync()
    {
        string id = $"msg_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        long dropped = _ring.Dropped;
        byte[] body = WebhookBody.Write(_batch, dropped - _droppedReported);
        long began = _time.GetTimestamp();
        for (int attempt = 0; ; attempt++)
        {
            string? failure = await TryPostAsync(id, body);
            _metrics.Attempted(failure is null);
            if (failure is null)
            {
                _droppedReported = dropped;
                _metrics.Delivered(_batch.Count);
                Forget();
                NoteRecovered();
                return true;
            }

            NoteFailed(failure);
            if (_isStopping)
            {
                return false;
            }

            if (_time.GetElapsedTime(began) >= _options.RetryFor)
            {
                _metrics.Lost(_batch.Count);
                _log.WebhookEventsLost(_batch.Count, _url.Host);
                Forget();
                return false;
            }

            double wait = Math.Min(s_longestWait.TotalSeconds, s_firstWait.TotalSeconds * Math.Pow(2, Math.Min(attempt, 16)));

            // Servers that lost the same receiver come back at different times.
            await WaitAsync(TimeSpan.FromSeconds(wait * (0.5 + (Random.Shared.NextDouble() / 2))));
        }
    }

    private void Forget()
    {
        _batch.Clear();
        Volatile.Write(ref _inBatch, 0);
    }

    /// <summary>Null when the receiver has taken the batch.</summary>
    private async Task<string?> TryPostAsync(string id, byte[] body)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_abandon.Token);
        using ITimer timer = _time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, _options.Timeout, Timeout.InfiniteTimeSpan);
        try
        {
            long now = _time.GetUtcNow().ToUnixTimeSeconds();
            using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add("webhook-id", id);
            request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("webhook-signature", _signature.Sign(id, now, body));
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return answer.IsSuccessStatusCode ? null : $"status {(int)answer.StatusCode}";
        }
        catch (OperationCanceledException) when (!_abandon.IsCancellationRequested)
        {
            return "no answer in time";
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError.ToString();
        }
    }

    private void Wake() => Volatile.Read(ref _wake).TrySetResult();

    /// <summary>A wake-up or a stop ends the wait. One that comes just before it is missed, so a stop is read after the exchange, which is a full fence.</summary>
    private async Task WaitAsync(TimeSpan wait)
    {
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _wake, woken);
        if (_isStopping)
        {
            return;
        }

        try
        {
            await woken.Task.WaitAsync(wait, _time, _abandon.Token);
        }
        catch (TimeoutException)
        {
            // The usual end of the wait.
        }
    }

    private void NoteFailed(string reason)
    {
        if (!_isFailing)
        {
            _isFailing = true;
            _log.WebhookFails(_url.Host, reason);
        }
    }

    private void NoteRecovered()
    {
        if (_isFailing)
        {
            _isFailing = false;
            _log.WebhookRecovered(_url.Host);
        }
    }
}
