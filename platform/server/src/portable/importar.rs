//! A file of another instance into a chain of this one.
use super::{
    formato::{ARCHIVOS, FORMATO, MANIFIESTO, Manifiesto, TablaExportada, VERSION, hex},
    sellos, tablas,
};
use crate::store::{cadenas, esquema, portable as store};
use anyhow::{Context, Result, bail, ensure};
use kernel::{
    Change, Problem, SystemCtx, Tx,
    apply::Report,
    ids::{MascotaId, TenantId, TutorId},
    portable::{Row, Tabla, text},
};
use organizacion::CadenaSeccion;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader, Read},
};
use uuid::Uuid;
use zip::ZipArchive;

/// Rows in memory at a time.
const LOTE: usize = 500;
/// What unpacks to more is no manifest, no line, no photo.
const MANIFIESTO_MAX: u64 = 16 << 20;
const LINEA_MAX: u64 = 16 << 20;
const ARCHIVO_MAX: u64 = 64 << 20;

/// What came in.
#[derive(Debug)]
pub struct Importada {
    pub tenant: TenantId,
    pub clave: String,
    pub filas: u64,
    pub archivos: usize,
}

fn said(problem: Problem) -> anyhow::Error {
    crate::tenant::said(problem)
}

/// Makes a new chain of a full export. All of it, or none: a chain that could not be filled is withdrawn.
pub async fn importar(system: &SystemCtx, file: File, clave: Option<&str>) -> Result<Importada> {
    let mut zip = ZipArchive::new(BufReader::new(file)).context("el archivo no es un ZIP")?;
    let manifiesto = manifest(&mut zip)?;
    let clave = clave.unwrap_or(&manifiesto.cadena.clave).to_owned();
    let tenant = register(system, &clave, &manifiesto.cadena.nombre).await?;
    match fill(system, tenant, &manifiesto, &mut zip).await {
        Ok((filas, archivos)) => Ok(Importada { tenant, clave, filas, archivos }),
        Err(error) => {
            let mut tx = system.begin_operador().await.map_err(said)?;
            cadenas::remove(&mut tx, tenant).await.map_err(said)?;
            tx.commit().await?;
            Err(error)
        }
    }
}

fn manifest(zip: &mut ZipArchive<BufReader<File>>) -> Result<Manifiesto> {
    let entry = zip.by_name(MANIFIESTO).context("falta manifiesto.json: no es una exportación de Huella")?;
    let mut text = String::new();
    entry.take(MANIFIESTO_MAX).read_to_string(&mut text)?;
    let manifiesto: Manifiesto = serde_json::from_str(&text).context("manifiesto.json no se entiende")?;
    ensure!(manifiesto.formato == FORMATO, "manifiesto.json es de otro formato: {}", manifiesto.formato);
    ensure!(manifiesto.version <= VERSION, "el formato es la versión {} y este programa conoce hasta la {VERSION}", manifiesto.version);
    ensure!(manifiesto.esquema <= esquema::newest(), "la exportación es de una versión más nueva: actualice este programa");
    for tabla in &manifiesto.tablas {
        ensure!(tablas().any(|known| known.nombre == tabla.nombre), "la tabla {} no se conoce", tabla.nombre);
    }
    Ok(manifiesto)
}

async fn register(system: &SystemCtx, clave: &str, nombre: &str) -> Result<TenantId> {
    let mut tx = system.begin_operador().await.map_err(said)?;
    if cadenas::taken(&mut tx, clave).await.map_err(said)? {
        bail!("ya hay una cadena con la clave {clave}: indique otra con --cadena");
    }
    let cadena = CadenaSeccion { clave: clave.to_owned(), nombre: nombre.to_owned(), plataforma: false, sandbox: false };
    let tenant = organizacion::registrar(&mut tx, &cadena, system.app().now(), &mut Report::default()).await.map_err(said)?;
    tx.commit().await?;
    Ok(tenant)
}

/// Every table in one transaction, then the attachments, then the commit.
async fn fill(
    system: &SystemCtx,
    tenant: TenantId,
    manifiesto: &Manifiesto,
    zip: &mut ZipArchive<BufReader<File>>,
) -> Result<(u64, usize)> {
    let mut tx = system.begin(tenant).await.map_err(said)?;
    store::patiently(&mut tx).await.map_err(said)?;
    let (mut filas, mut luego) = (0, HashMap::new());
    for tabla in tablas() {
        let Some(exportada) = manifiesto.tablas.iter().find(|one| one.nombre == tabla.nombre) else { continue };
        let entry = zip.by_name(&exportada.datos).with_context(|| format!("falta {}", exportada.datos))?;
        let waiting = table(&mut tx, tabla, exportada, BufReader::new(entry)).await.with_context(|| format!("tabla {}", tabla.nombre))?;
        luego.insert(tabla.nombre, waiting);
        filas += exportada.filas;
    }
    for tabla in tablas() {
        for rows in luego.remove(tabla.nombre).unwrap_or_default().chunks(LOTE) {
            store::complete(&mut tx, tabla, rows.to_vec()).await.map_err(said)?;
        }
    }
    index(&mut tx, manifiesto, zip).await?;
    let archivos = attachments(system, tenant, manifiesto, zip).await?;
    let told = json!({ "generado_en": manifiesto.generado_en, "filas": filas, "archivos": archivos });
    tx.audit(Change::new("importar", "cadena", tenant).despues(told));
    tx.commit().await.map_err(said)?;
    Ok((filas, archivos))
}

/// Answers the columns that have to wait, with their keys.
async fn table(tx: &mut Tx, tabla: &Tabla, exportada: &TablaExportada, mut lines: impl BufRead) -> Result<Vec<Row>> {
    let columnas = store::columns(tx, tabla.nombre).await.map_err(said)?;
    let written: Vec<String> = std::iter::once("tenant_id".to_owned())
        .chain(columnas.into_iter().map(|columna| columna.nombre))
        .filter(|name| !tabla.omite.contains(&name.as_str()) && !tabla.luego.contains(&name.as_str()))
        .collect();
    let (mut hash, mut filas, mut waiting) = (Sha256::new(), 0, Vec::new());
    loop {
        let rows = portion(&mut lines, &mut hash)?;
        if rows.is_empty() {
            break;
        }
        let count = rows.len() as u64;
        waiting.extend(rows.iter().filter_map(|row| later(tabla, row)));
        let keys = sellos::new_keys(tx, tabla, &rows).await.map_err(said)?;
        let tenant = json!(tx.who().tenant);
        let sealed = rows.into_iter().map(|row| {
            let mut row = sellos::seal(tx, tabla, row, &keys);
            row.insert("tenant_id".to_owned(), tenant.clone());
            row
        });
        let sealed: Vec<Row> = sealed.collect();
        let inserted = store::insert(tx, tabla.nombre, &written, sealed).await.map_err(said)?;
        ensure!(inserted == count, "la base rechazó {} filas", count - inserted);
        filas += count;
    }
    ensure!(filas == exportada.filas, "tiene {filas} filas y el manifiesto dice {}", exportada.filas);
    ensure!(hex(hash.finalize()) == exportada.sha256, "su contenido no es el que dice el manifiesto");
    Ok(waiting)
}

fn portion(lines: &mut impl BufRead, hash: &mut Sha256) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    while rows.len() < LOTE {
        let mut line = Vec::new();
        if lines.take(LINEA_MAX).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        hash.update(&line);
        rows.push(serde_json::from_slice(&line).context("una línea no es un objeto JSON")?);
    }
    Ok(rows)
}

fn later(tabla: &Tabla, row: &Row) -> Option<Row> {
    let there = tabla.luego.iter().any(|column| row.get(*column).is_some_and(|value| !value.is_null()));
    let columns = tabla.clave.iter().chain(tabla.luego);
    there.then(|| columns.map(|column| ((*column).to_owned(), row.get(*column).cloned().unwrap_or(Value::Null))).collect())
}

/// The search index of all pets, and of owners without one, made anew.
async fn index(tx: &mut Tx, manifiesto: &Manifiesto, zip: &mut ZipArchive<BufReader<File>>) -> Result<()> {
    for nombre in ["mascotas", "tutores"] {
        let Some(tabla) = manifiesto.tablas.iter().find(|tabla| tabla.nombre == nombre) else { continue };
        let mut lines = BufReader::new(zip.by_name(&tabla.datos)?);
        loop {
            let rows = portion(&mut lines, &mut Sha256::new())?;
            if rows.is_empty() {
                break;
            }
            let ids: Vec<Uuid> = rows.iter().filter_map(|row| text(row, "id")?.parse().ok()).collect();
            match nombre {
                "mascotas" => pacientes::reindexar(tx, &ids.into_iter().map(MascotaId).collect::<Vec<_>>()).await,
                _ => pacientes::reindexar_tutores(tx, &ids.into_iter().map(TutorId).collect::<Vec<_>>()).await,
            }
            .map_err(said)?;
        }
    }
    Ok(())
}

async fn attachments(
    system: &SystemCtx,
    tenant: TenantId,
    manifiesto: &Manifiesto,
    zip: &mut ZipArchive<BufReader<File>>,
) -> Result<usize> {
    for archivo in &manifiesto.archivos {
        let rest =
            archivo.ruta.strip_prefix(ARCHIVOS).filter(|rest| !rest.contains("..")).with_context(|| format!("ruta {}", archivo.ruta))?;
        let mut bytes = Vec::new();
        zip.by_name(&archivo.ruta)?.take(ARCHIVO_MAX).read_to_end(&mut bytes)?;
        ensure!(hex(Sha256::digest(&bytes)) == archivo.sha256, "{} no es el que dice el manifiesto", archivo.ruta);
        let key = format!("{tenant}/{rest}");
        system.app().files().put(&key, &archivo.tipo, bytes.into()).await.map_err(|error| said(error.into()))?;
    }
    Ok(manifiesto.archivos.len())
}
