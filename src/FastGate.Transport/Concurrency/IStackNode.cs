namespace FastGate.Transport.Concurrency;

/// <summary>An object that an <see cref="IntrusiveStack{T}"/> links through itself.</summary>
internal interface IStackNode<T>
    where T : class
{
    /// <summary>Owned by the thread that pushes the node until the push is done, then by the thread that takes it.</summary>
    T? Next { get; set; }
}
