using System.IO.Pipelines;

namespace FastGate.Http.Server;

/// <summary>Knows whether the client had ended its side before a request was read. For the thread of the connection.</summary>
internal sealed class ObservedInput(IDuplexPipe inner) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = inner.Input;

    public bool HasEnded { get; private set; }

    public PipeReader Input => this;

    public PipeWriter Output => inner.Output;

    public override bool TryRead(out ReadResult result) => _input.TryRead(out result) && Observe(result);

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult result = await _input.ReadAsync(cancellationToken);
        Observe(result);
        return result;
    }

    public override void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    private bool Observe(ReadResult result)
    {
        HasEnded |= result.IsCompleted;
        return true;
    }
}
