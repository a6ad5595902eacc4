//! Many owners and pets at once, by the same rules as one by one.
use crate::{
    model::{self, DatosTutor, FichaMascota, FichaTutor, Finalidad, Identificador, MascotaNueva, Referencias},
    store::{
        consentimientos,
        historial::Hecho,
        importar::{self as store, Mascota, Pesada, Tutor},
        palabras::{self, Entradas, Solos},
    },
};
use jiff::Timestamp;
use kernel::{
    Change, FieldError, Problem, Tx,
    ids::{EspecieId, MascotaId, PesoId, RazaId, TutorId},
};
use std::collections::HashMap;

/// An owner with pets, as another system or the demonstration hands them over.
#[derive(Debug, Clone)]
pub struct PacienteImportado {
    pub tutor: DatosTutor,
    pub mascotas: Vec<MascotaImportada>,
    /// When they became clients.
    pub registrado_en: Timestamp,
}

#[derive(Debug, Clone)]
pub struct MascotaImportada {
    pub mascota: MascotaNueva,
    /// Earlier weights, beside `peso_kg` of the registration.
    pub pesos: Vec<(Timestamp, f64)>,
}

struct Lista {
    tutor: (TutorId, FichaTutor),
    mascotas: Vec<Revisada>,
    en: Timestamp,
}

/// A pet of the batch, checked.
struct Revisada {
    id: MascotaId,
    ficha: FichaMascota,
    identificadores: Vec<Identificador>,
    pesos: Vec<(Timestamp, i32)>,
}

/// Species and breeds that a batch may name.
struct Catalogo {
    por_clave: HashMap<String, EspecieId>,
    razas: HashMap<RazaId, EspecieId>,
}

impl Catalogo {
    fn referencias(&self, mascota: &MascotaNueva) -> Referencias {
        let por_id = mascota.especie_id.filter(|id| self.por_clave.values().any(|known| known == id));
        let por_clave = mascota.especie.as_deref().and_then(|clave| self.por_clave.get(clave).copied());
        Referencias {
            especie: por_id.or(por_clave),
            especie_de_raza: mascota.raza_id.and_then(|raza| self.razas.get(&raza).copied()),
            hay_tutor: true,
            ..Referencias::default()
        }
    }
}

/// Registers a batch (a few hundred owners is a good size). All or nothing; every fault is named, as
/// `/3/tutor/telefono`. The audit gets one line for the batch.
pub async fn importar(tx: &mut Tx, lote: &[PacienteImportado]) -> Result<Vec<(TutorId, Vec<MascotaId>)>, Problem> {
    let catalogo = load(tx).await?;
    let listas = check(lote, &catalogo)?;
    let people: Vec<uuid::Uuid> = listas.iter().map(|lista| lista.tutor.0.into()).collect();
    let keys = tx.create_person_keys(&people).await?;
    let tutores: Vec<Tutor<'_>> = listas.iter().map(|lista| Tutor { id: lista.tutor.0, ficha: &lista.tutor.1, en: lista.en }).collect();
    store::owners(tx, &keys, &tutores).await?;
    let (mut entradas, mut solos) = (Entradas::default(), Solos::default());
    let mut mascotas = Vec::new();
    let (mut identificadores, mut pesos) = (Vec::new(), Vec::new());
    for lista in &listas {
        let (tutor, ficha_tutor) = &lista.tutor;
        let desde = model::hoy(lista.en);
        let hecho = serde_json::to_value(Hecho::Registro { tutor_id: *tutor, tutor: None }).map_err(Problem::internal)?;
        for Revisada { id, ficha, identificadores: propios, pesos: pesadas } in &lista.mascotas {
            entradas.add(*id, &ficha.nombre, ficha_tutor.names());
            mascotas.push(Mascota { id: *id, tutor: *tutor, ficha, en: lista.en, desde, hecho: hecho.clone() });
            identificadores.extend(propios.iter().map(|one| (*id, one)));
            pesos.extend(pesadas.iter().map(|(en, gramos)| Pesada { id: PesoId::new(), mascota: *id, en: *en, gramos: *gramos }));
        }
        if lista.mascotas.is_empty() {
            solos.add(*tutor, ficha_tutor.names());
        }
    }
    store::pets(tx, &mascotas, entradas).await?;
    palabras::insert_tutores(tx, &solos).await?;
    store::identifiers(tx, &identificadores).await?;
    store::weights(tx, &pesos).await?;
    let counted = serde_json::json!({ "tutores": listas.len(), "mascotas": mascotas.len() });
    tx.audit(Change::new("importar", "mascota", uuid::Uuid::now_v7()).despues(counted));
    let ids = |lista: Lista| (lista.tutor.0, lista.mascotas.into_iter().map(|mascota| mascota.id).collect());
    Ok(listas.into_iter().map(ids).collect())
}

/// What owners agreed to on paper when they registered, each at that time, by whatever medium; `texto_version` says to which words.
pub async fn consentir_importados(
    tx: &mut Tx,
    who: &[(TutorId, Timestamp)],
    finalidad: Finalidad,
    texto_version: &str,
) -> Result<(), Problem> {
    consentimientos::insert_many(tx, who, finalidad, texto_version).await
}

/// How many owners and how many pets the chain has.
pub async fn cuantos(tx: &mut Tx) -> Result<(i64, i64), Problem> {
    store::count(tx).await
}

async fn load(tx: &mut Tx) -> Result<Catalogo, Problem> {
    let all = crate::especies(tx).await?;
    let razas = all.iter().flat_map(|especie| especie.razas.iter().map(|(raza, _)| (*raza, especie.id))).collect();
    Ok(Catalogo { por_clave: all.into_iter().map(|especie| (especie.clave, especie.id)).collect(), razas })
}

fn check(lote: &[PacienteImportado], catalogo: &Catalogo) -> Result<Vec<Lista>, Problem> {
    let mut errors: Vec<FieldError> = Vec::new();
    let mut listas = Vec::with_capacity(lote.len());
    for (index, paciente) in lote.iter().enumerate() {
        let tutor = paciente.tutor.clone().check(&format!("/{index}/tutor"), &mut errors);
        let mut mascotas = Vec::with_capacity(paciente.mascotas.len());
        for (which, importada) in paciente.mascotas.iter().enumerate() {
            let at = format!("/{index}/mascotas/{which}");
            let (datos, identificadores, peso) = importada.mascota.clone().split();
            let ficha = datos.check(&at, catalogo.referencias(&importada.mascota), model::hoy(paciente.registrado_en), &mut errors);
            model::check_identifiers(&identificadores, &format!("{at}/identificadores"), &mut errors);
            let pesos = importada.pesos.iter().copied().chain(peso.map(|kg| (paciente.registrado_en, kg)));
            let pesos = pesos.map(|(en, kg)| (en, model::grams(kg))).collect();
            mascotas.push(Revisada { id: MascotaId::new(), ficha, identificadores, pesos });
        }
        listas.push(Lista { tutor: (TutorId::new(), tutor), mascotas, en: paciente.registrado_en });
    }
    Problem::check(errors)?;
    Ok(listas)
}
