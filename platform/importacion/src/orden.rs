//! An import as a command: the file is read where it lies, and the operator waits for the end.
use crate::{
    correr::{Avance, Paso, run, step},
    errores,
    model::{DatosImportacion, Estado, Existentes, Fechas, Importacion, Tipo},
    store, subir,
};
use kernel::{
    FieldError, Problem, SystemCtx,
    ids::{ImportacionId, TenantId},
};

/// What the operator wants.
#[derive(Debug)]
pub struct Orden {
    pub tipo: Tipo,
    pub nombre: String,
    pub bytes: Vec<u8>,
    /// Columns that are not as their titles suggest: field and title.
    pub columnas: Vec<(String, String)>,
    pub sistema: Option<String>,
    pub completar: bool,
    pub mes_dia: bool,
    /// Only says what would happen.
    pub probar: bool,
}

/// What came of it, and the file of the rows that were refused.
pub struct Resultado {
    pub importacion: Importacion,
    pub errores: Option<Vec<u8>>,
}

/// Imports a file, or tries to. It is read once and not kept: a command that was killed is given again, and makes
/// nothing twice.
pub async fn ordenar(system: &SystemCtx, tenant: TenantId, orden: Orden, avance: Avance<'_>) -> Result<Resultado, Problem> {
    let (leido, resumen) = subir::leer(orden.bytes.into()).await?;
    let mut tx = system.begin(tenant).await?;
    let (mut importacion, _) = subir::registrar(&mut tx, orden.tipo, &orden.nombre, &leido, &resumen).await?;
    let (id, mapeo, opciones) = (importacion.id, &mut importacion.mapeo, &mut importacion.opciones);
    mapeo.columnas.extend(orden.columnas);
    opciones.sistema = orden.sistema.unwrap_or_else(|| std::mem::take(&mut opciones.sistema));
    opciones.existentes = if orden.completar { Existentes::Completar } else { opciones.existentes };
    opciones.fechas = if orden.mes_dia { Fechas::MesDia } else { opciones.fechas };
    let datos = DatosImportacion { mapeo: importacion.mapeo.clone(), opciones: importacion.opciones.clone() };
    Problem::check(datos.check(orden.tipo, &importacion.columnas))?;
    let paso = if orden.probar { Paso::Probar } else { Paso::Importar };
    store::change(&mut tx, id, &datos).await?;
    store::archive(&mut tx, id).await?;
    store::restart(&mut tx, id, if orden.probar { Estado::Probando } else { Estado::Importando }).await?;
    tx.commit().await?;
    let importacion = found(system, tenant, id).await?;
    run(system, tenant, importacion, (paso, None), &leido.cuerpo, avance).await?;
    let importacion = found(system, tenant, id).await?;
    let malas = store::bad_rows(&mut system.begin(tenant).await?, id, 0, i64::MAX).await?;
    let errores = match malas.is_empty() {
        true => None,
        false => Some(errores::archivo(&importacion, &leido.cuerpo, &malas)?.1),
    };
    Ok(Resultado { importacion, errores })
}

async fn found(system: &SystemCtx, tenant: TenantId, id: ImportacionId) -> Result<Importacion, Problem> {
    store::find(&mut system.begin(tenant).await?, id, None).await?.ok_or_else(Problem::not_found)
}

/// Takes an import back. What stands in its way is named row by row.
pub async fn deshacer(system: &SystemCtx, tenant: TenantId, id: ImportacionId) -> Result<Importacion, Problem> {
    let mut tx = system.begin(tenant).await?;
    let importacion = store::lock(&mut tx, id, None).await?.ok_or_else(Problem::not_found)?;
    importacion.exigir(importacion.se_deshace())?;
    let tocados = store::tocados(&mut tx, id, i64::MAX).await?;
    let errors = tocados.into_iter().map(|one| FieldError::new(format!("/fila {}", one.fila), format!("{} {}", one.entidad, one.motivo)));
    Problem::check(errors.collect())?;
    store::set_estado(&mut tx, id, Estado::Deshaciendo, None).await?;
    tx.commit().await?;
    step(system, tenant, id, Paso::Deshacer, None, &mut |_| {}).await?;
    found(system, tenant, id).await
}
