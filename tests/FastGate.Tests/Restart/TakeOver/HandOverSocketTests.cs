using System.Net.Sockets;
using System.Runtime.Versioning;
using FastGate.Restart.TakeOver;
using FastGate.Tests.Transport;
using FastGate.Transport.Linux;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>The socket at which a new process asks for the hand-over.</summary>
[SupportedOSPlatform("linux")]
public sealed class HandOverSocketTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-handover-").FullName;
    private readonly RecordingLogger<HandOverSocket> _log = new();

    private string Path => System.IO.Path.Combine(_directory, "handover.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Socket_is_for_its_user_only_and_is_removed_at_the_end()
    {
        using (HandOverSocket.TryOpen(Path, replaces: false, static _ => Task.FromResult(false), NullLogger.Instance))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
            Assert.Equal([Path], Directory.GetFiles(_directory));
        }

        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public void File_of_a_server_that_was_killed_is_replaced()
    {
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint($"{Path}.old"));
            File.Move($"{Path}.old", Path);
        }

        Assert.True(File.Exists(Path));
        using var socket = HandOverSocket.TryOpen(Path, replaces: false, static _ => Task.FromResult(false), NullLogger.Instance);

        Assert.NotNull(socket);
        HandOverSocket.Connect(Path).Dispose();
    }

    [Fact]
    public async Task Socket_of_a_running_server_is_replaced_only_by_the_process_that_has_taken_over_from_it()
    {
        var served = new TaskCompletionSource();
        using var running = HandOverSocket.TryOpen(Path, replaces: false, static _ => Task.FromResult(false), NullLogger.Instance);

        Assert.Null(HandOverSocket.TryOpen(Path, replaces: false, static _ => Task.FromResult(false), _log));
        Assert.Contains("another server listens there", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);

        using var next = HandOverSocket.TryOpen(
            Path,
            replaces: true,
            _ =>
            {
                served.SetResult();
                return Task.FromResult(false);
            },
            NullLogger.Instance);
        using HandOverChannel channel = HandOverSocket.Connect(Path);
        await served.Task.Within();
    }

    [Fact]
    public async Task One_hand_over_at_a_time()
    {
        var end = new TaskCompletionSource<bool>();
        using var socket = HandOverSocket.TryOpen(Path, replaces: false, _ => end.Task, _log);
        using HandOverChannel first = HandOverSocket.Connect(Path);
        using HandOverChannel second = HandOverSocket.Connect(Path);

        HandOverRefusedException refused = Assert.Throws<HandOverRefusedException>(() => second.Receive(Eventually.Limit));
        Assert.Equal("another hand-over is in progress", refused.Message);

        end.SetResult(false);
        await Eventually.TrueAsync(
            () =>
            {
                using HandOverChannel third = HandOverSocket.Connect(Path);
                return Record.Exception(() => third.Receive(Eventually.Limit)) is not HandOverRefusedException;
            },
            "served again");
    }

    [Fact]
    public async Task Socket_stays_for_the_process_that_has_taken_over()
    {
        var socket = HandOverSocket.TryOpen(Path, replaces: false, static _ => Task.FromResult(true), NullLogger.Instance);
        using (HandOverChannel channel = HandOverSocket.Connect(Path))
        {
            await Task.Run(() => Assert.Throws<PeerClosedException>(() => channel.Receive(Eventually.Limit))).Within();
        }

        socket!.Dispose();
        Assert.True(File.Exists(Path));
    }

    [Fact]
    public void Failure_of_a_hand_over_leaves_the_socket_open()
    {
        using var socket = HandOverSocket.TryOpen(Path, replaces: false, static _ => throw new InvalidOperationException("no"), _log);
        for (int i = 0; i < 3; i++)
        {
            using HandOverChannel channel = HandOverSocket.Connect(Path);
            Assert.ThrowsAny<Exception>(() => channel.Receive(Eventually.Limit));
        }
    }

    [Theory]
    [InlineData("missing/handover.sock")]
    [InlineData("too-long-for-a-socket-too-long-for-a-socket-too-long-for-a-socket-too-long-for-a-socket-too-long-for-a-socket")]
    public void Path_that_cannot_be_used_is_reported(string name)
    {
        string path = System.IO.Path.Combine(_directory, name);

        Assert.Null(HandOverSocket.TryOpen(path, replaces: false, static _ => Task.FromResult(false), _log));
        Assert.Single(_log.Lines);
        Assert.Throws<IOException>(() => HandOverSocket.Connect(path));
    }
}
