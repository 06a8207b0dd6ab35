using FastGate.Restart;
using FastGate.Tests.Options;

namespace FastGate.Tests.Restart;

/// <summary>First a successor, then the drain; a restart that fails costs nobody anything and can be asked for again.</summary>
public sealed class RestartRequestsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_drain_begins_once_the_successor_is_there()
    {
        var drained = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = false;
        var requests = new RestartRequests(
            () => drained.SetResult(Volatile.Read(ref started)),
            () =>
            {
                Volatile.Write(ref started, true);
                return new SpawnResult(4321, 0);
            },
            new RecordingLogger<RestartRequests>());

        requests.Begin();
        requests.Begin();

        Assert.True(await drained.Task.WaitAsync(s_patience));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_successor_serving_goes_on_and_the_next_request_is_tried(bool throws)
    {
        var drains = 0;
        var tries = new SemaphoreSlim(0);
        var requests = new RestartRequests(
            () => Interlocked.Increment(ref drains),
            () =>
            {
                tries.Release();
                return throws ? throw new IOException("no descriptor left") : new SpawnResult(0, 24);
            },
            new RecordingLogger<RestartRequests>());

        requests.Begin();
        Assert.True(await tries.WaitAsync(s_patience));
        // The first failure is noted a moment after the attempt: asked until it counts.
        do
        {
            requests.Begin();
        }
        while (!await tries.WaitAsync(TimeSpan.FromMilliseconds(10)));

        Assert.Equal(0, drains);
    }
}
