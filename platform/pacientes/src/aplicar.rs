//! `_base/especies.toml`: the species and breeds with which a chain starts.
use crate::{
    model::{NuevaEspecie, NuevaRaza},
    store::especies as store,
};
use kernel::{
    Change, Problem, Tx,
    apply::{Diff, Report, Verdict},
    ids::{EspecieId, RazaId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One `[[especies]]` of the file. Breeds are names, or tables where one is potentially dangerous.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EspecieSeccion {
    #[schema(pattern = "^[a-z0-9_]{2,40}$")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 60, format = "texto")]
    pub nombre: String,
    #[serde(default)]
    pub razas: Vec<String>,
    /// Of `razas`, those that Ley 27596 calls potentially dangerous.
    #[serde(default)]
    pub razas_peligrosas: Vec<String>,
}

/// The file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EspeciesArchivo {
    pub especies: Vec<EspecieSeccion>,
}

#[derive(Serialize)]
struct EspecieEstado<'a> {
    nombre: &'a str,
    activa: bool,
}

#[derive(Serialize)]
struct RazaEstado {
    peligrosa: bool,
    activa: bool,
}

/// A species and its breeds, by id and name.
#[derive(Debug, Clone)]
pub struct EspecieConRazas {
    pub id: EspecieId,
    pub clave: String,
    pub razas: Vec<(RazaId, String)>,
}

/// All species of the chain with their breeds.
pub async fn especies(tx: &mut Tx) -> Result<Vec<EspecieConRazas>, Problem> {
    let mut all = Vec::new();
    for especie in store::all(tx).await? {
        let razas = store::breeds(tx, especie.id, None, i64::MAX).await?;
        all.push(EspecieConRazas {
            id: especie.id,
            clave: especie.clave,
            razas: razas.into_iter().map(|raza| (raza.id, raza.nombre)).collect(),
        });
    }
    Ok(all)
}

/// Brings the sections into the database; see `kernel::apply` for which wins.
pub async fn aplicar(tx: &mut Tx, secciones: &[EspecieSeccion], report: &mut Report) -> Result<(), Problem> {
    let mut especies = Diff::load(tx, "especie").await?;
    let mut razas = Diff::load(tx, "raza").await?;
    let known = store::all(tx).await?;
    for seccion in secciones {
        let current = known.iter().find(|especie| especie.clave == seccion.clave);
        let file = EspecieEstado { nombre: &seccion.nombre, activa: true };
        let state = current.map(|especie| EspecieEstado { nombre: &especie.nombre, activa: especie.activa });
        let id = match (especies.entry(&seccion.clave, &seccion.clave, &file, state.as_ref()), current) {
            (Verdict::Cambiar, Some(especie)) => store::update(tx, especie.id, &seccion.nombre, true).await?.id,
            (_, Some(especie)) => especie.id,
            (Verdict::Crear | Verdict::Cambiar, None) => {
                let nueva = NuevaEspecie { clave: seccion.clave.clone(), nombre: seccion.nombre.clone(), activa: true };
                store::insert(tx, &nueva).await?.id
            }
            (Verdict::Dejar, None) => continue,
        };
        breeds(tx, id, seccion, &mut razas).await?;
    }
    let before = report.changes();
    especies.save(tx, report).await?;
    razas.save(tx, report).await?;
    let changed = report.changes() - before;
    if changed > 0 {
        tx.audit(Change::new("aplicar", "especie", uuid::Uuid::now_v7()).despues(serde_json::json!({ "entradas": changed })));
    }
    Ok(())
}

async fn breeds(tx: &mut Tx, especie: EspecieId, seccion: &EspecieSeccion, diff: &mut Diff) -> Result<(), Problem> {
    let known = store::breeds(tx, especie, None, i64::MAX).await?;
    for nombre in seccion.razas.iter().chain(seccion.razas_peligrosas.iter().filter(|nombre| !seccion.razas.contains(nombre))) {
        let peligrosa = seccion.razas_peligrosas.contains(nombre);
        let entry = format!("{}/{nombre}", seccion.clave);
        let current = known.iter().find(|raza| raza.nombre == *nombre);
        let state = current.map(|raza| RazaEstado { peligrosa: raza.peligrosa, activa: raza.activa });
        let datos = NuevaRaza { nombre: nombre.clone(), peligrosa, activa: true };
        match (diff.entry(&entry, &entry, &RazaEstado { peligrosa, activa: true }, state.as_ref()), current) {
            (Verdict::Cambiar, Some(raza)) => drop(store::update_breed(tx, raza.id, &datos).await?),
            (Verdict::Crear, None) => drop(store::insert_breed(tx, especie, &datos).await?),
            _ => {}
        }
    }
    Ok(())
}
