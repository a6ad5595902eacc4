//! Booking by owners themselves, without signing in. Secrets travel in bodies, never in addresses.
use super::Reintentos;
use crate::{
    autoreservar::{self, Busca},
    identificar,
    model::{
        CadenaPublica, CanalCodigo, CodigoEnviado, CodigoRecibido, DeSesion, HoraElegida, HoraGuardada, HuecoPublico, PedidoCodigo,
        ReservaHecha, ReservaPropia, SesionDeReserva, SesionVista, problemas::CANAL_NO_DISPONIBLE,
    },
    store::{self, Sesion},
};
use axum::Extension;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use jiff::Timestamp;
use kernel::{
    Anon, Json, Path, Problem, Query, Tx,
    ids::{SedeId, ServicioId, TenantId, UsuarioId},
    ports::DeTelefonos,
    token,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// The chain of an address; 404 without one.
async fn cadena(anon: &Anon, clave: &str) -> Result<TenantId, Problem> {
    anon.tenant(clave).await?.ok_or_else(Problem::not_found)
}

/// Dónde y qué se puede reservar por cuenta propia en una cadena.
#[utoipa::path(get, path = "/publico/{cadena}", tag = "autoreserva", security(()), params(("cadena" = String, Path)),
    responses((status = 200, body = CadenaPublica), (status = "4XX", body = Problem)))]
pub async fn ver(
    anon: Anon,
    Extension(telefonos): Extension<DeTelefonos>,
    Path(clave): Path<String>,
) -> Result<Json<CadenaPublica>, Problem> {
    let tenant = cadena(&anon, &clave).await?;
    let by_phone = telefonos.0.hay(tenant).await?.then_some(CanalCodigo::Telefono);
    let codigos_por = [CanalCodigo::Correo].into_iter().chain(by_phone).collect();
    let mut tx = anon.begin(tenant).await?;
    let sedes = store::sedes_con_autoreserva(&mut tx).await?;
    drop(tx);
    let mut tx = anon.begin_in(tenant, &sedes).await?;
    let (nombre, sedes) = (store::nombre_de_cadena(&mut tx).await?, store::sedes_publicas(&mut tx).await?);
    Ok(Json(CadenaPublica { nombre, codigos_por, sedes }))
}

/// Qué horas se buscan.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Consulta {
    pub sede_id: SedeId,
    pub servicio_id: ServicioId,
    /// Solo donde se elige médico.
    pub medico_id: Option<UsuarioId>,
    /// Ausente: lo antes posible.
    pub desde: Option<Timestamp>,
    /// De 1 a 100; 20 si falta.
    #[param(minimum = 1, maximum = 100)]
    pub limite: Option<usize>,
}

/// Horas libres: ni quién tiene las otras, ni por qué no se ofrecen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HuecosPublicos {
    pub huecos: Vec<HuecoPublico>,
}

/// Who asks the same again within seconds is answered the same, as long as nothing of the chain changed: the number of its last
/// event is in the key. What changes with time alone, such as a hold that ends, is seen when this is over.
const RECIENTE: Duration = Duration::from_secs(5);
/// How far one search goes.
const DIAS: i64 = 60;

/// Las próximas horas libres de un servicio en una sede. Una hora que se toma o se libera se ve en un segundo; una respuesta guardada en
/// el camino, o una hora retenida que vence, tiene hasta diez segundos de atraso.
#[utoipa::path(get, path = "/publico/{cadena}/disponibilidad", tag = "autoreserva", security(()), params(("cadena" = String, Path), Consulta),
    responses((status = 200, body = HuecosPublicos), (status = "4XX", body = Problem)))]
pub async fn disponibilidad(anon: Anon, Path(clave): Path<String>, Query(consulta): Query<Consulta>) -> Result<Response, Problem> {
    let limite = consulta.limite.unwrap_or(20);
    if !(1..=100).contains(&limite) {
        return Err(Problem::field("?limite", "debe estar entre 1 y 100"));
    }
    let tenant = cadena(&anon, &clave).await?;
    let Consulta { sede_id, servicio_id, medico_id, desde, .. } = consulta;
    // Since a whole quarter of an hour, so that those who ask at about the same time ask the same.
    let desde = desde.unwrap_or(anon.now).max(anon.now).as_second().div_euclid(900) * 900;
    // Before anything is looked up: what changes meanwhile has a later number, and another key.
    let mut tx = anon.begin_in(tenant, &[sede_id]).await?;
    let (agenda, suceso) = store::publica::cambios(&mut tx).await?;
    drop(tx);
    let medico = medico_id.map_or(uuid::Uuid::nil(), |id| id.0);
    let key = format!("publico:{tenant}:{agenda}:{suceso}:{sede_id}:{servicio_id}:{medico}:{desde}:{limite}");
    if let Ok(Some(known)) = anon.app().cache().get(&key).await {
        return Ok(answer(known));
    }
    let mut tx = anon.begin_in(tenant, &[sede_id]).await?;
    let ofrece = autoreservar::ofrecida(&mut tx, sede_id).await?;
    let desde = Timestamp::from_second(desde).map_err(|_| Problem::field("?desde", "no es válido"))?;
    let busca = Busca { sede: sede_id, servicio: servicio_id, medico: medico_id, desde, dias: DIAS, limite };
    let found = autoreservar::huecos(&mut tx, &ofrece, &busca, "?").await?;
    let huecos = autoreservar::publicos(&ofrece, found, limite);
    let body = Bytes::from(serde_json::to_vec(&HuecosPublicos { huecos }).map_err(Problem::internal)?);
    // Without the cache everybody is answered anew.
    let _ = anon.app().cache().put(&key, body.clone(), RECIENTE).await;
    Ok(answer(body))
}

fn answer(body: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=5")], body).into_response()
}

/// Pide un código de seis cifras para reservar, por correo o a un celular. La respuesta es la misma si la cadena lo conoce o no.
///
/// Si la cadena no tiene un canal que llegue a celulares, la respuesta es 422 `canal-no-disponible`.
#[utoipa::path(post, path = "/publico/{cadena}/codigos", tag = "autoreserva", security(()), params(("cadena" = String, Path)),
    request_body = PedidoCodigo, responses((status = 202, body = CodigoEnviado), (status = "4XX", body = Problem)))]
pub async fn pedir_codigo(
    anon: Anon,
    Extension(telefonos): Extension<DeTelefonos>,
    Path(clave): Path<String>,
    Json(pedido): Json<PedidoCodigo>,
) -> Result<Response, Problem> {
    let destino = pedido.destino()?;
    let tenant = cadena(&anon, &clave).await?;
    let mut tx = anon.begin(tenant).await?;
    if store::sedes_con_autoreserva(&mut tx).await?.is_empty() {
        return Err(Problem::not_found());
    }
    if destino.canal == CanalCodigo::Telefono {
        // Nobody outside is waited for between begin and commit.
        drop(tx);
        if !telefonos.0.hay(tenant).await? {
            return Err(Problem::new(CANAL_NO_DISPONIBLE).detail("Esta clínica no envía códigos a celulares: pídalo a su correo."));
        }
        tx = anon.begin(tenant).await?;
    }
    let enviado = identificar::pedir(&mut tx, &destino).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(enviado)).into_response())
}

/// A transaction in the chain of a secret, if that is the chain of the address.
async fn abrir(anon: &Anon, clave: &str, prefijo: &str, secreto: &str) -> Result<(TenantId, Vec<u8>), Problem> {
    let tenant = cadena(anon, clave).await?;
    token::read(prefijo, secreto).filter(|(of, _)| *of == tenant).ok_or_else(Problem::not_found)
}

/// Comprueba el código y abre una sesión corta. Se puede intentar cinco veces.
#[utoipa::path(post, path = "/publico/{cadena}/codigos/verificar", tag = "autoreserva", security(()), params(("cadena" = String, Path)),
    request_body = CodigoRecibido, responses((status = 200, body = SesionDeReserva), (status = "4XX", body = Problem)))]
pub async fn verificar_codigo(
    anon: Anon,
    Path(clave): Path<String>,
    Json(recibido): Json<CodigoRecibido>,
) -> Result<Json<SesionDeReserva>, Problem> {
    let (tenant, resumen) = abrir(&anon, &clave, identificar::SOLICITUD, &recibido.solicitud).await?;
    let mut tx = anon.begin(tenant).await?;
    let verified = identificar::verificar(&mut tx, &resumen, &recibido).await?;
    tx.commit().await?;
    verified.map(Json)
}

/// Lo que se sabe de quien abrió la sesión: sus mascotas, por nombre y especie.
#[utoipa::path(post, path = "/publico/{cadena}/sesion", tag = "autoreserva", security(()), params(("cadena" = String, Path)),
    request_body = DeSesion, responses((status = 200, body = SesionVista), (status = "4XX", body = Problem)))]
pub async fn ver_sesion(anon: Anon, Path(clave): Path<String>, Json(de): Json<DeSesion>) -> Result<Json<SesionVista>, Problem> {
    let (tenant, resumen) = abrir(&anon, &clave, identificar::SESION, &de.sesion).await?;
    let mut tx = anon.begin(tenant).await?;
    let sesion = identificar::sesion(&mut tx, &resumen).await?;
    Ok(Json(identificar::vista(&mut tx, &sesion).await?))
}

/// A transaction that holds the session, in the sede of what it holds and in `sede`.
async fn en_sesion(anon: &Anon, tenant: TenantId, resumen: &[u8], sede: Option<SedeId>) -> Result<(Tx, Sesion), Problem> {
    let mut tx = anon.begin(tenant).await?;
    let held = identificar::sesion(&mut tx, resumen).await?.sede_id;
    drop(tx);
    let sedes: Vec<SedeId> = held.into_iter().chain(sede).collect();
    let mut tx = anon.begin_in(tenant, &sedes).await?;
    let sesion = identificar::sesion(&mut tx, resumen).await?;
    // Another request of this session went elsewhere meanwhile.
    if sesion.sede_id != held {
        return Err(Problem::new(kernel::problem::kinds::IN_PROGRESS).retry_after(1));
    }
    Ok((tx, sesion))
}

/// Guarda una hora unos minutos, mientras el tutor llena sus datos. Suelta la que tenía guardada.
#[utoipa::path(post, path = "/publico/{cadena}/retener", tag = "autoreserva", security(()), params(("cadena" = String, Path)),
    request_body = HoraElegida, responses((status = 201, body = HoraGuardada), (status = "4XX", body = Problem)))]
pub async fn retener_hora(anon: Anon, Path(clave): Path<String>, Json(elegida): Json<HoraElegida>) -> Result<Response, Problem> {
    let (tenant, resumen) = abrir(&anon, &clave, identificar::SESION, &elegida.sesion).await?;
    let mut reintentos = Reintentos::default();
    loop {
        let (mut tx, sesion) = en_sesion(&anon, tenant, &resumen, Some(elegida.sede_id)).await?;
        match autoreservar::guardar(&mut tx, &sesion, &elegida).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(guardada) => {
                tx.commit().await?;
                return Ok((StatusCode::CREATED, Json(guardada)).into_response());
            }
        }
    }
}

/// Reserva la hora guardada, o la pide si la sede aprueba cada solicitud. Repetirlo da la misma reserva.
#[utoipa::path(post, path = "/publico/{cadena}/confirmar", tag = "autoreserva", security(()), params(("cadena" = String, Path)),
    request_body = ReservaPropia, responses((status = 201, body = ReservaHecha), (status = "4XX", body = Problem)))]
pub async fn confirmar(anon: Anon, Path(clave): Path<String>, Json(propia): Json<ReservaPropia>) -> Result<Response, Problem> {
    let (tenant, resumen) = abrir(&anon, &clave, identificar::SESION, &propia.sesion).await?;
    let mut reintentos = Reintentos::default();
    loop {
        let (mut tx, sesion) = en_sesion(&anon, tenant, &resumen, None).await?;
        match autoreservar::confirmar(&mut tx, &sesion, &propia).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(hecha) => {
                tx.commit().await?;
                return Ok((StatusCode::CREATED, Json(hecha)).into_response());
            }
        }
    }
}
