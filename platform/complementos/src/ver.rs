//! The catalogue and one plugin of it, as a chain sees them.
use crate::{
    model::{Complemento, ComplementoDetalle, Configuracion, Guardado, Instalacion, InstalacionVista, Publicada, Ranura, pedidos},
    store::{self, instalaciones, secretos, versiones, versiones::Filtro},
};
use kernel::{Problem, Tx};
use plugin_manifest::SecretUse;
use std::collections::BTreeMap;

/// What can be installed, and what is, by name.
pub async fn catalogo(tx: &mut Tx, mundo: Option<&str>) -> Result<Vec<Complemento>, Problem> {
    let sandbox = store::cadena(tx).await?.sandbox;
    let newest = versiones::newest(tx, sandbox, mundo, None).await?;
    let installed = instalaciones::list(tx, None).await?;
    let known = versions_of(tx, &installed).await?;
    let mut newest: BTreeMap<String, Publicada> = newest.into_iter().map(|one| (one.complemento.clone(), one)).collect();
    let mut all = BTreeMap::new();
    for one in installed {
        let Some(version) = known.get(&one.digest) else { continue };
        if mundo.is_none_or(|wanted| version.mundo.name() == wanted) {
            let shown = entry(newest.remove(&one.complemento).as_ref(), version, Some(vista(&one, version, &known)));
            all.insert(one.complemento, shown);
        }
    }
    all.extend(newest.into_iter().map(|(name, version)| (name, entry(Some(&version), &version, None))));
    Ok(all.into_values().collect())
}

/// The versions that installations name, by digest.
async fn versions_of(tx: &mut Tx, installed: &[Instalacion]) -> Result<BTreeMap<String, Publicada>, Problem> {
    let before = installed.iter().filter_map(|one| one.anterior.as_ref().map(|before| before.digest.clone()));
    let digests: Vec<String> = installed.iter().map(|one| one.digest.clone()).chain(before).collect();
    let limit = digests.len() as i64;
    let found = versiones::list(tx, &Filtro { digests: Some(digests), ..Filtro::default() }, limit).await?;
    Ok(found.into_iter().map(|version| (version.digest.clone(), version)).collect())
}

fn vista(one: &Instalacion, version: &Publicada, known: &BTreeMap<String, Publicada>) -> InstalacionVista {
    let before = one.anterior.as_ref().and_then(|before| known.get(&before.digest)).map(|version| version.version.clone());
    InstalacionVista::new(one, version, before)
}

fn entry(newest: Option<&Publicada>, shown: &Publicada, instalacion: Option<InstalacionVista>) -> Complemento {
    let manifest = &shown.paquete.manifest;
    Complemento {
        complemento: shown.complemento.clone(),
        nombre: manifest.name.es.clone(),
        descripcion: manifest.description.as_ref().map(|text| text.es.clone()),
        mundo: shown.mundo.name().to_owned(),
        editor: shown.editor.clone(),
        version: newest.map(|one| one.version.clone()),
        digest: newest.map(|one| one.digest.clone()),
        capacidades: manifest.capabilities.clone(),
        instalacion,
    }
}

/// One plugin whole; `None` if it is neither there to be installed nor installed.
pub async fn detalle(tx: &mut Tx, complemento: &str) -> Result<Option<ComplementoDetalle>, Problem> {
    let sandbox = store::cadena(tx).await?.sandbox;
    let newest = versiones::newest(tx, sandbox, None, Some(complemento)).await?.pop();
    let installed = instalaciones::list(tx, Some(complemento)).await?;
    let known = versions_of(tx, &installed).await?;
    let current = installed.first().and_then(|one| Some((one, known.get(&one.digest)?)));
    let Some(shown) = current.map(|(_, version)| version).or(newest.as_ref()) else { return Ok(None) };
    let instalacion = current.map(|(one, version)| vista(one, version, &known));
    Ok(Some(ComplementoDetalle {
        complemento: entry(newest.as_ref(), shown, instalacion),
        descrita: shown.version.clone(),
        descrita_digest: shown.digest.clone(),
        permisos: pedidos(&shown.paquete),
        limites: shown.paquete.manifest.limits(),
        esquema: shown.paquete.config_schema.clone(),
        ui: shown.paquete.config_ui.clone(),
        hallazgos: shown.hallazgos.clone(),
    }))
}

/// The configuration, and which secrets and keys are kept.
pub async fn configuracion(tx: &mut Tx, one: &Instalacion, version: &Publicada) -> Result<Configuracion, Problem> {
    let since = secretos::since(tx, &one.complemento).await?;
    let guardado = |(nombre, uso): (&str, SecretUse)| Guardado {
        nombre: nombre.to_owned(),
        legible: uso == SecretUse::Guest,
        desde: since.get(nombre).copied(),
    };
    let ranura =
        |(nombre, clase): (&str, &str)| Ranura { nombre: nombre.to_owned(), clase: clase.to_owned(), desde: since.get(nombre).copied() };
    Ok(Configuracion {
        config: one.config.clone(),
        secretos: version.paquete.secrets().into_iter().map(guardado).collect(),
        claves: version.paquete.key_slots().into_iter().map(ranura).collect(),
        revision: one.revision,
    })
}
