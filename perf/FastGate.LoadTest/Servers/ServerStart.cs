using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Servers;

/// <summary>Starts a server's process and reads what it prints until its doors are open.</summary>
internal static partial class ServerStart
{
    /// <returns>The port of its device door.</returns>
    /// <exception cref="LoadFailedException">It ended instead; the message holds all that it printed.</exception>
    public static int ReadDevicePort(Process server, CancellationToken stop)
    {
        ConcurrentQueue<string> log = [];
        var opened = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        int port = 0;
        void OnLine(object sender, DataReceivedEventArgs line)
        {
            // Nobody waits for a reader of the log, so that the server does not either; what follows the start is not kept.
            if (opened.Task.IsCompleted || line.Data is not { } text)
            {
                return;
            }

            log.Enqueue(text);
            Match door = ConnectionServices().Match(text);
            port = door.Success ? int.Parse(door.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : port;
            if (port != 0 && text.Contains("admin:", StringComparison.OrdinalIgnoreCase))
            {
                opened.TrySetResult(port);
            }
        }

        server.OutputDataReceived += OnLine;
        server.ErrorDataReceived += OnLine;
        server.Start();
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();

        // Ended is: ended, and both of its outputs read to their end. The reason stands in one of them, and it may be the later one.
        Task.WaitAny([opened.Task, server.WaitForExitAsync(CancellationToken.None)], stop);
        return opened.Task.IsCompletedSuccessfully ? opened.Task.Result : throw new LoadFailedException($"The server did not start:\n{string.Join('\n', log)}");
    }

    [GeneratedRegex(@"\bdevices:\s+ws://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionServices();
}
