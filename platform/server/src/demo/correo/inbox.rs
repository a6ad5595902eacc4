//! The folder of the mail.
use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// One file per mail, named by its number.
pub struct Inbox {
    folder: PathBuf,
    last: AtomicU64,
}

impl Inbox {
    pub fn open(folder: &Path) -> io::Result<Self> {
        let inbox = Self { folder: folder.to_owned(), last: AtomicU64::new(0) };
        inbox.last.store(inbox.numbers()?.first().copied().unwrap_or(0), Ordering::Relaxed);
        Ok(inbox)
    }

    /// The newest first.
    pub fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            numbers.extend(name.to_str().and_then(|name| name.strip_suffix(".eml")?.parse::<u64>().ok()));
        }
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        Ok(numbers)
    }

    pub fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:06}.eml"))
    }

    /// Written beside and renamed: the page never shows half a mail.
    pub async fn store(&self, mail: &[u8]) -> io::Result<()> {
        let path = self.path(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let beside = path.with_extension("parte");
        tokio::fs::write(&beside, mail).await?;
        tokio::fs::rename(&beside, &path).await
    }
}
