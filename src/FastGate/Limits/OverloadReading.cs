namespace FastGate.Limits;

/// <summary>How much of its resources the server uses, each as a share of one.</summary>
/// <param name="Memory">Used memory of what there is.</param>
/// <param name="Loop">Processor time of the busiest event loop; without event loops that of the process, as a share of all processors.</param>
/// <param name="Descriptors">Descriptors of those that devices may have; at one, no further device can be accepted.</param>
internal readonly record struct OverloadReading(double Memory, double Loop, double Descriptors = 0);
