using FastGate.Restart.TakeOver;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>
/// Passes the frames of a hand-over from one side to the other until the frame of a given number, which it drops. The protocol has one frame under
/// way at a time, so the same number is the same moment in every run.
/// </summary>
internal sealed class FrameRelay : IDisposable
{
    private readonly UnixSocketPair _old = new();
    private readonly UnixSocketPair _new = new();
    private readonly int _cutBefore;
    private readonly Action<FrameRelay> _cut;
    private readonly Task[] _running;
    private int _passed;

    /// <param name="cutBefore">The number of frames that pass.</param>
    /// <param name="cut">What happens then: <see cref="CloseOld"/>, <see cref="CloseNew"/> or both.</param>
    public FrameRelay(int cutBefore, Action<FrameRelay> cut)
    {
        _cutBefore = cutBefore;
        _cut = cut;
        Old = new HandOverChannel(_old.Sender);
        New = new HandOverChannel(_new.Sender);
        var toOld = new HandOverChannel(_old.Receiver);
        var toNew = new HandOverChannel(_new.Receiver);
        _running = [Task.Run(() => Pass(toOld, toNew)), Task.Run(() => Pass(toNew, toOld))];
    }

    /// <summary>The running server's channel.</summary>
    public HandOverChannel Old { get; }

    /// <summary>The new process's channel.</summary>
    public HandOverChannel New { get; }

    /// <summary>The running server sees that the new process has ended.</summary>
    public void CloseOld() => _old.ShutdownReceiver();

    /// <summary>The new process sees that the running server has ended.</summary>
    public void CloseNew() => _new.ShutdownReceiver();

    /// <summary>Call after both sides have ended.</summary>
    public async Task EndAsync()
    {
        CloseOld();
        CloseNew();
        await Task.WhenAll(_running);
        Dispose();
    }

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
    }

    private void Pass(HandOverChannel from, HandOverChannel to)
    {
        try
        {
            while (true)
            {
                HandOverFrame frame = from.Receive(Eventually.Limit);
                if (Interlocked.Increment(ref _passed) > _cutBefore)
                {
                    frame.CloseDescriptors();
                    _cut(this);
                    return;
                }

                to.Send(frame.Kind, frame.Sequence, frame.Body, [.. frame.Descriptors], Eventually.Limit);
                frame.CloseDescriptors();
            }
        }
        catch (Exception exception) when (exception is IOException or HandOverRefusedException)
        {
            // One side has ended. After the cut, the test decides what the other side sees.
            if (Volatile.Read(ref _passed) <= _cutBefore)
            {
                CloseOld();
                CloseNew();
            }
        }
    }
}
