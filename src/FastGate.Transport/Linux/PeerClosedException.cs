namespace FastGate.Transport.Linux;

/// <summary>The other process has closed its end of a socket, or has ended. What it had sent before has been received.</summary>
internal sealed class PeerClosedException() : IOException("the other process has closed the connection");
