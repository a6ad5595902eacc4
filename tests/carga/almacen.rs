//! A file store of this process, on a thread of its own, and how a server finds it.
use adapters::{S3Config, S3Files, Secret};
use anyhow::{Context, Result};
use cluster::private;
use simuladores::s3;
use std::path::PathBuf;
use tokio::net::TcpListener;

const BUCKET: &str = "huella";

pub struct Almacen {
    config: S3Config,
    env: Vec<(&'static str, String)>,
}

impl Almacen {
    pub fn start(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let (ready, made) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                let started = async {
                    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
                    let (endpoint, task) = s3::serve(listener, &folder, private::random_secret()?)?;
                    let almacen = Self::of(endpoint.url(), endpoint.access_key.clone(), &endpoint.secret_key);
                    S3Files::new(&almacen.config).ensure_bucket().await?;
                    anyhow::Ok((almacen, task))
                };
                let Ok((almacen, task)) = started.await else { return };
                let _ = ready.send(almacen);
                let _ = task.await;
            });
        });
        made.recv().context("el almacén de archivos no arrancó")
    }

    fn of(endpoint: String, access_key: String, secret: &str) -> Self {
        let env = vec![
            ("S3_ENDPOINT", endpoint.clone()),
            ("S3_BUCKET", BUCKET.to_owned()),
            ("S3_ACCESS_KEY", access_key.clone()),
            ("S3_SECRET_KEY", secret.to_owned()),
        ];
        let (region, bucket) = ("us-east-1".to_owned(), BUCKET.to_owned());
        let config = S3Config { endpoint: Some(endpoint), region, bucket, access_key, secret_key: Secret::new(secret) };
        Self { config, env }
    }

    #[cfg(feature = "complementos")]
    pub fn config(&self) -> &S3Config {
        &self.config
    }
    /// Settings with which a server finds it.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        self.env.clone()
    }
}
