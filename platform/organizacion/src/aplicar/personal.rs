//! Staff and where they work.
use super::{AsignacionSeccion, Opciones, PersonaSeccion, estructura::by_codigo, missing};
use crate::{
    identidad::cuenta,
    personal::{
        model::{Asignacion, DatosUsuario, Usuario},
        store::{asignaciones as roles_de, roles, usuarios as store},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use kernel::{
    Change, Event, Problem, Tx,
    apply::{Diff, Report, Verdict},
    ids::{RolId, SedeId, UsuarioId},
    text::email,
};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// What is compared of a person: of personal values a blind index, because it is kept in the clear.
#[derive(Serialize)]
struct Forma {
    nombres: String,
    apellidos: String,
    telefono: Option<String>,
    documento: Option<String>,
    cmvp: Option<String>,
}

impl Forma {
    fn new(tx: &Tx, datos: &DatosUsuario) -> Self {
        let index = |plain: &str| B64.encode(tx.blind_index("aplicado", plain));
        Self {
            nombres: index(&datos.nombres),
            apellidos: index(&datos.apellidos),
            telefono: datos.telefono.as_deref().map(index),
            documento: datos.documento.as_ref().map(|documento| index(&documento.to_text())),
            cmvp: datos.cmvp.clone(),
        }
    }
}

fn of_file(file: &PersonaSeccion) -> DatosUsuario {
    let PersonaSeccion { nombres, apellidos, correo, telefono, documento, cmvp, .. } = file.clone();
    let es_medico = cmvp.is_some();
    DatosUsuario { nombres, apellidos, correo, telefono, documento, es_medico, cmvp }.normalise().0
}

fn of_usuario(usuario: &Usuario) -> DatosUsuario {
    let Usuario { nombres, apellidos, correo, telefono, documento, es_medico, cmvp, .. } = usuario.clone();
    DatosUsuario { nombres, apellidos, correo, telefono, documento, es_medico, cmvp }
}

fn clave(tx: &Tx, correo: &str) -> String {
    B64.encode(store::correo_indice(tx, correo))
}

async fn ids(tx: &mut Tx, files: &[PersonaSeccion]) -> Result<HashMap<String, UsuarioId>, Problem> {
    let correos: Vec<&str> = files.iter().map(|file| file.correo.as_str()).collect();
    store::correos(tx, &correos).await
}

pub async fn personas(tx: &mut Tx, files: &[PersonaSeccion], opciones: &Opciones<'_>, report: &mut Report) -> Result<(), Problem> {
    let known = ids(tx, files).await?;
    let mut diff = Diff::load(tx, "persona").await?;
    for file in files {
        let datos = of_file(file);
        let present = match known.get(&email(&file.correo)) {
            Some(id) => store::own(tx, *id).await?,
            None => None,
        };
        let forma = Forma::new(tx, &datos);
        let before = present.as_ref().map(|usuario| Forma::new(tx, &of_usuario(usuario)));
        match (diff.entry(&clave(tx, &file.correo), &file.correo, &forma, before.as_ref()), present) {
            (Verdict::Crear, _) => crear(tx, &datos, opciones).await?,
            (Verdict::Cambiar, Some(antes)) => cambiar(tx, &antes, &datos).await?,
            _ => {}
        }
    }
    name_gone(tx, &mut diff).await?;
    diff.save(tx, report).await
}

/// The key of a person says nothing to a person: name who left the file by e-mail.
async fn name_gone(tx: &mut Tx, diff: &mut Diff) -> Result<(), Problem> {
    for clave in diff.gone() {
        let indice = B64.decode(&clave).unwrap_or_default();
        let Some(id) = store::by_correo(tx, std::slice::from_ref(&indice)).await?.remove(&indice) else { continue };
        if let Some(usuario) = store::own(tx, id).await? {
            diff.label(clave, usuario.correo);
        }
    }
    Ok(())
}

async fn crear(tx: &mut Tx, datos: &DatosUsuario, opciones: &Opciones<'_>) -> Result<(), Problem> {
    let id = UsuarioId::new();
    let key = store::insert(tx, id, datos).await?;
    match opciones.clave_demo {
        Some(phc) => store::set_contrasena(tx, id, phc).await?,
        None => cuenta::invitar(tx, id).await?,
    }
    let usuario = store::own(tx, id).await?.ok_or_else(|| missing("person"))?;
    tx.audit(Change::new("crear", "usuario", id).despues(usuario.sealed(&key)));
    tx.publish(Event::new("usuario.creado", json!({ "id": id })));
    Ok(())
}

async fn cambiar(tx: &mut Tx, antes: &Usuario, datos: &DatosUsuario) -> Result<(), Problem> {
    // Whoever was forgotten is not brought back by a file.
    let Some(key) = tx.person_key(antes.id).await? else { return Ok(()) };
    store::update(tx, antes.id, &key, datos).await?;
    let usuario = store::own(tx, antes.id).await?.ok_or_else(|| missing("person"))?;
    tx.audit(Change::new("cambiar", "usuario", antes.id).antes(antes.sealed(&key)).despues(usuario.sealed(&key)));
    tx.publish(Event::new("usuario.cambiado", json!({ "id": antes.id })));
    Ok(())
}

/// A person's roles, compared as one list.
#[derive(Serialize)]
struct FormaRoles {
    asignaciones: Vec<String>,
}

impl FormaRoles {
    fn new(mut asignaciones: Vec<String>) -> Self {
        asignaciones.sort();
        Self { asignaciones }
    }
}

fn text(rol: &str, sede: Option<&str>) -> String {
    format!("{rol} en {}", sede.unwrap_or("toda la cadena"))
}

pub async fn asignaciones(tx: &mut Tx, files: &[PersonaSeccion], report: &mut Report) -> Result<(), Problem> {
    let known = ids(tx, files).await?;
    let sedes: HashMap<String, SedeId> = by_codigo(tx).await?.into_iter().map(|(codigo, sede)| (codigo, sede.id)).collect();
    let codigos: HashMap<SedeId, &str> = sedes.iter().map(|(codigo, id)| (*id, codigo.as_str())).collect();
    let roles: HashMap<String, RolId> = roles::all(tx).await?.into_iter().map(|rol| (rol.clave, rol.id)).collect();
    let mut diff = Diff::load(tx, "roles de persona").await?;
    for file in files {
        // A person who was deleted or never made stays so.
        let Some(id) = known.get(&email(&file.correo)) else { continue };
        let current = roles_de::own(tx, *id).await?;
        let wanted = FormaRoles::new(file.asignaciones.iter().map(|one| text(&one.rol, one.sede.as_deref())).collect());
        let held = current.iter().map(|one| text(&one.rol, one.sede_id.and_then(|sede| codigos.get(&sede).copied())));
        let before = Some(FormaRoles::new(held.collect())).filter(|held| !held.asignaciones.is_empty());
        if diff.entry(&clave(tx, &file.correo), &file.correo, &wanted, before.as_ref()) != Verdict::Dejar {
            asignar(tx, *id, &file.asignaciones, current, &roles, &sedes).await?;
        }
    }
    name_gone(tx, &mut diff).await?;
    diff.save(tx, report).await
}

/// Gives the roles of the list and takes away the others.
async fn asignar(
    tx: &mut Tx,
    usuario: UsuarioId,
    files: &[AsignacionSeccion],
    mut current: Vec<Asignacion>,
    roles: &HashMap<String, RolId>,
    sedes: &HashMap<String, SedeId>,
) -> Result<(), Problem> {
    for file in files {
        let rol_id = *roles.get(&file.rol).ok_or_else(|| missing("role"))?;
        let sede_id = file.sede.as_ref().map(|codigo| sedes.get(codigo).copied().ok_or_else(|| missing("sede"))).transpose()?;
        if let Some(held) = current.iter().position(|one| one.rol_id == rol_id && one.sede_id == sede_id) {
            current.swap_remove(held);
            continue;
        }
        let id = roles_de::insert(tx, usuario, rol_id, sede_id).await?;
        let made = Asignacion { id, usuario_id: usuario, rol_id, rol: file.rol.clone(), sede_id };
        tx.audit(made.change("asignar").despues(&made));
    }
    for gone in current {
        roles_de::delete(tx, gone.id).await?;
        tx.audit(gone.change("quitar").antes(&gone));
    }
    Ok(())
}
