//! Looking for the record that a new one may repeat.
use crate::{
    model::{Candidato, FichaMascota, FichaTutor, Motivo, Por, same_name},
    store::busqueda as store,
};
use kernel::{Problem, Tx, ids::TutorId};
use std::collections::BTreeMap;

/// More of a kind than anybody would read.
const MAX: i64 = 20;

/// Owners who may be this one.
pub async fn tutores(tx: &mut Tx, ficha: &FichaTutor) -> Result<Vec<Candidato>, Problem> {
    let keys = ficha.keys();
    if keys.telefono.is_none() && keys.correo.is_none() {
        return Ok(Vec::new());
    }
    let mut found: BTreeMap<TutorId, Vec<Por>> = BTreeMap::new();
    for (tutor, por) in store::owners(tx, &keys, MAX).await? {
        found.entry(tutor).or_default().push(por);
    }
    let ids: Vec<TutorId> = found.keys().copied().collect();
    let names = store::owners_in_short(tx, &ids).await?;
    Ok(found.iter().filter_map(|(id, por)| ficha.alike(names.get(id)?, por)).collect())
}

/// Pets of an owner that may be this one: the same name and species, and alive.
pub async fn mascotas(tx: &mut Tx, tutor: TutorId, ficha: &FichaMascota) -> Result<Vec<Candidato>, Problem> {
    let own = store::living_pets(tx, tutor, ficha.especie_id).await?;
    let alike = own.into_iter().filter(|(_, nombre)| same_name(nombre, &ficha.nombre));
    let candidato = |(id, nombre)| Candidato {
        tutor_id: None,
        mascota_id: Some(id),
        nombre: Some(nombre),
        telefono: None,
        motivos: vec![Motivo::NombreYEspecie],
    };
    Ok(alike.map(candidato).collect())
}
