namespace FastGate.Certificates;

/// <summary>A certificate cannot be used. The message names its option and its file.</summary>
internal sealed class CertificateException(string message, Exception cause) : Exception(message, cause);
