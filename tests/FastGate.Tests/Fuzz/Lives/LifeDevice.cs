using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using FastGate.Testing;
using FastGate.Testing.Tls;
using FastGate.Tests.Transport;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>One client of a life, with or without TLS. It receives all the time, or only from a later step on.</summary>
internal sealed class LifeDevice
{
    private readonly LifePlan _plan;
    private readonly SslStream? _tls;
    private readonly Task _opened;
    private readonly Task _receiving;
    private readonly TaskCompletionSource _reads = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isCut;

    public LifeDevice(InMemoryConnection connection, LifePlan plan, bool isTls, bool isSlow)
    {
        Connection = connection;
        _plan = plan;
        Received = new ServerBytes(plan.IsEcho);
        if (!isSlow)
        {
            _reads.SetResult();
        }

        _tls = isTls ? new SslStream(new PeerStream(connection), leaveInnerStreamOpen: true, static (_, certificate, _, _) => certificate is not null) : null;
        _opened = _tls?.AuthenticateAsClientAsync("gate.example") ?? Task.CompletedTask;
        _receiving = ReceiveAsync();
    }

    public InMemoryConnection Connection { get; }

    public ServerBytes Received { get; }

    /// <summary>The request was sent.</summary>
    public bool HasAsked { get; set; }

    /// <summary>Nothing more can be sent.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>In pieces, until the server has ended the connection. A client of TLS may also send what no record holds.</summary>
    public async Task SendAsync(byte[] bytes, Random random)
    {
        bool isRaw = _plan.IsHostile && random.Next(40) == 0;
        var cuts = new Random(random.Next());
        for (int at = 0; at < bytes.Length && !HasLeft;)
        {
            int length = Math.Min(cuts.Next(1, cuts.Next(4) == 0 ? 8 : 50_000), bytes.Length - at);
            await TryAsync(async () =>
            {
                if (_tls is null || isRaw)
                {
                    HasLeft |= (await Connection.PeerOutput.WriteAsync(bytes.AsMemory(at, length))).IsCompleted;
                    return;
                }

                await _opened.Within();
                await _tls.WriteAsync(bytes.AsMemory(at, length));
            });
            at += length;
        }
    }

    /// <summary>From now on everything is received.</summary>
    public void Read() => _reads.TrySetResult();

    public void Leave(Exception? reset)
    {
        HasLeft = true;
        _isCut |= reset is not null;
        try
        {
            Connection.CloseFromPeer(reset);
        }
        catch (InvalidOperationException)
        {
            // The server has aborted the connection at the same time.
        }
    }

    /// <summary>After the end of the connection: receives the rest, checks it and returns the client's memory.</summary>
    public async Task EndAsync()
    {
        Read();
        await _receiving.Within();
        if (!_isCut && Connection.AbortedBy is null)
        {
            Received.End();
        }

        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }

        Connection.PeerOutput.Complete();
        Connection.PeerInput.Complete();
    }

    private async Task ReceiveAsync()
    {
        await _reads.Task;
        await TryAsync(() => _tls is null ? ReceivePlainAsync() : ReceiveTlsAsync(_tls));
    }

    private async Task ReceivePlainAsync()
    {
        while (true)
        {
            ReadResult read = await Connection.PeerInput.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                Received.Add(segment.Span);
            }

            Connection.PeerInput.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private async Task ReceiveTlsAsync(SslStream tls)
    {
        await _opened;
        byte[] buffer = new byte[4_096];
        while (await tls.ReadAsync(buffer) is int count and > 0)
        {
            Received.Add(buffer.AsSpan(0, count));
        }
    }

    /// <summary>An error of the client's own stream says that the server has ended, refused or lost it, which is no fault of what was received.</summary>
    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or AuthenticationException or ConnectionAbortedException)
        {
            HasLeft = true;
            _isCut = true;
        }
    }
}
