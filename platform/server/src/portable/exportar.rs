//! A chain into a file.
use super::{
    OMITIDAS,
    formato::{
        self, ARCHIVOS, ArchivoExportado, CadenaExportada, FORMATO, LEAME, MANIFIESTO, Manifiesto, Omitida, SellosExportados,
        TablaExportada, VERSION, hex,
    },
    sellos, tablas,
};
use crate::{
    auditoria::archivo,
    store::{auditoria, esquema, portable as store},
};
use kernel::{
    App, Problem, SystemCtx, Tx,
    ids::TenantId,
    portable::{Tabla, text},
};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Rows in memory at a time.
const LOTE: usize = 1_000;

/// The file, at its beginning, and what is in it.
pub struct Exportada {
    pub archivo: File,
    pub manifiesto: Manifiesto,
}

/// How far it is: tables done, of how many.
pub type Avance<'a> = &'a mut (dyn FnMut(usize, usize) + Send);

/// Writes all of a chain into a file without a name. `cadena`: its key and name.
pub async fn exportar(
    system: &SystemCtx,
    tenant: TenantId,
    (clave, nombre): (&str, &str),
    avance: Avance<'_>,
) -> Result<Exportada, Problem> {
    let mut tx = system.begin(tenant).await?;
    store::one_moment(&mut tx).await?;
    let mut salida = Salida::new(tempfile::tempfile().map_err(Problem::internal)?);
    salida.put("LEAME.txt", LEAME.as_bytes())?;
    let (all, mut exportadas, mut rutas) = (tablas().count(), Vec::new(), Vec::new());
    for (number, tabla) in tablas().enumerate() {
        exportadas.push(table(&mut tx, tabla, number, &mut salida, &mut rutas).await?);
        avance(number + 1, all);
    }
    let sellos = links(&mut tx, &mut salida).await?;
    drop(tx);
    let archivos = attachments(system.app(), tenant, &rutas, &mut salida).await?;
    let omitidas = OMITIDAS.iter().map(|(tabla, motivo)| Omitida { tabla: (*tabla).into(), motivo: (*motivo).into() });
    let manifiesto = Manifiesto {
        formato: FORMATO.into(),
        version: VERSION,
        esquema: esquema::newest(),
        generado_en: system.app().now(),
        cadena: CadenaExportada { clave: clave.to_owned(), nombre: nombre.to_owned() },
        tablas: exportadas,
        archivos,
        sellos: Some(sellos),
        omitidas: omitidas.collect(),
    };
    salida.put(MANIFIESTO, &serde_json::to_vec_pretty(&manifiesto).map_err(Problem::internal)?)?;
    Ok(Exportada { archivo: salida.finish()?, manifiesto })
}

struct Salida {
    zip: ZipWriter<BufWriter<File>>,
}

impl Salida {
    fn new(file: File) -> Self {
        Self { zip: ZipWriter::new(BufWriter::new(file)) }
    }
    fn start(&mut self, path: &str) -> Result<(), Problem> {
        self.zip.start_file(path, SimpleFileOptions::default().large_file(true)).map_err(Problem::internal)
    }
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Problem> {
        self.start(path)?;
        self.zip.write_all(bytes).map_err(Problem::internal)
    }
    fn finish(self) -> Result<File, Problem> {
        let mut file = self.zip.finish().map_err(Problem::internal)?.into_inner().map_err(Problem::internal)?;
        file.rewind().map_err(Problem::internal)?;
        Ok(file)
    }
}

async fn table(tx: &mut Tx, tabla: &Tabla, number: usize, salida: &mut Salida, rutas: &mut Vec<String>) -> Result<TablaExportada, Problem> {
    let name = tabla.nombre;
    let (datos, esquema) = (format!("tablas/{:02}-{name}.ndjson", number + 1), format!("esquemas/{name}.json"));
    let schema = formato::schema(tabla, &store::columns(tx, name).await?);
    salida.put(&esquema, &serde_json::to_vec_pretty(&schema).map_err(Problem::internal)?)?;
    salida.start(&datos)?;
    let (tenant, mut hash, mut filas) = (tx.who().tenant.to_string(), Sha256::new(), 0);
    store::open(tx, tabla).await?;
    loop {
        let rows = store::more(tx, LOTE).await?;
        if rows.is_empty() {
            break;
        }
        filas += rows.len() as u64;
        let keys = sellos::keys(tx, tabla, &rows).await?;
        let mut lines = Vec::with_capacity(rows.len() * 200);
        for row in rows {
            let row = tabla.asentada(sellos::open(tabla, row, &keys, &tenant)?);
            rutas.extend(tabla.archivos.iter().filter_map(|column| text(&row, column)).map(str::to_owned));
            serde_json::to_writer(&mut lines, &row).map_err(Problem::internal)?;
            lines.push(b'\n');
        }
        hash.update(&lines);
        salida.zip.write_all(&lines).map_err(Problem::internal)?;
    }
    Ok(TablaExportada { nombre: name.into(), datos, esquema, filas, sha256: hex(hash.finalize()) })
}

/// The audit once more, as it was sealed: what is in clear in its table is no longer what its links were made of.
async fn links(tx: &mut Tx, salida: &mut Salida) -> Result<SellosExportados, Problem> {
    salida.start(archivo::RUTA)?;
    let (tenant, mut hash, mut eslabones, mut last) = (tx.who().tenant, Sha256::new(), 0, 0);
    loop {
        let links = auditoria::links_after(tx, tenant, last, LOTE as i64).await?;
        let Some(end) = links.last() else { break };
        last = end.numero;
        eslabones += links.len() as u64;
        for link in links {
            let line = archivo::linea(link)?;
            hash.update(&line);
            salida.zip.write_all(&line).map_err(Problem::internal)?;
        }
    }
    Ok(SellosExportados { datos: archivo::RUTA.into(), eslabones, sha256: hex(hash.finalize()) })
}

/// The files that rows name. One that the store has lost is no reason to keep all else back: it is missing in the manifest.
async fn attachments(app: &App, tenant: TenantId, rutas: &[String], salida: &mut Salida) -> Result<Vec<ArchivoExportado>, Problem> {
    let mut archivos = Vec::new();
    for ruta in rutas {
        let Some(rest) = ruta.strip_prefix(ARCHIVOS) else { continue };
        let Some((tipo, bytes)) = app.files().get(&format!("{tenant}/{rest}")).await? else { continue };
        salida.put(ruta, &bytes)?;
        archivos.push(ArchivoExportado { ruta: ruta.clone(), tipo, bytes: bytes.len() as u64, sha256: hex(Sha256::digest(&bytes)) });
    }
    Ok(archivos)
}
