using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Pictures of devices with a camera. They are explained by the model of <c>Llm:ByMode:vision</c>.</summary>
internal sealed record VisionOptions : IOptionSection
{
    /// <summary>The address that devices send pictures to; made from the address that the device used for OTA when absent.</summary>
    [HttpUrl]
    public string? Url { get; init; }

    /// <summary>The largest picture in bytes.</summary>
    [WholeNumber(1_024, 20_971_520)]
    public int MaxBytes { get; init; } = 5 * 1_048_576;

    /// <summary>Pictures at once, over all devices. At the bound a device is answered 503.</summary>
    [WholeNumber(1, 1_000)]
    public int Concurrency { get; init; } = 8;

    /// <summary>Time to receive the picture, and again to explain it. Devices wait 30 seconds for both.</summary>
    [Duration("00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a device's token is valid. A device gets a new one in each session.</summary>
    [Duration("00:01:00", "30.00:00:00")]
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromDays(1);
}
