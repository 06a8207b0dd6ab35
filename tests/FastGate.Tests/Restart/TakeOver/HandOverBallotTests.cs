using FastGate.Restart.TakeOver;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>The word that decides who owns a connection.</summary>
public sealed class HandOverBallotTests
{
    [Fact]
    public void Stages_are_adopted_in_order_and_withdrawn_once()
    {
        using var running = HandOverBallot.Create();
        using HandOverBallot other = Copy(running);

        Assert.False(other.TryAdopt(1, 2));
        Assert.True(other.TryAdopt(0, 1));
        Assert.False(other.TryAdopt(0, 1));
        Assert.Equal(1, running.Withdraw());
        Assert.False(other.TryAdopt(1, 2));
        Assert.Throws<InvalidOperationException>(() => running.Withdraw());
    }

    [Fact]
    public void Ballot_outlives_the_process_that_made_it()
    {
        HandOverBallot other;
        using (var running = HandOverBallot.Create())
        {
            other = Copy(running);
        }

        Assert.True(other.TryAdopt(0, 2));
        other.Dispose();
    }

    [Fact]
    public void Of_two_processes_that_decide_at_once_exactly_one_owns_each_stage()
    {
        for (int round = 0; round < 2000; round++)
        {
            using var running = HandOverBallot.Create();
            using HandOverBallot other = Copy(running);
            using var start = new Barrier(2);
            int left = -1;
            var withdrawing = new Thread(() =>
            {
                start.SignalAndWait();
                Thread.SpinWait(round % 50);
                left = running.Withdraw();
            });
            withdrawing.Start();
            start.SignalAndWait();
            Thread.SpinWait((2000 - round) % 50);
            int adopted = other.TryAdopt(0, 1) ? other.TryAdopt(1, 2) ? 2 : 1 : 0;
            withdrawing.Join();

            Assert.Equal(adopted, left);
        }
    }

    private static HandOverBallot Copy(HandOverBallot ballot)
    {
        SafeFileHandle handle = File.OpenHandle($"/proc/self/fd/{ballot.Descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        int descriptor = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return HandOverBallot.Open(descriptor);
    }
}
