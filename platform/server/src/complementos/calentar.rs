//! Before anybody asks: what chains have switched on is compiled, where this version's engine needs other code, and loaded. A
//! server serves meanwhile; whoever asks for something that is not ready yet is told so, as ever.
use super::{Complementos, cargar::Compilacion};
use ::complementos::{self as registro, EnUso};
use kernel::Problem;
use plugin_host::{Admission, LoadError, Profile};
use std::time::Instant;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calentado {
    pub cargados: usize,
    /// Of those, how many had to be compiled first.
    pub compilados: usize,
    pub fallados: usize,
}

#[derive(Debug, thiserror::Error)]
enum Frio {
    #[error("no se pudo leer: {0}")]
    Lectura(String),
    #[error("{0}")]
    Carga(#[from] LoadError),
    #[error("{0}")]
    Compilacion(#[from] Compilacion),
}

impl From<Problem> for Frio {
    fn from(problem: Problem) -> Self {
        Self::Lectura(format!("{}", problem.status().as_u16()))
    }
}

impl Complementos {
    /// One after the other, what most chains have first: a start is no reason to take the machine from those who are served.
    pub async fn calentar(&self) -> Result<Calentado, Problem> {
        let mut tx = self.system().begin_jobs().await?;
        let all = registro::en_uso(&mut tx).await?;
        drop(tx);
        let mut done = Calentado::default();
        for (number, uso) in all.iter().enumerate() {
            let began = Instant::now();
            match self.calentar_uno(uso).await {
                Ok(compiled) => {
                    done.cargados += 1;
                    done.compilados += usize::from(compiled);
                    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                    let (complemento, version, cadenas) = (&uso.complemento, &uso.version, uso.cadenas);
                    tracing::info!(complemento, version, cadenas, compiled, ms, numero = number + 1, de = all.len(), "a plugin is ready");
                }
                Err(error) => {
                    done.fallados += 1;
                    tracing::warn!(complemento = uso.complemento, version = uso.version, %error, "a plugin could not be made ready");
                }
            }
        }
        Ok(done)
    }

    /// Whether it had to be compiled.
    async fn calentar_uno(&self, uso: &EnUso) -> Result<bool, Frio> {
        let mut tx = self.system().begin(uso.tenant).await?;
        // Switched to another version, or gone, since it was looked for: nothing to do.
        let Some(activo) = registro::instalado(&mut tx, &uso.complemento).await?.filter(|activo| activo.digest == uso.digest) else {
            return Ok(false);
        };
        let trust = registro::confianza(&mut tx).await?;
        drop(tx);
        let (host, profile) = (self.host().await?, Profile::from(activo.mundo));
        let component = self.componente(&activo.digest).await.map_err(Frio::Lectura)?;
        let admission = Admission::Signed { trust: &trust, sandbox: activo.sandbox };
        let sealed = registro::compilado(&self.0.app, &activo.digest, &profile.target()).await?;
        let loaded = match &sealed {
            Some(sealed) => host.load(&component, sealed, &admission).map(drop),
            None => Err(LoadError::Stale("sin compilar".into())),
        };
        match loaded {
            Err(LoadError::Forged(_) | LoadError::Stale(_)) => {}
            other => return Ok(other.map(|()| false)?),
        }
        // Somebody asked for it just now: it is being compiled.
        let Some(_mine) = self.compilando(activo.digest) else { return Ok(true) };
        let code = self.compilar(&component, &activo.digest, profile).await?;
        host.load(&component, &host.seal(&activo.digest, profile, &code), &admission)?;
        registro::avisar(&self.0.app, None, Some(activo.digest)).await;
        Ok(true)
    }
}
