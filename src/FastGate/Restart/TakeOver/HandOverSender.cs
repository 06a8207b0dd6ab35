using System.Buffers.Binary;
using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Transport.Linux;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart.TakeOver;

/// <summary>
/// The running server's side of one hand-over to another process. It keeps a copy of every descriptor until the ballot says that the new process
/// owns it; whatever the new process does not own is served here again.
/// </summary>
/// <remarks>One task runs it. Every wait for the other process has a limit.</remarks>
internal sealed class HandOverSender(
    HandOverChannel channel, ITakeOverSource source, HandOverLimits limits, ILogger log)
{
    private readonly List<IReadOnlyList<ConnectionState>> _stages = [];
    private DetachedGateway? _detached;
    private int _closedStages;
    private int _batches;
    private long _bytes;
    private TimeSpan _longest;
    private long _begun;

    /// <summary>Null when this process continues to serve; else the new one serves, and this process must end without touching a connection.</summary>
    public async Task<HandOverReport?> RunAsync()
    {
        using var ballot = HandOverBallot.Create();
        try
        {
            CheckHello();
            SendListeners(ballot);
            channel.Receive(HandOverFrameKind.Ready, 0, limits.Answer);
            _detached = await DetachAsync();
            _begun = Stopwatch.GetTimestamp();
            IReadOnlyList<ConnectionState> connections = _detached.State.Connections;
            _stages.Add([.. connections.Take(HandOverLimits.Canary)]);
            _stages.Add([.. connections.Skip(HandOverLimits.Canary)]);
            for (int stage = 1; stage <= HandOverLimits.Stages; stage++)
            {
                SendStage(stage);
            }

            return Report();
        }
        catch (Exception exception)
        {
            return await GiveUpAsync(exception, ballot.Withdraw());
        }
    }

    private void CheckHello()
    {
        var hello = HandOverHello.Read(channel.Receive(HandOverFrameKind.Hello, 0, limits.Answer).Body);
        if (StateFormat.Version < hello.OldestFormat || StateFormat.Version > hello.NewestFormat)
        {
            throw new HandOverRefusedException(
                $"the new process reads the state in formats {hello.OldestFormat} to {hello.NewestFormat}; this server writes format {StateFormat.Version}");
        }

        if (source.Connections > hello.Capacity)
        {
            throw new HandOverRefusedException(
                $"the new process has descriptors for {hello.Capacity} connections, and {source.Connections} are open; raise its limit of open files");
        }
    }

    private void SendListeners(HandOverBallot ballot)
    {
        var descriptors = new List<int>();
        var listeners = new List<ListenerState>();
        foreach (ListenerState listener in source.Listeners)
        {
            listeners.Add(listener with { Descriptors = [.. Enumerable.Range(descriptors.Count, listener.Descriptors.Count)] });
            descriptors.AddRange(listener.Descriptors);
        }

        using SafeFileHandle record = Write(new GatewayState { Listeners = listeners });
        channel.Send(HandOverFrameKind.Listeners, 0, [], [ballot.Descriptor, Number(record), .. descriptors], limits.Answer);
    }

    /// <summary>Sends a frame now and then, so that a new process that has ended is noticed and the new one knows that this one runs.</summary>
    private async Task<DetachedGateway> DetachAsync()
    {
        using var stop = new CancellationTokenSource();
        Task<DetachedGateway> detaching = source.DetachAsync(stop.Token);
        while (!stop.IsCancellationRequested && await Task.WhenAny(detaching, Task.Delay(limits.WaitEvery)) != detaching)
        {
            try
            {
                channel.Send(HandOverFrameKind.Wait, 0, [], [], limits.Answer);
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                await stop.CancelAsync();
            }
        }

        return await detaching;
    }

    private void SendStage(int stage)
    {
        IReadOnlyList<ConnectionState> connections = _stages[stage - 1];
        int sent = 0;
        do
        {
            int count = Math.Min(connections.Count - sent, HandOverLimits.Batch);
            SendBatch([.. connections.Skip(sent).Take(count)]);
            sent += count;
        }
        while (sent < connections.Count);

        byte[] body = new byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(body, connections.Count);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(sizeof(int)), _detached!.CutTurns);
        channel.Send(HandOverFrameKind.Offer, stage, body, [], limits.Answer);
        channel.Receive(HandOverFrameKind.Adopted, stage, limits.Answer);
        CloseCopies(stage);
        channel.Receive(HandOverFrameKind.Serving, stage, limits.Answer);
    }

    /// <summary>One batch is under way at a time: the kernel counts the descriptors of unread messages against the user's limit.</summary>
    private void SendBatch(IReadOnlyList<ConnectionState> connections)
    {
        long begun = Stopwatch.GetTimestamp();

        // The first batch carries what belongs to no connection. A connection's descriptor is its position in the batch.
        GatewayState shared = _batches++ == 0 ? _detached!.State with { Listeners = [] } : new GatewayState();
        using SafeFileHandle record = Write(shared with { Connections = [.. connections.Select(static (connection, index) => connection with { Descriptor = index })] });
        int[] descriptors = [Number(record), .. connections.Select(static connection => connection.Descriptor)];
        channel.Send(HandOverFrameKind.Batch, _batches, [], descriptors, limits.Answer);
        channel.Receive(HandOverFrameKind.Received, _batches, limits.Answer);
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        _longest = took > _longest ? took : _longest;
        _bytes += RandomAccess.GetLength(record);
    }

    private static SafeFileHandle Write(GatewayState state)
    {
        SafeFileHandle file = MemoryFile.Create("fastgate-state\0"u8);
        using var copy = new SafeFileHandle(file.DangerousGetHandle(), ownsHandle: false);
        using var stream = new FileStream(copy, FileAccess.Write);
        StateWriter.Write(stream, state);
        return file;
    }

    /// <summary>The new process owns the sockets of the stage. Closing the copies here neither ends nor changes a connection.</summary>
    private void CloseCopies(int stage)
    {
        for (; _closedStages < stage; _closedStages++)
        {
            foreach (ConnectionState connection in _stages[_closedStages])
            {
                LinuxSocket.Close(connection.Descriptor);
            }
        }
    }

    private async Task<HandOverReport?> GiveUpAsync(Exception exception, int adopted)
    {
        if (adopted == HandOverLimits.Stages && exception is not (PeerClosedException or HandOverRefusedException))
        {
            // It owns everything and runs: it is slow, or it has sent something unknown.
            CloseCopies(adopted);
            log.TakeOverUnconfirmed(exception.Message);
            return Report();
        }

        try
        {
            channel.SendText(HandOverFrameKind.Refuse, exception.Message, TimeSpan.Zero);
        }
        catch (Exception failure) when (failure is IOException or TimeoutException)
        {
            // The new process has gone or is stopped. It asks the ballot before it reads from a connection.
        }

        int lost = 0;
        if (_detached is { } detached)
        {
            CloseCopies(adopted);
            lost = _stages.Take(adopted).Sum(static stage => stage.Count);
            await source.ResumeAsync(detached.State with { Connections = [.. detached.State.Connections.Skip(lost)] });
        }

        log.TakeOverAbandoned(exception.Message, lost);
        return null;
    }

    private HandOverReport Report() => new()
    {
        Connections = _detached!.State.Connections.Count,
        Bytes = _bytes,
        LongestBatch = _longest,
        CutTurns = _detached.CutTurns,
        Duration = Stopwatch.GetElapsedTime(_begun),
    };

    private static int Number(SafeFileHandle file) => (int)file.DangerousGetHandle();
}
