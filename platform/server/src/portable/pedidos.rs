//! A full export that somebody asks for: written by a job, kept in the store for a day, downloaded by whoever may.
use super::{exportar::exportar, tablas};
use crate::store::{cadenas, exportaciones as store};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    App, Begun, Change, Ctx, Event, Job, Json, Once, Page, Path, Problem, Query, SystemCtx, Tx, Versioned,
    ids::{ExportacionId, TenantId},
    job::{Fallo, Intento},
    page,
    permission::ExportarCadena,
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{Read, Seek},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The kind of work that this is.
pub const TRABAJO: &str = "archivo.exportar";
/// How long a file can be had.
const GUARDA: SignedDuration = SignedDuration::from_hours(24);
/// Between two looks at how far it is.
const MIRADA: Duration = Duration::from_secs(1);
const ZIP: &str = "application/zip";

/// Problems of full exports.
pub mod problemas {
    kernel::problems! {
        EXPORTACION_EN_CURSO = CONFLICT, "exportacion-en-curso", "Ya hay una exportación en curso";
        EXPORTACION_SIN_ARCHIVO = CONFLICT, "exportacion-sin-archivo", "La exportación todavía no tiene archivo";
        EXPORTACION_VENCIDA = GONE, "exportacion-vencida", "El archivo de la exportación ya venció";
    }
}

/// En qué está una exportación completa.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = EstadoExportacion)]
pub enum Estado {
    EnCurso,
    Lista,
    Fallida,
    /// Pasó su plazo: el archivo se borró.
    Vencida,
}

/// Una exportación completa de la cadena.
#[derive(Debug, Serialize, ToSchema)]
pub struct Exportacion {
    pub id: ExportacionId,
    pub estado: Estado,
    /// Tablas que ya se escribieron.
    pub tablas: i32,
    pub de_tablas: i32,
    pub filas: Option<i64>,
    pub bytes: Option<i64>,
    /// Del archivo, en hexadecimal.
    pub sha256: Option<String>,
    pub error: Option<String>,
    pub creado_en: Timestamp,
    pub creado_por: uuid::Uuid,
    pub lista_en: Option<Timestamp>,
    /// Hasta cuándo se puede bajar.
    pub vence_en: Option<Timestamp>,
    pub version: i32,
}

impl HasVersion for Exportacion {
    fn version(&self) -> i32 {
        self.version
    }
}

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listar_exportaciones, pedir_exportacion))
        .routes(routes!(ver_exportacion))
        .routes(routes!(bajar_exportacion))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Lista {
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Las exportaciones completas que se pidieron, la más reciente primero.
#[utoipa::path(get, path = "/exportaciones", tag = "importaciones", extensions(("x-permiso" = json!("cadena.exportar"))),
    params(Lista), responses((status = 200, body = Page<Exportacion>), (status = "4XX", body = Problem)))]
async fn listar_exportaciones(ctx: Ctx<ExportarCadena>, Query(lista): Query<Lista>) -> Result<Json<Page<Exportacion>>, Problem> {
    let (before, limit) = page::read(lista.cursor.as_deref(), lista.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, None, before, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |exportacion| exportacion.id)))
}

/// Pide todos los datos de la cadena en un archivo ZIP de formato abierto: cada tabla en líneas JSON con su esquema, y los adjuntos.
///
/// Se escribe aparte; siga su avance y bájelo dentro de un día. No trae contraseñas, claves ni otros secretos: `manifiesto.json` dice qué no
/// trae y por qué. Contiene datos personales.
#[utoipa::path(post, path = "/exportaciones", tag = "importaciones", extensions(("x-permiso" = json!("cadena.exportar"))),
    responses((status = 202, body = Exportacion), (status = "4XX", body = Problem)))]
async fn pedir_exportacion(ctx: Ctx<ExportarCadena>, request: Request) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&Once::bytes(request).await?).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let id = ExportacionId::new();
    let count = i32::try_from(tablas().count()).map_err(Problem::internal)?;
    store::insert(&mut tx, id, count, || Problem::new(problemas::EXPORTACION_EN_CURSO)).await?;
    tx.enqueue(Job::new(TRABAJO, json!({ "exportacion": id, "paso": "hacer" })).tries(5)).await?;
    tx.audit(Change::new("exportar", "cadena", ctx.tenant).despues(json!({ "exportacion_id": id })));
    let exportacion = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.commit_answer(StatusCode::ACCEPTED, None, &exportacion).await
}

/// Muestra una exportación completa y cuánto lleva.
#[utoipa::path(get, path = "/exportaciones/{id}", tag = "importaciones", extensions(("x-permiso" = json!("cadena.exportar"))),
    params(("id" = ExportacionId, Path)), responses((status = 200, body = Exportacion), (status = "4XX", body = Problem)))]
async fn ver_exportacion(ctx: Ctx<ExportarCadena>, Path(id): Path<ExportacionId>) -> Result<Versioned<Exportacion>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::find(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Baja el archivo de una exportación completa, hasta un día después de que estuvo lista. Queda en la auditoría.
#[utoipa::path(get, path = "/exportaciones/{id}/archivo", tag = "importaciones", extensions(("x-permiso" = json!("cadena.exportar"))),
    params(("id" = ExportacionId, Path)),
    responses((status = 200, content((Vec<u8> = "application/zip"))), (status = "4XX", body = Problem)))]
async fn bajar_exportacion(ctx: Ctx<ExportarCadena>, Path(id): Path<ExportacionId>) -> Result<Response, Problem> {
    let mut tx = ctx.begin().await?;
    let exportacion = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let over = exportacion.vence_en.is_some_and(|vence| vence <= ctx.now);
    if over || exportacion.estado == Estado::Vencida {
        return Err(Problem::new(problemas::EXPORTACION_VENCIDA));
    } else if exportacion.estado != Estado::Lista {
        return Err(Problem::new(problemas::EXPORTACION_SIN_ARCHIVO).with("estado", exportacion.estado));
    }
    let stored = ctx.app().files().open(&place(ctx.tenant, id)).await?.ok_or_else(|| Problem::new(problemas::EXPORTACION_VENCIDA))?;
    // Before it leaves.
    tx.audit(Change::new("bajar", "exportacion", id).despues(json!({ "bytes": stored.size })));
    tx.commit().await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(ZIP));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(stored.size));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"huella-{}.zip\"", exportacion.creado_en.strftime("%Y-%m-%d")))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok((headers, Body::from_stream(ReaderStream::new(stored.content))).into_response())
}

fn place(tenant: TenantId, id: ExportacionId) -> String {
    format!("{tenant}/exportaciones/{id}.zip")
}

#[derive(Deserialize)]
struct Cuerpo {
    exportacion: ExportacionId,
    paso: String,
}

/// Writes a file that was asked for, or takes it away when its day is over.
pub async fn hacer(system: &SystemCtx, tenant: TenantId, cuerpo: &Value, intento: Intento) -> Result<(), Fallo> {
    let Cuerpo { exportacion: id, paso } = Cuerpo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    if paso == "borrar" {
        return Ok(remove(system, tenant, id).await?);
    }
    let done = write(system, tenant, id).await;
    if let (Err(problem), true) = (&done, intento.numero >= intento.de) {
        let mut tx = system.begin(tenant).await?;
        store::set_estado(&mut tx, id, Estado::Fallida, Some(&problem.status().to_string())).await?;
        tell(&mut tx, "exportacion.terminada", id);
        tx.commit().await?;
    }
    Ok(done?)
}

fn tell(tx: &mut Tx, tema: &'static str, id: ExportacionId) {
    tx.publish(Event::new(tema, json!({ "exportacion_id": id })));
}

async fn write(system: &SystemCtx, tenant: TenantId, id: ExportacionId) -> Result<(), Problem> {
    let mut tx = system.begin(tenant).await?;
    if store::find(&mut tx, id).await?.is_none_or(|one| one.estado != Estado::EnCurso) {
        return Ok(());
    }
    drop(tx);
    let mut tx = system.begin_operador().await?;
    let cadena = cadenas::by_id(&mut tx, tenant).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let done = Arc::new(AtomicUsize::new(0));
    let counter = done.clone();
    let mut avance = move |tablas: usize, _: usize| counter.store(tablas, Ordering::Relaxed);
    let exportada = tokio::select! {
        exportada = exportar(system, tenant, (&cadena.clave, &cadena.nombre), &mut avance) => exportada?,
        problem = watch(system, tenant, id, &done) => return Err(problem),
    };
    let filas: u64 = exportada.manifiesto.tablas.iter().map(|tabla| tabla.filas).sum();
    let (archivo, resumen, bytes) = tokio::task::spawn_blocking(|| weigh(exportada.archivo)).await.map_err(Problem::internal)??;
    system.app().files().put_file(&place(tenant, id), ZIP, archivo).await?;
    let mut tx = system.begin(tenant).await?;
    let (vence, figures) = (tx.now() + GUARDA, (i64::try_from(filas).unwrap_or(i64::MAX), i64::try_from(bytes).unwrap_or(i64::MAX)));
    store::ready(&mut tx, id, figures, &resumen, vence).await?;
    tx.enqueue(Job::new(TRABAJO, json!({ "exportacion": id, "paso": "borrar" })).at(vence)).await?;
    tx.audit(Change::new("terminar", "exportacion", id).despues(json!({ "filas": filas, "bytes": bytes })));
    tell(&mut tx, "exportacion.terminada", id);
    tx.commit().await
}

/// Says now and then how far it is. Ends only with a problem.
async fn watch(system: &SystemCtx, tenant: TenantId, id: ExportacionId, done: &AtomicUsize) -> Problem {
    let mut told = 0;
    loop {
        tokio::time::sleep(MIRADA).await;
        let now = done.load(Ordering::Relaxed);
        if now == told {
            continue;
        }
        told = now;
        let step = async {
            let mut tx = system.begin(tenant).await?;
            store::advance(&mut tx, id, i32::try_from(now).unwrap_or(i32::MAX)).await?;
            tell(&mut tx, "exportacion.avanzada", id);
            tx.commit().await
        };
        if let Err(problem) = step.await {
            return problem;
        }
    }
}

/// SHA-256 and length, and the file at its beginning again.
fn weigh(mut file: File) -> Result<(File, Vec<u8>, u64), Problem> {
    let (mut hash, mut size, mut piece) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut piece).map_err(Problem::internal)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        size += read as u64;
    }
    file.rewind().map_err(Problem::internal)?;
    Ok((file, hash.finalize().to_vec(), size))
}

async fn remove(system: &SystemCtx, tenant: TenantId, id: ExportacionId) -> Result<(), Problem> {
    system.app().files().delete(&place(tenant, id)).await?;
    let mut tx = system.begin(tenant).await?;
    store::set_estado(&mut tx, id, Estado::Vencida, None).await?;
    tx.commit().await
}
