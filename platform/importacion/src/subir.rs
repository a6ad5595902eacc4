//! A file comes in: it is read at once, sealed, kept, and its columns are guessed.
use crate::{
    campos,
    correr::{OLVIDAR, TRABAJO},
    leer::{self, Leido},
    model::{CuentaDeFilas, Estado, Importacion, Opciones, Tipo, problemas},
    store,
};
use bytes::Bytes;
use jiff::SignedDuration;
use kernel::{App, Change, FieldError, Job, Problem, Tx, crypto::PersonKey, ids::ImportacionId};
use serde_json::json;
use sha2::{Digest, Sha256};

/// How long a file is kept: time enough to mend what was wrong in it.
const GUARDA: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The field under which the file is sealed with the key of its import.
const CAMPO: &str = "archivo";

/// Reads a file, or says why not. On a thread of its own: a workbook takes a second.
pub async fn leer(bytes: Bytes) -> Result<(Leido, Vec<u8>), Problem> {
    let read = move || (leer::leer(&bytes), Sha256::digest(&bytes).to_vec());
    let (leido, resumen) = tokio::task::spawn_blocking(read).await.map_err(Problem::internal)?;
    match leido {
        Ok(leido) => Ok((leido, resumen)),
        Err(why) => Err(Problem::new(problemas::ARCHIVO_ILEGIBLE).detail(format!("No se puede importar: {why}."))),
    }
}

/// Registers an import. `nombre`: the file's.
pub async fn registrar(tx: &mut Tx, tipo: Tipo, nombre: &str, leido: &Leido, resumen: &[u8]) -> Result<(Importacion, PersonKey), Problem> {
    let nombre: String = nombre.chars().filter(|c| !c.is_control()).take(200).collect();
    if nombre.trim().is_empty() {
        return Err(Problem::invalid(vec![FieldError::new("?nombre", "no puede estar en blanco")]));
    }
    let known = store::which_mapping(tx, tipo, &leido.columnas).await?;
    let (mapeo, opciones) = known.unwrap_or_else(|| (campos::adivinar(tipo, &leido.columnas), Opciones::default()));
    let importacion = Importacion {
        id: ImportacionId::new(),
        tipo,
        nombre,
        formato: leido.formato,
        separador: leido.separador.map(String::from),
        codificacion: leido.codificacion.map(str::to_owned),
        columnas: leido.columnas.clone(),
        mapeo,
        opciones,
        estado: Estado::Lista,
        filas: i32::try_from(leido.filas).map_err(Problem::internal)?,
        cuenta: CuentaDeFilas::default(),
        error: None,
        archivada: false,
        creado_en: tx.now(),
        creado_por: tx.author(),
        empezada_en: None,
        terminada_en: None,
        version: 1,
        sedes: None,
        actor_tipo: tx.who().actor.tipo().to_owned(),
    };
    store::insert(tx, &importacion, resumen).await?;
    let key = tx.create_person_key(importacion.id).await?;
    let shown = json!({ "tipo": tipo, "filas": importacion.filas, "formato": importacion.formato });
    tx.audit(Change::new("recibir", "importacion", importacion.id).despues(shown));
    let forget = Job::new(TRABAJO, json!({ "importacion": importacion.id, "paso": OLVIDAR })).at(tx.now() + GUARDA);
    tx.enqueue(forget).await?;
    Ok((importacion, key))
}

fn place(tx: &Tx, id: ImportacionId) -> String {
    format!("{}/importaciones/{id}", tx.who().tenant)
}

/// Keeps the rows of a file, sealed with its own key: forgetting the key forgets them.
pub async fn guardar(app: &App, tx: &Tx, id: ImportacionId, key: &PersonKey, leido: &Leido) -> Result<(), Problem> {
    let text = std::str::from_utf8(&leido.cuerpo).map_err(Problem::internal)?;
    Ok(app.files().put(&place(tx, id), "application/octet-stream", key.seal(CAMPO, text).into()).await?)
}

/// The rows of a file that is kept.
pub async fn abrir(app: &App, mut tx: Tx, id: ImportacionId) -> Result<Vec<u8>, Problem> {
    let (key, place) = (tx.person_key(id).await?, place(&tx, id));
    drop(tx);
    let gone = || Problem::new(problemas::ARCHIVO_BORRADO).detail("Los archivos se guardan treinta días.");
    let (_, sealed) = app.files().get(&place).await?.ok_or_else(gone)?;
    Ok(key.ok_or_else(gone)?.open(CAMPO, &sealed)?.into_bytes())
}

/// Forgets a file.
pub async fn olvidar(app: &App, tx: &mut Tx, id: ImportacionId) -> Result<(), Problem> {
    app.files().delete(&place(tx, id)).await?;
    tx.forget_person(id).await?;
    store::archive(tx, id).await
}
