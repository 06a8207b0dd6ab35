using System.Runtime.InteropServices;

namespace FastGate.Speech.Codec;

/// <summary>The functions of libopus that are used here. Its controls have a variable argument list, which is called as if it were fixed: correct on
/// x64 and arm64 of Linux, where integers go in the same registers both ways.</summary>
internal static unsafe partial class LibOpus
{
    public const string Library = "libopus.so.0";
    public const int ApplicationVoip = 2048;
    public const int SetBitrate = 4002;
    public const int SetComplexity = 4010;
    public const int SetSignal = 4024;
    public const int SignalVoice = 3001;
    public const int ResetState = 4028;

    [LibraryImport(Library, EntryPoint = "opus_get_version_string")]
    public static partial byte* Version();

    [LibraryImport(Library, EntryPoint = "opus_decoder_create")]
    public static partial nint CreateDecoder(int sampleRate, int channels, out int error);

    [LibraryImport(Library, EntryPoint = "opus_decode")]
    public static partial int Decode(nint decoder, byte* packet, int length, short* pcm, int samples, int fec);

    [LibraryImport(Library, EntryPoint = "opus_decoder_ctl")]
    public static partial int ControlDecoder(nint decoder, int request);

    [LibraryImport(Library, EntryPoint = "opus_decoder_destroy")]
    public static partial void DestroyDecoder(nint decoder);

    [LibraryImport(Library, EntryPoint = "opus_encoder_create")]
    public static partial nint CreateEncoder(int sampleRate, int channels, int application, out int error);

    [LibraryImport(Library, EntryPoint = "opus_encode")]
    public static partial int Encode(nint encoder, short* pcm, int samples, byte* packet, int room);

    [LibraryImport(Library, EntryPoint = "opus_encoder_ctl")]
    public static partial int ControlEncoder(nint encoder, int request, int value);

    [LibraryImport(Library, EntryPoint = "opus_encoder_destroy")]
    public static partial void DestroyEncoder(nint encoder);
}
