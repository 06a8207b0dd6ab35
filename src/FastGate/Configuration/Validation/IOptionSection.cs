using System.Diagnostics.CodeAnalysis;

namespace FastGate.Configuration.Validation;

/// <summary>
/// A record whose settable properties are options or further sections. The attribute keeps the properties of every implementing record when the
/// program is trimmed, so that the schema finds them.
/// </summary>
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
internal interface IOptionSection;
