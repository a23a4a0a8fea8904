//! What the operating system says of a folder.

/// Whether this program may write to the folder at an address. Of a place that is no folder nothing
/// is known before something is written there.
#[cfg(target_os = "linux")]
pub(super) fn writable(address: &str) -> bool {
    use rustix::fs::{Access, access};
    use rustix::io::Errno;

    if remote_stores::Address::is_remote(address) {
        return true;
    }
    !matches!(access(address, Access::WRITE_OK), Err(Errno::ROFS | Errno::ACCESS | Errno::PERM))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn writable(_address: &str) -> bool {
    true
}
