using System.IO.Pipelines;

namespace FastGate.Tests.Transport;

/// <summary>Wraps a transport's reader and counts the calls of CancelPendingRead.</summary>
internal sealed class CountingReader(IDuplexPipe transport) : PipeReader, IDuplexPipe
{
    private int _cancelled;

    public int Cancelled => Volatile.Read(ref _cancelled);

    public PipeReader Input => this;

    public PipeWriter Output => transport.Output;

    public override void CancelPendingRead()
    {
        Interlocked.Increment(ref _cancelled);
        transport.Input.CancelPendingRead();
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => transport.Input.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => transport.Input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => transport.Input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => transport.Input.AdvanceTo(consumed, examined);

    public override void Complete(Exception? exception = null) => transport.Input.Complete(exception);
}
