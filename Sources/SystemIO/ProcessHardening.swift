internal import CLinux
internal import Glibc

/// What every executable of this package does before anything else.
package enum ProcessHardening {
    /// Forbids core dumps and debuggers of the same user, keeps new files private, and makes a closed pipe an error.
    ///
    /// A limit that cannot be set is no reason to refuse work: secrets are kept out of core dumps on their own as well.
    package static func apply() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        _ = clinux_forbid_dumping()
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
    }
}
