//! Where things are, from the environment that `cargo xtask bench` sets.
use anyhow::{Context, Result};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    path::PathBuf,
    process::{Command, Stdio},
    str::FromStr,
};

pub struct Place {
    admin_url: String,
    bin: PathBuf,
    pub pgbench: PathBuf,
    pub pg_pid: u32,
    /// Ours until the end; xtask makes and removes it, so that it is gone however we end.
    pub folder: PathBuf,
    /// Address of a Redis that the instances share.
    pub redis: Option<String>,
}

impl Place {
    pub fn from_env() -> Result<Self> {
        let var = |name: &str| std::env::var(name).with_context(|| format!("falta {name}: use `cargo xtask bench`"));
        Ok(Self {
            admin_url: var("DATABASE_URL")?,
            bin: var("HUELLA_BIN")?.into(),
            pgbench: var("PGBENCH")?.into(),
            pg_pid: var("PG_PID")?.parse()?,
            folder: var("HUELLA_CARGA")?.into(),
            redis: std::env::var("REDIS_URL").ok(),
        })
    }

    /// The same address with another database.
    pub fn url(&self, database: &str) -> String {
        let (address, options) = self.admin_url.split_once('?').unwrap_or((&self.admin_url, ""));
        let (server, _) = address.rsplit_once('/').unwrap_or((address, ""));
        format!("{server}/{database}?{options}")
    }

    /// As superuser, past row-level security: to prepare and to count.
    pub async fn connect(&self, database: &str) -> Result<PgPool> {
        let options = PgConnectOptions::from_str(&self.admin_url)?.database(database).options([("search_path", "huella,public")]);
        Ok(PgPoolOptions::new().max_connections(4).connect_with(options).await?)
    }

    pub fn huella(&self, database: &str) -> Command {
        let mut command = Command::new(&self.bin);
        command
            .env("DATABASE_URL", self.url(database))
            .env("DATABASE_ADMIN_URL", self.url(database))
            .env("HUELLA_CLAVES", self.folder.join("claves"))
            .env("HUELLA_LOG", "warn")
            .env_remove("REDIS_URL")
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        command
    }
}

/// Runs a command to its end; its complaint is the error.
pub fn ran(command: &mut Command) -> Result<()> {
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output()?;
    anyhow::ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
