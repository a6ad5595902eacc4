//! Where the built app lies.
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use kernel::token::sha256;
use std::{
    borrow::Cow,
    path::{Component, Path, PathBuf},
};

/// In a release it is part of the program. A folder that is not there is an app that was not built.
#[derive(rust_embed::RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Incluidos;

/// The built app.
#[derive(Debug, Clone)]
pub enum Dist {
    /// The one that this program was compiled with.
    Propio,
    /// Another one, read from a folder at each request.
    Carpeta(PathBuf),
}

impl Dist {
    /// A file by its path below the app's root.
    pub fn get(&self, path: &str) -> Option<Archivo> {
        if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
            return None;
        }
        let bytes = match self {
            Self::Propio => Incluidos::get(path)?.data,
            Self::Carpeta(folder) => Cow::Owned(std::fs::read(folder.join(path)).ok()?),
        };
        Some(Archivo(bytes))
    }
}

/// A file of the app, whole.
pub struct Archivo(Cow<'static, [u8]>);

impl Archivo {
    pub fn etag(&self) -> String {
        use std::fmt::Write;
        let digest = sha256(&self.0);
        let mut text = String::from("\"");
        digest.iter().take(12).for_each(|byte| {
            let _ = write!(text, "{byte:02x}");
        });
        text.push('"');
        text
    }
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl IntoResponse for Archivo {
    fn into_response(self) -> Response {
        match self.0 {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        }
        .into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_climbs_out_of_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("dist")).expect("made");
        std::fs::write(folder.path().join("secreto.txt"), "x").expect("written");
        std::fs::write(folder.path().join("dist/a.txt"), "y").expect("written");
        let dist = Dist::Carpeta(folder.path().join("dist"));
        assert!(dist.get("a.txt").is_some());
        assert!(dist.get("../secreto.txt").is_none());
        assert!(dist.get("/etc/hostname").is_none());
        assert!(dist.get("").is_none());
    }
}
