namespace FastGate.Speech.Codec;

/// <summary>
/// Creates encoders and decoders: by the system's libopus where it is installed, else by the managed Concentus, which needs twice the processor
/// time and allocates for each packet. Chosen at the first audio of the process, so that a server without audio loads neither.
/// </summary>
internal abstract class OpusCodec
{
    private static readonly Lazy<OpusCodec> s_best = new(static () => LibOpusCodec.TryLoad() ?? (OpusCodec)new ConcentusCodec());

    /// <summary>The best codec of this machine.</summary>
    public static OpusCodec Best => s_best.Value;

    /// <summary>The name of <see cref="Best"/> after the first audio; null before.</summary>
    public static string? Loaded => s_best.IsValueCreated ? s_best.Value.Name : null;

    /// <summary>Name and version, for the log.</summary>
    public abstract string Name { get; }

    /// <param name="sampleRate">8,000, 12,000, 16,000, 24,000 or 48,000; any rate decodes any stream.</param>
    public abstract IOpusDecoder CreateDecoder(int sampleRate);

    /// <param name="sampleRate">8,000, 12,000, 16,000, 24,000 or 48,000.</param>
    /// <param name="settings">Bit rate and complexity.</param>
    public abstract IOpusEncoder CreateEncoder(int sampleRate, OpusSettings settings);
}
