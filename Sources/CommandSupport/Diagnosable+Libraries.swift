internal import Crypto
internal import Glibc
internal import Keystore
internal import PeerBundle
internal import SystemIO
internal import WireGuard

private let genHint = "wgkey gen"
private let apartHint = "--engine process --placement container gives the tunnel a network of its own"

extension CryptoError: Diagnosable {
    package var exitStatus: ExitStatus {
        switch self {
        case .passphrase: .permission
        case .outOfMemory: .tryAgain
        default: .refused
        }
    }

    package var hint: String? { nil }
}

extension SystemError: Diagnosable {
    package var exitStatus: ExitStatus {
        switch self {
        case .call(_, _, EACCES), .call(_, _, EPERM), .insecure: .permission
        case .call: .inputOutput
        case .missing: .noInput
        case .exists: .cannotCreate
        case .notRegular, .tooLarge: .refused
        case .locked, .timedOut: .tryAgain
        case .endOfInput: .inputOutput
        }
    }

    package var hint: String? {
        switch self {
        // It may be a directory on the way, which others have to read: what they can change comes first. An owner is not
        // for us to change: that may be somebody's home.
        case .insecure(let path, .mode(let mode)) where path == path.printable && !path.contains("'"):
            "chmod \(mode & 0o022 != 0 ? "go-w" : "go-rwx") '\(path)'"
        default: nil
        }
    }
}

extension RecordError: Diagnosable {
    package var exitStatus: ExitStatus { .configuration }
    package var hint: String? { nil }
}

extension QuickError: Diagnosable {
    package var exitStatus: ExitStatus { .refused }

    package var hint: String? {
        switch problem {
        case .command: "let this host do itself what the command does, and import a copy of the file without it"
        case .firewallMark, .routingTable, .saveConfig: "import a copy of the file without that line"
        case .missing(key: "ListenPort"): "peers call a hub at its port: add the one that they know"
        default: nil
        }
    }
}

extension IdentityTextError: Diagnosable {
    package var exitStatus: ExitStatus { .refused }

    package var hint: String? {
        switch self {
        case .wireGuardKey, .ageKey, .sshKey, .fingerprint:
            "run 'wgkey gen' on the other host, and give the identity that it prints"
        case .secretIdentity: "run 'wgkey show' on the other host; its secret key must never leave it"
        case .notAnIdentity, .mixedCase, .length, .character, .checksum:
            "run 'wgkey show' on the other host, and copy all 171 characters"
        case .notASecretIdentity, .content: nil
        }
    }
}

extension BundleError: Diagnosable {
    package var exitStatus: ExitStatus { .refused }

    package var hint: String? {
        switch self {
        case .notForThisHost: "wgbundle seal --to IDENTITY on the host that made it, with what 'wgkey show' prints here"
        case .untrustedIssuer:
            "wgkey trust IDENTITY --name NAME, with the identity that 'wgkey show' prints on that host"
        case .parts(.missing): "scan them too, and give the lines of all parts together, in any order"
        case .parts(.otherBundle), .parts(.otherCount): "scan again what one command showed, and nothing else"
        default: nil
        }
    }
}

extension FreshnessError: Diagnosable {
    package var exitStatus: ExitStatus { .refused }

    package var hint: String? {
        switch self {
        case .expired, .tooOldForFirst, .rollback: "ask the issuer for a new bundle: wgbundle renew PEER"
        case .clock, .clockBeforeRelease: "set this host's clock: date --utc --set 'YYYY-MM-DD hh:mm'"
        case .notYetValid: "check this host's clock: date -u"
        case .equivocation, .serialStep: "ask the issuer what was signed: somebody else may have its key"
        }
    }
}

extension PolicyError: Diagnosable {
    package var exitStatus: ExitStatus { .refused }

    package var hint: String? {
        switch self {
        case .defaultRoute: "wgkey trust IDENTITY --name NAME --allow-default-route, if the issuer may have that"
        case .tooWide: "wgkey trust IDENTITY --name NAME --max-prefix LENGTH, if the issuer may have that"
        case .hostNetwork: apartHint
        case .endpointInTunnel(_, let block) where block.prefix.length == 0: apartHint
        case .image(let image): "wgkey trust IDENTITY --name NAME --allow-image \(image), if the issuer may start it"
        default: nil
        }
    }
}

extension BatchError: Diagnosable {
    package var exitStatus: ExitStatus {
        if case .request(let error) = problem { error.exitStatus } else { .refused }
    }

    package var hint: String? { if case .request(let error) = problem { error.hint } else { nil } }
}

extension KeystoreError: Diagnosable {
    package var exitStatus: ExitStatus {
        switch self {
        case .system(.missing), .incompleteNetwork, .damagedFile, .damagedFreshness, .damagedIdentity: .configuration
        case .noHomeDirectory: .configuration
        case .noIdentity, .noNetwork, .noEndpoint, .noFreeRange, .noFreeAddress, .serialsExhausted: .configuration
        case .system(let error): error.exitStatus
        case .record(let error): error.exitStatus
        case .plainPeers: .configuration
        case .bundle(let error): error.exitStatus
        case .policy(let error): error.exitStatus
        case .lockedIdentity(_, let error): error.exitStatus
        case .identityExists, .networkExists: .cannotCreate
        case .identityChanged: .tryAgain
        case .rangeTaken, .smallRange: .refused
        case .notTrusted, .noPeer: .noInput
        case .twins: .configuration
        case .ownIdentity, .alreadyTrusted, .issuerNameTaken, .peerNameTaken, .peerKnown, .wireGuardKeyTaken: .refused
        case .revoked, .noFreeName, .networkClash, .plainPeerKeeps: .refused
        case .addressTaken, .addressOutside: .refused
        }
    }

    package var hint: String? {
        switch self {
        case .system(let error): error.hint
        case .record(let error): error.hint
        case .bundle(let error): error.hint
        case .noHomeDirectory: "give one with --home DIRECTORY"
        case .noIdentity: genHint
        case .identityExists: "wgkey show"
        case .damagedIdentity: "restore the file from its copy, or move it away and run wgkey gen"
        case .damagedFreshness:
            "restore the file from its copy; wgup(8), 'Old and expired bundles', says what else to do"
        case .alreadyTrusted(let name): "wgkey untrust \(name)"
        case .issuerNameTaken(let name): "choose another --name, or first: wgkey untrust \(name)"
        case .notTrusted: "wgkey list"
        case .noNetwork: "wgbundle seal --to IDENTITY makes it, with the identity of its first peer"
        case .networkExists: "give another one with --network"
        case .incompleteNetwork: "restore the file from its copy"
        case .peerNameTaken: "choose another --name; wgbundle peers lists those in use"
        case .noFreeName: "give one with --name"
        case .peerKnown: "leave out --name"
        case .revoked: "make a new identity on that host; wgbundle(1), 'Revoked peers', says more"
        case .rangeTaken, .smallRange: "give another one with --range"
        case .noFreeAddress: "wgbundle(1), 'More addresses', says how to get some"
        case .noPeer: "wgbundle peers"
        case .twins: "remove one of the two files, or restore it from its copy"
        case .plainPeerKeeps: "take the range from the peer first: it stands in plain.conf of the network"
        case .addressTaken: "leave out --address to get the lowest free one; wgbundle peers lists those in use"
        case .addressOutside: "leave out --address to get the lowest free one"
        case .noEndpoint: "say where peers reach this host: --endpoint HOST"
        default: nil
        }
    }
}
