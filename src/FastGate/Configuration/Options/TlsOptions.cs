using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>TLS on the device port and the public HTTP port, beside plain connections: the first byte of a connection tells which it is.</summary>
internal sealed record TlsOptions : IOptionSection
{
    /// <summary>PEM file with the server's certificate, followed by those of its issuers. TLS is on when this or <c>Pfx</c> is set; a changed file is used within a second.</summary>
    [Text(4_096)]
    public string? Certificate { get; init; }

    /// <summary>PEM file with the private key of <c>Certificate</c>; that file itself when absent.</summary>
    [Text(4_096)]
    public string? Key { get; init; }

    /// <summary>PKCS #12 file with a certificate, its private key and its issuers; the default certificate where <c>Certificate</c> is absent.</summary>
    [Text(4_096)]
    public string? Pfx { get; init; }

    /// <summary>Password of <c>Pfx</c> or of an encrypted <c>Key</c>.</summary>
    [Text(4_096, Secret = true)]
    public string? Password { get; init; }

    /// <summary>PEM files of further certificates, for other names or another kind of key. A client gets one that has the name it asks for (SNI), with ECDSA before RSA.</summary>
    [Paths]
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>PEM files with the private keys of <c>Certificates</c>, in the same order; a missing one is in the certificate's file.</summary>
    [Paths]
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Whether devices and HTTP requests without TLS are refused; health probes never are.</summary>
    public bool Required { get; init; }

    /// <summary>Handshakes that are computed at once; 0 means one per core. Others wait.</summary>
    [WholeNumber(0, 1_024, Note = "0 means one per core")]
    public int Concurrency { get; init; }

    /// <summary>Handshakes in progress; a further one is closed.</summary>
    [WholeNumber(1, 1_000_000)]
    public int Handshakes { get; init; } = 4_096;

    public bool IsOn => Certificate is not null || Pfx is not null;
}
