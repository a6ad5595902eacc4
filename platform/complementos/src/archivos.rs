//! Components and compiled code in the file store. They are the platform's and no chain's.
use bytes::Bytes;
use kernel::{App, Problem};
use plugin_manifest::Digest;

fn key(digest: &Digest, name: &str) -> String {
    format!("complementos/{digest}/{name}")
}

/// An object's name made of whatever an engine calls its target.
fn target(objetivo: &str) -> String {
    objetivo.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

/// As its publisher uploaded it.
pub async fn guardar_subido(app: &App, digest: &Digest, bytes: Bytes) -> Result<(), Problem> {
    Ok(app.files().put(&key(digest, "subido.wasm"), "application/wasm", bytes).await?)
}

pub async fn subido(app: &App, digest: &Digest) -> Result<Option<Bytes>, Problem> {
    Ok(app.files().get(&key(digest, "subido.wasm")).await?.map(|(_, bytes)| bytes))
}

/// With the platform's signature.
pub async fn guardar_firmado(app: &App, digest: &Digest, bytes: Bytes) -> Result<(), Problem> {
    Ok(app.files().put(&key(digest, "firmado.wasm"), "application/wasm", bytes).await?)
}

/// Signed by the platform if it was reviewed, else as uploaded: what it may be used for, its signatures say.
pub async fn componente(app: &App, digest: &Digest) -> Result<Bytes, Problem> {
    if let Some((_, bytes)) = app.files().get(&key(digest, "firmado.wasm")).await? {
        return Ok(bytes);
    }
    subido(app, digest).await?.ok_or_else(Problem::not_found)
}

pub async fn compilado(app: &App, digest: &Digest, objetivo: &str) -> Result<Option<Bytes>, Problem> {
    Ok(app.files().get(&key(digest, &format!("{}.codigo", target(objetivo)))).await?.map(|(_, bytes)| bytes))
}

pub async fn guardar_compilado(app: &App, digest: &Digest, objetivo: &str, sellado: Bytes) -> Result<(), Problem> {
    Ok(app.files().put(&key(digest, &format!("{}.codigo", target(objetivo))), "application/octet-stream", sellado).await?)
}
