using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart;

/// <summary>
/// The child process and the pipe on which it reports readiness with one byte. Owns the child's process id, which the system does not reuse
/// before <c>waitpid</c> has reported the end.
/// </summary>
internal sealed unsafe partial class SuccessorProcess : ISuccessor
{
    /// <summary>The number of the child's end of the pipe in the child.</summary>
    public const int ReadyDescriptor = 3;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int DoNotWait = 1;
    private const int KillSignal = 9;
    private const int NoChild = 10;

    private readonly SafeFileHandle _ready;
    private SuccessorState _state = SuccessorState.Starting;

    private SuccessorProcess(int processId, SafeFileHandle ready)
    {
        ProcessId = processId;
        _ready = ready;
    }

    public int ProcessId { get; }

    /// <summary>Throws <see cref="Win32Exception"/> when the system cannot create the process or the pipe.</summary>
    public static SuccessorProcess Start(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        int* ends = stackalloc int[2];
        if (CreatePipe(ends, CloseOnExec | NonBlocking) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        var ready = new SafeFileHandle(ends[0], ownsHandle: true);
        using var childEnd = new SafeFileHandle(ends[1], ownsHandle: true);
        int error = ProcessSpawner.Spawn(path, arguments, environment, ends[1], ReadyDescriptor, out int processId);
        if (error != 0)
        {
            ready.Dispose();
            throw new Win32Exception(error);
        }

        return new SuccessorProcess(processId, ready);
    }

    public SuccessorState Poll()
    {
        if (_state is SuccessorState.Stopped or SuccessorState.Failed)
        {
            return _state;
        }

        int ended = WaitFor(ProcessId, out int status, DoNotWait);
        if (ended == ProcessId)
        {
            return _state = status == 0 ? SuccessorState.Stopped : SuccessorState.Failed;
        }

        if (ended < 0 && Marshal.GetLastPInvokeError() == NoChild)
        {
            // It has ended and was reaped elsewhere, as happens when SIGCHLD is ignored. Its number may belong to another process by now.
            return _state = SuccessorState.Failed;
        }

        byte ready;
        return _state == SuccessorState.Starting && Read(_ready, &ready, 1) == 1 ? _state = SuccessorState.Waiting : _state;
    }

    public void Kill()
    {
        if (Poll() is SuccessorState.Starting or SuccessorState.Waiting)
        {
            _ = SendSignal(ProcessId, KillSignal);
            _ = WaitFor(ProcessId, out _, 0);
            _state = SuccessorState.Failed;
        }
    }

    public void Dispose() => _ready.Dispose();

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int CreatePipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle descriptor, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int processId, out int status, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
