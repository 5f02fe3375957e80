/// How a command ended, as in `sysexits.h`.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    /// `EX_USAGE`: the command line is wrong.
    case usage = 64
    /// `EX_DATAERR`: a bundle, an identity or a file was refused.
    case refused = 65
    /// `EX_NOINPUT`: what should be read is not there.
    case noInput = 66
    /// `EX_UNAVAILABLE`: an engine or a backend is not to be had.
    case unavailable = 69
    /// `EX_SOFTWARE`: our own mistake.
    case software = 70
    /// `EX_CANTCREAT`: the output exists, or cannot be made.
    case cannotCreate = 73
    /// `EX_IOERR`: reading or writing failed.
    case inputOutput = 74
    /// `EX_TEMPFAIL`: the same command may work later.
    case tryAgain = 75
    /// `EX_NOPERM`: permission is missing, or the permissions of a file are wrong.
    case permission = 77
    /// `EX_CONFIG`: this host is not set up for it.
    case configuration = 78
}
