//! From configuration to the ports: which cache, bus, file store and mail server the domains talk to.
use crate::{
    config::{Config, S3},
    pool,
};
use adapters::{
    HttpOutbound, MemoryBus, MemoryCache, RedisBus, RedisCache, RedisConfig, S3Config, S3Files, Secret, SmtpConfig, SmtpMailer,
};
use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use integraciones::Salida;
use kernel::{
    Outside,
    crypto::Keyring,
    ports::{Bus, Cache, Files, Mail, Mailer, PortError, Stored},
};
use std::{sync::Arc, time::Duration};

/// The cache of one process.
const CACHE_BYTES: u64 = 16 << 20;

pub fn connect(config: &Config) -> Result<Outside> {
    let pool = pool::lazy(&config.base.url, &config.base)?;
    let replica = config.base.replica.as_ref().map(|url| pool::lazy(url, &config.base)).transpose()?;
    std::fs::create_dir_all(&config.claves).with_context(|| format!("carpeta de claves {}", config.claves.display()))?;
    let keyring = Keyring::open_or_create(&config.claves.join("maestra.json"))?;
    let (cache, bus): (Arc<dyn Cache>, Arc<dyn Bus>) = match &config.redis {
        None => (Arc::new(MemoryCache::new(CACHE_BYTES)), Arc::new(MemoryBus::default())),
        Some(url) => {
            let redis = RedisConfig::from_url(url.expose())?;
            (Arc::new(RedisCache::new(&redis)?), Arc::new(RedisBus::new(&redis)?))
        }
    };
    let files: Arc<dyn Files> = match &config.s3 {
        Some(s3) => Arc::new(S3Files::new(&s3_config(s3))),
        None => Arc::new(Missing),
    };
    let mailer: Arc<dyn Mailer> = match &config.correo {
        Some(mail) => Arc::new(SmtpMailer::new(&smtp_config(mail)?)?),
        None => Arc::new(Missing),
    };
    let clock = Arc::new(now);
    Ok(Outside { pool, replica, clock, keyring: Arc::new(keyring), cache: Arc::new(Counted(cache)), bus, files, mailer })
}

/// The way to addresses that people gave us; `internos`: also to our own network.
pub fn salida(internos: bool) -> Result<Salida> {
    Ok(Salida(Arc::new(HttpOutbound::new(internos)?)))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn smtp_config(mail: &crate::config::Mail) -> Result<SmtpConfig> {
    let config = SmtpConfig::from_url(mail.url.expose(), &mail.remitente)?;
    match &mail.autoridad {
        None => Ok(config),
        Some(path) => Ok(config.trusting(std::fs::read(path).with_context(|| format!("autoridad del correo {}", path.display()))?)?),
    }
}

fn s3_config(s3: &S3) -> S3Config {
    S3Config {
        endpoint: s3.endpoint.clone(),
        region: s3.region.clone(),
        bucket: s3.bucket.clone(),
        access_key: s3.access_key.clone(),
        secret_key: Secret::new(s3.secret_key.expose()),
    }
}

/// What stands where nothing is configured: everything else works.
struct Missing;

fn missing<T>() -> Result<T, PortError> {
    Err(PortError::Unavailable("sin configurar".into()))
}

#[async_trait]
impl Files for Missing {
    async fn put(&self, _: &str, _: &str, _: Bytes) -> Result<(), PortError> {
        missing()
    }
    async fn get(&self, _: &str) -> Result<Option<(String, Bytes)>, PortError> {
        missing()
    }
    async fn put_file(&self, _: &str, _: &str, _: std::fs::File) -> Result<(), PortError> {
        missing()
    }
    async fn open(&self, _: &str) -> Result<Option<Stored>, PortError> {
        missing()
    }
    async fn delete(&self, _: &str) -> Result<(), PortError> {
        missing()
    }
    async fn ready(&self) -> Result<(), PortError> {
        missing()
    }
}

#[async_trait]
impl Mailer for Missing {
    async fn send(&self, _: Mail) -> Result<(), PortError> {
        missing()
    }
}

/// Counts what the shared cache was asked for, by the part of the key before its first colon.
struct Counted(Arc<dyn Cache>);

#[async_trait]
impl Cache for Counted {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, PortError> {
        let found = self.0.get(key).await;
        let resultado = match &found {
            Ok(Some(_)) => "acierto",
            Ok(None) => "falta",
            Err(_) => "error",
        };
        metrics::counter!("cache_consultas_total", "cache" => name(key), "resultado" => resultado).increment(1);
        found
    }
    async fn put(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), PortError> {
        self.0.put(key, value, ttl).await
    }
    async fn delete(&self, key: &str) -> Result<(), PortError> {
        self.0.delete(key).await
    }
    async fn add(&self, key: &str, by: i64, ttl: Duration) -> Result<i64, PortError> {
        let sum = self.0.add(key, by, ttl).await;
        let resultado = if sum.is_ok() { "suma" } else { "error" };
        metrics::counter!("cache_consultas_total", "cache" => name(key), "resultado" => resultado).increment(1);
        sum
    }
}

/// Names are few and our own: whatever else a key may hold stays out of the labels.
fn name(key: &str) -> &'static str {
    match key.split(':').next() {
        Some("freno") => "freno",
        Some("limite") => "limite",
        Some("publico") => "publico",
        Some("respuesta") => "respuesta",
        _ => "otros",
    }
}
