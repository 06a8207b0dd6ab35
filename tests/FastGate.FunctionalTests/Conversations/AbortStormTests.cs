using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Many interruptions at random instants, by abort, by a new utterance and by leaving: not one stale sentence, not one stuck session.
/// <c>FASTGATE_ABORTS</c> runs it at another length, <c>FASTGATE_SEED</c> with other instants.
/// </summary>
public sealed class AbortStormTests(ITestOutputHelper output)
{
    private const int Devices = 50;

    [Fact]
    public async Task No_interruption_leaves_a_stale_sentence_or_a_stuck_session()
    {
        // Seven interruptions in ten are aborts.
        int cycles = Math.Max(1, TestSize.Of("FASTGATE_ABORTS", 10_000) * 10 / 7 / Devices);
        int seed = TestSize.Of("FASTGATE_SEED", 4);
        await using TalkingGateway talk = await TalkingGateway.StartAsync(static (_, request) => StormDevice.Reply(request.LastUser), TalkingGateway.Patient);
        StormDevice[] devices = [.. Enumerable.Range(0, Devices).Select(i => new StormDevice(
            talk.Gateway, string.Create(CultureInfo.InvariantCulture, $"storm{i}"), unchecked((seed * 7919) + i)))];
        long start = Stopwatch.GetTimestamp();
        try
        {
            await Task.WhenAll(devices.Select(device => device.RunAsync(cycles)));
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            await talk.IdleAsync();
            Assert.Equal(Devices, (await talk.Admin.DevicesAsync()).Count);
            Assert.DoesNotContain("fault of ours", talk.Gateway.Log, StringComparison.Ordinal);
            Assert.DoesNotContain("Breaker", talk.Gateway.Log, StringComparison.Ordinal);
            double stale = await talk.Admin.MetricAsync("fastgate_outbound_dropped_total");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{devices.Sum(d => d.Aborts)} aborts ({devices.Sum(d => d.TooLate)} after the end), {devices.Sum(d => d.Interrupted)} new utterances, "
                + $"{devices.Sum(d => d.Dropped)} disconnects in {took.TotalSeconds:F1} s; {talk.Llm.Requests.Value} calls reached the provider, "
                + $"{talk.Llm.Finished.Value} whole, {talk.Llm.Gone.Value} closed under way; {stale} late messages dropped by the loops"));
        }
        finally
        {
            foreach (StormDevice device in devices)
            {
                await device.DisposeAsync();
            }
        }
    }
}
