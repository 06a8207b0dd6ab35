using System.Security.Cryptography;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Auth;

/// <summary>The current auth options, shared by authenticator and issuer. A reload replaces them as a whole.</summary>
internal sealed class AuthPolicy
{
    /// <summary>The block size of SHA-256; HMAC would hash a longer key down to less.</summary>
    private const int RandomKeyBytes = 64;

    /// <summary>Created once: a reload must not invalidate the tokens issued by this process.</summary>
    private readonly Lazy<byte[]> _randomKey = new(static () => RandomNumberGenerator.GetBytes(RandomKeyBytes));
    private readonly ILogger<AuthPolicy> _logger;
    private volatile AuthRules _rules;
    private int _warned;
    private int _warnedOfOta;

    public AuthPolicy(AuthOptions options, ILogger<AuthPolicy> logger)
    {
        _logger = logger;
        _rules = CreateRules(options);
    }

    public AuthRules Rules => _rules;

    public IssuedTokens Issued { get; } = new();

    /// <summary>Prepares the rules for new options and returns the action that applies them. One call at a time. A handshake keeps the rules it began with.</summary>
    public Action Prepare(AuthOptions options)
    {
        AuthRules rules = CreateRules(options);
        return () => _rules = rules;
    }

    private AuthRules CreateRules(AuthOptions options)
    {
        if (options is { Enabled: true, Ota: OtaAccess.Open } && Interlocked.Exchange(ref _warnedOfOta, 1) == 0)
        {
            _logger.OtaIsOpen();
        }

        if (!string.IsNullOrEmpty(options.Key))
        {
            return new AuthRules(options, Encoding.UTF8.GetBytes(options.Key));
        }

        if (options.Enabled && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            _logger.RandomKey();
        }

        return new AuthRules(options, options.Enabled ? _randomKey.Value : []);
    }
}
