namespace FastGate.Tests.Speech;

/// <summary>A test of the Silero model, whose file the environment variable FASTGATE_SILERO_MODEL names; .ci/run sets it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SileroFactAttribute : FactAttribute
{
    public SileroFactAttribute()
    {
        if (Model is null)
        {
            Skip = "FASTGATE_SILERO_MODEL names no model file";
        }
    }

    public static string? Model => Environment.GetEnvironmentVariable("FASTGATE_SILERO_MODEL");
}
