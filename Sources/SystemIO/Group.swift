internal import Glibc

/// The groups of this host.
package enum Group {
    /// The number of a group.
    ///
    /// - Returns: `nil` if there is none of this name.
    package static func id(named name: String) -> UInt32? {
        var entry = unsafe group()
        var found: UnsafeMutablePointer<group>?
        // A group may have many members, whose names are in here, too.
        var buffer = [CChar](repeating: 0, count: 1 << 18)
        return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, unsafe getgrnam_r(name, &entry, base, buffer.count, &found) == 0 else {
                return nil
            }
            return unsafe found?.pointee.gr_gid
        }
    }
}
