// Each class starts its own servers and clients. Two at a time do not starve each other on a small machine.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
