using System.Diagnostics;

namespace FastGate.Http.Server;

/// <summary>A connection of an HTTP listener, as its listener sees it. It is a feature of the connection.</summary>
internal sealed class HttpConnectionState(HttpListenerPipeline listener, Action close)
{
    private int _requests;
    private long _idleSince = Stopwatch.GetTimestamp();

    public HttpListenerPipeline Listener { get; } = listener;

    /// <summary>Any thread. When the last request ended, or the connection was accepted; <see cref="long.MaxValue"/> during a request.</summary>
    public long IdleSince => Volatile.Read(ref _requests) > 0 ? long.MaxValue : Volatile.Read(ref _idleSince);

    public void BeginRequest() => Interlocked.Increment(ref _requests);

    public void EndRequest()
    {
        Volatile.Write(ref _idleSince, Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Any thread. Closes the connection at once.</summary>
    public void Close() => close();
}
