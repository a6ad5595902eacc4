//! Who am I, and what may I do where.
use super::store;
use crate::{
    estructura::{self, store::cadena::Propia},
    identidad::portal::tiene_pin,
    personal::model::{Asignacion, Usuario},
};
use kernel::{
    Access, App, Ctx, Json, Problem,
    ids::{SedeId, TenantId, UsuarioId},
    permission::{PermissionSet, PropioBloqueado},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ver_yo))
}

/// Quien inició sesión, con lo que puede hacer en cada sede. Cambiar de sede no requiere volver a ingresar.
#[derive(Debug, Serialize, ToSchema)]
struct Yo {
    id: UsuarioId,
    nombres: String,
    apellidos: String,
    correo: String,
    es_medico: bool,
    segundo_factor: bool,
    /// Debe activar el segundo factor antes de cualquier otra cosa.
    debe_activar_segundo_factor: bool,
    /// Tiene un PIN con que desbloquear la sesión.
    tiene_pin: bool,
    /// La sesión está bloqueada: de todo lo demás se dice solo el nombre, y nada se puede hacer hasta desbloquearla.
    bloqueada: bool,
    cadena: YoCadena,
    /// Las sedes en las que tiene algún permiso.
    sedes: Vec<YoSede>,
}

/// La cadena de quien inició sesión.
#[derive(Debug, Serialize, ToSchema)]
struct YoCadena {
    id: TenantId,
    nombre: String,
    /// Es la cadena de quien opera la plataforma: revisa y firma complementos.
    plataforma: bool,
    /// Es una cadena de pruebas: corre también complementos sin firmar.
    sandbox: bool,
    /// Claves de los roles que tiene en toda la cadena.
    roles: Vec<String>,
    permisos: Vec<&'static str>,
}

/// Una sede en la que quien inició sesión puede trabajar.
#[derive(Debug, Serialize, ToSchema)]
struct YoSede {
    id: SedeId,
    nombre: String,
    ciudad: String,
    zona_horaria: String,
    activa: bool,
    /// Claves de los roles que tiene en esta sede.
    roles: Vec<String>,
    /// Incluye los de toda la cadena.
    permisos: Vec<&'static str>,
}

/// Muestra quién es usted, sus roles y sus sedes con los permisos que tiene en cada una.
#[utoipa::path(get, path = "/yo", tag = "personal", extensions(("x-permiso" = json!("propio"))),
    responses((status = 200, body = Yo), (status = "4XX", body = Problem)))]
async fn ver_yo(ctx: Ctx<PropioBloqueado>) -> Result<Json<Yo>, Problem> {
    let id = ctx.usuario()?;
    let mut tx = ctx.begin_read().await?;
    let usuario = store::usuarios::own(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let Propia { nombre, plataforma, sandbox } = estructura::store::cadena::propia(&mut tx).await?;
    let cadena = YoCadena { id: ctx.tenant, nombre, plataforma, sandbox, roles: Vec::new(), permisos: Vec::new() };
    if ctx.identity.bloqueada {
        return Ok(Json(bloqueado(usuario, cadena)));
    }
    let roles = store::asignaciones::own(&mut tx, id).await?;
    let tiene_pin = tiene_pin(&mut tx, id).await?;
    let cadena = YoCadena { roles: claves(&roles, None), permisos: permisos(ctx.access().cadena), ..cadena };
    let sedes = estructura::store::sedes::all(&mut tx).await?;
    let sedes = sedes.into_iter().filter_map(|sede| yo_sede(sede, ctx.access(), &roles)).collect();
    let Usuario { id, nombres, apellidos, correo, es_medico, segundo_factor, .. } = usuario;
    let debe_activar_segundo_factor = ctx.identity.debe_enrolar;
    let bloqueada = false;
    Ok(Json(Yo {
        id,
        nombres,
        apellidos,
        correo,
        es_medico,
        segundo_factor,
        debe_activar_segundo_factor,
        tiene_pin,
        bloqueada,
        cadena,
        sedes,
    }))
}

/// Whoever walks by sees whose session it is, and no more.
fn bloqueado(usuario: Usuario, cadena: YoCadena) -> Yo {
    let Usuario { id, nombres, apellidos, .. } = usuario;
    Yo {
        id,
        nombres,
        apellidos,
        correo: String::new(),
        es_medico: false,
        segundo_factor: false,
        debe_activar_segundo_factor: false,
        tiene_pin: true,
        bloqueada: true,
        cadena,
        sedes: Vec::new(),
    }
}

fn yo_sede(sede: estructura::model::Sede, access: &Access, roles: &[Asignacion]) -> Option<YoSede> {
    let set = access.in_sede(sede.id);
    let roles = claves(roles, Some(sede.id));
    (!set.is_empty() || !roles.is_empty()).then(|| YoSede {
        id: sede.id,
        nombre: sede.nombre,
        ciudad: sede.ciudad,
        zona_horaria: sede.zona_horaria,
        activa: sede.activa,
        roles,
        permisos: permisos(set),
    })
}

fn claves(roles: &[Asignacion], sede: Option<SedeId>) -> Vec<String> {
    roles.iter().filter(|rol| rol.sede_id == sede).map(|rol| rol.rol.clone()).collect()
}

fn permisos(set: PermissionSet) -> Vec<&'static str> {
    set.iter().map(|entry| entry.clave).collect()
}
