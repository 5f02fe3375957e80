internal import CLinux
internal import Glibc

/// What every executable of this package does before anything else.
package enum ProcessHardening {
    /// Forbids core dumps and debuggers of the same user, keeps new files private, makes a closed pipe an error, and has
    /// a crash end the process.
    ///
    /// A limit that cannot be set is no reason to refuse work: secrets are kept out of core dumps on their own as well.
    package static func apply() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        _ = clinux_forbid_dumping()
        umask(0o077)
        openStandardStreams()
        signal(SIGPIPE, SIG_IGN)
        // Swift's runtime answers these on a terminal: its debugger prints what registers and memory hold, and waits for
        // keys, at ^\ as well.
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(number, SIG_DFL) }
    }

    // A stream that we are started without would leave its number to the next file that is opened, a key perhaps, and
    // what is printed would be written there. `/dev/null`, opened for reading, makes such output an error.
    private static func openStandardStreams() {
        for number in 0...2 as ClosedRange<Int32> where fcntl(number, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", O_RDONLY)
        }
    }
}
