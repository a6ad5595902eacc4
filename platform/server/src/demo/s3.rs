//! The demo's S3 endpoint: where it listens and what opens it.
use super::listen;
use anyhow::Result;
use cluster::private;
use simuladores::s3;
use std::path::Path;
use tokio::task::JoinHandle;

pub use s3::S3Endpoint;

/// Files under `root`; port and secret are kept in `home` from one start to the next.
pub async fn start(root: &Path, home: &Path) -> Result<(S3Endpoint, JoinHandle<()>)> {
    let secret_key = private::secret_in(&home.join("s3.clave"))?;
    let port = private::port_in(&home.join("s3.puerto"))?;
    s3::serve(listen(port).await?, root, secret_key)
}
