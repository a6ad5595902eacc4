//! The S3 protocol over a folder, in this process.
use anyhow::{Result, anyhow};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use std::path::Path;
use tokio::{net::TcpListener, task::JoinHandle};

const ACCESS_KEY: &str = "huella-demo";

pub struct S3Endpoint {
    pub port: u16,
    pub access_key: String,
    pub secret_key: String,
}

impl S3Endpoint {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Serves the files under `root` to whoever knows the secret, until the task is aborted.
pub fn serve(listener: TcpListener, root: &Path, secret_key: String) -> Result<(S3Endpoint, JoinHandle<()>)> {
    let files = s3s_fs::FileSystem::new(root).map_err(|error| anyhow!("no se pudo abrir {}: {error:?}", root.display()))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, secret_key.as_str()));
    let service = builder.build();
    let port = listener.local_addr()?.port();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                // A client that goes away is no news.
                let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok((S3Endpoint { port, access_key: ACCESS_KEY.to_owned(), secret_key }, task))
}
