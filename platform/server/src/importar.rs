//! `huella import` and `huella export`: files of the operator's own disk.
use crate::{
    portable::{self, Importada},
    store::cadenas,
    tenant::said,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use importacion::{CuentaDeFilas, Importacion, Orden, Resultado, Tipo};
use kernel::SystemCtx;
use std::{io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf};

#[derive(Debug, Args)]
pub struct Arguments {
    /// CSV o libro .xlsx.
    #[arg(required_unless_present_any = ["deshacer", "completo"])]
    archivo: Option<PathBuf>,
    /// Dirección corta de la cadena; con --completo, la de la cadena nueva si no es la misma.
    #[arg(long, required_unless_present = "completo")]
    cadena: Option<String>,
    /// De qué son las filas: tutores, mascotas, pesos, vacunas, visitas o citas.
    #[arg(long, value_parser = tipo, required_unless_present_any = ["deshacer", "completo"])]
    tipo: Option<Tipo>,
    /// Una columna que no se reconoce por su título, como nombres="Razón social". Se puede repetir.
    #[arg(long, value_name = "CAMPO=TÍTULO", value_parser = columna)]
    columna: Vec<(String, String)>,
    /// Nombre del sistema de donde viene: sus claves valen dentro de él.
    #[arg(long)]
    sistema: Option<String>,
    /// Completa lo que le falte a quien ya está registrado.
    #[arg(long)]
    completar: bool,
    /// Las fechas son mes/día/año.
    #[arg(long)]
    mes_dia: bool,
    /// Solo dice qué haría.
    #[arg(long)]
    probar: bool,
    /// Dónde escribir las filas con errores, para corregirlas e importarlas otra vez.
    #[arg(long, value_name = "ARCHIVO")]
    errores: Option<PathBuf>,
    /// En vez de importar, deshace la importación con este identificador.
    #[arg(long, value_name = "ID", conflicts_with_all = ["archivo", "tipo"])]
    deshacer: Option<kernel::ids::ImportacionId>,
    /// En vez de importar filas, hace una cadena nueva de una exportación completa.
    #[arg(long, value_name = "ZIP", conflicts_with_all = ["archivo", "tipo", "deshacer"])]
    completo: Option<PathBuf>,
}

fn tipo(text: &str) -> Result<Tipo, String> {
    serde_json::from_value(text.into()).map_err(|_| "debe ser tutores, mascotas, pesos, vacunas, visitas o citas".into())
}

fn columna(text: &str) -> Result<(String, String), String> {
    let (campo, titulo) = text.split_once('=').ok_or("debe ser campo=título")?;
    Ok((campo.trim().to_owned(), titulo.trim().to_owned()))
}

/// Says on the terminal how far it is, each tenth.
fn avance() -> impl FnMut(&Importacion) + Send {
    let mut told = 0;
    move |importacion| {
        let tenth = importacion.cuenta.hechas * 10 / importacion.filas.max(1);
        if tenth > told {
            told = tenth;
            let _ = writeln!(std::io::stderr(), "  {} de {} filas", importacion.cuenta.hechas, importacion.filas);
        }
    }
}

pub async fn run(system: &SystemCtx, arguments: Arguments) -> Result<()> {
    if let Some(path) = arguments.completo {
        let file = std::fs::File::open(&path).with_context(|| format!("no se puede leer {}", path.display()))?;
        let Importada { clave, filas, archivos, .. } = portable::importar(system, file, arguments.cadena.as_deref()).await?;
        println!(
            "Cadena {clave}: {filas} filas y {archivos} archivos. Nadie tiene contraseña todavía: cada persona la pide con «olvidé mi contraseña»."
        );
        return Ok(());
    }
    let tenant = tenant(system, &arguments.cadena.unwrap_or_default()).await?.id;
    if let Some(id) = arguments.deshacer {
        let deshecha = importacion::deshacer(system, tenant, id).await.map_err(said)?;
        match deshecha.error {
            None => println!("Importación {id} deshecha."),
            Some(error) => bail!("{error}"),
        }
        return Ok(());
    }
    let (Some(archivo), Some(tipo)) = (arguments.archivo, arguments.tipo) else { bail!("falta el archivo o el tipo") };
    let orden = Orden {
        tipo,
        nombre: archivo.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes: std::fs::read(&archivo).with_context(|| format!("no se puede leer {}", archivo.display()))?,
        columnas: arguments.columna,
        sistema: arguments.sistema,
        completar: arguments.completar,
        mes_dia: arguments.mes_dia,
        probar: arguments.probar,
    };
    let Resultado { importacion, errores } = importacion::ordenar(system, tenant, orden, &mut avance()).await.map_err(said)?;
    println!("{}", told(&importacion, arguments.probar));
    if let Some(errores) = errores {
        match arguments.errores {
            Some(path) => {
                std::fs::write(&path, errores).with_context(|| format!("no se puede escribir {}", path.display()))?;
                println!("Las filas con errores están en {}.", path.display());
            }
            None => println!("Con --errores ARCHIVO se escriben las filas con errores."),
        }
    }
    Ok(())
}

fn told(importacion: &Importacion, probar: bool) -> String {
    let CuentaDeFilas { nuevas, actualizadas, omitidas, errores, .. } = importacion.cuenta;
    let what = if probar { "Prueba, sin escribir nada".to_owned() } else { format!("Importación {}", importacion.id) };
    format!(
        "{what}: {nuevas} nuevas, {actualizadas} actualizadas, {omitidas} omitidas, {errores} con errores, de {} filas.",
        importacion.filas
    )
}

/// `huella export`: the whole chain into a file.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Dirección corta de la cadena.
    #[arg(long)]
    cadena: String,
    /// El ZIP que se escribe; no puede existir todavía.
    #[arg(long = "a", value_name = "ZIP")]
    a: PathBuf,
}

pub async fn export(system: &SystemCtx, arguments: ExportArguments) -> Result<()> {
    let cadena = tenant(system, &arguments.cadena).await?;
    let mut target = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&arguments.a);
    let target = target.as_mut().map_err(|error| anyhow::anyhow!("no se puede escribir {}: {error}", arguments.a.display()))?;
    let mut avance = |tablas: usize, de: usize| drop(writeln!(std::io::stderr(), "  {tablas} de {de} tablas"));
    let mut exportada = portable::exportar(system, cadena.id, (&cadena.clave, &cadena.nombre), &mut avance).await.map_err(said)?;
    std::io::copy(&mut exportada.archivo, target).with_context(|| format!("no se puede escribir {}", arguments.a.display()))?;
    let mut tx = system.begin(cadena.id).await.map_err(said)?;
    let filas: u64 = exportada.manifiesto.tablas.iter().map(|tabla| tabla.filas).sum();
    tx.audit(kernel::Change::new("exportar", "cadena", cadena.id).despues(serde_json::json!({ "filas": filas })));
    tx.commit().await.map_err(said)?;
    println!("{filas} filas y {} archivos en {}. Contiene datos personales.", exportada.manifiesto.archivos.len(), arguments.a.display());
    Ok(())
}

async fn tenant(system: &SystemCtx, clave: &str) -> Result<cadenas::Cadena> {
    let mut tx = system.begin_operador().await.map_err(said)?;
    let found = cadenas::by_key(&mut tx, clave).await.map_err(said)?;
    found.with_context(|| format!("no hay una cadena activa con la clave {clave}"))
}
