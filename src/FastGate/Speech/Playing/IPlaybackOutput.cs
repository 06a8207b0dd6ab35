namespace FastGate.Speech.Playing;

/// <summary>Where the pacer sends a device's sound; implemented in Sessions. Called by the pacer's thread; must not block or throw.</summary>
internal interface IPlaybackOutput
{
    /// <summary>The next sentence begins with the next frame.</summary>
    void Sentence(string text);

    /// <summary>One frame. False when the device reads too slowly and the frame was dropped.</summary>
    bool Frame(byte[] packet);

    /// <summary>The device has played everything. Not called after a cancellation.</summary>
    void Played();
}
