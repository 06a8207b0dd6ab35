using FastGate.Cluster;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Http.Admin;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting.Adapters;

/// <summary>Between the traces of this server and those of the other nodes. Lines that cannot be sent are counted for the reader.</summary>
internal sealed class TraceSharing : ITraceSharing
{
    private static readonly TimeSpan s_readEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>A trace of which no line comes asks so often whether it is still wanted.</summary>
    private static readonly TimeSpan s_askEvery = TimeSpan.FromSeconds(10);

    private readonly ClusterNode _cluster;
    private readonly Traces _traces;
    private readonly ILogger _log;
    private readonly TimeProvider _time;

    /// <summary>Before the start of the cluster.</summary>
    public TraceSharing(ClusterNode cluster, Traces traces, ILogger log, TimeProvider time)
    {
        (_cluster, _traces, _log, _time) = (cluster, traces, log, time);
        cluster.Messages.Handle(TraceLines.Kind, ClusterJson.Default.TraceLines, OnLines);
        cluster.Messages.Handle(TraceOver.Kind, ClusterJson.Default.TraceOver, over => _traces.End(over.Id, "request"));
    }

    public string Node => _cluster.Node.Name;

    public void Forward(Trace trace, string node) => _ = ForwardAsync(trace, node);

    public async Task OverAsync(long id)
    {
        try
        {
            foreach (NodeReport node in await _cluster.NodesAsync())
            {
                if (node.Alive && node.Name != Node)
                {
                    await SendOverAsync(id, node.Name);
                }
            }
        }
        catch (ClusterEngineException exception)
        {
            // Their next lines get the answer.
            _log.TraceNotForwarded(id, exception.Message);
        }
    }

    private void OnLines(TraceLines message)
    {
        if (_traces.Find(message.Id) is not { } trace)
        {
            _ = AnswerOverAsync(message.Id, message.Node);
            return;
        }

        foreach (string line in message.Lines)
        {
            trace.Add(line);
        }
    }

    private async Task AnswerOverAsync(long id, string node)
    {
        try
        {
            await SendOverAsync(id, node);
        }
        catch (ClusterEngineException exception)
        {
            _log.TraceNotForwarded(id, exception.Message);
        }
    }

    private Task<long> SendOverAsync(long id, string node) => _cluster.Messages.SendAsync(node, TraceOver.Kind, new TraceOver(id), ClusterJson.Default.TraceOver);

    private async Task ForwardAsync(Trace trace, string node)
    {
        long position = 0;
        int missed = 0;
        long sentAt = _time.GetTimestamp();
        while (true)
        {
            bool isLast = trace.IsEnded;
            List<string> lines = [.. trace.Read(ref position)];
            if (trace.IsEnded && lines.Count > 0 && position == trace.Lines)
            {
                // The node that has begun the trace says itself why it ends.
                lines.RemoveAt(lines.Count - 1);
            }

            if (lines.Count > 0 || _time.GetElapsedTime(sentAt) >= s_askEvery)
            {
                sentAt = _time.GetTimestamp();
                try
                {
                    IReadOnlyList<string> sent = missed == 0 ? lines : [Trace.MissedLine(missed), .. lines];
                    if (await _cluster.Messages.SendAsync(node, TraceLines.Kind, new TraceLines(trace.Id, Node, sent), ClusterJson.Default.TraceLines) == 0)
                    {
                        _traces.End(trace.Id, "the node that has begun it is gone");
                        return;
                    }

                    missed = 0;
                }
                catch (ClusterEngineException exception)
                {
                    missed += lines.Count;
                    _log.TraceNotForwarded(trace.Id, exception.Message);
                }
            }
            else if (isLast)
            {
                return;
            }
            else
            {
                await Task.Delay(s_readEvery, _time);
            }
        }
    }
}
