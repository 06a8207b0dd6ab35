namespace FastGate.Tests.Registry;

internal enum RegistryOperationKind
{
    Register,
    Remove,
    Find,
}
