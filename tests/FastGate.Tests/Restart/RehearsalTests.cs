using FastGate.Restart;

namespace FastGate.Tests.Restart;

/// <summary>The child that rehearses a start: its answer, its words, and its end.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class RehearsalTests : IDisposable
{
    private const uint Version = 7;

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-rehearsal-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_program_that_can_read_the_state_is_accepted()
    {
        Assert.Null(await RunAsync($"echo {Rehearsal.ReplyFor(Version)}"));
    }

    [Fact]
    public async Task The_program_gets_its_arguments_and_the_hidden_one()
    {
        Assert.EndsWith("one two --rehearse", await RunAsync("echo \"$@\"; exit 1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state format 6", "cannot take over the state")]
    [InlineData("", "cannot take over the state")]
    [InlineData("state format 77", "cannot take over the state")]
    public async Task A_program_that_cannot_read_the_state_is_refused(string reply, string reason)
    {
        Assert.Contains(reason, await RunAsync($"echo '{reply}'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_are_one_line_without_secrets_and_bounded()
    {
        string? words = await RunAsync("printf 'key hunter2x is wrong\\r\\nsecond \\033[1mline\\n' >&2; head -c 200000 /dev/zero | tr '\\0' x >&2; exit 4");

        Assert.NotNull(words);
        Assert.StartsWith("a rehearsal of the start ended with status 4: key *** is wrong; second [1mline; xxx", words, StringComparison.Ordinal);
        Assert.InRange(words.Length, 600, 700);
        Assert.DoesNotContain('\n', words);
    }

    [Fact]
    public async Task A_program_that_hangs_is_killed_with_its_children_and_leaves_no_zombie()
    {
        string pids = Path.Combine(_directory, "pids");
        string hanging = $"sleep 1000 & echo $$ $! > {pids}.new; mv {pids}.new {pids}; wait";

        // Longer limits for a machine so slow that the program was killed before it had begun.
        int seconds = 1;
        string? words = await RunAsync(hanging, TimeSpan.FromSeconds(seconds));
        while (!File.Exists(pids) && seconds < 30)
        {
            seconds *= 2;
            words = await RunAsync(hanging, TimeSpan.FromSeconds(seconds));
        }

        Assert.Equal($"a rehearsal of the start did not end within {seconds} s", words);
        int[] started = [.. (await File.ReadAllTextAsync(pids)).Split(' ').Select(int.Parse)];
        Assert.False(Directory.Exists($"/proc/{started[0]}"));

        // The grandchild is killed too; its new parent reaps it.
        for (long until = Environment.TickCount64 + 20_000; IsRunning(started[1]) && Environment.TickCount64 < until;)
        {
            await Task.Yield();
        }

        Assert.False(IsRunning(started[1]));
    }

    [Fact]
    public async Task A_missing_program_is_refused_with_its_name()
    {
        var rehearsal = new Rehearsal(static () => new ProgramImage("/nonexistent/FastGate", ["FastGate"]), static () => [], TimeSpan.FromSeconds(30));

        Assert.StartsWith("/nonexistent/FastGate cannot be started: ", await rehearsal.RunAsync(Version, CancellationToken.None), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_is_empty_and_no_stream_is_a_terminal()
    {
        Assert.EndsWith("status 9: end", await RunAsync("read line; test -t 0 -o -t 1 -o -t 2 || echo end; exit 9"), StringComparison.Ordinal);
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            return !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private Task<string?> RunAsync(string script, TimeSpan? limit = null)
    {
        string path = Path.Combine(_directory, "program");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new Rehearsal(() => new ProgramImage(path, ["name", "one", "two"]), static () => ["hunter2x", "a", "is"], limit ?? TimeSpan.FromSeconds(30)).RunAsync(Version, CancellationToken.None);
    }
}
