//! Who runs PostgreSQL: it refuses root, so a process of root hands it to another user.
use crate::{Error, Result};
use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::Command,
    sync::OnceLock,
};

pub fn is_root() -> bool {
    own_uid() == Some(0)
}

pub(crate) fn own_uid() -> Option<u32> {
    static UID: OnceLock<Option<u32>> = OnceLock::new();
    *UID.get_or_init(|| {
        let out = Command::new("id").arg("-u").output().ok()?;
        String::from_utf8(out.stdout).ok()?.trim().parse().ok()
    })
}

/// The user of the server's processes: oneself, or whom root hands them to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Own,
    Other { uid: u32, gid: u32 },
}

impl Account {
    pub(crate) fn choose() -> Result<Self> {
        if !is_root() {
            return Ok(Self::Own);
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| find(&passwd, name))
            .ok_or_else(|| Error::new("PostgreSQL no se ejecuta como root y no existe el usuario postgres ni nobody"))
    }

    pub(crate) fn uid(self) -> Option<u32> {
        match self {
            Self::Own => own_uid(),
            Self::Other { uid, .. } => Some(uid),
        }
    }

    /// The standard library also clears the supplementary groups of root.
    pub(crate) fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        // Nobody's folder: the current one may be closed to the other user.
        command.current_dir("/");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
    }

    pub(crate) fn give(self, path: &Path) -> Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)).map_err(|error| Error::io("No se pudo ceder", path, &error)),
        }
    }

    /// Whether this user can really write there, asked of the operating system itself.
    pub(crate) fn can_write(self, path: &Path) -> bool {
        let mut command = Command::new("test");
        command.arg("-w").arg(path);
        self.apply(&mut command);
        command.status().is_ok_and(|status| status.success())
    }
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Account::Other { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres-old:x:7:7::/:/bin/sh\npostgres:x:101:104:a,b:/var:/bin/sh\n";
        assert_eq!(find(passwd, "postgres"), Some(Account::Other { uid: 101, gid: 104 }));
        assert_eq!(find(passwd, "nobody"), None);
    }
}
