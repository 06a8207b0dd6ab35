using System.Runtime.InteropServices;

namespace FastGate.Restart;

/// <summary>
/// Ignores the signals that ask for something other than the end, while no program handles them: between <c>execve</c> and the handlers of the
/// new program, SIGHUP or a second SIGUSR2 would end the process. Ignored signals stay ignored in the new program, until
/// <see cref="End"/>.
/// </summary>
internal sealed unsafe partial class QuietSignals : IDisposable
{
    /// <summary>Larger than <c>struct sigaction</c> and <c>sigset_t</c> of any supported system.</summary>
    public const int OpaqueSize = 1024;

    public const int User2 = 12;
    private const int Hangup = 1;
    private const nint Default = 0;
    private const nint Ignore = 1;

    private readonly List<(int Signal, byte[] Handler)> _former = [];

    public QuietSignals()
    {
        foreach (int signal in (ReadOnlySpan<int>)[Hangup, User2])
        {
            byte[] former = new byte[OpaqueSize];
            fixed (byte* pointer = former)
            {
                // The handler is the first field. A signal that the environment has ignored, as nohup does, is not this class's business.
                if (Action(signal, null, pointer) == 0 && *(nint*)pointer is not (Default or Ignore))
                {
                    _ = SetHandler(signal, Ignore);
                    _former.Add((signal, former));
                }
            }
        }
    }

    /// <summary>The signals that were handled before.</summary>
    public IReadOnlyList<int> Ignored => [.. _former.Select(static former => former.Signal)];

    /// <summary>
    /// For the new program, before it sets its own handlers: the runtime sets none for an ignored signal. The default action would end the process
    /// until then, so the handler is a function of the C library that does nothing.
    /// </summary>
    public static void End(IReadOnlyList<int> ignored)
    {
        foreach (int signal in ignored)
        {
            _ = SetHandler(signal, NativeLibrary.GetExport(NativeLibrary.Load("libc", typeof(QuietSignals).Assembly, null), "getpid"));
        }
    }

    /// <summary>The new program could not be run: sets the handlers again.</summary>
    public void Dispose()
    {
        foreach ((int signal, byte[] handler) in _former)
        {
            fixed (byte* pointer = handler)
            {
                _ = Action(signal, pointer, null);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int Action(int signal, byte* action, byte* former);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
