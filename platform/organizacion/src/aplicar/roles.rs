//! Roles: those of every chain and those of this one.
use super::{RolSeccion, Seccion};
use crate::personal::{
    model::{CambioRol, Rol},
    store::roles as store,
};
use kernel::{
    Change, Problem, Tx,
    apply::{Diff, Report, Verdict},
    ids::RolId,
};
use serde::Serialize;
use std::collections::HashMap;

/// What is compared of a role.
#[derive(Serialize)]
struct Forma {
    nombre: String,
    exige_segundo_factor: bool,
    permisos: Vec<String>,
}

impl Forma {
    fn new(nombre: &str, exige_segundo_factor: bool, permisos: &[String]) -> Self {
        let mut permisos = permisos.to_vec();
        permisos.sort();
        Self { nombre: nombre.to_owned(), exige_segundo_factor, permisos }
    }
}

pub async fn aplicar(tx: &mut Tx, seccion: &Seccion<'_>, report: &mut Report) -> Result<(), Problem> {
    store::lock_policy(tx).await?;
    let current: HashMap<String, Rol> = store::all(tx).await?.into_iter().map(|rol| (rol.clave.clone(), rol)).collect();
    let mut diff = Diff::load(tx, "rol").await?;
    let files = seccion.roles_base.iter().map(|rol| (rol, true)).chain(seccion.roles.iter().map(|rol| (rol, false)));
    for (file, de_sistema) in files {
        let present = current.get(&file.clave);
        let forma = Forma::new(&file.nombre, file.exige_segundo_factor, &file.permisos);
        let before = present.map(|rol| Forma::new(&rol.nombre, rol.exige_segundo_factor, &rol.permisos));
        match (diff.entry(&file.clave, &file.clave, &forma, before.as_ref()), present) {
            (Verdict::Crear, _) => crear(tx, file, de_sistema).await?,
            (Verdict::Cambiar, Some(rol)) => cambiar(tx, rol, file).await?,
            _ => {}
        }
    }
    diff.save(tx, report).await
}

async fn crear(tx: &mut Tx, file: &RolSeccion, de_sistema: bool) -> Result<(), Problem> {
    let id = RolId::new();
    store::insert(tx, id, file, de_sistema).await?;
    tx.audit(Change::new("crear", "rol", id).despues(file));
    Ok(())
}

async fn cambiar(tx: &mut Tx, antes: &Rol, file: &RolSeccion) -> Result<(), Problem> {
    let RolSeccion { nombre, exige_segundo_factor, permisos, .. } = file.clone();
    let cambio = CambioRol { nombre, exige_segundo_factor, permisos };
    store::update(tx, antes.id, &cambio).await?;
    tx.audit(Change::new("cambiar", "rol", antes.id).antes(antes).despues(&cambio));
    Ok(())
}
