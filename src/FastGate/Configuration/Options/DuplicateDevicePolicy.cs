namespace FastGate.Configuration.Options;

/// <summary>What happens when a device id that is connected connects again.</summary>
internal enum DuplicateDevicePolicy
{
    /// <summary>The newest connection wins; the old one is told and closed.</summary>
    Replace,

    /// <summary>The newcomer is told that registration failed and closed.</summary>
    Reject,
}
