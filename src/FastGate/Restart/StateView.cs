using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart;

/// <summary>A sealed memory file, readable in place by any thread until it is disposed of.</summary>
internal sealed unsafe class StateView : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _length;

    /// <param name="handle">Not needed any more afterwards.</param>
    /// <param name="length">Its length, more than 0.</param>
    public StateView(SafeFileHandle handle, int length)
    {
        _length = length;
        _file = MemoryMappedFile.CreateFromFile(handle, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public ReadOnlySpan<byte> Bytes => new(_start, _length);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
