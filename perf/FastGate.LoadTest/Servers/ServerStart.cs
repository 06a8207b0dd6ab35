using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Servers;

/// <summary>Starts a server process and reads its output until its listeners are open.</summary>
internal static partial class ServerStart
{
    /// <param name="server">The process, not yet started.</param>
    /// <param name="start">Starts it.</param>
    /// <param name="later">Receives the lines after the start, on any thread.</param>
    /// <param name="stop">Cancels the wait.</param>
    /// <returns>The ports of its device and admin listeners.</returns>
    /// <exception cref="LoadFailedException">The server ended; the message contains its output.</exception>
    public static (int Devices, int Admin) ReadPorts(Process server, Action start, Action<string> later, CancellationToken stop)
    {
        ConcurrentQueue<string> log = [];
        var opened = new TaskCompletionSource<(int Devices, int Admin)>(TaskCreationOptions.RunContinuationsAsynchronously);
        int port = 0;
        void OnLine(object sender, DataReceivedEventArgs line)
        {
            // Read the log to its end, so that the server never waits for a reader.
            if (line.Data is not { } text)
            {
                return;
            }

            if (opened.Task.IsCompleted)
            {
                later(text);
                return;
            }

            log.Enqueue(text);
            Match listener = DeviceListener().Match(text);
            port = listener.Success ? int.Parse(listener.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : port;
            Match admin = AdminListener().Match(text);
            if (port != 0 && admin.Success)
            {
                opened.TrySetResult((port, int.Parse(admin.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));
            }
        }

        server.OutputDataReceived += OnLine;
        server.ErrorDataReceived += OnLine;
        start();
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();

        // Wait until the process has ended and both outputs are read, because the reason may be in either of them.
        Task.WaitAny([opened.Task, server.WaitForExitAsync(CancellationToken.None)], stop);
        return opened.Task.IsCompletedSuccessfully ? opened.Task.Result : throw new LoadFailedException($"The server did not start:\n{string.Join('\n', log)}");
    }

    [GeneratedRegex(@"\bdevices:\s+ws://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex DeviceListener();

    [GeneratedRegex(@"\badmin:\s+http://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex AdminListener();
}
