//! Owners and pets of another system, row by row of a file: checked by the rules of one that is typed in, compared with
//! who is there already, and written by the batch.
use crate::{
    model::{
        self, DatosTutor, Documento, FichaMascota, FichaTutor, Identificador, MascotaNueva, NuevoPeso, Referencias, phone_tail, same_name,
    },
    store::{
        self,
        historial::Hecho,
        importar::{self, Mascota, Pesada, Tutor},
        palabras::{self, Entradas, Solos},
        traer::{self, MascotaConocida, TutorConocido},
    },
};
use jiff::{Timestamp, civil::Date};
use kernel::{
    Change, Event, FieldError, Indexer, Problem, Tx,
    ids::{EspecieId, MascotaId, PesoId, RazaId, TutorId},
    schema,
    text::DocumentoTipo,
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// What is said of an owner, as the API takes it; every fault with its pointer.
pub fn revisar_tutor(datos: Value) -> Result<FichaTutor, Vec<FieldError>> {
    let mut errors = schema::violations::<DatosTutor>(&datos);
    let ficha = serde_json::from_value::<DatosTutor>(datos).ok().map(|datos| datos.check("", &mut errors));
    // What the schema says twice (a document's number) is said once.
    errors.dedup();
    match ficha {
        Some(ficha) if errors.is_empty() => Ok(ficha),
        _ => Err(errors),
    }
}

/// By what an owner is found again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indices {
    pub documento: Option<Vec<u8>>,
    pub telefono: Option<Vec<u8>>,
    pub correo: Option<Vec<u8>>,
}

pub fn indices(de: &Indexer, ficha: &FichaTutor) -> Indices {
    Indices {
        documento: ficha.documento.as_ref().map(|documento| store::tutores::document_index(de, documento)),
        telefono: ficha.telefono.as_deref().map(|phone| de.blind_index("telefono", phone)),
        correo: ficha.correo.as_deref().map(|mail| de.blind_index("correo", mail)),
    }
}

/// The same of values that only point to an owner; what is no document, phone or address finds nobody.
pub fn indices_de(de: &Indexer, documento: Option<(DocumentoTipo, &str)>, telefono: Option<&str>, correo: Option<&str>) -> Indices {
    let documento = documento.and_then(|(tipo, numero)| Some(Documento { tipo, numero: tipo.normalise(numero).ok()? }));
    Indices {
        documento: documento.map(|documento| store::tutores::document_index(de, &documento)),
        telefono: telefono.and_then(kernel::text::phone).map(|phone| de.blind_index("telefono", &phone)),
        correo: correo.map(|mail| de.blind_index("correo", &kernel::text::email(mail))),
    }
}

/// Owners who have one of these ids, documents, phones or addresses; of a merged one, the record that goes on.
pub async fn tutores_conocidos(tx: &mut Tx, ids: &[TutorId], all: &[Indices]) -> Result<Vec<TutorConocido>, Problem> {
    let column = |of: fn(&Indices) -> Option<&Vec<u8>>| all.iter().filter_map(of).cloned().collect::<Vec<_>>();
    traer::owners(tx, ids, &column(|one| one.documento.as_ref()), &column(|one| one.telefono.as_ref()), &column(|one| one.correo.as_ref()))
        .await
}

pub fn mismo_nombre(one: &str, other: &str) -> bool {
    same_name(one, other)
}

/// Registers owners, each with a key of their own. The audit is the caller's: one line for all.
pub async fn traer_tutores(tx: &mut Tx, all: &[(TutorId, &FichaTutor)]) -> Result<(), Problem> {
    let people: Vec<uuid::Uuid> = all.iter().map(|(id, _)| (*id).into()).collect();
    let (keys, en) = (tx.create_person_keys(&people).await?, tx.now());
    let tutores: Vec<Tutor<'_>> = all.iter().map(|(id, ficha)| Tutor { id: *id, ficha, en }).collect();
    importar::owners(tx, &keys, &tutores).await?;
    let mut solos = Solos::default();
    for (id, ficha) in all {
        solos.add(*id, ficha.names());
    }
    palabras::insert_tutores(tx, &solos).await
}

/// Fills in what a known owner lacks and the file has. Answers which fields, and the version after; nothing, if there is
/// nothing to fill in or the person was forgotten.
pub async fn completar_tutor(tx: &mut Tx, id: TutorId, nuevo: &FichaTutor) -> Result<Option<(Vec<&'static str>, i32)>, Problem> {
    let Some(version) = store::tutores::lock(tx, id).await? else { return Ok(None) };
    let Some(tutor) = store::tutores::find(tx, id).await? else { return Ok(None) };
    let Some(key) = tx.person_key(id).await? else { return Ok(None) };
    let antes = FichaTutor::from(tutor);
    let (despues, campos) = antes.completada(nuevo);
    if campos.is_empty() {
        return Ok(None);
    }
    store::tutores::update(tx, id, &key, &despues).await?;
    let change = Change::new("completar", "tutor", id);
    tx.audit(change.antes(store::tutores::audited(&key, &antes)).despues(store::tutores::audited(&key, &despues)));
    tx.publish(Event::new("tutor.cambiado", json!({ "tutor_id": id })));
    Ok(Some((campos, version + 1)))
}

/// Empties again what an import had filled in.
pub async fn vaciar_tutor(tx: &mut Tx, id: TutorId, campos: &[String]) -> Result<(), Problem> {
    traer::empty(tx, id, campos).await?;
    tx.audit(Change::new("vaciar", "tutor", id).despues(json!({ "campos": campos })));
    tx.publish(Event::new("tutor.cambiado", json!({ "tutor_id": id })));
    Ok(())
}

/// A species that new pets may have, with its breeds.
#[derive(Debug, Clone)]
pub struct EspecieConocida {
    pub id: EspecieId,
    pub clave: String,
    pub nombre: String,
    pub razas: Vec<(RazaId, String)>,
}

/// What of the chain's catalogue is in use.
pub async fn especies_conocidas(tx: &mut Tx) -> Result<Vec<EspecieConocida>, Problem> {
    let mut all = Vec::new();
    for especie in store::especies::all(tx).await?.into_iter().filter(|especie| especie.activa) {
        let razas = store::especies::breeds(tx, especie.id, None, i64::MAX).await?;
        let razas = razas.into_iter().filter(|raza| raza.activa).map(|raza| (raza.id, raza.nombre)).collect();
        all.push(EspecieConocida { id: especie.id, clave: especie.clave, nombre: especie.nombre, razas });
    }
    Ok(all)
}

/// A pet of a file, checked.
#[derive(Debug, Clone)]
pub struct MascotaRevisada {
    ficha: FichaMascota,
    identificadores: Vec<Identificador>,
    gramos: Option<i32>,
}

impl MascotaRevisada {
    pub fn nombre(&self) -> &str {
        &self.ficha.nombre
    }
    pub fn especie(&self) -> EspecieId {
        self.ficha.especie_id
    }
    pub fn pesa(&self) -> bool {
        self.gramos.is_some()
    }
    /// Of each, as it is compared.
    pub fn microchips(&self) -> impl Iterator<Item = String> + '_ {
        self.identificadores.iter().filter(|one| one.tipo == model::IdentificadorTipo::Microchip).map(Identificador::normal)
    }
}

/// What is said of a pet, as the API takes it; `especies` are those in use.
pub fn revisar_mascota(datos: Value, especies: &[EspecieConocida], hoy: Date) -> Result<MascotaRevisada, Vec<FieldError>> {
    let mut errors = schema::violations::<MascotaNueva>(&datos);
    let Ok(nueva) = serde_json::from_value::<MascotaNueva>(datos) else {
        return Err(if errors.is_empty() { vec![FieldError::new("", "no es válido")] } else { errors });
    };
    let especie = especies.iter().find(|one| Some(one.id) == nueva.especie_id || Some(&one.clave) == nueva.especie.as_ref());
    let de_raza = especies.iter().find(|one| one.razas.iter().any(|(raza, _)| Some(*raza) == nueva.raza_id));
    let referencias = Referencias {
        especie: especie.map(|one| one.id),
        especie_de_raza: de_raza.map(|one| one.id),
        hay_tutor: true,
        ..Referencias::default()
    };
    let (datos, identificadores, peso) = nueva.split();
    let ficha = datos.check("", referencias, hoy, &mut errors);
    model::check_identifiers(&identificadores, "/identificadores", &mut errors);
    if errors.is_empty() { Ok(MascotaRevisada { ficha, identificadores, gramos: peso.map(model::grams) }) } else { Err(errors) }
}

/// A weight, as the API takes it.
pub fn revisar_peso(kg: f64, en: Timestamp, now: Timestamp) -> Result<i32, Vec<FieldError>> {
    let mut errors = schema::violations::<NuevoPeso>(&json!({ "kg": kg }));
    errors.extend(NuevoPeso { kg, pesado_en: Some(en), sede_id: None, condicion: None, confirmar: true }.check(now));
    if errors.is_empty() { Ok(model::grams(kg)) } else { Err(errors) }
}

/// Living pets of these owners, as they are now.
pub async fn mascotas_conocidas(tx: &mut Tx, tutores: &[TutorId]) -> Result<Vec<MascotaConocida>, Problem> {
    traer::pets(tx, tutores).await
}

/// Who has these microchips, each as it is compared.
pub async fn mascotas_con_microchip(tx: &mut Tx, microchips: &[String]) -> Result<HashMap<String, MascotaId>, Problem> {
    traer::chipped(tx, microchips).await
}

/// Of these pets, each as it goes on: itself, or what it was merged into.
pub async fn mascotas_vigentes(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<HashMap<MascotaId, MascotaId>, Problem> {
    traer::going_on(tx, mascotas).await
}

/// Registers pets of known owners. Answers the weights that came with them. The audit is the caller's.
pub async fn traer_mascotas(tx: &mut Tx, all: &[(MascotaId, TutorId, &str, &MascotaRevisada)]) -> Result<Vec<Pesada>, Problem> {
    let (en, desde) = (tx.now(), model::hoy(tx.now()));
    let (mut entradas, mut mascotas) = (Entradas::default(), Vec::with_capacity(all.len()));
    let (mut identificadores, mut pesos) = (Vec::new(), Vec::new());
    for (id, tutor, nombre, revisada) in all {
        let hecho = serde_json::to_value(Hecho::Registro { tutor_id: *tutor, tutor: None }).map_err(Problem::internal)?;
        entradas.add(*id, &revisada.ficha.nombre, [*nombre]);
        mascotas.push(Mascota { id: *id, tutor: *tutor, ficha: &revisada.ficha, en, desde, hecho });
        identificadores.extend(revisada.identificadores.iter().map(|one| (*id, one)));
        pesos.extend(revisada.gramos.map(|gramos| Pesada { id: PesoId::new(), mascota: *id, en, gramos }));
    }
    importar::pets(tx, &mascotas, entradas).await?;
    importar::identifiers(tx, &identificadores).await?;
    importar::weights(tx, &pesos).await?;
    Ok(pesos)
}

/// Notes weights that were taken elsewhere.
pub async fn pesar(tx: &mut Tx, pesos: &[Pesada]) -> Result<(), Problem> {
    importar::weights(tx, pesos).await
}

impl FichaTutor {
    /// The same with what it lacks taken from another, and which fields that were.
    fn completada(&self, nuevo: &Self) -> (Self, Vec<&'static str>) {
        let (mut ficha, mut campos) = (self.clone(), Vec::new());
        let mut fill = |campo: &'static str, own: &mut Option<String>, new: &Option<String>| {
            if own.is_none() && new.is_some() {
                own.clone_from(new);
                campos.push(campo);
            }
        };
        fill("telefono", &mut ficha.telefono, &nuevo.telefono);
        fill("correo", &mut ficha.correo, &nuevo.correo);
        fill("direccion", &mut ficha.direccion, &nuevo.direccion);
        fill("ubigeo", &mut ficha.ubigeo, &nuevo.ubigeo);
        fill("notas", &mut ficha.notas, &nuevo.notas);
        if ficha.documento.is_none() && nuevo.documento.is_some() {
            ficha.documento.clone_from(&nuevo.documento);
            campos.push("documento");
        }
        (ficha, campos)
    }
}

/// Which of the fields that an import may fill in a known owner lacks.
pub fn le_falta(conocido: &TutorConocido, nuevo: &FichaTutor) -> bool {
    let lacks = |campo: &str, new: bool| new && conocido.vacios.iter().any(|vacio| vacio == campo);
    lacks("telefono", nuevo.telefono.as_deref().and_then(phone_tail).is_some())
        || lacks("correo", nuevo.correo.is_some())
        || lacks("direccion", nuevo.direccion.is_some())
        || lacks("ubigeo", nuevo.ubigeo.is_some())
        || lacks("notas", nuevo.notas.is_some())
        || lacks("documento", nuevo.documento.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_filled_in() {
        let ficha = |telefono: Option<&str>, correo: Option<&str>| {
            let datos = json!({ "nombres": "Ana", "apellidos": "Poma", "telefono": telefono, "correo": correo });
            revisar_tutor(datos).expect("fits")
        };
        let (antes, nuevo) = (ficha(Some("987654321"), None), ficha(Some("911111111"), Some("ana@ejemplo.pe")));
        let (despues, campos) = antes.completada(&nuevo);
        assert_eq!((despues.telefono.as_deref(), despues.correo.as_deref()), (Some("+51987654321"), Some("ana@ejemplo.pe")));
        assert_eq!(campos, ["correo"]);
    }

    #[test]
    fn a_fault_of_an_owner_is_said_once_and_as_the_api_says_it() {
        let datos = json!({ "nombres": "Ana", "documento": { "tipo": "dni", "numero": "123" }, "telefono": "12" });
        let errors = revisar_tutor(datos).expect_err("three faults");
        let mut pointers: Vec<&str> = errors.iter().map(|error| &*error.pointer).collect();
        pointers.sort_unstable();
        pointers.dedup();
        assert_eq!(pointers, ["/apellidos", "/documento/numero", "/telefono"]);
    }
}
