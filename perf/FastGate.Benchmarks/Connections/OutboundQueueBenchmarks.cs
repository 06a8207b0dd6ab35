using System.Collections.Concurrent;
using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using FastGate.Connections;
using FastGate.Sessions;

namespace FastGate.Benchmarks.Connections;

/// <summary>Enqueues and dequeues 16 messages. Baselines: ConcurrentQueue and Channel, which do not count bytes.</summary>
public class OutboundQueueBenchmarks
{
    private const int Operations = 16;

    private readonly OutboundMessage[] _messages = [.. Enumerable.Range(0, Operations).Select(_ => new OutboundMessage(OutboundKind.Notice, new byte[100]))];
    private readonly ConcurrentQueue<OutboundMessage> _queue = new();
    private readonly Channel<OutboundMessage> _channel = Channel.CreateUnbounded<OutboundMessage>(new UnboundedChannelOptions { SingleReader = true });
    private OutboundQueue _outbound;

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public int Queue()
    {
        foreach (OutboundMessage message in _messages)
        {
            _queue.Enqueue(message);
        }

        int bytes = 0;
        while (_queue.TryDequeue(out OutboundMessage? message))
        {
            bytes += message.Payload.Length;
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public int SingleReaderChannel()
    {
        foreach (OutboundMessage message in _messages)
        {
            _channel.Writer.TryWrite(message);
        }

        int bytes = 0;
        while (_channel.Reader.TryRead(out OutboundMessage? message))
        {
            bytes += message.Payload.Length;
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public int FastGate()
    {
        foreach (OutboundMessage message in _messages)
        {
            _outbound.TryPush(message, 128 * 1024);
        }

        int bytes = 0;
        for (OutboundMessage? message = _outbound.TakeAll(); message is not null; message = message.Next)
        {
            bytes += message.Payload.Length;
        }

        return bytes;
    }
}
