using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Restarts;

namespace FastGate.LoadTest.Tests.Restarts;

/// <summary>A server that only says that it was restarted, keeps all promises, and breaks one of them once after its first restart.</summary>
internal sealed class FaultyGateway : IRestartableServer, IAsyncDisposable
{
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(300);

    private const int LateMeasures = 2;
    private const int PongsOfSmall = 3;

    private readonly TcpListener _listener = new(IPAddress.Any, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _lives = [];
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private readonly Fault _fault;
    private volatile int _restarts;
    private int _left;
    private int _measures;
    private int _pongsBefore;
    private int _pongs;

    public FaultyGateway(Fault fault)
    {
        _fault = fault;
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public IPEndPoint Target => new(IPAddress.Loopback, ((IPEndPoint)_listener.LocalEndpoint).Port);

    public Task<string> RestartAsync(CancellationToken stop)
    {
        if (_fault == Fault.RefuseRestart)
        {
            throw new LoadFailedException("refused");
        }

        _restarts++;
        _left = _restarts == 1 ? 1 : _left;
        return Task.FromResult("restarting");
    }

    public ProcessFootprint? Measure()
    {
        bool second = _restarts > 1;
        if (_fault == Fault.StartLate && _restarts == 1)
        {
            // Measured while the restart is waited for: the third time there is a new process.
            _pongsBefore = ++_measures <= LateMeasures ? Volatile.Read(ref _pongs) : _pongsBefore;
            bool isSmall = Volatile.Read(ref _pongs) - _pongsBefore < PongsOfSmall;
            return new ProcessFootprint(isSmall ? 4_000_000 : 100_000_000, 100, 10, _measures <= LateMeasures ? "image 0" : "image 1");
        }

        return new ProcessFootprint(
            second && _fault == Fault.GrowMemory ? 112_000_000 : 100_000_000,
            second && _fault == Fault.LeakSockets ? 10_000 : 100,
            second && _fault == Fault.LeakDescriptor ? 19 : 10,
            _fault == Fault.NoRestart ? "same" : $"image {_restarts}");
    }

    public IReadOnlyList<string> TakeLog() => ["Restarted in 12 ms", "something else"];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stopping.Dispose();
        _sockets.ForEach(static socket => socket.Dispose());
        await Task.WhenAll(_lives);
    }

    /// <summary>True once, for the fault of this gateway after its restart.</summary>
    private bool Take(Fault fault) => fault == _fault && Interlocked.Exchange(ref _left, 0) == 1;

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket socket = await _listener.AcceptSocketAsync(_stopping.Token);
                if (Take(Fault.RefuseConnect))
                {
                    socket.Close(0);
                    continue;
                }

                _sockets.Add(socket);
                _lives.Add(LiveAsync(socket));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task LiveAsync(Socket socket)
    {
        List<byte> bytes = [];
        byte[] buffer = new byte[64 * 1024];
        var session = Guid.NewGuid();
        bool upgraded = false;
        string fragment = "";
        byte[] held = [];
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var received)
            {
                bytes.AddRange(buffer.AsSpan(0, received));
                if (!upgraded && Encoding.Latin1.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end)
                {
                    upgraded = true;
                    bytes.RemoveRange(0, end + 4);
                    await socket.SendAsync("HTTP/1.1 101 Switching Protocols\r\n\r\n"u8.ToArray());
                }

                int taken = 0;
                while (upgraded && ClientFrame.TryTake(bytes, ref taken, out ClientFrame frame))
                {
                    if (frame.Opcode == 9)
                    {
                        Interlocked.Increment(ref _pongs);
                        byte[] pong = [0x8A, (byte)frame.Payload.Length, .. frame.Payload];
                        byte[] rest = held;
                        held = [];
                        if (Take(Fault.SwapPongs))
                        {
                            held = pong;
                        }
                        else if (!Take(Fault.LosePong))
                        {
                            await socket.SendAsync(Take(Fault.DoublePong) ? [.. pong, .. pong] : (byte[])[.. pong, .. rest]);
                        }

                        continue;
                    }

                    fragment += Encoding.UTF8.GetString(frame.Payload);
                    if (frame.Fin)
                    {
                        string text = fragment;
                        fragment = "";
                        await AnswerAsync(socket, text, session);
                    }
                }

                bytes.RemoveRange(0, taken);
            }
        }
        catch (SocketException)
        {
            // The device has disconnected.
        }
        catch (ObjectDisposedException)
        {
            // The test has ended, or the gateway has closed the device.
        }
    }

    private async Task AnswerAsync(Socket socket, string text, Guid session)
    {
        if (text.Contains("\"ping\"", StringComparison.Ordinal))
        {
            if (Take(Fault.CloseDevice))
            {
                socket.Dispose();
                return;
            }

            if (Take(Fault.DelayPong))
            {
                await Task.Delay(Delay);
            }

            await socket.SendAsync(Frame("""{"type":"pong"}"""));
        }
        else if (text.Contains("\"hello\"", StringComparison.Ordinal))
        {
            if (!Take(Fault.IgnoreHello))
            {
                Guid said = Take(Fault.ChangeSession) ? Guid.NewGuid() : session;
                await socket.SendAsync(Frame($$"""{"type":"hello","session_id":"{{said}}"}"""));
            }
        }
        else if (text.Contains("\"detect\"", StringComparison.Ordinal))
        {
            await socket.SendAsync(Turn(text.Split("\"text\":\"")[1].Split('"')[0]));
        }
    }

    private byte[] Turn(string words)
    {
        List<string> spoken = [.. NumberedModel.Answer(words)];
        if (Take(Fault.LoseSentence))
        {
            spoken.RemoveAt(2);
        }

        if (Take(Fault.DoubleSentence))
        {
            spoken.Insert(2, spoken[2]);
        }

        if (Take(Fault.CutWithoutLine))
        {
            spoken.RemoveRange(3, spoken.Count - 3);
        }

        if (Take(Fault.CutTooEarly))
        {
            spoken.RemoveRange(3, spoken.Count - 3);
            spoken.Add("One moment.");
        }

        IEnumerable<string> messages = spoken.Select(static sentence => $$"""{"type":"tts","state":"sentence_start","text":"{{sentence}}"}""")
            .Prepend("""{"type":"tts","state":"start"}""").Prepend($$"""{"type":"stt","text":"{{words}}"}""");
        return [.. (Take(Fault.NeverStop) ? messages : messages.Append("""{"type":"tts","state":"stop"}""")).SelectMany(Frame)];
    }

    private static byte[] Frame(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return [0x81, (byte)utf8.Length, .. utf8];
    }
}
