using System.Buffers.Binary;
using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Transport.Linux;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart.TakeOver;

/// <summary>
/// The new process's side of one hand-over. It reads from no connection before the ballot says that it owns it. When the running server dies, it
/// keeps what it has received whole.
/// </summary>
/// <remarks>One task runs it. Every wait for the other process has a limit.</remarks>
internal sealed class HandOverReceiver(HandOverChannel channel, ITakeOverSink sink, HandOverLimits limits, ILogger log)
{
    private readonly List<ConnectionState> _received = [];

    /// <summary>Connections whose record was too big. They are closed in order.</summary>
    private readonly List<UnreadableConnection> _unreadable = [];
    private GatewayState _shared = new();
    private HandOverBallot? _ballot;
    private int _adopted;
    private int _batches;
    private int _connections;
    private int _cutTurns;
    private long _bytes;
    private TimeSpan _longest;
    private long _begun;

    private int Received => _received.Count + _unreadable.Count;

    /// <summary>
    /// Completes when this process serves. Any exception means that this process owns no connection, except those of the first stage, which end
    /// with it.
    /// </summary>
    public async Task<HandOverReport> RunAsync()
    {
        try
        {
            channel.Send(HandOverFrameKind.Hello, 0, new HandOverHello(StateFormat.OldestVersion, StateFormat.Version, sink.Capacity).Write(), [], limits.Answer);
            while (_adopted < HandOverLimits.Stages)
            {
                await HandleAsync(channel.Receive(limits.Answer));
            }
        }
        catch (PeerClosedException) when (_ballot is not null)
        {
            // A running server that continues to serve has withdrawn the connections before it closed the socket.
            if (!_ballot.TryAdopt(_adopted, HandOverLimits.Stages))
            {
                CloseReceived();
                throw new HandOverRefusedException("the running server has taken its connections back");
            }

            log.TakeOverWithoutPredecessor(Received);
            await AdoptReceivedAsync(HandOverLimits.Stages);
        }
        catch (Exception exception)
        {
            CloseReceived();
            TrySend(() => channel.SendText(HandOverFrameKind.Refuse, exception.Message, TimeSpan.Zero));
            throw;
        }
        finally
        {
            _ballot?.Dispose();
        }

        return new HandOverReport
        {
            Connections = _connections,
            Bytes = _bytes,
            LongestBatch = _longest,
            CutTurns = _cutTurns,
            Duration = _begun == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_begun),
        };
    }

    private async Task HandleAsync(HandOverFrame frame)
    {
        switch (frame.Kind)
        {
            case HandOverFrameKind.Listeners when _ballot is null && frame.Descriptors.Count >= 2:
                AdoptListeners(frame);
                channel.Send(HandOverFrameKind.Ready, 0, [], [], limits.Answer);
                break;
            case HandOverFrameKind.Wait:
                break;
            case HandOverFrameKind.Batch when _ballot is not null && frame.Sequence == _batches + 1 && frame.Descriptors.Count >= 1:
                ReceiveBatch(frame);
                break;
            case HandOverFrameKind.Offer when _ballot is not null && frame.Sequence == _adopted + 1 && frame.Body.Length >= 2 * sizeof(int):
                await AdoptStageAsync(frame);
                break;
            default:
                frame.CloseDescriptors();
                throw new IOException($"{frame.Kind} {frame.Sequence} of the running server is not expected here");
        }
    }

    private void AdoptListeners(HandOverFrame frame)
    {
        _ballot = HandOverBallot.Open(frame.Descriptors[0]);
        int[] descriptors = [.. frame.Descriptors.Skip(2)];
        IReadOnlyList<ListenerState> listeners;
        try
        {
            listeners =
            [
                .. Read(frame.Descriptors[1]).State.Listeners.Select(
                    listener => listener with { Descriptors = [.. listener.Descriptors.Select(index => descriptors[index])] }),
            ];
        }
        catch
        {
            Array.ForEach(descriptors, static descriptor => LinuxSocket.Close(descriptor));
            throw;
        }

        if (sink.AdoptListeners(listeners) is string refusal)
        {
            throw new HandOverRefusedException(refusal);
        }
    }

    private void ReceiveBatch(HandOverFrame frame)
    {
        long begun = Stopwatch.GetTimestamp();
        _begun = _begun == 0 ? begun : _begun;
        int[] descriptors = [.. frame.Descriptors.Skip(1)];
        ReadState read;
        try
        {
            read = Read(frame.Descriptors[0]);
            IEnumerable<int> used = read.State.Connections.Select(static connection => connection.Descriptor)
                .Concat(read.Unreadable.Select(static connection => connection.Descriptor));
            if (!used.Order().SequenceEqual(Enumerable.Range(0, descriptors.Length)))
            {
                throw new InvalidDataException("the states of a batch do not belong to its connections");
            }
        }
        catch
        {
            Array.ForEach(descriptors, static descriptor => LinuxSocket.Close(descriptor));
            throw;
        }

        _shared = _batches++ == 0 ? read.State : _shared;
        _received.AddRange(read.State.Connections.Select(connection => connection with { Descriptor = descriptors[connection.Descriptor] }));
        _unreadable.AddRange(read.Unreadable.Select(connection => connection with { Descriptor = descriptors[connection.Descriptor] }));
        channel.Send(HandOverFrameKind.Received, _batches, [], [], limits.Answer);
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        _longest = took > _longest ? took : _longest;
    }

    private async Task AdoptStageAsync(HandOverFrame frame)
    {
        _cutTurns = BinaryPrimitives.ReadInt32LittleEndian(frame.Body.AsSpan(sizeof(int)));
        if (BinaryPrimitives.ReadInt32LittleEndian(frame.Body) != Received)
        {
            throw new IOException("connections of a stage are missing");
        }

        if (!_ballot!.TryAdopt(_adopted, frame.Sequence))
        {
            throw new HandOverRefusedException("the running server has taken its connections back");
        }

        // The ballot has decided; a running server that dies now changes nothing for this stage.
        TrySend(() => channel.Send(HandOverFrameKind.Adopted, frame.Sequence, [], [], limits.Answer));
        await AdoptReceivedAsync(frame.Sequence);
        TrySend(() => channel.Send(HandOverFrameKind.Serving, frame.Sequence, [], [], limits.Answer));
    }

    private async Task AdoptReceivedAsync(int stage)
    {
        _adopted = stage;
        GatewayState state = _shared with { Connections = [.. _received] };
        UnreadableConnection[] unreadable = [.. _unreadable];
        _connections += Received;
        _received.Clear();
        _unreadable.Clear();
        _shared = new GatewayState();
        await sink.AdoptAsync(state, unreadable);
        if (stage == HandOverLimits.Stages)
        {
            await sink.AcceptAsync();
        }
    }

    /// <summary>A record that is not whole ends the hand-over: the running server can continue all of its connections.</summary>
    private ReadState Read(int descriptor)
    {
        using SafeFileHandle file = MemoryFile.Own(descriptor);
        byte[] record = new byte[RandomAccess.GetLength(file)];
        int length = RandomAccess.Read(file, record, 0);
        _bytes += length;
        ReadState read = StateReader.Read(record.AsSpan(0, length));
        return read.Fault == StateFault.None && read.Lost == 0 && read.Unreadable.All(static connection => connection.Reason == UnreadableReason.TooBig)
            ? read
            : throw new InvalidDataException("the record of the state cannot be read");
    }

    /// <summary>These sockets belong to the running server. Closing the copies here neither ends nor changes a connection.</summary>
    private void CloseReceived()
    {
        _received.ForEach(static connection => LinuxSocket.Close(connection.Descriptor));
        _unreadable.ForEach(static connection => LinuxSocket.Close(connection.Descriptor));
        _received.Clear();
        _unreadable.Clear();
    }

    private static void TrySend(Action send)
    {
        try
        {
            send();
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            // The next read reports what has happened to the running server.
        }
    }
}
