using System.Net;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Memory;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Fuzz.Lives;

/// <content>What must be true after every life.</content>
internal sealed partial class WholeLife
{
    // Saving failed, turns refused at the limit, a turn rejected.
    private static readonly int[] s_memoryErrors = [4001, 4004, 4006];

    // A breaker opened after errors of the model.
    private const int BreakerOpened = 3013;

    private static readonly RateOptions[] s_least =
        [new RateOptions { Connections = 1, ConnectsPerSecond = 0 }, new RateOptions { Handshakes = 1, ConnectsPerSecond = 0 }];

    private async Task CheckAsync()
    {
        CheckEnds();
        CheckOutput();
        await CheckReturnedAsync();
        await CheckMemoryAsync();
        CheckSources();
        CheckLog();
    }

    private void CheckEnds()
    {
        long ended = ConnectionEndReasons.All.Sum(_harness.Metrics.EndedBy);
        Assert.True(ended == _connected, $"{_connected} connections ended {ended} times");
        Assert.True(_harness.Metrics.Accepted.Value == _connected, $"{_connected} connections, {_harness.Metrics.Accepted.Value} accepted");
        Assert.True(_harness.Metrics.EndedBy(ConnectionEndReason.None) == 0, "a connection ended without a reason");
        Assert.True(_harness.Metrics.EndedBy(ConnectionEndReason.ServerError) == 0, $"a connection ended by an error of the server: {ErrorText()}");
        Assert.True(_harness.Metrics.Open == 0 && _harness.Registry.Count == 0, $"{_harness.Metrics.Open} open, {_harness.Registry.Count} registered");
    }

    private void CheckOutput()
    {
        for (int i = 0; i < _devices.Count; i++)
        {
            Assert.True(_devices[i].Received.Fault is null, $"connection {i} received {_devices[i].Received.Fault}");
        }
    }

    /// <summary>What connections, turns and sound hold. Other threads give the last of it back a moment later.</summary>
    private async Task CheckReturnedAsync()
    {
        Assert.True(_harness.Services.Unfinished.Bytes == 0, $"{_harness.Services.Unfinished.Bytes} bytes of unfinished messages");
        await UntilAsync(
            () => _harness.Conversation is { IsIdle: true, Status: { InFlight: 0, Waiting: 0 } },
            () => $"a turn is left: {_harness.Conversation.Status}");
        await UntilAsync(() => _speech.Waiting + _voices.InUse == 0, () => $"{_speech.Waiting} speech workers wait, {_voices.InUse} slots are in use");
        await UntilAsync(
            () =>
            {
                // A summary, which belongs to no connection, ends by the clock.
                Turn(TimeSpan.FromSeconds(1));
                return _model.Waiting == 0;
            },
            () => $"{_model.Waiting} models wait");
        await UntilAsync(
            () => !_harness.Speech.HasReplies && _harness.Speech.MemoryInUse == 0,
            () => $"sound is left: replies {_harness.Speech.HasReplies}, {_harness.Speech.MemoryInUse} bytes");
        await UntilAsync(() => _tls is { InProgress: 0, Open: 0 }, () => $"TLS is left: {_tls.InProgress} in progress, {_tls.Open} open");
        Assert.Empty(await _harness.Timers.ListAsync().Within());
    }

    /// <summary>
    /// Each turn that completed or was interrupted is saved once, or reported as refused or rejected; one that failed is saved only if a part was heard.
    /// </summary>
    private async Task CheckMemoryAsync()
    {
        if (!_plan.HasMemory)
        {
            return;
        }

        await _harness.Memory.FlushAsync(CancellationToken.None).Within();
        IReadOnlyList<StoredExchange> stored = _store.Exchanges;
        string? twice = stored.Select(static exchange => exchange.User).Where(static words => words.StartsWith(LifeMessages.Mark))
            .GroupBy(static words => words).FirstOrDefault(static group => group.Count() > 1)?.Key;
        Assert.True(twice is null, $"saved twice: {twice}");
        long kept = stored.Count + _harness.Memory.Status.Refused;
        long least = _turns.Of("completed") + _turns.Of("cancelled");
        long failed = _turns.Of("failed");
        Assert.True(kept >= least && kept <= least + failed, $"{kept} turns saved or reported as lost, {least} to save and {failed} failed");
    }

    /// <summary>With the least limits, an address whose counts are zero may connect, and with one connection it may not.</summary>
    private void CheckSources()
    {
        _harness.Limits.IsBanned = static _ => false;
        foreach (string text in LifePlan.Addresses)
        {
            UInt128 address = AddressRange.ValueOf(IPAddress.Parse(text));
            foreach (RateOptions limit in s_least)
            {
                _harness.Limits.Apply(limit);
                Assert.True(_harness.Limits.Admits(address), $"a connection of {text} is still counted");
                if (_harness.Limits.Opened(address, isPending: true))
                {
                    Assert.False(_harness.Limits.Admits(address), $"a connection of {text} was not counted, or was uncounted twice");
                    _harness.Limits.Closed(address, isPending: true);
                }
            }
        }
    }

    private void CheckLog()
    {
        (int Id, string Text)[] unexpected =
            [.. _errors.Lines.Where(line => line.Id != BreakerOpened && !(_plan.HasFaultyMemory && s_memoryErrors.Contains(line.Id)))];
        Assert.True(unexpected.Length == 0, $"logged: {string.Join('\n', unexpected)}");
    }

    /// <summary>As <see cref="Eventually"/>, with what is found at the end of the wait.</summary>
    private static async Task UntilAsync(Func<bool> condition, Func<string> found)
    {
        Exception? late = await Record.ExceptionAsync(() => Eventually.TrueAsync(condition, ""));
        Assert.True(late is null, late is null ? "" : found());
    }

    private string ErrorText() => string.Join('\n', _errors.Lines);
}
