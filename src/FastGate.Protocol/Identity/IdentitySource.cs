namespace FastGate.Protocol.Identity;

/// <summary>Sources of ids, by priority within device ids and within client ids.</summary>
public enum IdentitySource : byte
{
    /// <summary>Query key <c>device-id</c>.</summary>
    QueryDeviceId = 0,

    /// <summary>Query key <c>device_id</c>.</summary>
    QueryDeviceIdUnderscore = 1,

    /// <summary>Header <c>device-id</c>.</summary>
    HeaderDeviceId = 2,

    /// <summary>Header <c>device_id</c>.</summary>
    HeaderDeviceIdUnderscore = 3,

    /// <summary>Header <c>x-device-id</c>.</summary>
    HeaderXDeviceId = 4,

    /// <summary>Header <c>x-device_id</c>.</summary>
    HeaderXDeviceIdUnderscore = 5,

    /// <summary>Query key <c>client-id</c>; never used as device id.</summary>
    QueryClientId = 6,

    /// <summary>Query key <c>client_id</c>; never used as device id.</summary>
    QueryClientIdUnderscore = 7,

    /// <summary>Header <c>client-id</c>; also the device id when the request has no other.</summary>
    HeaderClientId = 8,

    /// <summary>Header <c>client_id</c>; as <see cref="HeaderClientId"/>.</summary>
    HeaderClientIdUnderscore = 9,

    /// <summary>Header <c>x-client-id</c>; as <see cref="HeaderClientId"/>.</summary>
    HeaderXClientId = 10,

    /// <summary>Header <c>x-client_id</c>; as <see cref="HeaderClientId"/>.</summary>
    HeaderXClientIdUnderscore = 11,

    /// <summary>For a client id only: the request has none, so the device id is used.</summary>
    DeviceId = 12,

    /// <summary>The request has no device id: <c>auto-</c> and eight hexadecimal digits.</summary>
    Generated = 13,
}
