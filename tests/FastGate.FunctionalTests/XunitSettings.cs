// Each class starts its own servers and clients, and most tests wait for a process most of the time. Four at a time keep two processors busy.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
