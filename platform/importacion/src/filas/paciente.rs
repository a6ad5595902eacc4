//! Which pet a row means: by the old system's key, by microchip, or by its owner and name.
use super::{
    Corrida, Fila, Lectura, Leida, Registro, Salida,
    mascotas::{CAMPOS_TUTOR, Referencia, referencia, tutor},
};
use crate::{model::ErrorDeFila, store};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
    text,
};
use pacientes::{Indices, MascotaConocida, TutorConocido};
use std::collections::HashMap;
use uuid::Uuid;

/// What a row says of a pet.
pub struct Paciente {
    clave: Option<Vec<u8>>,
    microchip: Option<String>,
    tutor: Option<Referencia>,
    nombre: Option<String>,
    /// Its first field that says something.
    campo: &'static str,
}

impl Paciente {
    pub fn leer(lectura: &Lectura, fila: &Fila) -> Result<Self, Vec<ErrorDeFila>> {
        let get = |campo: &str| lectura.get(fila, campo);
        let (clave, microchip, nombre) = (get("mascota_clave"), get("microchip"), get("mascota"));
        let tutor = match CAMPOS_TUTOR.iter().any(|campo| get(campo).is_some()) {
            true => Some(referencia(lectura, fila)?),
            false => None,
        };
        let campo = match (clave, microchip) {
            (Some(_), _) => "mascota_clave",
            (_, Some(_)) => "microchip",
            _ => "mascota",
        };
        if clave.is_none() && microchip.is_none() && (tutor.is_none() || nombre.is_none()) {
            return Err(vec![lectura.error(campo, "falta decir de qué mascota es: su clave, su microchip, o su nombre y su tutor")]);
        }
        Ok(Self {
            clave: clave.map(|valor| lectura.clave_de("mascota", valor)),
            microchip: microchip.map(text::identifier),
            tutor,
            nombre: nombre.map(str::to_owned),
            campo,
        })
    }
}

/// What is known of all the pets that a portion names.
pub struct Pacientes {
    claves: HashMap<Vec<u8>, Uuid>,
    vigentes: HashMap<MascotaId, MascotaId>,
    microchips: HashMap<String, MascotaId>,
    claves_tutores: HashMap<Vec<u8>, Uuid>,
    tutores: Vec<TutorConocido>,
    mascotas: HashMap<TutorId, Vec<MascotaConocida>>,
}

impl Pacientes {
    pub async fn load<'a>(tx: &mut Tx, all: impl Iterator<Item = &'a Paciente> + Clone) -> Result<Self, Problem> {
        let own: Vec<Vec<u8>> = all.clone().filter_map(|one| one.clave.clone()).collect();
        let owners = || all.clone().filter_map(|one| one.tutor.as_ref());
        let theirs: Vec<Vec<u8>> = owners().filter_map(|tutor| tutor.clave.clone()).collect();
        let claves = store::claves(tx, "mascota", &own).await?;
        let ids: Vec<MascotaId> = claves.values().copied().map(MascotaId).collect();
        let vigentes = pacientes::mascotas_vigentes(tx, &ids).await?;
        let chips: Vec<String> = all.clone().filter_map(|one| one.microchip.clone()).collect();
        let microchips = pacientes::mascotas_con_microchip(tx, &chips).await?;
        let claves_tutores = store::claves(tx, "tutor", &theirs).await?;
        let ids: Vec<TutorId> = claves_tutores.values().copied().map(TutorId).collect();
        let indices: Vec<Indices> = owners().map(|tutor| tutor.indices.clone()).collect();
        let tutores = pacientes::tutores_conocidos(tx, &ids, &indices).await?;
        let ids: Vec<TutorId> = tutores.iter().map(|one| one.id).collect();
        let mut mascotas: HashMap<TutorId, Vec<MascotaConocida>> = HashMap::new();
        for mascota in pacientes::mascotas_conocidas(tx, &ids).await? {
            mascotas.entry(mascota.tutor).or_default().push(mascota);
        }
        Ok(Self { claves, vigentes, microchips, claves_tutores, tutores, mascotas })
    }

    pub fn find(&self, corrida: &Corrida, paciente: &Paciente) -> Result<MascotaId, ErrorDeFila> {
        let by_key = paciente.clave.as_ref().and_then(|clave| self.claves.get(clave));
        if let Some(id) = by_key.and_then(|id| self.vigentes.get(&MascotaId(*id))) {
            return Ok(*id);
        }
        if let Some(id) = paciente.microchip.as_ref().and_then(|chip| self.microchips.get(chip)) {
            return Ok(*id);
        }
        if let (Some(referencia), Some(nombre)) = (&paciente.tutor, &paciente.nombre) {
            let owner = tutor(&self.claves_tutores, &self.tutores, corrida, referencia)?;
            let mut own = self.mascotas.get(&owner.id).into_iter().flatten().filter(|one| pacientes::mismo_nombre(&one.nombre, nombre));
            return match (own.next(), own.next()) {
                (Some(one), None) => Ok(one.id),
                (Some(_), Some(_)) => Err(corrida.error("mascota", "ese tutor tiene varias mascotas con ese nombre: indique la clave")),
                (None, _) => Err(corrida.error("mascota", "ese tutor no tiene una mascota viva con ese nombre")),
            };
        }
        Err(corrida.error(paciente.campo, "no hay una mascota así en la cadena: importe primero las mascotas"))
    }
}

/// A row that tells something of a pet and breaks no rule.
pub struct Candidato<T> {
    fila: i32,
    paciente: Paciente,
    clave: Vec<u8>,
    dicho: T,
}

impl<T> Candidato<T> {
    /// `clase`: of what the keys are.
    pub fn leer(lectura: &Lectura, fila: &Fila, clase: &str, dicho: Result<T, Vec<ErrorDeFila>>) -> Result<Self, Vec<ErrorDeFila>> {
        match (dicho, Paciente::leer(lectura, fila)) {
            (Ok(dicho), Ok(paciente)) => Ok(Self { fila: fila.numero, paciente, clave: lectura.clave_de_fila(clase, fila), dicho }),
            (dicho, paciente) => Err(dicho.err().into_iter().chain(paciente.err()).flatten().collect()),
        }
    }
}

/// Finds which rows are new: those get an id. `entidad`: what they become.
pub async fn repartir<T>(
    corrida: &mut Corrida,
    tx: &mut Tx,
    leidas: Vec<Leida<Candidato<T>>>,
    entidad: &'static str,
) -> Result<(Salida, Vec<(Uuid, MascotaId, T)>), Problem> {
    let mut salida = Salida::default();
    let candidatos = salida.apartar(leidas);
    let claves: Vec<Vec<u8>> = candidatos.iter().map(|one| one.clave.clone()).collect();
    let sabidas = store::claves(tx, entidad, &claves).await?;
    let pacientes = Pacientes::load(tx, candidatos.iter().map(|one| &one.paciente)).await?;
    let mut nuevos = Vec::new();
    for one in candidatos {
        if sabidas.contains_key(&one.clave) || corrida.vista(&one.clave) {
            salida.omitida(None);
            continue;
        }
        match pacientes.find(corrida, &one.paciente) {
            Err(error) => salida.mala(one.fila, vec![error]),
            Ok(mascota) => {
                let id = Uuid::now_v7();
                corrida.recordar(&one.clave, id);
                salida.nueva(Registro::new(one.fila, entidad, id, "creado", Some(one.clave)));
                nuevos.push((id, mascota, one.dicho));
            }
        }
    }
    Ok((salida, nuevos))
}
