//! What the schemas cannot say: references between sections, repeated keys, documents.
use super::{PersonaSeccion, RolSeccion, Seccion, SedeSeccion};
use kernel::{apply::Fault, permission::index_of};
use std::collections::BTreeSet;

const BASE: &str = "_base/roles.toml";

/// All that is wrong, with the key of each. Nothing is read from the database: files are complete in themselves.
pub fn revisar(seccion: &Seccion<'_>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = permisos(seccion.roles_base).into_iter().map(|fault| fault.in_file(BASE)).collect();
    faults.extend(permisos(seccion.roles));
    let roles: BTreeSet<&str> = seccion.roles_base.iter().map(|rol| rol.clave.as_str()).collect();
    for (index, rol) in seccion.roles.iter().enumerate() {
        if roles.contains(rol.clave.as_str()) {
            faults.push(Fault::new(format!("roles[{index}].clave"), format!("es un rol de todas las cadenas ({BASE})")));
        }
    }
    let roles: BTreeSet<&str> = roles.into_iter().chain(seccion.roles.iter().map(|rol| rol.clave.as_str())).collect();
    let rucs: BTreeSet<&str> = seccion.entidades_legales.iter().map(|entidad| entidad.ruc.as_str()).collect();
    let codigos: BTreeSet<&str> = seccion.sedes.iter().map(|sede| sede.codigo.as_str()).collect();
    repeated("roles", "clave", seccion.roles.iter().map(|rol| rol.clave.clone()), &mut faults);
    repeated("entidades_legales", "ruc", seccion.entidades_legales.iter().map(|entidad| entidad.ruc.clone()), &mut faults);
    repeated("sedes", "codigo", seccion.sedes.iter().map(|sede| sede.codigo.clone()), &mut faults);
    repeated("personal", "correo", seccion.personal.iter().map(|persona| kernel::text::email(&persona.correo)), &mut faults);
    for (index, file) in seccion.sedes.iter().enumerate() {
        sede(&format!("sedes[{index}]"), file, &rucs, &mut faults);
    }
    for (index, file) in seccion.personal.iter().enumerate() {
        persona(&format!("personal[{index}]"), file, &roles, &codigos, &mut faults);
    }
    faults
}

fn permisos(roles: &[RolSeccion]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, rol) in roles.iter().enumerate() {
        let unknown = rol.permisos.iter().enumerate().filter(|(_, clave)| index_of(clave).is_none());
        faults.extend(unknown.map(|(place, clave)| {
            Fault::new(format!("roles[{index}].permisos[{place}]"), format!("{clave} no es un permiso del catálogo"))
        }));
    }
    faults
}

fn repeated(section: &str, key: &str, values: impl Iterator<Item = String>, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (index, value) in values.enumerate() {
        if !seen.insert(value) {
            faults.push(Fault::new(format!("{section}[{index}].{key}"), "está repetido"));
        }
    }
}

fn sede(at: &str, file: &SedeSeccion, rucs: &BTreeSet<&str>, faults: &mut Vec<Fault>) {
    if !rucs.contains(file.entidad_legal.as_str()) {
        faults.push(Fault::new(format!("{at}.entidad_legal"), "no hay una entidad legal con este RUC"));
    }
    repeated(&format!("{at}.areas"), "nombre", file.areas.iter().map(|one| one.nombre.clone()), faults);
    repeated(&format!("{at}.ambientes"), "nombre", file.ambientes.iter().map(|one| one.nombre.clone()), faults);
    repeated(&format!("{at}.equipos"), "nombre", file.equipos.iter().map(|one| one.nombre.clone()), faults);
    for (index, ambiente) in file.ambientes.iter().enumerate() {
        if ambiente.area.as_ref().is_some_and(|area| !file.areas.iter().any(|one| one.nombre == *area)) {
            faults.push(Fault::new(format!("{at}.ambientes[{index}].area"), "no es un área de esta sede"));
        }
    }
}

fn persona(at: &str, file: &PersonaSeccion, roles: &BTreeSet<&str>, codigos: &BTreeSet<&str>, faults: &mut Vec<Fault>) {
    if let Some(documento) = &file.documento
        && let Err(detail) = documento.tipo.normalise(&documento.numero)
    {
        faults.push(Fault::new(format!("{at}.documento.numero"), detail));
    }
    for (index, asignacion) in file.asignaciones.iter().enumerate() {
        if !roles.contains(asignacion.rol.as_str()) {
            faults.push(Fault::new(format!("{at}.asignaciones[{index}].rol"), "no hay un rol con esta clave"));
        }
        if asignacion.sede.as_ref().is_some_and(|codigo| !codigos.contains(codigo.as_str())) {
            faults.push(Fault::new(format!("{at}.asignaciones[{index}].sede"), "no hay una sede con este código"));
        }
    }
}
