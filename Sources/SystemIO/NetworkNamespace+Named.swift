internal import CLinux
internal import Glibc
package import WireGuard

/// Where named namespaces are, as ip-netns(8) has it.
private let directory = "/run/netns"

extension NetworkNamespace {
    /// Makes a namespace that `ip netns` knows by this name; its loopback interface is down.
    ///
    /// The file is a mount point, so the namespace lives until ``remove(named:)``. Needs `CAP_SYS_ADMIN`.
    ///
    /// - Throws: `.exists`. No error leaves anything behind but the directory itself.
    package static func create(named name: Name) throws(SystemError) -> NetworkNamespace {
        try prepareDirectory()
        let path = path(of: name)
        let file = unsafe Glibc.open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)
        _ = try Descriptor.adopting(file, "open", path)
        do throws(SystemError) {
            let made: Result<Void, SystemError> = try FreshThread.run { () -> Result<Void, SystemError> in
                let error = clinux_unshare_network_namespace()
                guard error == 0 else { return .failure(.call("unshare", path: path, errno: error)) }
                guard unsafe mount("/proc/thread-self/ns/net", path, "none", UInt(MS_BIND), nil) == 0 else {
                    return .failure(.failed("mount", path))
                }
                return .success(())
            }
            try made.get()
            return try open(path)
        } catch {
            unsafe umount2(path, Int32(MNT_DETACH))
            unsafe unlink(path)
            throw error
        }
    }

    /// Whether `ip netns` knows this name.
    package static func exists(named name: Name) -> Bool { unsafe access(path(of: name), F_OK) == 0 }

    /// Opens the namespace of this name.
    ///
    /// - Throws: `.missing`.
    package static func open(named name: Name) throws(SystemError) -> NetworkNamespace { try open(path(of: name)) }

    /// Takes the name away; the namespace itself ends with its last process and handle.
    ///
    /// - Throws: `.missing`.
    package static func remove(named name: Name) throws(SystemError) {
        let path = path(of: name)
        // A file that is no mount point is what a failed or foreign tool left; only the file goes then.
        guard unsafe umount2(path, Int32(MNT_DETACH)) == 0 || errno == EINVAL else { throw .failed("umount", path) }
        guard unsafe unlink(path) == 0 else { throw .failed("unlink", path) }
    }

    /// Whether there is a directory of names, which the first namespace brings with it.
    package static var hasDirectory: Bool { FileEntry.exists(directory) }

    /// Removes the directory of names, unless there are names in it.
    package static func removeDirectory() throws(SystemError) {
        guard hasDirectory, try Directory.open(directory, privacy: .any).names().isEmpty else { return }
        // It is a mount point of its own, see `prepareDirectory`.
        guard unsafe umount2(directory, 0) == 0 || errno == EINVAL else { throw .failed("umount", directory) }
        try FileEntry.remove(directory)
    }

    /// The file of the name, for `nsenter --net=`.
    package static func path(of name: Name) -> String { "\(directory)/\(name)" }

    /// Makes the directory, and makes it a shared mount, so that the names appear in every mount namespace.
    private static func prepareDirectory() throws(SystemError) {
        guard unsafe mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw .failed("mkdir", directory) }
        let descriptor = try Descriptor.adopting(
            unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
            "open",
            directory
        )
        // ip-netns holds the same lock, so that two of us do not mount the directory twice.
        guard flock(descriptor.rawValue, LOCK_EX) == 0 else { throw .failed("flock", directory) }
        let shared = UInt(MS_SHARED | MS_REC)
        if unsafe mount("", directory, "none", shared, nil) == 0 { return }
        guard errno == EINVAL else { throw .failed("mount", directory) }
        let bind = UInt(MS_BIND | MS_REC)
        guard unsafe mount(directory, directory, "none", bind, nil) == 0 else { throw .failed("mount", directory) }
        guard unsafe mount("", directory, "none", shared, nil) == 0 else { throw .failed("mount", directory) }
    }
}
