//! What plugins reach through the host, kept where everything of a chain is. A transaction for each call: nothing is held
//! while a guest thinks.
use ::complementos as registro;
use async_trait::async_trait;
use kernel::{Event, Problem, SystemCtx, audit::Change, ids::TenantId};
use plugin_host::{
    Events, KeyError, Keys, LocalKey, Ports, Scope, Secret, Secrets, SignatureAlg, State, StateError, Unavailable, manifest::Digest,
};
use registro::estado::{self, Cambiado};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// What plugins emit, as the chain's own event.
const AVISO: &str = "complemento.aviso";

#[derive(Clone)]
pub struct Puertos(pub SystemCtx);

impl Puertos {
    pub fn ports(&self) -> Ports {
        let me = Arc::new(self.clone());
        Ports { state: me.clone(), secrets: me.clone(), keys: me.clone(), events: me }
    }

    async fn key(&self, scope: &Scope, slot: &str) -> Result<LocalKey, KeyError> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(unavailable)?;
        let found = registro::clave_de_firma(&mut tx, &scope.plugin, slot).await.map_err(unavailable)?;
        let (kind, bytes) = found.ok_or(KeyError::Missing)?;
        if kind == "hmac" {
            return Ok(LocalKey::Shared(bytes));
        }
        let key = PrivatePkcs8KeyDer::from_pem_slice(&bytes).map_err(|_| KeyError::Unfit)?;
        LocalKey::from_pkcs8(key.secret_pkcs8_der())
    }

    /// Signing is written down first: a signature that nobody knows of must not leave. Of what was signed, its digest.
    async fn note_signature(&self, scope: &Scope, slot: &str, data: &[u8]) -> Result<(), Problem> {
        let mut tx = self.0.begin(tenant(scope)).await?;
        let after = json!({
            "complemento": scope.plugin, "version": scope.version, "digest": scope.digest, "ranura": slot, "sha256": Digest::of(data),
        });
        tx.audit(Change::new("firmar", "complemento", scope.tenant).despues(after));
        tx.commit().await
    }
}

fn tenant(scope: &Scope) -> TenantId {
    TenantId::from(scope.tenant)
}

/// The guest hears that it does not work now; why is in our own log.
fn unavailable(problem: Problem) -> Unavailable {
    tracing::error!(estado = problem.status().as_u16(), "a plugin's port failed");
    Unavailable("no se pudo consultar la base de datos".into())
}

fn no_state(problem: Problem) -> StateError {
    StateError::Unavailable(unavailable(problem))
}

#[async_trait]
impl State for Puertos {
    async fn get(&self, scope: &Scope, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(no_state)?;
        estado::get(&mut tx, &scope.plugin, key).await.map_err(no_state)
    }

    async fn set(&self, scope: &Scope, key: &str, value: Vec<u8>, ttl: Option<Duration>, quota: u64) -> Result<(), StateError> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(no_state)?;
        let until = ttl.map(|ttl| tx.now() + ttl);
        let fits = estado::set(&mut tx, &scope.plugin, key, &value, until, quota).await.map_err(no_state)?;
        tx.commit().await.map_err(no_state)?;
        if fits { Ok(()) } else { Err(StateError::Quota) }
    }

    async fn delete(&self, scope: &Scope, key: &str) -> Result<(), StateError> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(no_state)?;
        estado::delete(&mut tx, &scope.plugin, key).await.map_err(no_state)?;
        tx.commit().await.map_err(no_state)
    }

    async fn swap(&self, scope: &Scope, key: &str, old: Option<&[u8]>, new: Vec<u8>, quota: u64) -> Result<bool, StateError> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(no_state)?;
        let done = estado::swap(&mut tx, &scope.plugin, key, old, &new, quota).await.map_err(no_state)?;
        tx.commit().await.map_err(no_state)?;
        match done {
            Cambiado::Si => Ok(true),
            Cambiado::No => Ok(false),
            Cambiado::SinEspacio => Err(StateError::Quota),
        }
    }
}

#[async_trait]
impl Secrets for Puertos {
    async fn secret(&self, scope: &Scope, name: &str) -> Result<Option<Secret>, Unavailable> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(unavailable)?;
        Ok(registro::secreto(&mut tx, &scope.plugin, name).await.map_err(unavailable)?.map(Secret::new))
    }
}

#[async_trait]
impl Keys for Puertos {
    async fn sign(&self, scope: &Scope, slot: &str, alg: SignatureAlg, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = self.key(scope, slot).await?;
        self.note_signature(scope, slot, data).await.map_err(unavailable)?;
        key.sign(alg, data)
    }

    async fn verify(&self, scope: &Scope, slot: &str, alg: SignatureAlg, data: &[u8], signature: &[u8]) -> Result<bool, KeyError> {
        self.key(scope, slot).await?.verify(alg, data, signature)
    }

    async fn certificate_der(&self, scope: &Scope, slot: &str) -> Result<Vec<u8>, KeyError> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(unavailable)?;
        let found = registro::clave_de_firma(&mut tx, &scope.plugin, slot).await.map_err(unavailable)?;
        let (_, bytes) = found.ok_or(KeyError::Missing)?;
        CertificateDer::from_pem_slice(&bytes).map(|der| der.to_vec()).map_err(|_| KeyError::Missing)
    }
}

#[async_trait]
impl Events for Puertos {
    async fn emit(&self, scope: &Scope, topic: &str, document: Value) -> Result<(), Unavailable> {
        let mut tx = self.0.begin(tenant(scope)).await.map_err(unavailable)?;
        tx.publish(Event::new(AVISO, json!({ "complemento": scope.plugin, "tema": topic, "documento": document })));
        tx.commit().await.map_err(unavailable)
    }
}
