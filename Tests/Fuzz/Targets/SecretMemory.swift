internal import Glibc

// libsodium's guarded memory costs ten system calls for each secret, most of a target's time. The address sanitizer guards
// the memory of `malloc` as well, at either end, so here the secrets lie there. The linker takes these functions for those
// of the library.

@c(sodium_malloc)
func allocateSecret(_ count: Int) -> UnsafeMutableRawPointer? { unsafe malloc(count) }

@c(sodium_free)
func freeSecret(_ block: UnsafeMutableRawPointer?) { unsafe free(block) }

@c(sodium_mprotect_noaccess)
func keepSecret(_ block: UnsafeMutableRawPointer?) -> CInt { 0 }

@c(sodium_mprotect_readwrite)
func lendSecret(_ block: UnsafeMutableRawPointer?) -> CInt { 0 }
