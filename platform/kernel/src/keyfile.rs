//! Files that hold keys: private, never half written, changed by one process at a time.
//!
//! All instances share them. Several may start for the first time together, and somebody may change the file with
//! a command (often as root) while servers run.
use std::{
    fs::{File, Metadata, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
    time::SystemTime,
};
use uuid::Uuid;

/// Tells one state of a file from the next. The inode too: two changes may fall into one tick of the file system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: SystemTime,
    inode: u64,
}

/// `None` if there is no such file.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let data = std::fs::metadata(path).ok()?;
    Some(Stamp { modified: data.modified().ok()?, inode: data.ino() })
}

/// Makes the file unless there is one: whoever comes first wins, and everybody must read what is there then.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = folder(path);
    std::fs::create_dir_all(folder)?;
    let owner = std::fs::metadata(folder)?;
    let beside = write_beside(path, content, |out| if out.metadata()?.uid() == 0 { adopt(out, &owner) } else { Ok(()) })?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(folder)?.sync_all(),
    }
}

/// Held while a file is read, changed and replaced. The folder is what is locked: the file itself is another one
/// after every change.
pub fn lock(path: &Path) -> io::Result<File> {
    let folder = File::open(folder(path))?;
    folder.lock()?;
    Ok(folder)
}

/// Puts new content in the place of the old, with the same owner and mode. A crash leaves the one or the other.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let old = std::fs::metadata(path)?;
    let beside = write_beside(path, content, |out| {
        adopt(out, &old)?;
        out.set_permissions(Permissions::from_mode(old.mode() & 0o777))
    })?;
    std::fs::rename(beside, path)?;
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_beside(path: &Path, content: &[u8], prepare: impl FnOnce(&File) -> io::Result<()>) -> io::Result<PathBuf> {
    let beside = path.with_extension(format!("nuevo-{}", Uuid::now_v7().simple()));
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let written = prepare(&out).and_then(|()| out.write_all(content)).and_then(|()| out.sync_all());
    match written {
        Ok(()) => Ok(beside),
        Err(error) => {
            let _ = std::fs::remove_file(&beside);
            Err(error)
        }
    }
}

/// Keys that root makes or rotates are for the service to read.
fn adopt(out: &File, like: &Metadata) -> io::Result<()> {
    let now = out.metadata()?;
    if (now.uid(), now.gid()) == (like.uid(), like.gid()) { Ok(()) } else { fchown(out, Some(like.uid()), Some(like.gid())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_keeps_owner_and_mode_and_shows_that_it_changed() {
        let folder = std::env::temp_dir().join(format!("huella-keyfile-{}", Uuid::now_v7()));
        let path = folder.join("claves.json");
        create(&path, b"una").expect("made");
        create(&path, b"otra").expect("there already");
        assert_eq!(std::fs::read(&path).expect("readable"), b"una");
        let mode = |path: &Path| std::fs::metadata(path).expect("exists").mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("changed");
        // Only root can give files away; the others check the rest.
        let root = std::fs::metadata(&path).expect("exists").uid() == 0;
        if root {
            std::os::unix::fs::chown(&path, Some(12_345), Some(54_321)).expect("given away");
        }
        let before = stamp(&path);
        replace(&path, b"nueva").expect("replaced");
        assert_ne!(stamp(&path), before);
        assert_eq!((std::fs::read(&path).expect("readable").as_slice(), mode(&path)), (b"nueva".as_slice(), 0o640));
        let data = std::fs::metadata(&path).expect("exists");
        assert!(!root || (data.uid(), data.gid()) == (12_345, 54_321));
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1, "nothing is left beside it");
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
