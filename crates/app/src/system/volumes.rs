//! The disk or share that a folder is on.

use std::path::Path;

/// The kernel's list of what is mounted is some 100 bytes a line; containers have thousands.
#[cfg(target_os = "linux")]
const MAX_MOUNTS: u64 = 4 * 1024 * 1024;

/// What can be seen of a disk without writing to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Volume {
    /// What it is called on the desktop, if it is one that can be taken away.
    pub name: Option<String>,
    /// For this person, in bytes.
    pub free: Option<u64>,
    pub read_only: bool,
    /// It is the disk that `home` is on: both are lost together.
    pub same_as_home: bool,
}

/// The volume that `folder`, or the nearest folder above it that is there, is on.
#[cfg(target_os = "linux")]
pub(crate) fn volume_of(folder: &Path, home: &Path) -> Volume {
    use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};
    let Some(there) = folder.ancestors().find(|path| path.is_dir()) else {
        return Volume::default();
    };
    let mounts = durable_files::read_if_there(Path::new("/proc/self/mountinfo"), MAX_MOUNTS);
    let mounts = String::from_utf8(mounts.ok().flatten().unwrap_or_default()).unwrap_or_default();
    let facts = statvfs(there).ok();
    let read_only = facts.as_ref().is_some_and(|f| f.f_flag.contains(StatVfsMountFlags::RDONLY));
    Volume {
        name: mount_point(&mounts, folder).and_then(name_of),
        free: facts.map(|f| f.f_bavail.saturating_mul(f.f_frsize)),
        read_only: read_only || access(there, Access::WRITE_OK).is_err(),
        same_as_home: is_one_device(there, home),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn volume_of(folder: &Path, home: &Path) -> Volume {
    let there = folder.ancestors().find(|path| path.is_dir());
    let same_as_home = there.is_some_and(|there| is_one_device(there, home));
    Volume { name: name_of(folder), same_as_home, ..Volume::default() }
}

fn is_one_device(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| std::fs::metadata(path).ok().map(|meta| meta.dev());
    device(one).is_some() && device(one) == device(other)
}

/// The mount point that `folder` is below, by proc_pid_mountinfo(5). A folder may be of a disk that
/// is away: then it is a mount point of another.
#[cfg(any(target_os = "linux", test))]
fn mount_point<'a>(mounts: &str, folder: &'a Path) -> Option<&'a Path> {
    let points: std::collections::HashSet<std::path::PathBuf> = mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|point| std::path::PathBuf::from(unescaped(point)))
        .collect();
    folder.ancestors().find(|path| points.contains(*path))
}

/// Space, tab, line break and backslash stand there as three octal digits.
#[cfg(any(target_os = "linux", test))]
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .into_iter()
        .fold(text.to_string(), |text, (written, meant)| text.replace(written, meant))
}

/// Where desktops and people mount disks that come and go: `/run/media/ann/Backup` is `Backup`.
fn name_of(point: &Path) -> Option<String> {
    let mut parts = point.iter().skip(1).map(|part| part.to_string_lossy().into_owned());
    let name = match parts.next()?.as_str() {
        "run" if parts.next()? == "media" => parts.nth(1)?,
        // Of Debian and its relatives: /media/ann/Backup, and by hand /media/backup.
        "media" => {
            let first = parts.next()?;
            parts.next().unwrap_or(first)
        }
        "mnt" | "Volumes" => parts.next()?,
        _ => return None,
    };
    Some(name.chars().filter(|c| !c.is_control()).take(64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 8:17 / /media/ann/My\\040Disk rw,nosuid - ext4 /dev/sdb1 rw
41 22 8:33 / /run/media/ann/Stick ro,nosuid - vfat /dev/sdc1 ro
";

    #[test]
    fn a_disk_has_the_name_that_the_desktop_shows() {
        let name = |folder: &str| mount_point(MOUNTS, Path::new(folder)).and_then(name_of);
        assert_eq!(name("/media/ann/My Disk/Keepsake").as_deref(), Some("My Disk"));
        assert_eq!(name("/run/media/ann/Stick/a/b").as_deref(), Some("Stick"));
        assert_eq!(name("/home/ann/Keepsake"), None);
        assert_eq!(name("/media/ann/Away/Keepsake"), None, "it is not mounted");
        assert_eq!(mount_point("", Path::new("/home")), None);
    }

    #[test]
    fn what_is_mounted_by_hand_has_its_folders_name() {
        for (point, name) in [
            ("/mnt/nas", Some("nas")),
            ("/media/backup", Some("backup")),
            ("/Volumes/Backup", Some("Backup")),
            ("/run/media/ann", None),
            ("/run/user/1000", None),
            ("/", None),
        ] {
            assert_eq!(name_of(Path::new(point)).as_deref(), name, "{point}");
        }
    }

    #[test]
    fn a_folder_beside_the_home_is_on_its_disk_and_one_that_is_not_there_yet_too() {
        let dir = tempfile::tempdir().unwrap();
        let volume = volume_of(&dir.path().join("a/b"), dir.path());
        assert!(volume.same_as_home && !volume.read_only, "{volume:?}");
        #[cfg(target_os = "linux")]
        assert!(!volume_of(Path::new("/proc/x"), dir.path()).same_as_home);
    }
}
