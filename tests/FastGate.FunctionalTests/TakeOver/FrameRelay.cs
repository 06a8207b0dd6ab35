using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Server;
using FastGate.Restart.TakeOver;
using FastGate.Transport.Linux;

namespace FastGate.FunctionalTests.TakeOver;

/// <summary>
/// Is between a running server and a process that takes over from it, passes their frames with the descriptors, and acts when a certain frame has come:
/// so a process can be killed at an exact moment of the hand-over.
/// </summary>
public sealed class FrameRelay : IDisposable
{
    private readonly string _running;
    private readonly string _frame;
    private readonly Action _act;
    private readonly bool _dropsFrame;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <param name="running">The socket of the running server.</param>
    /// <param name="path">Where the new process connects.</param>
    /// <param name="frame">Kind and sequence of a frame.</param>
    /// <param name="act">Called when that frame has come.</param>
    /// <param name="dropsFrame">It is not passed, and neither is any other from its side.</param>
    public FrameRelay(string running, string path, string frame, Action act, bool dropsFrame)
    {
        (_running, Path, _frame, _act, _dropsFrame) = (running, path, frame, act, dropsFrame);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        Ended = Task.Run(RunAsync);
    }

    public string Path { get; }

    /// <summary>Completes when both connections have ended.</summary>
    public Task Ended { get; }

    public void Dispose() => _listener.Dispose();

    private async Task RunAsync()
    {
        using Socket newSocket = await _listener.AcceptAsync();
        using var runningSocket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await runningSocket.ConnectAsync(new UnixDomainSocketEndPoint(_running));
        using var toNew = new HandOverChannel(new DescriptorSocket(newSocket));
        using var toRunning = new HandOverChannel(new DescriptorSocket(runningSocket));
        await Task.WhenAll(Task.Run(() => Pass(toNew, newSocket, toRunning, runningSocket)), Task.Run(() => Pass(toRunning, runningSocket, toNew, newSocket)));
    }

    private void Pass(HandOverChannel from, Socket fromSocket, HandOverChannel to, Socket toSocket)
    {
        try
        {
            while (true)
            {
                HandOverFrame frame = Receive(from);
                if ($"{frame.Kind} {frame.Sequence}" == _frame)
                {
                    _act();
                    if (_dropsFrame)
                    {
                        frame.CloseDescriptors();
                        return;
                    }
                }

                try
                {
                    to.Send(frame.Kind, frame.Sequence, frame.Body, [.. frame.Descriptors], Deadline.Hang);
                }
                finally
                {
                    frame.CloseDescriptors();
                }
            }
        }
        catch (IOException)
        {
            // One side has ended.
        }

        // Each side sees the end of the other after what the other has sent.
        Shutdown(toSocket, SocketShutdown.Send);
        Shutdown(fromSocket, SocketShutdown.Receive);
    }

    /// <summary>A refusal is a frame here as any other.</summary>
    private static HandOverFrame Receive(HandOverChannel from)
    {
        try
        {
            return from.Receive(Deadline.Program);
        }
        catch (HandOverRefusedException refused)
        {
            return new HandOverFrame(HandOverFrameKind.Refuse, 0, Encoding.UTF8.GetBytes(refused.Message), []);
        }
    }

    private static void Shutdown(Socket socket, SocketShutdown how)
    {
        try
        {
            socket.Shutdown(how);
        }
        catch (SocketException)
        {
            // It has ended.
        }
    }
}
