using System.Net.Sockets;
using FastGate.FunctionalTests.Server;
using FastGate.Restart.TakeOver;
using FastGate.Transport.Linux;

namespace FastGate.FunctionalTests.TakeOver;

/// <summary>
/// Is between a running server and a process that takes over from it, passes their frames with the descriptors, and acts once when a frame has come: so a
/// process can be killed at an exact moment of the hand-over.
/// </summary>
public sealed class FrameRelay : IDisposable
{
    private readonly string _running;
    private readonly Action<string> _onFrame;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<string> _frames = [];

    /// <param name="running">The socket of the running server.</param>
    /// <param name="path">Where the new process connects.</param>
    /// <param name="onFrame">Called with kind and sequence of a frame before it is passed; Wait frames are not reported.</param>
    public FrameRelay(string running, string path, Action<string> onFrame)
    {
        (_running, _onFrame) = (running, onFrame);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        Ended = Task.Run(RunAsync);
    }

    /// <summary>Completes when both connections have ended.</summary>
    public Task Ended { get; }

    /// <summary>What was passed, in order.</summary>
    public IReadOnlyList<string> Frames
    {
        get
        {
            lock (_frames)
            {
                return [.. _frames];
            }
        }
    }

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
                HandOverFrame frame = from.Receive(Deadline.Program);
                if (frame.Kind != HandOverFrameKind.Wait)
                {
                    string name = $"{frame.Kind} {frame.Sequence}";
                    lock (_frames)
                    {
                        _frames.Add(name);
                    }

                    _onFrame(name);
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
        catch (HandOverRefusedException refused)
        {
            to.SendText(HandOverFrameKind.Refuse, refused.Message, Deadline.Hang);
        }
        catch (IOException)
        {
            // One side has ended.
        }

        // Each side sees the end of the other after what the other has sent.
        Shutdown(toSocket, SocketShutdown.Send);
        Shutdown(fromSocket, SocketShutdown.Receive);
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
