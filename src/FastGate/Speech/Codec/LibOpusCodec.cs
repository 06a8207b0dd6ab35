using System.Runtime.InteropServices;

namespace FastGate.Speech.Codec;

/// <summary>The system's libopus. A call allocates nothing.</summary>
internal sealed unsafe class LibOpusCodec : OpusCodec
{
    private LibOpusCodec()
    {
    }

    public override string Name => Marshal.PtrToStringUTF8((nint)LibOpus.Version()) ?? "libopus";

    /// <summary>Null when the library is not installed, or on a processor whose calling convention is not known here.</summary>
    public static LibOpusCodec? TryLoad() =>
        OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64
        && NativeLibrary.TryLoad(LibOpus.Library, out _)
            ? new LibOpusCodec()
            : null;

    public override IOpusDecoder CreateDecoder(int sampleRate)
    {
        nint decoder = LibOpus.CreateDecoder(sampleRate, 1, out int error);
        return error == 0 ? new Decoder(decoder, sampleRate) : throw new InvalidOperationException($"libopus: no decoder for {sampleRate} Hz, error {error}");
    }

    public override IOpusEncoder CreateEncoder(int sampleRate, OpusSettings settings)
    {
        nint encoder = LibOpus.CreateEncoder(sampleRate, 1, LibOpus.ApplicationVoip, out int error);
        if (error != 0)
        {
            throw new InvalidOperationException($"libopus: no encoder for {sampleRate} Hz, error {error}");
        }

        _ = LibOpus.ControlEncoder(encoder, LibOpus.SetBitrate, settings.Bitrate);
        _ = LibOpus.ControlEncoder(encoder, LibOpus.SetComplexity, settings.Complexity);
        _ = LibOpus.ControlEncoder(encoder, LibOpus.SetSignal, LibOpus.SignalVoice);
        return new Encoder(encoder);
    }

    /// <summary>The finalizer covers an owner that was lost; owners dispose.</summary>
    private sealed class Decoder(nint decoder, int sampleRate) : SafeHandle(decoder, ownsHandle: true), IOpusDecoder
    {
        public override bool IsInvalid => handle == 0;

        public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm)
        {
            fixed (byte* bytes = packet)
            fixed (short* samples = pcm)
            {
                int result = LibOpus.Decode(handle, bytes, packet.Length, samples, packet.IsEmpty ? sampleRate / 50 : pcm.Length, 0);
                return result < 0 ? -1 : result;
            }
        }

        public void Reset() => _ = LibOpus.ControlDecoder(handle, LibOpus.ResetState);

        protected override bool ReleaseHandle()
        {
            LibOpus.DestroyDecoder(handle);
            return true;
        }
    }

    private sealed class Encoder(nint encoder) : SafeHandle(encoder, ownsHandle: true), IOpusEncoder
    {
        public override bool IsInvalid => handle == 0;

        public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
        {
            fixed (short* samples = pcm)
            fixed (byte* bytes = packet)
            {
                int result = LibOpus.Encode(handle, samples, pcm.Length, bytes, packet.Length);
                return result > 0 ? result : throw new InvalidOperationException($"libopus: a frame of {pcm.Length} samples was not encoded, error {result}");
            }
        }

        public void Reset() => _ = LibOpus.ControlEncoder(handle, LibOpus.ResetState, 0);

        protected override bool ReleaseHandle()
        {
            LibOpus.DestroyEncoder(handle);
            return true;
        }
    }
}
