//! One process at a time in a folder.
use crate::{Error, Result};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

/// Held while the folder is in use; the operating system lets go of it when the process dies, however it dies.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    pub fn take(folder: &Path) -> Result<Self> {
        let path = folder.join("en-uso.pid");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::io("No se pudo abrir", &path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                return Err(Error::new(format!(
                    "La carpeta {} está en uso por el proceso {}. Deténgalo o elija otra carpeta con --data DIR",
                    folder.display(),
                    pid.trim()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("No se pudo bloquear", &path, &error)),
        }
        let note = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .and_then(|()| file.flush());
        note.map_err(|error| Error::io("No se pudo escribir", &path, &error))?;
        Ok(Self { _file: file })
    }
}
