//! Writing down what a pet was given and what it has.
use crate::{
    model::{
        Asiento, Comunes, Dicho, HechoClinico, NuevaAlergia, NuevaDesparasitacion, NuevaVacunacion, NuevoProblema, NuevoTratamiento,
        Termino, hoy,
    },
    store::{clinicos as store, vacunas},
};
use axum::response::Response;
use kernel::{
    Begun, Change, Ctx, Event, IfMatch, Json, Once, Path, Problem, Query, Tx, Versioned,
    ids::{HechoClinicoId, MascotaId},
    permission::{RegistrarClinica, VerHistorial},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

/// What one body needs of the others' work.
trait Anotable {
    const CON_CATALOGO: bool = false;
    fn comunes(&self) -> Comunes;
    fn asiento(&self, dicho: &Dicho<'_>) -> Result<Asiento, Problem>;
}

macro_rules! anotables {
    ($($body:ty, $rule:ident $(, $catalogue:literal)?;)*) => {$(
        impl Anotable for $body {
            $(const CON_CATALOGO: bool = $catalogue;)?
            fn comunes(&self) -> Comunes {
                self.comunes()
            }
            fn asiento(&self, dicho: &Dicho<'_>) -> Result<Asiento, Problem> {
                dicho.$rule(self)
            }
        }
    )*};
}

anotables! {
    NuevaVacunacion, vacuna, true;
    NuevaDesparasitacion, desparasitacion;
    NuevoProblema, problema;
    NuevaAlergia, alergia;
    NuevoTratamiento, tratamiento;
}

async fn anotar<B: Anotable>(ctx: Ctx<RegistrarClinica>, id: MascotaId, once: Once<B>) -> Result<Response, Problem> {
    let comunes = once.body.comunes();
    comunes.sede_id.map_or(Ok(()), |sede| ctx.in_sede(sede))?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let mascota = pacientes::retener(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut referencias = store::referencias(&mut tx, id, comunes.medico_id, comunes.cita_id).await?;
    if B::CON_CATALOGO {
        referencias.catalogo = vacunas::catalogo(&mut tx).await?;
    }
    let asiento = once.body.asiento(&Dicho { mascota: &mascota, referencias: &referencias, now: ctx.now })?;
    let hecho = HechoClinicoId::new();
    store::insert(&mut tx, &[(hecho, id, asiento)]).await?;
    let hecho = store::find(&mut tx, hecho).await?.ok_or_else(Problem::not_found)?;
    tell(&mut tx, "anotar", "hecho_clinico.anotado", &hecho, |change| change.despues(brief(&hecho)));
    tx.commit_created(&hecho).await
}

/// What the audit tells of a line; its free text stays with it.
fn brief(hecho: &HechoClinico) -> serde_json::Value {
    json!({ "mascota_id": hecho.mascota_id, "tipo": hecho.detalle.tipo(), "titulo": hecho.titulo, "fecha": hecho.fecha })
}

fn tell(tx: &mut Tx, accion: &'static str, tema: &'static str, hecho: &HechoClinico, with: impl FnOnce(Change) -> Change) {
    let change = with(Change::new(accion, "hecho_clinico", hecho.id));
    tx.audit(hecho.sede_id.into_iter().fold(change, Change::sede));
    tx.publish(Event::new(tema, json!({ "hecho_id": hecho.id, "mascota_id": hecho.mascota_id, "tipo": hecho.detalle.tipo() })));
}

/// Anota una vacuna: del catálogo, u otra con sus antígenos.
#[utoipa::path(
    post, path = "/pacientes/{id}/vacunaciones", tag = "historias", extensions(("x-permiso" = json!("clinica.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevaVacunacion,
    responses((status = 201, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn vacunar(ctx: Ctx<RegistrarClinica>, Path(id): Path<MascotaId>, once: Once<NuevaVacunacion>) -> Result<Response, Problem> {
    anotar(ctx, id, once).await
}

/// Anota una desparasitación.
#[utoipa::path(
    post, path = "/pacientes/{id}/desparasitaciones", tag = "historias", extensions(("x-permiso" = json!("clinica.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevaDesparasitacion,
    responses((status = 201, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn desparasitar(
    ctx: Ctx<RegistrarClinica>,
    Path(id): Path<MascotaId>,
    once: Once<NuevaDesparasitacion>,
) -> Result<Response, Problem> {
    anotar(ctx, id, once).await
}

/// Anota un problema en la lista de problemas.
#[utoipa::path(
    post, path = "/pacientes/{id}/problemas", tag = "historias", extensions(("x-permiso" = json!("clinica.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevoProblema,
    responses((status = 201, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn anotar_problema(
    ctx: Ctx<RegistrarClinica>,
    Path(id): Path<MascotaId>,
    once: Once<NuevoProblema>,
) -> Result<Response, Problem> {
    anotar(ctx, id, once).await
}

/// Anota una alergia.
#[utoipa::path(
    post, path = "/pacientes/{id}/alergias", tag = "historias", extensions(("x-permiso" = json!("clinica.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevaAlergia,
    responses((status = 201, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn anotar_alergia(ctx: Ctx<RegistrarClinica>, Path(id): Path<MascotaId>, once: Once<NuevaAlergia>) -> Result<Response, Problem> {
    anotar(ctx, id, once).await
}

/// Anota un tratamiento.
#[utoipa::path(
    post, path = "/pacientes/{id}/tratamientos", tag = "historias", extensions(("x-permiso" = json!("clinica.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevoTratamiento,
    responses((status = 201, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn anotar_tratamiento(
    ctx: Ctx<RegistrarClinica>,
    Path(id): Path<MascotaId>,
    once: Once<NuevoTratamiento>,
) -> Result<Response, Problem> {
    anotar(ctx, id, once).await
}

/// Un hecho clínico.
#[utoipa::path(
    get, path = "/hechos-clinicos/{id}", tag = "historias", operation_id = "ver_hecho_clinico", extensions(("x-permiso" = json!("historial.ver"))),
    params(("id" = HechoClinicoId, Path)), responses((status = 200, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<VerHistorial>, Path(id): Path<HechoClinicoId>) -> Result<Versioned<HechoClinico>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let hecho = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("mascota", [hecho.mascota_id.into()]);
    Ok(Versioned(hecho))
}

/// The line, held, and its sede one of the caller's.
async fn hold(ctx: &Ctx<RegistrarClinica>, tx: &mut Tx, id: HechoClinicoId) -> Result<HechoClinico, Problem> {
    store::hold(tx, id).await?.ok_or_else(Problem::not_found)?;
    let hecho = store::find(tx, id).await?.ok_or_else(Problem::not_found)?;
    hecho.sede_id.map_or(Ok(()), |sede| ctx.in_sede(sede))?;
    Ok(hecho)
}

/// Da por resuelto un problema o una alergia, o termina un tratamiento.
#[utoipa::path(
    put, path = "/hechos-clinicos/{id}/termino", tag = "historias", operation_id = "terminar_hecho_clinico", extensions(("x-permiso" = json!("clinica.registrar"))),
    params(("id" = HechoClinicoId, Path), ("If-Match" = String, Header)), request_body = Termino,
    responses((status = 200, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn terminar(
    ctx: Ctx<RegistrarClinica>,
    Path(id): Path<HechoClinicoId>,
    version: IfMatch,
    Json(termino): Json<Termino>,
) -> Result<Versioned<HechoClinico>, Problem> {
    let mut tx = ctx.begin().await?;
    let mut hecho = hold(&ctx, &mut tx, id).await?;
    version.check(hecho.version)?;
    hecho.terminar(termino, hoy(ctx.now))?;
    store::end(&mut tx, &hecho).await?;
    let told = json!({ "hasta": hecho.hasta, "motivo": hecho.hasta_motivo });
    tell(&mut tx, "terminar", "hecho_clinico.terminado", &hecho, |change| change.antes(brief(&hecho)).despues(told));
    tx.commit().await?;
    Ok(Versioned(hecho))
}

/// Por qué se anula.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Anulacion {
    #[param(min_length = 1, max_length = 500)]
    motivo: String,
}

/// Anula lo que se anotó mal: queda en el historial con su motivo, y ninguna regla lo lee. Lo correcto se anota aparte.
#[utoipa::path(
    delete, path = "/hechos-clinicos/{id}", tag = "historias", operation_id = "anular_hecho_clinico", extensions(("x-permiso" = json!("clinica.registrar"))),
    params(("id" = HechoClinicoId, Path), Anulacion), responses((status = 200, body = HechoClinico), (status = "4XX", body = Problem))
)]
pub async fn anular(
    ctx: Ctx<RegistrarClinica>,
    Path(id): Path<HechoClinicoId>,
    Query(anulacion): Query<Anulacion>,
) -> Result<Versioned<HechoClinico>, Problem> {
    let motivo = kernel::text::reason(&anulacion.motivo).ok_or_else(|| Problem::field("?motivo", "debe tener de 1 a 500 caracteres"))?;
    let mut tx = ctx.begin().await?;
    hold(&ctx, &mut tx, id).await?.vigente()?;
    store::annul(&mut tx, id, &motivo).await?;
    let hecho = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tell(&mut tx, "anular", "hecho_clinico.anulado", &hecho, |change| change.antes(brief(&hecho)).despues(json!({ "motivo": motivo })));
    tx.commit().await?;
    Ok(Versioned(hecho))
}
