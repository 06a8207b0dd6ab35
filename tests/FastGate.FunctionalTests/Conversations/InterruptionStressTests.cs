using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Interrupts replies at random times by abort, new utterance and disconnect. <c>FASTGATE_ABORTS</c> sets the number of aborts,
/// <c>FASTGATE_SEED</c> the random seed.
/// </summary>
public sealed class InterruptionStressTests(ITestOutputHelper output)
{
    private const int Devices = 50;

    [Fact]
    public async Task No_interruption_leaves_a_stale_sentence_or_a_stuck_session()
    {
        // Seven of ten interruptions are aborts.
        int cycles = Math.Max(1, TestSize.Of("FASTGATE_ABORTS", 10_000) * 10 / 7 / Devices);
        int seed = TestSize.Of("FASTGATE_SEED", 4);
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => InterruptingDevice.Reply(request.LastUser), ConversationGateway.LongTimeouts);
        InterruptingDevice[] devices = [.. Enumerable.Range(0, Devices).Select(i => new InterruptingDevice(
            talk.Gateway, string.Create(CultureInfo.InvariantCulture, $"interrupting{i}"), unchecked((seed * 7919) + i)))];
        long start = Stopwatch.GetTimestamp();
        try
        {
            await Task.WhenAll(devices.Select(device => device.RunAsync(cycles)));
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            await talk.IdleAsync();
            Assert.Equal(Devices, (await talk.Admin.DevicesAsync()).Count);
            // No unhandled exception: neither a failed turn nor a stack trace in the log.
            Assert.Equal(0, await talk.Admin.MetricAsync("fastgate_session_turns_total", "outcome=\"failed\""));
            Assert.DoesNotContain("   at ", talk.Gateway.Log, StringComparison.Ordinal);
            Assert.DoesNotContain("Breaker", talk.Gateway.Log, StringComparison.Ordinal);
            double stale = await talk.Admin.MetricAsync("fastgate_outbound_dropped_total");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{devices.Sum(d => d.Aborts)} aborts ({devices.Sum(d => d.TooLate)} after the end), {devices.Sum(d => d.Interrupted)} new utterances, "
                + $"{devices.Sum(d => d.Dropped)} disconnects in {took.TotalSeconds:F1} s; {talk.Llm.Requests.Value} calls reached the provider, "
                + $"{talk.Llm.Finished.Value} finished, {talk.Llm.Gone.Value} cancelled; {stale} late messages dropped by the loops"));
        }
        finally
        {
            foreach (InterruptingDevice device in devices)
            {
                await device.DisposeAsync();
            }
        }
    }
}
