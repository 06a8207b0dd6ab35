using System.IO.MemoryMappedFiles;
using FastGate.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart.TakeOver;

/// <summary>
/// Decides which process owns the connections of a stage: one word of memory that both processes share. It holds the number of stages that the
/// new process has adopted, or that the running server has withdrawn.
/// </summary>
/// <remarks>
/// Both sides change the word by compare-and-swap from the number of adopted stages, so for each stage exactly one of them succeeds, whatever
/// either side knows of the other and however long it was stopped. The word outlives both processes: a process that finds the connection closed
/// needs no knowledge of process ids, which are not visible between containers. The order is: the running server writes the word before it reads
/// from a socket again, and the new process writes it before its first read.
/// </remarks>
internal sealed unsafe class HandOverBallot : IDisposable
{
    private const int Size = sizeof(int);
    private const int Withdrawn = -1;

    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int* _word;

    private HandOverBallot(SafeFileHandle file)
    {
        _file = file;
        _map = MemoryMappedFile.CreateFromFile(file, null, Size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, Size);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _word = (int*)start;
    }

    public int Descriptor => (int)_file.DangerousGetHandle();

    public static HandOverBallot Create()
    {
        SafeFileHandle file = MemoryFile.Create("fastgate-ballot\0"u8);
        RandomAccess.Write(file, new byte[Size], 0);
        return new HandOverBallot(file);
    }

    /// <summary>The ballot of the other process; takes ownership of the descriptor.</summary>
    public static HandOverBallot Open(int descriptor) => new(MemoryFile.Own(descriptor));

    /// <summary>New process: adopts the stages after <paramref name="adopted"/> up to <paramref name="stage"/>.</summary>
    /// <returns>False when the running server has withdrawn them; then no socket of them may be read.</returns>
    public bool TryAdopt(int adopted, int stage) => Interlocked.CompareExchange(ref *_word, stage, adopted) == adopted;

    /// <summary>Running server: withdraws every stage that is not adopted.</summary>
    /// <returns>The number of stages that the new process owns.</returns>
    public int Withdraw()
    {
        while (true)
        {
            int adopted = Volatile.Read(ref *_word);
            if (adopted == Withdrawn)
            {
                throw new InvalidOperationException("The stages were withdrawn before.");
            }

            if (Interlocked.CompareExchange(ref *_word, Withdrawn, adopted) == adopted)
            {
                return adopted;
            }
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
        _file.Dispose();
    }
}
