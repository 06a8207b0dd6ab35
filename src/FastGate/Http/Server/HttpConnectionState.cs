using System.Diagnostics;

namespace FastGate.Http.Server;

/// <summary>A connection of an HTTP listener, as its listener sees it. It is a feature of the connection.</summary>
internal sealed class HttpConnectionState(HttpListenerPipeline listener, Action close)
{
    /// <summary>Time for the last response to reach the client: it is still in buffers when its request ends.</summary>
    private static readonly TimeSpan s_responseTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_requestTime = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_flushTime = TimeSpan.FromMilliseconds(20);

    private readonly long _openedAt = Stopwatch.GetTimestamp();
    private bool _hasRequest;
    private int _requests;
    private long _servedAt;

    public HttpListenerPipeline Listener { get; } = listener;

    /// <summary>Any thread. When the last request ended, or the connection was opened.</summary>
    public long IdleSince => Math.Max(_openedAt, Volatile.Read(ref _servedAt));

    /// <summary>Any thread. False during a request and while its response may be on its way.</summary>
    public bool IsIdle
    {
        get
        {
            long servedAt = Volatile.Read(ref _servedAt);
            return Volatile.Read(ref _requests) == 0 && (servedAt == 0 || Stopwatch.GetElapsedTime(servedAt) >= s_responseTime);
        }
    }

    /// <summary>
    /// Any thread. No request is in progress, the last response has left this process, and a client that has just connected had the time to send its
    /// request.
    /// </summary>
    public bool IsSettled
    {
        get
        {
            long servedAt = Volatile.Read(ref _servedAt);
            return Volatile.Read(ref _requests) == 0 && Stopwatch.GetElapsedTime(servedAt == 0 ? _openedAt : servedAt) >= (servedAt == 0 ? s_requestTime : s_flushTime);
        }
    }

    /// <summary>For the thread of the connection. The server could read a request.</summary>
    public bool HasRequest => _hasRequest;

    public void BeginRequest()
    {
        _hasRequest = true;
        Interlocked.Increment(ref _requests);
    }

    /// <summary>The server has written the response.</summary>
    public void EndRequest()
    {
        Volatile.Write(ref _servedAt, Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Any thread. Closes the connection at once.</summary>
    public void Close() => close();
}
