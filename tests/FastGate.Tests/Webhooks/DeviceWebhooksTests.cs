using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;
using FastGate.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Webhooks;

public sealed class DeviceWebhooksTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Url = "https://receiver.example/hook/secret-path";
    private const string Secret = "secret-of-the-receiver";

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly Guid s_session = new("11111111-2222-3333-4444-555555555555");
    private static readonly IPEndPoint s_address = new(IPAddress.Parse("192.0.2.1"), 5_000);

    private static readonly TurnTimes s_times = new(DateTimeOffset.UnixEpoch, "Completed", 1, 2, null, 4, 5, 6, 7);

    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<DeviceWebhooks> _log = new();
    private readonly WebhookReceiver _receiver = new();
    private readonly CountedMeasurements _counted;
    private DeviceWebhooks? _webhooks;

    public DeviceWebhooksTests() => _counted = new CountedMeasurements(_meters.GetRequiredService<IMeterFactory>().Create(GatewayMeter.Name));

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_webhooks is not null)
        {
            await _webhooks.StopAsync(TimeSpan.Zero);
            await _webhooks.DisposeAsync();
        }

        _counted.Dispose();
        await _meters.DisposeAsync();
    }

    [Fact]
    public async Task Batch_has_the_events_in_order_and_a_signature_that_a_receiver_can_check()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url], Secrets = ["whsec_" + Convert.ToBase64String("old key"u8), Secret] });
        webhooks.Connected("a", s_session, s_address);
        webhooks.Registered("a", s_session, s_address);
        webhooks.TurnFinished("a", s_session, s_address, "completed", s_times);
        webhooks.Disconnected("a", s_session, s_address, "peer_vanished");

        await _time.TurnToNextAsync(s_interval);

        WebhookRequest request = await _receiver.NextAsync();
        Assert.Equal(Url, request.Url);
        Assert.Equal(["connected", "registered", "turnFinished", "disconnected"], request.Events.Select(static item => item.GetProperty("type").GetString()!));
        Assert.Equal([1, 2, 3, 4], request.Numbers);
        Assert.Equal("""{"number":3,"type":"turnFinished","at":"2026-11-23T08:30:00.000Z","deviceId":"a","sessionId":"11111111-2222-3333-4444-555555555555","remoteAddress":"192.0.2.1:5000","outcome":"completed","times":{"endpointMs":1,"recognitionMs":2,"firstTextMs":4,"firstSoundMs":5,"answerMs":6,"totalMs":7}}""", request.Events[2].GetRawText());
        Assert.Equal("""{"number":4,"type":"disconnected","at":"2026-11-23T08:30:00.000Z","deviceId":"a","sessionId":"11111111-2222-3333-4444-555555555555","remoteAddress":"192.0.2.1:5000","reason":"peer_vanished"}""", request.Events[3].GetRawText());
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{request.Id}.{request.Timestamp}."), .. request.Body];
        Assert.Equal(
            $"v1,{Convert.ToBase64String(HMACSHA256.HashData("old key"u8, signed))} v1,{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed))}",
            request.Signature);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), request.Timestamp);
    }

    /// <summary>The example of the Standard Webhooks specification.</summary>
    [Fact]
    public void Signature_is_that_of_the_specification()
    {
        var signature = new WebhookSignature(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));
    }

    [Fact]
    public async Task Each_url_gets_the_events_of_its_lists()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions
        {
            Connected = ["https://a.example/"],
            Disconnected = ["https://a.example/", "https://b.example/"],
        });
        webhooks.Connected("a", s_session, null);
        webhooks.TurnFinished("a", s_session, null, "failed", default);
        webhooks.Disconnected("a", s_session, null, "kicked");

        await _time.NextDueInAsync(s_interval);
        await _time.Armed.ReachAsync(2);
        _time.Turn(s_interval);

        WebhookRequest[] requests = [await _receiver.NextAsync(), await _receiver.NextAsync()];
        Assert.Equal(["connected", "disconnected"], Types(requests.Single(static request => request.Url == "https://a.example/")));
        Assert.Equal(["disconnected"], Types(requests.Single(static request => request.Url == "https://b.example/")));
    }

    [Fact]
    public async Task Failed_batch_is_sent_again_with_the_same_id_and_later_events_wait_behind_it()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url], BatchSize = 2 });
        _receiver.Status = HttpStatusCode.InternalServerError;
        for (int i = 0; i < 3; i++)
        {
            webhooks.Connected("a", s_session, null);
        }

        await _time.TurnToNextAsync(s_interval);
        WebhookRequest first = await _receiver.NextAsync();
        await _log.Logged(7350);
        _receiver.Status = HttpStatusCode.OK;
        WebhookRequest second = await NextByTurningAsync();

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal([1, 2], second.Numbers);
        Assert.Equal([3], (await NextByTurningAsync()).Numbers);
        await _log.Logged(7351);
        Assert.All(_log.Lines, static line => Assert.DoesNotContain("secret", line.Text, StringComparison.Ordinal));
        Assert.Equal(1, _counted["fastgate.webhooks.attempts failed"]);
    }

    [Fact]
    public async Task Batch_is_lost_after_its_time_and_the_next_one_is_sent()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url], BatchSize = 1, RetryFor = TimeSpan.FromSeconds(2) });
        _receiver.Failure = new HttpRequestException(HttpRequestError.ConnectionError);
        webhooks.Connected("a", s_session, null);
        webhooks.Connected("b", s_session, null);
        await _time.TurnToNextAsync(s_interval);
        long number;
        do
        {
            number = Assert.Single((await NextByTurningAsync()).Numbers);
        }
        while (number == 1);

        // The clock may have turned on before the request was seen here, and the second batch be lost too.
        Assert.InRange(_counted["fastgate.webhooks.events lost"], 1, 2);
        Assert.Equal(2, number);
    }

    [Fact]
    public async Task Unexpected_failure_is_tried_again_and_its_message_is_not_logged()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url] });
        _receiver.Failure = new InvalidOperationException($"cannot use {Url}");
        webhooks.Connected("a", s_session, null);
        await _time.TurnToNextAsync(s_interval);
        await _receiver.NextAsync();
        await _log.Logged(7350);
        _receiver.Failure = null;

        Assert.Equal([1], (await NextByTurningAsync()).Numbers);
        await _log.Logged(7351);
        Assert.All(_log.Lines, static line => Assert.DoesNotContain("secret", line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Receiver_that_does_not_answer_costs_its_own_time_only()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url], Queue = 16, Timeout = TimeSpan.FromSeconds(3), BatchSize = 1, RetryFor = TimeSpan.FromDays(1000) });
        _receiver.Hangs = true;
        webhooks.Connected("a", s_session, null);
        await _time.TurnToNextAsync(s_interval);
        await _receiver.NextAsync();

        // 16 wait for the hanging one; the oldest of the further ones are dropped without a wait.
        for (int i = 0; i < 40; i++)
        {
            webhooks.Connected("b", s_session, null);
        }

        _receiver.Hangs = false;
        await _time.TurnToNextAsync(TimeSpan.FromSeconds(3));
        WebhookRequest again = await NextByTurningAsync();
        Assert.Equal([1], again.Numbers);
        WebhookRequest next;
        do
        {
            // The clock may have turned past the timeout before the answer was seen: then the first one is sent again.
            next = await NextByTurningAsync();
        }
        while (next.Id == again.Id);

        Assert.Equal([26], next.Numbers);
        Assert.Equal(24, next.Json.GetProperty("dropped").GetInt64());
    }

    [Fact]
    public async Task Stop_sends_what_waits_at_once()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url], BatchSize = 1 });
        await _time.NextDueInAsync(s_interval);
        webhooks.Connected("a", s_session, null);
        webhooks.Connected("b", s_session, null);

        await webhooks.StopAsync(TimeSpan.FromSeconds(5));

        Assert.Equal([1], (await _receiver.NextAsync()).Numbers);
        Assert.Equal([2], (await _receiver.NextAsync()).Numbers);
        Assert.Equal(0, _log.Count(7352));
    }

    [Fact]
    public async Task What_a_stop_cannot_send_is_counted_as_lost()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url], BatchSize = 2 });
        _receiver.Status = HttpStatusCode.BadGateway;
        await _time.NextDueInAsync(s_interval);
        for (int i = 0; i < 5; i++)
        {
            webhooks.Connected("a", s_session, null);
        }

        await webhooks.StopAsync(TimeSpan.FromSeconds(5));

        Assert.Equal("5 webhook events for receiver.example are lost", Assert.Single(_log.WithId(7352)));
        Assert.Equal(5, _counted["fastgate.webhooks.events lost"]);
        Assert.Equal(1, _receiver.Requests.Value);
    }

    [Fact]
    public async Task Flush_before_a_restart_sends_without_waiting_for_the_interval_and_sending_continues()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url] });
        await _time.NextDueInAsync(s_interval);
        webhooks.Connected("a", s_session, null);

        await webhooks.FlushAsync(TimeSpan.FromMinutes(1));

        Assert.Equal([1], (await _receiver.NextAsync()).Numbers);
        webhooks.Connected("b", s_session, null);
        await _time.TurnToNextAsync(s_interval);
        Assert.Equal([2], (await _receiver.NextAsync()).Numbers);
    }

    [Fact]
    public void Without_a_url_there_is_nothing() =>
        Assert.Null(DeviceWebhooks.Create(new WebhookOptions(), _meters.GetRequiredService<IMeterFactory>(), _log, _time));

    [Fact]
    public void Reporting_an_event_allocates_nothing()
    {
        DeviceWebhooks webhooks = Start(new WebhookOptions { All = [Url], Disconnected = ["https://b.example/"] });

        Assert.Equal(0, Allocations.Of(() => webhooks.Disconnected("a", s_session, s_address, "kicked")));
    }

    private static IEnumerable<string> Types(WebhookRequest request) => request.Events.Select(static item => item.GetProperty("type").GetString()!);

    private DeviceWebhooks Start(WebhookOptions options)
    {
        options = options with { Secrets = options.Secrets.Count > 0 ? options.Secrets : [Secret], BatchInterval = s_interval };
        return _webhooks = new DeviceWebhooks(options, new WebhookMetrics(_meters.GetRequiredService<IMeterFactory>()), _log, _time, _ => _receiver);
    }

    /// <summary>Turns the clock until the next request: the waits between attempts are random.</summary>
    private async Task<WebhookRequest> NextByTurningAsync()
    {
        Task<WebhookRequest> next = _receiver.NextAsync();
        while (!next.IsCompleted)
        {
            _time.Turn(TimeSpan.FromMilliseconds(100));

            // The sender needs real time to send before the clock turns past its limits.
            await Task.Delay(1);
        }

        return await next;
    }
}
