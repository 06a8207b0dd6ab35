using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Whether the engine is used. It is not while it does not answer: devices are then served with what this node knows, and one probe at a time asks for
/// the engine. Any thread; the lease's loop alone calls <see cref="Up"/>.
/// </summary>
internal sealed class EngineLink(int failures, TimeProvider time, ILogger log)
{
    private readonly Lock _change = new();
    private volatile NodeIdentity? _node;
    private volatile string _reason = "not connected yet";
    private long _downSince = time.GetTimestamp();
    private bool _isLogged;
    private int _downs;
    private int _failed;

    /// <summary>Who this node is for the engine; null while the engine is not used.</summary>
    public NodeIdentity? Node => _node;

    public bool IsUp => _node is not null;

    /// <summary>How often the use has ended.</summary>
    public int Downs => Volatile.Read(ref _downs);

    /// <summary>Why the engine is not used; null while it is.</summary>
    public string? Reason => _node is null ? _reason : null;

    /// <summary>A call had no answer. Several in a row end the use of the engine.</summary>
    public void Failed(string reason)
    {
        if (Interlocked.Increment(ref _failed) >= failures)
        {
            Down(reason);
        }
    }

    public void Answered() => Volatile.Write(ref _failed, 0);

    /// <summary>One line in the log, until the engine is used again.</summary>
    public void Down(string reason)
    {
        lock (_change)
        {
            _reason = reason;
            if (_node is not null)
            {
                _node = null;
                _downs++;
                _downSince = time.GetTimestamp();
            }

            if (!_isLogged)
            {
                _isLogged = true;
                log.ClusterLocalOnly(reason);
            }
        }
    }

    /// <param name="node">Who this node is.</param>
    /// <param name="downs">Of <see cref="Downs"/> before the engine was asked.</param>
    /// <returns>False when the use has ended meanwhile: what was omitted since then is not known to the caller.</returns>
    public bool Up(NodeIdentity node, int downs)
    {
        lock (_change)
        {
            if (_downs != downs)
            {
                return false;
            }

            if (_node is null)
            {
                _isLogged = false;
                log.ClusterConnected(node.Name, time.GetElapsedTime(_downSince).TotalSeconds);
            }

            _failed = 0;
            _node = node;
            return true;
        }
    }
}
