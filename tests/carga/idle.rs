//! The ports that filling a database never uses.
use async_trait::async_trait;
use bytes::Bytes;
use kernel::ports::{Files, Mail, Mailer, PortError, Stored};

pub struct Idle;

fn never<T>() -> Result<T, PortError> {
    Err(PortError::Rejected("una carga no usa archivos ni correo".into()))
}

#[async_trait]
impl Files for Idle {
    async fn put(&self, _: &str, _: &str, _: Bytes) -> Result<(), PortError> {
        never()
    }
    async fn get(&self, _: &str) -> Result<Option<(String, Bytes)>, PortError> {
        never()
    }
    async fn put_file(&self, _: &str, _: &str, _: std::fs::File) -> Result<(), PortError> {
        never()
    }
    async fn open(&self, _: &str) -> Result<Option<Stored>, PortError> {
        never()
    }
    async fn delete(&self, _: &str) -> Result<(), PortError> {
        never()
    }
    async fn ready(&self) -> Result<(), PortError> {
        never()
    }
}

#[async_trait]
impl Mailer for Idle {
    async fn send(&self, _: Mail) -> Result<(), PortError> {
        never()
    }
}
