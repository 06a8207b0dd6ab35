using System.Diagnostics;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Testing;

namespace FastGate.Tests.Diagnostics;

/// <summary>What tracing costs a turn that is not traced. Listeners are the process's, so no other test may run beside these.</summary>
[Collection(nameof(TracingAllocationTests))]
[CollectionDefinition(nameof(TracingAllocationTests), DisableParallelization = true)]
public sealed class TracingAllocationTests
{
    [Fact]
    public void A_turn_without_an_exporter_allocates_nothing() => Assert.Equal(0, Allocations.Of(Turn));

    [Fact]
    public void A_turn_that_is_not_sampled_allocates_only_its_number()
    {
        // The SDK's answer of a sampler that refuses: a root that is passed on without data, and no child.
        using ActivityListener listener = Listen(static parent => parent == default ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.None);
        long perTurn = Allocations.Of(Turn, times: 100) / 100;
        Assert.InRange(perTurn, 1, 700);
    }

    [Fact]
    public void A_sampled_turn_has_its_parts()
    {
        int spans = 0;
        using ActivityListener listener = Listen(static _ => ActivitySamplingResult.AllDataAndRecorded);
        listener.ActivityStopped = _ => spans++;
        Turn();
        Assert.Equal(4, spans);
    }

    [Fact]
    public async Task A_call_within_a_request_of_the_framework_is_a_root()
    {
        using ActivityListener listener = Listen(static _ => ActivitySamplingResult.AllDataAndRecorded);
        using Activity request = new Activity("request").Start();
        await CallAsync();
        Assert.Same(request, Activity.Current);

        static async Task CallAsync()
        {
            await Task.Yield();
            using Activity? chat = GatewayTracing.StartChat("alias", "openai", "model", null);
            Assert.NotNull(chat);
            Assert.Equal(default, chat.ParentSpanId);
        }
    }

    private static ActivityListener Listen(Func<ActivityContext, ActivitySamplingResult> sample)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == GatewayTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => sample(options.Parent),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static void Turn()
    {
        using Activity? turn = GatewayTracing.StartTurn("default", "device", "session");
        using (Activity? chat = GatewayTracing.StartChat("alias", "openai", "model", "http://host:1234/v1"))
        {
            GatewayTracing.Stage(GatewayTracing.CurrentTurn, "first_token", "alias", TimeSpan.FromSeconds(1));
            GatewayTracing.EndChat(chat, 10, 20, "stop", null);
        }

        using (Activity? tool = GatewayTracing.StartTool("tool", "id", ActivityKind.Internal))
        {
            GatewayTracing.SetOutcome(tool, TurnOutcome.Completed, failed: false);
        }

        GatewayTracing.SetOutcome(turn, TurnOutcome.Completed, failed: false);
    }
}
