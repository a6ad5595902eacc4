//! Where the data and the socket lie.
use crate::{Error, Result, account::Account};
use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// In the home folder when the data lie elsewhere: says where.
const POINTER: &str = "pg.ruta";

/// The folder that holds `data`: the home's own `pg`, unless the server's user cannot get there (a clone under
/// /root, a home with mode 0700). Then a folder elsewhere is made; nobody's permissions are loosened.
pub(crate) fn base(home: &Path, account: Account) -> Result<PathBuf> {
    if let Some(pointed) = pointed(home)
        && pointed.is_dir()
    {
        return Ok(pointed);
    }
    let near = home.join("pg");
    make_private(&near, account)?;
    if account.can_write(&near) {
        return Ok(near);
    }
    fs::remove_dir(&near).map_err(|error| Error::io("No se pudo quitar", &near, &error))?;
    let far = Path::new("/var/lib/huella-demo");
    fs::create_dir_all(far).map_err(|error| Error::io("No se pudo crear", far, &error))?;
    let base = far.join(fingerprint(home));
    make_private(&base, account)?;
    if !account.can_write(&base) {
        return Err(Error::new(format!("El usuario de PostgreSQL no puede escribir en {} ni en {}", near.display(), base.display())));
    }
    let pointer = home.join(POINTER);
    fs::write(&pointer, format!("{}\n", base.display())).map_err(|error| Error::io("No se pudo escribir", &pointer, &error))?;
    Ok(base)
}

/// Where the data of `home` are, if there are any.
pub(crate) fn existing(home: &Path) -> Option<PathBuf> {
    pointed(home).or_else(|| Some(home.join("pg"))).filter(|base| base.is_dir())
}

pub(crate) fn forget(home: &Path) -> Result<()> {
    for path in existing(home).into_iter().chain([home.join(POINTER)]) {
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match gone {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::io("No se pudo borrar", &path, &error)),
            _ => {}
        }
    }
    Ok(())
}

fn pointed(home: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(home.join(POINTER)).ok()?;
    // Only ever a folder of ours: whoever edits the file must not make --fresh delete something else.
    Some(PathBuf::from(text.trim())).filter(|path| path.parent() == Some(Path::new("/var/lib/huella-demo")))
}

/// A short path for the socket: the limit is about 107 bytes, and a data folder may be deeper.
pub(crate) fn socket_folder(data: &Path, account: Account) -> Result<PathBuf> {
    let name = format!("huella-{}", fingerprint(data));
    for attempt in 0..20 {
        let path = PathBuf::from(if attempt == 0 { format!("/tmp/{name}") } else { format!("/tmp/{name}-{attempt}") });
        if make_private(&path, account).is_ok() {
            return Ok(path);
        }
    }
    Err(Error::new("No se pudo crear en /tmp la carpeta del socket de PostgreSQL"))
}

/// The folder of a socket whose owner was killed.
pub(crate) fn forget_socket(data: &Path) {
    let path = PathBuf::from(format!("/tmp/huella-{}", fingerprint(data)));
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
        let _ = fs::remove_dir_all(&path);
    }
}

/// A folder that only the server's user enters. In /tmp somebody else may have been there first: what is not a
/// real folder of ours is refused.
fn make_private(path: &Path, account: Account) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => account.give(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).map_err(|error| Error::io("No se pudo leer", path, &error))?;
            let ours = Some(found.uid()) == account.uid() || Some(found.uid()) == crate::account::own_uid();
            if !found.is_dir() || !ours {
                return Err(Error::new(format!("{} ya existe y es de otro", path.display())));
            }
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|error| Error::io("No se pudo cerrar", path, &error))?;
            account.give(path)
        }
        Err(error) => Err(Error::io("No se pudo crear", path, &error)),
    }
}

/// FNV-1a of the path: short, and the same at every start.
fn fingerprint(path: &Path) -> String {
    let hash = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:012x}", hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_short_stable_and_differ() {
        assert_eq!(fingerprint(Path::new("/a")), fingerprint(Path::new("/a")));
        assert_ne!(fingerprint(Path::new("/a")), fingerprint(Path::new("/b")));
        assert_eq!(fingerprint(Path::new("/a/b/c")).len(), 12);
    }
}
