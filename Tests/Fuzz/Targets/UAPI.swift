internal import Crypto
internal import WireGuard

@testable import Tunnel

/// The first byte tells how many bytes follow that say how the rest, the reply, is cut into pieces.
///
/// A reply is read the same however it is cut; one that is not cut is written again and read as the same state.
func fuzzUAPI(_ input: Span<UInt8>) {
    guard input.count > 0 else { return }
    let sizeCount = min(Int(input[0]), input.count - 1)
    let sizes = (1..<1 + sizeCount).map { Int(input[$0]) + 1 }
    let stream = input.array(1 + sizeCount..<input.count)

    let result = read(stream)
    if sizeCount > 0 {
        expect(read(stream, inPieces: sizes) == result, "another result when cut into pieces of \(sizes)")
    } else if case .success(let state) = result {
        state.peers.forEach(expectSound)
        // The public key is that of the private key, which the state does not have.
        let expected = DeviceState(publicKey: nil, listenPort: state.listenPort, peers: state.peers)
        expect(read(state.report) == .success(expected), "a state that is reported again is another: \(state)")
    }
}

private func expectSound(_ peer: PeerState) {
    expect((try? PublicKey(peer.publicKey.rawValue)) == peer.publicKey, "a key that nobody can use")
    expect(peer.endpoint?.port != 0, "port 0 is no endpoint")
    expect(peer.keepaliveSeconds != 0, "no keepalive is none")
    expect(peer.latestHandshake?.seconds != 0, "no handshake is none")
    for prefix in peer.allowedAddresses {
        expect(IPPrefix(prefix.address, length: prefix.length) == prefix, "\(prefix) has bits after its length")
    }
}

/// Reads a stream in pieces of these sizes, over and over, or in pieces as large as they may be.
private func read(_ stream: [UInt8], inPieces sizes: [Int] = []) -> Result<DeviceState, TunnelError> {
    var (offset, piece) = (0, 0)
    do throws(TunnelError) {
        return .success(
            try UAPIReply.read { (buffer: inout MutableSpan<UInt8>) throws(TunnelError) -> Int in
                let wanted = sizes.isEmpty ? buffer.count : sizes[piece % sizes.count]
                let count = min(wanted, buffer.count, stream.count - offset)
                unsafe buffer.withUnsafeMutableBytes { unsafe $0.copyBytes(from: stream[offset..<offset + count]) }
                offset += count
                piece += 1
                return count
            }
        )
    } catch {
        return .failure(error)
    }
}

extension DeviceState {
    /// The reply of a device in this state.
    fileprivate var report: [UInt8] {
        var lines = ["listen_port=\(listenPort)"]
        for peer in peers {
            lines.append("public_key=\(peer.publicKey.rawValue.hexadecimal)")
            if let endpoint = peer.endpoint { lines.append("endpoint=\(endpoint)") }
            lines.append("last_handshake_time_sec=\(peer.latestHandshake?.seconds ?? 0)")
            lines.append("tx_bytes=\(peer.sentByteCount)")
            lines.append("rx_bytes=\(peer.receivedByteCount)")
            lines.append("persistent_keepalive_interval=\(peer.keepaliveSeconds ?? 0)")
            lines += peer.allowedAddresses.map { "allowed_ip=\($0)" }
        }
        return Array((lines + ["errno=0", "", ""]).joined(separator: "\n").utf8)
    }
}
