using System.Security.Cryptography;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Auth;

/// <summary>The auth options in force, shared by who verifies and who issues. Replaced as a whole by a reload.</summary>
internal sealed class AuthPolicy
{
    /// <summary>SHA-256's block; a longer HMAC key would be hashed down anyway.</summary>
    private const int RandomKeyBytes = 64;

    /// <summary>Made once: a reload must not kill the tokens of this process.</summary>
    private readonly Lazy<byte[]> _randomKey = new(static () => RandomNumberGenerator.GetBytes(RandomKeyBytes));
    private readonly ILogger<AuthPolicy> _logger;
    private volatile AuthRules _rules;
    private int _warned;

    public AuthPolicy(AuthOptions options, ILogger<AuthPolicy> logger)
    {
        _logger = logger;
        _rules = RulesOf(options);
    }

    public AuthRules Rules => _rules;

    /// <summary>Makes the rules of other options; what it returns puts them in force. One call at a time; handshakes under way keep the rules they began with.</summary>
    public Action Prepare(AuthOptions options)
    {
        AuthRules rules = RulesOf(options);
        return () => _rules = rules;
    }

    private AuthRules RulesOf(AuthOptions options)
    {
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
