//! Imports over HTTP.
use crate::{
    campos::{self, Campo},
    correr::{Paso, pedir},
    errores,
    model::{DatosImportacion, Estado, FilaConErrores, Importacion, Tipo, Tocado, problemas},
    store::{self, Filtro},
    subir,
};
use axum::{
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{
    App, Begun, Change, Ctx, Cursor, IfMatch, Json, Once, Page, Path, Problem, Query, Sedes, Tx, Versioned, ids::ImportacionId, page,
    permission::ImportarDatos,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// Touched records that a refusal names.
const NOMBRADOS: i64 = 50;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listar_importaciones, subir_archivo))
        .routes(routes!(listar_campos))
        .routes(routes!(ver_importacion, cambiar_importacion, deshacer_importacion))
        .routes(routes!(probar_importacion))
        .routes(routes!(ejecutar_importacion))
        .routes(routes!(listar_errores))
        .routes(routes!(bajar_errores))
}

/// Whoever may import in the whole chain sees all of them, others their own.
fn de(ctx: &Ctx<ImportarDatos>) -> Option<Uuid> {
    if ctx.sedes == Sedes::Cadena { None } else { Some(ctx.actor.id().unwrap_or_default()) }
}

async fn locked(ctx: &Ctx<ImportarDatos>, tx: &mut Tx, id: ImportacionId) -> Result<Importacion, Problem> {
    store::lock(tx, id, de(ctx)).await?.ok_or_else(Problem::not_found)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Lista {
    tipo: Option<Tipo>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Las importaciones, la más reciente primero: las de la cadena, o solo las suyas si usted importa en algunas sedes.
#[utoipa::path(get, path = "/importaciones", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(Lista), responses((status = 200, body = Page<Importacion>), (status = "4XX", body = Problem)))]
async fn listar_importaciones(ctx: Ctx<ImportarDatos>, Query(lista): Query<Lista>) -> Result<Json<Page<Importacion>>, Problem> {
    let (before, limit) = page::read(lista.cursor.as_deref(), lista.limite)?;
    let mut tx = ctx.begin_read().await?;
    let filtro = Filtro { tipo: lista.tipo, de: de(&ctx), before, id: None };
    let rows = store::list(&mut tx, filtro, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |importacion| importacion.id)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Archivo {
    /// De qué son las filas.
    tipo: Tipo,
    /// Nombre del archivo.
    #[param(min_length = 1, max_length = 200)]
    nombre: String,
}

/// Recibe un archivo por importar: CSV (con coma, punto y coma o tabulador; UTF-8 o Windows-1252) o libro .xlsx, hasta 200 000 filas.
///
/// La primera fila son los títulos. Las columnas se reconocen por ellos, o se leen como la última vez que se importó un archivo con los
/// mismos títulos; corríjalas con PUT, pruebe con `/prueba` y ejecute con `/ejecucion`. El archivo se guarda cifrado treinta días.
#[utoipa::path(post, path = "/importaciones", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))), params(Archivo),
    request_body(content((Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/octet-stream"))),
    responses((status = 201, body = Importacion), (status = "4XX", body = Problem)))]
async fn subir_archivo(ctx: Ctx<ImportarDatos>, Query(archivo): Query<Archivo>, request: Request) -> Result<Response, Problem> {
    let once = Once::bytes(request).await?;
    let (leido, resumen) = subir::leer(once.body.clone()).await?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let (importacion, key) = subir::registrar(&mut tx, archivo.tipo, &archivo.nombre, &leido, &resumen).await?;
    subir::guardar(ctx.app(), &tx, importacion.id, &key, &leido).await?;
    tx.commit_created(&importacion).await
}

/// Campos de un tipo de archivo.
#[derive(Debug, Serialize, ToSchema)]
struct CamposDeTipo {
    tipo: Tipo,
    campos: Vec<&'static Campo>,
    /// De cada línea hace falta la columna de al menos uno.
    minimos: &'static [&'static [&'static str]],
}

/// Qué puede traer cada tipo de archivo, y con qué títulos se reconoce.
#[utoipa::path(get, path = "/importaciones/campos", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    responses((status = 200, body = [CamposDeTipo]), (status = "4XX", body = Problem)))]
async fn listar_campos(_: Ctx<ImportarDatos>) -> Json<Vec<CamposDeTipo>> {
    let of = |tipo| CamposDeTipo { tipo, campos: campos::de(tipo).collect(), minimos: campos::minimos(tipo) };
    Json(Tipo::ALL.iter().copied().map(of).collect())
}

/// Muestra una importación y cuánto lleva.
#[utoipa::path(get, path = "/importaciones/{id}", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(("id" = ImportacionId, Path)), responses((status = 200, body = Importacion), (status = "4XX", body = Problem)))]
async fn ver_importacion(ctx: Ctx<ImportarDatos>, Path(id): Path<ImportacionId>) -> Result<Versioned<Importacion>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::find(&mut tx, id, de(&ctx)).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Corrige cómo se leen las columnas, y qué se hace con quien ya está registrado. Lo que dijo una prueba deja de valer.
#[utoipa::path(put, path = "/importaciones/{id}", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(("id" = ImportacionId, Path)), request_body = DatosImportacion,
    responses((status = 200, body = Importacion), (status = "4XX", body = Problem)))]
async fn cambiar_importacion(
    ctx: Ctx<ImportarDatos>,
    Path(id): Path<ImportacionId>,
    if_match: IfMatch,
    Json(datos): Json<DatosImportacion>,
) -> Result<Versioned<Importacion>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = locked(&ctx, &mut tx, id).await?;
    if_match.check(antes.version)?;
    antes.exigir(antes.estado.abierta())?;
    Problem::check(datos.check(antes.tipo, &antes.columnas))?;
    store::borrar(&mut tx, id, false).await?;
    store::change(&mut tx, id, &datos).await?;
    let despues = locked(&ctx, &mut tx, id).await?;
    tx.audit(Change::new("cambiar", "importacion", id).despues(json!({ "mapeo": despues.mapeo.columnas, "opciones": despues.opciones })));
    tx.commit().await?;
    Ok(Versioned(despues))
}

/// Starts a step and answers what is known by then.
async fn empezar(ctx: &Ctx<ImportarDatos>, id: ImportacionId, paso: Paso, request: Request) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&Once::bytes(request).await?).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let antes = locked(ctx, &mut tx, id).await?;
    if antes.archivada {
        return Err(Problem::new(problemas::ARCHIVO_BORRADO));
    }
    match (paso, antes.estado) {
        // What it imported is in; it goes on behind that.
        (Paso::Importar, Estado::Fallida) => store::set_estado(&mut tx, id, Estado::Importando, None).await?,
        (_, estado) => {
            antes.exigir(estado.abierta() || estado == Estado::Deshecha)?;
            Problem::check(
                antes.mapeo.faltan(antes.tipo).map(|detail| kernel::FieldError::new("/mapeo/columnas", detail)).into_iter().collect(),
            )?;
            store::borrar(&mut tx, id, false).await?;
            store::restart(&mut tx, id, if paso == Paso::Probar { Estado::Probando } else { Estado::Importando }).await?;
        }
    }
    pedir(&mut tx, id, paso).await?;
    let despues = locked(ctx, &mut tx, id).await?;
    if paso == Paso::Importar {
        tx.audit(Change::new("ejecutar", "importacion", id).despues(json!({ "tipo": despues.tipo, "filas": despues.filas })));
    }
    tx.commit_answer(StatusCode::ACCEPTED, None, &despues).await
}

/// Prueba una importación: dice qué haría con cada fila, sin escribir nada.
#[utoipa::path(post, path = "/importaciones/{id}/prueba", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(("id" = ImportacionId, Path)), responses((status = 202, body = Importacion), (status = "4XX", body = Problem)))]
async fn probar_importacion(ctx: Ctx<ImportarDatos>, Path(id): Path<ImportacionId>, request: Request) -> Result<Response, Problem> {
    empezar(&ctx, id, Paso::Probar, request).await
}

/// Importa las filas que no tienen errores. Lo que ya estaba no se repite: el mismo archivo puede importarse otra vez.
#[utoipa::path(post, path = "/importaciones/{id}/ejecucion", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(("id" = ImportacionId, Path)), responses((status = 202, body = Importacion), (status = "4XX", body = Problem)))]
async fn ejecutar_importacion(ctx: Ctx<ImportarDatos>, Path(id): Path<ImportacionId>, request: Request) -> Result<Response, Problem> {
    empezar(&ctx, id, Paso::Importar, request).await
}

/// Deshace una importación entera: borra lo que creó y vacía lo que completó. Si algo de eso cambió después, no deshace nada y dice qué fue.
#[utoipa::path(delete, path = "/importaciones/{id}", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(("id" = ImportacionId, Path)), responses((status = 202, body = Importacion), (status = "4XX", body = Problem)))]
async fn deshacer_importacion(ctx: Ctx<ImportarDatos>, Path(id): Path<ImportacionId>) -> Result<Response, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = locked(&ctx, &mut tx, id).await?;
    antes.exigir(antes.se_deshace())?;
    let tocados: Vec<Tocado> = store::tocados(&mut tx, id, NOMBRADOS).await?;
    if !tocados.is_empty() {
        return Err(Problem::new(problemas::IMPORTACION_TOCADA).with("tocados", tocados));
    }
    store::set_estado(&mut tx, id, Estado::Deshaciendo, None).await?;
    pedir(&mut tx, id, Paso::Deshacer).await?;
    let despues = locked(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(despues)).into_response())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pagina {
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Las filas que no se importaron, o no se importarían, y por qué.
#[utoipa::path(get, path = "/importaciones/{id}/errores", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(("id" = ImportacionId, Path), Pagina), responses((status = 200, body = Page<FilaConErrores>), (status = "4XX", body = Problem)))]
async fn listar_errores(
    ctx: Ctx<ImportarDatos>,
    Path(id): Path<ImportacionId>,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<FilaConErrores>>, Problem> {
    let (after, limit) = (Cursor::decode::<i32>(pagina.cursor.as_deref())?.unwrap_or(0), page::limit(pagina.limite)?);
    let mut tx = ctx.begin_read().await?;
    store::find(&mut tx, id, de(&ctx)).await?.ok_or_else(Problem::not_found)?;
    let rows = store::bad_rows(&mut tx, id, after, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |fila| fila.fila)))
}

/// Las mismas filas como archivo: las columnas que traían y una más, `error`. Corríjalo y vuelva a importarlo.
#[utoipa::path(get, path = "/importaciones/{id}/archivo-errores", tag = "importaciones", extensions(("x-permiso" = json!("datos.importar"))),
    params(("id" = ImportacionId, Path)),
    responses((status = 200, content((Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = "4XX", body = Problem)))]
async fn bajar_errores(ctx: Ctx<ImportarDatos>, Path(id): Path<ImportacionId>) -> Result<Response, Problem> {
    let mut tx = ctx.begin().await?;
    let importacion = store::find(&mut tx, id, de(&ctx)).await?.ok_or_else(Problem::not_found)?;
    let malas = store::bad_rows(&mut tx, id, 0, i64::MAX).await?;
    let cuerpo = subir::abrir(ctx.app(), tx, id).await?;
    let (tipo, archivo) = errores::archivo(&importacion, &cuerpo, &malas)?;
    let mut tx = ctx.begin().await?;
    tx.audit(Change::new("bajar_errores", "importacion", id).despues(json!({ "filas": malas.len() })));
    tx.commit().await?;
    let name = format!("attachment; filename=\"errores-{id}.{}\"", if tipo == errores::XLSX { "xlsx" } else { "csv" });
    Ok(([(header::CONTENT_TYPE, tipo), (header::CACHE_CONTROL, "no-store"), (header::CONTENT_DISPOSITION, &*name)], archivo)
        .into_response())
}
