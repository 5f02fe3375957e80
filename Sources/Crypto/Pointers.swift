// What libsodium takes and gives: an address that is never null, even of nothing.

extension Span where Element == UInt8 {
    /// Lends the address of the first byte, or some readable address where there is none.
    func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { return unsafe body(base) }
            return unsafe [UInt8(0)].withUnsafeBufferPointer { nothing in
                guard let base = nothing.baseAddress else { fatalError("an array of one byte has an address") }
                return unsafe body(base)
            }
        }
    }
}

extension Array where Element == UInt8 {
    /// Makes `count` bytes, one or more, that `fill` writes.
    init(count: Int, filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        self.init(repeating: 0, count: count)
        unsafe withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { unsafe fill(base) }
        }
    }
}
