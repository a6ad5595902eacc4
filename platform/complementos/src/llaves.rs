//! The platform's own signing keys: one for what was reviewed, one that counts in sandboxes only, one of a publisher.
//!
//! They are in a file beside the master key, shared by all instances and in no database: whoever writes to the database
//! cannot make a plugin trusted.
use kernel::{App, Problem, Tx, keyfile, keyfile::Stamp};
use plugin_manifest::{PublicKey, SigningKey};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

#[derive(Serialize, Deserialize)]
struct Archivo {
    /// Signs what was reviewed. The first one signs; the others only verify.
    revision: Vec<String>,
    /// Signs what a sandbox runs without a signature of its publisher.
    pruebas: String,
    /// Signs what the platform itself publishes.
    editor: String,
}

/// The keys, read.
pub struct Juego {
    revision: Vec<SigningKey>,
    pruebas: SigningKey,
    editor: SigningKey,
    stamp: Option<Stamp>,
}

impl Juego {
    pub fn revision(&self) -> &SigningKey {
        &self.revision[0]
    }
    pub fn pruebas(&self) -> &SigningKey {
        &self.pruebas
    }
    pub fn editor(&self) -> &SigningKey {
        &self.editor
    }
    pub fn de_la_plataforma(&self) -> BTreeSet<PublicKey> {
        self.revision.iter().map(SigningKey::public).collect()
    }
}

/// What this process knows of them.
#[derive(Default)]
pub struct Llaves(RwLock<Option<(PathBuf, Arc<Juego>)>>);

/// Reads the keys, or makes them (mode 0600) if there are none.
pub fn abrir(app: &App, path: &Path) -> io::Result<()> {
    if !path.exists() {
        let new = || SigningKey::generate().map_err(io::Error::other);
        let fresh = Archivo { revision: vec![new()?.expose()], pruebas: new()?.expose(), editor: new()?.expose() };
        keyfile::create(path, &serde_json::to_vec_pretty(&fresh).map_err(io::Error::other)?)?;
    }
    let read = leer(path)?;
    *app.memory::<Llaves>().0.write().unwrap_or_else(PoisonError::into_inner) = Some((path.to_owned(), Arc::new(read)));
    Ok(())
}

fn leer(path: &Path) -> io::Result<Juego> {
    // Before the content: a change in between is then noticed the next time.
    let stamp = keyfile::stamp(path);
    let archivo: Archivo = serde_json::from_slice(&std::fs::read(path)?).map_err(|_| io::Error::other("no es un archivo de claves"))?;
    let key = |text: &String| text.parse::<SigningKey>().map_err(io::Error::other);
    let revision = archivo.revision.iter().map(key).collect::<io::Result<Vec<_>>>()?;
    if revision.is_empty() {
        return Err(io::Error::other("falta la clave de revisión"));
    }
    Ok(Juego { revision, pruebas: key(&archivo.pruebas)?, editor: key(&archivo.editor)?, stamp })
}

impl Llaves {
    fn juego(&self) -> Result<Arc<Juego>, Problem> {
        let missing = || Problem::internal("the keys that sign plugins were not opened");
        let (path, known) = self.0.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(missing)?;
        if keyfile::stamp(&path) == known.stamp {
            return Ok(known);
        }
        let read = Arc::new(leer(&path).map_err(Problem::internal)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((path, read.clone()));
        Ok(read)
    }
}

pub fn de_app(app: &App) -> Result<Arc<Juego>, Problem> {
    app.memory::<Llaves>().juego()
}

pub fn de_tx(tx: &Tx) -> Result<Arc<Juego>, Problem> {
    tx.memory::<Llaves>().juego()
}
