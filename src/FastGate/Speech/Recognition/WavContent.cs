using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using FastGate.Speech.Hearing;

namespace FastGate.Speech.Recognition;

/// <summary>A complete utterance as a WAV file of 16-bit mono sound, the form that every transcription server reads. Written from the utterance's blocks.</summary>
internal sealed class WavContent : HttpContent
{
    private const int PieceSamples = 8 * 1024;

    private readonly Utterance _utterance;
    private readonly int _dataSize;

    public WavContent(Utterance utterance)
    {
        _utterance = utterance;
        _dataSize = utterance.Samples * sizeof(short);
        Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] header = new byte[WavFile.HeaderSize];
        WavFile.WriteHeader(header, _dataSize, VoiceStream.SampleRate);
        await stream.WriteAsync(header, cancellationToken);
        short[] samples = ArrayPool<short>.Shared.Rent(PieceSamples);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(samples.Length * sizeof(short));
        try
        {
            for (int at = 0, count = _utterance.Read(0, samples); count > 0; at += count, count = _utterance.Read(at, samples))
            {
                MemoryMarshal.AsBytes(samples.AsSpan(0, count)).CopyTo(bytes);
                await stream.WriteAsync(bytes.AsMemory(0, count * sizeof(short)), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<short>.Shared.Return(samples);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = WavFile.HeaderSize + _dataSize;
        return true;
    }
}
