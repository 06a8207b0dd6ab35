namespace FastGate.Sessions;

/// <summary>What a session holds while its device listens or is spoken to; an idle device has none.</summary>
internal sealed record DeviceSound(DeviceEar? Ear, DeviceVoice? Voice);
