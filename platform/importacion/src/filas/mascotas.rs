//! Pets, each of an owner who is there already.
use super::{Corrida, Fila, Lectura, Leida, Registro, Salida};
use crate::{
    model::{ErrorDeFila, FilaConErrores},
    store, valores,
};
use kernel::{
    Problem, Tx,
    ids::{EspecieId, MascotaId, TutorId},
    text,
};
use pacientes::{Indices, MascotaConocida, MascotaRevisada, TutorConocido};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// A row that breaks no rule.
pub struct Candidato {
    fila: i32,
    mascota: MascotaRevisada,
    clave: Vec<u8>,
    tutor: Referencia,
}

/// What a row says of an owner.
pub struct Referencia {
    pub clave: Option<Vec<u8>>,
    pub indices: Indices,
    /// Its first field that says something.
    campo: &'static str,
}

pub const CAMPOS_TUTOR: [&str; 4] = ["tutor_clave", "tutor_documento", "tutor_telefono", "tutor_correo"];

impl Candidato {
    pub fn leer(lectura: &Lectura, fila: &Fila) -> Result<Self, Vec<ErrorDeFila>> {
        match (leer(lectura, fila), referencia(lectura, fila)) {
            (Ok(mascota), Ok(tutor)) => Ok(Self { fila: fila.numero, mascota, clave: lectura.clave_de_fila("mascota", fila), tutor }),
            (mascota, tutor) => Err(mascota.err().into_iter().chain(tutor.err()).flatten().collect()),
        }
    }
}

pub async fn lote(corrida: &mut Corrida, tx: &mut Tx, leidas: Vec<Leida<Candidato>>) -> Result<Salida, Problem> {
    let mut salida = Salida::default();
    let candidatos = salida.apartar(leidas);
    let sabido = Sabido::load(tx, &candidatos).await?;
    let mut nuevas = Vec::new();
    for candidato in candidatos {
        match decidir(corrida, &candidato, &sabido) {
            Decision::Nueva(id, tutor) => {
                salida.nueva(Registro::new(candidato.fila, "mascota", id, "creado", Some(candidato.clave.clone())));
                nuevas.push((id, tutor, candidato));
            }
            Decision::Conocida(id) => {
                salida.omitida(Some(Registro::new(candidato.fila, "mascota", id, "conocido", Some(candidato.clave))));
            }
            Decision::Repetida => salida.omitida(None),
            Decision::Mala(error) => salida.mala(candidato.fila, vec![error]),
        }
    }
    if !corrida.probar {
        escribir(tx, &mut salida, &nuevas).await?;
    }
    salida.errores.sort_by_key(|FilaConErrores { fila, .. }| *fila);
    Ok(salida)
}

async fn escribir(tx: &mut Tx, salida: &mut Salida, nuevas: &[(MascotaId, &TutorConocido, Candidato)]) -> Result<(), Problem> {
    let rows: Vec<_> = nuevas.iter().map(|(id, tutor, one)| (*id, tutor.id, tutor.nombre.as_str(), &one.mascota)).collect();
    let pesos = pacientes::traer_mascotas(tx, &rows).await?;
    let fila: HashMap<MascotaId, i32> = nuevas.iter().map(|(id, _, one)| (*id, one.fila)).collect();
    salida.registros.extend(pesos.iter().map(|peso| Registro::new(fila[&peso.mascota], "peso", peso.id, "creado", None)));
    Ok(())
}

/// A row as the API would get it from a person.
fn leer(lectura: &Lectura, fila: &Fila) -> Result<MascotaRevisada, Vec<ErrorDeFila>> {
    let lector = &lectura.lector;
    let get = |campo: &str| lector.get(fila, campo);
    let mut errores = Vec::new();
    let mut datos = json!({ "sexo": "desconocido" });
    let mut put = |campo: &'static str, key: &str, value: Option<Value>, detail: &str| match value {
        Some(value) => datos[key] = value,
        None => errores.push(lector.error(campo, detail)),
    };
    if let Some(nombre) = get("nombre") {
        put("nombre", "nombre", Some(json!(nombre)), "");
    }
    if let Some(sexo) = get("sexo") {
        put("sexo", "sexo", valores::sexo(sexo).map(Value::from), "debe ser macho, hembra o desconocido");
    }
    if let Some(si) = get("esterilizado") {
        put("esterilizado", "esterilizado", valores::si_no(si).map(Value::from), "debe ser sí o no");
    }
    if let Some(dia) = get("nacimiento") {
        let fecha = valores::fecha(dia, lectura.importacion.opciones.fechas);
        put("nacimiento", "nacimiento", fecha.map(|fecha| json!(fecha)), "no es una fecha, como 31/12/2020");
    } else if let Some(edad) = get("edad") {
        put("edad", "edad_meses", valores::edad(edad).map(Value::from), "no es una edad, como 3 años u 8 meses");
    }
    if let Some(kg) = get("peso_kg") {
        put("peso_kg", "peso_kg", valores::numero(kg).map(Value::from), "no es un número de kilos");
    }
    if let Some(chip) = get("microchip") {
        put("microchip", "identificadores", Some(json!([{ "tipo": "microchip", "valor": chip }])), "");
    }
    for campo in ["color", "notas"] {
        if let Some(text) = get(campo) {
            put(campo, campo, Some(json!(text)), "");
        }
    }
    especie_y_raza(lectura, fila, &mut datos, &mut errores);
    match pacientes::revisar_mascota(datos, &lectura.especies, lectura.hoy()) {
        Ok(mascota) if errores.is_empty() => Ok(mascota),
        Ok(_) => Err(errores),
        Err(errors) => {
            let more = lector.errores(errors, campo);
            // A value that could not even be read is told once.
            let told = |one: &ErrorDeFila| errores.iter().any(|known| known.campo == one.campo);
            let more: Vec<ErrorDeFila> = more.into_iter().filter(|one| !told(one)).collect();
            errores.extend(more);
            Err(errores)
        }
    }
}

fn campo(pointer: &str) -> &'static str {
    match pointer {
        "/nombre" => "nombre",
        "/especie" | "/especie_id" => "especie",
        "/raza_id" => "raza",
        "/sexo" => "sexo",
        "/nacimiento" => "nacimiento",
        "/edad_meses" => "edad",
        "/color" => "color",
        "/notas" => "notas",
        "/peso_kg" => "peso_kg",
        pointer if pointer.starts_with("/identificadores") => "microchip",
        _ => "",
    }
}

fn especie_y_raza(lectura: &Lectura, fila: &Fila, datos: &mut Value, errores: &mut Vec<ErrorDeFila>) {
    let lector = &lectura.lector;
    let Some(said) = lector.get(fila, "especie") else {
        errores.push(lector.error("especie", "es obligatoria"));
        return;
    };
    let (clave, plain) = (valores::especie(said), text::words(said));
    let known = lectura.especies.iter().find(|one| one.clave == clave || text::words(&one.nombre) == plain);
    let Some(especie) = known else {
        errores.push(lector.error("especie", "no es una especie de esta cadena"));
        return;
    };
    datos["especie"] = json!(especie.clave);
    let Some(raza) = lector.get(fila, "raza") else { return };
    let plain = text::words(raza).join(" ");
    let same = |nombre: &str| {
        let nombre = text::words(nombre).join(" ");
        nombre == plain || valores::mestizo(&plain) && valores::mestizo(&nombre)
    };
    match especie.razas.iter().find(|(_, nombre)| same(nombre)) {
        Some((id, _)) => datos["raza_id"] = json!(id),
        // Of no breed, in a catalogue that has no word for it.
        None if valores::mestizo(&plain) => {}
        None => errores.push(lector.error("raza", "no es una raza de esa especie en esta cadena; indique en el mapeo con qué raza se lee")),
    }
}

/// Whom a row names as the owner.
pub fn referencia(lectura: &Lectura, fila: &Fila) -> Result<Referencia, Vec<ErrorDeFila>> {
    let lector = &lectura.lector;
    let get = |campo: &str| lector.get(fila, campo);
    let documento = get("tutor_documento").and_then(|numero| Some((valores::documento(None, numero).ok()?, numero)));
    let Some(campo) = CAMPOS_TUTOR.into_iter().find(|campo| get(campo).is_some()) else {
        let first = CAMPOS_TUTOR.into_iter().find(|campo| lector.has(campo)).unwrap_or("tutor_documento");
        return Err(vec![lector.error(first, "falta decir quién es el tutor")]);
    };
    Ok(Referencia {
        clave: get("tutor_clave").map(|valor| lectura.clave_de("tutor", valor)),
        indices: pacientes::indices_de(&lectura.indexer, documento, get("tutor_telefono"), get("tutor_correo")),
        campo,
    })
}

/// What is known of all that a portion names.
struct Sabido {
    claves: HashMap<Vec<u8>, Uuid>,
    claves_tutores: HashMap<Vec<u8>, Uuid>,
    tutores: Vec<TutorConocido>,
    mascotas: HashMap<TutorId, Vec<MascotaConocida>>,
    microchips: HashMap<String, MascotaId>,
}

impl Sabido {
    async fn load(tx: &mut Tx, candidatos: &[Candidato]) -> Result<Self, Problem> {
        let own: Vec<Vec<u8>> = candidatos.iter().map(|one| one.clave.clone()).collect();
        let theirs: Vec<Vec<u8>> = candidatos.iter().filter_map(|one| one.tutor.clave.clone()).collect();
        let claves = store::claves(tx, "mascota", &own).await?;
        let claves_tutores = store::claves(tx, "tutor", &theirs).await?;
        let ids: Vec<TutorId> = claves_tutores.values().copied().map(TutorId).collect();
        let indices: Vec<Indices> = candidatos.iter().map(|one| one.tutor.indices.clone()).collect();
        let tutores = pacientes::tutores_conocidos(tx, &ids, &indices).await?;
        let owners: Vec<TutorId> = tutores.iter().map(|one| one.id).collect();
        let mut mascotas: HashMap<TutorId, Vec<MascotaConocida>> = HashMap::new();
        for mascota in pacientes::mascotas_conocidas(tx, &owners).await? {
            mascotas.entry(mascota.tutor).or_default().push(mascota);
        }
        let chips: Vec<String> = candidatos.iter().flat_map(|one| one.mascota.microchips()).collect();
        let microchips = pacientes::mascotas_con_microchip(tx, &chips).await?;
        Ok(Self { claves, claves_tutores, tutores, mascotas, microchips })
    }
}

/// The owner whom a row names, of those who are known.
pub fn tutor<'a>(
    claves: &HashMap<Vec<u8>, Uuid>,
    tutores: &'a [TutorConocido],
    corrida: &Corrida,
    referencia: &Referencia,
) -> Result<&'a TutorConocido, ErrorDeFila> {
    let wrong = |detail: &str| corrida.error(referencia.campo, detail);
    let by_key = referencia.clave.as_ref().and_then(|clave| claves.get(clave));
    if let Some(found) = by_key.and_then(|id| tutores.iter().find(|one| one.de.0 == *id)) {
        return Ok(found);
    }
    let Indices { documento, telefono, correo } = &referencia.indices;
    for (which, wanted) in [documento, telefono, correo].into_iter().enumerate().filter(|(_, wanted)| wanted.is_some()) {
        let mut found = tutores.iter().filter(|one| [&one.documento, &one.telefono, &one.correo][which] == wanted);
        if let Some(first) = found.next() {
            let alone = found.all(|other| other.id == first.id);
            return if alone { Ok(first) } else { Err(wrong("hay varios tutores así: indique el documento o la clave")) };
        }
    }
    Err(wrong("no hay un tutor así en la cadena: importe primero los tutores"))
}

enum Decision<'a> {
    Nueva(MascotaId, &'a TutorConocido),
    /// Known, and the file's key for it was not.
    Conocida(MascotaId),
    Repetida,
    Mala(ErrorDeFila),
}

/// The same pet: one name and kind of one owner.
fn misma(tutor: TutorId, nombre: &str, especie: EspecieId) -> Vec<u8> {
    let mut words = text::words(nombre);
    words.sort_unstable();
    [tutor.0.as_bytes().as_slice(), especie.0.as_bytes(), words.join(" ").as_bytes()].concat()
}

fn decidir<'a>(corrida: &mut Corrida, candidato: &Candidato, sabido: &'a Sabido) -> Decision<'a> {
    if sabido.claves.contains_key(&candidato.clave) || corrida.memoria.contains_key(&candidato.clave) {
        return Decision::Repetida;
    }
    let tutor = match tutor(&sabido.claves_tutores, &sabido.tutores, corrida, &candidato.tutor) {
        Ok(tutor) if tutor.anonimo => return Decision::Mala(corrida.error(candidato.tutor.campo, "ese tutor se anonimizó")),
        Ok(tutor) => tutor,
        Err(error) => return Decision::Mala(error),
    };
    let mascota = &candidato.mascota;
    let own = misma(tutor.id, mascota.nombre(), mascota.especie());
    let there = sabido.mascotas.get(&tutor.id).into_iter().flatten();
    let known = there.clone().find(|one| misma(one.tutor, &one.nombre, one.especie) == own).map(|one| one.id);
    for chip in mascota.microchips() {
        let key = [b"microchip".as_slice(), chip.as_bytes()].concat();
        let holder = sabido.microchips.get(&chip).copied().or_else(|| corrida.memoria.get(&key).copied().map(MascotaId));
        match holder {
            Some(holder) if known != Some(holder) => {
                return Decision::Mala(corrida.error("microchip", "ya es de otra mascota"));
            }
            Some(_) => {}
            None => drop(corrida.memoria.insert(key, Uuid::nil())),
        }
    }
    let known = known.or_else(|| corrida.memoria.get(&own).copied().map(MascotaId));
    let id = known.unwrap_or_else(MascotaId::new);
    corrida.memoria.insert(candidato.clave.clone(), id.0);
    corrida.memoria.insert(own, id.0);
    if known.is_some() { Decision::Conocida(id) } else { Decision::Nueva(id, tutor) }
}
