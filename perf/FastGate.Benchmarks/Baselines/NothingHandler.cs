using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;

namespace FastGate.Benchmarks.Baselines;

/// <summary>A handler for Kestrel's parser that does nothing.</summary>
public readonly struct NothingHandler : IHttpRequestLineHandler, IHttpHeadersHandler
{
    public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
    {
    }

    public void OnStaticIndexedHeader(int index)
    {
    }

    public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value)
    {
    }

    public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }

    public void OnHeadersComplete(bool endStream)
    {
    }
}
