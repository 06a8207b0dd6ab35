using System.Net;

namespace FastGate.Llm.Providers;

/// <summary>A response's content with its stream under watch.</summary>
internal sealed class ReplyContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly ReplyStream _stream;

    private ReplyContent(HttpContent inner, ReplyStream stream)
    {
        _inner = inner;
        _stream = stream;
        foreach ((string? name, IEnumerable<string>? values) in inner.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    public static async Task<ReplyContent> WrapAsync(HttpContent inner, CancellationToken cancellationToken) =>
        new(inner, new ReplyStream(await inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false)));

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(_stream);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _stream.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
