//! Owners.
use super::{Corrida, Fila, Lectura, Leida, Registro, Salida};
use crate::{
    model::{ErrorDeFila, Existentes},
    store, valores,
};
use kernel::{Problem, Tx, ids::TutorId, text};
use pacientes::{FichaTutor, Indices, TutorConocido};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// A row that breaks no rule.
pub struct Candidato {
    fila: i32,
    ficha: FichaTutor,
    clave: Vec<u8>,
    indices: Indices,
}

impl Candidato {
    pub fn leer(lectura: &Lectura, fila: &Fila) -> Result<Self, Vec<ErrorDeFila>> {
        let ficha = leer(lectura, fila)?;
        let (clave, indices) = (lectura.clave_de_fila("tutor", fila), pacientes::indices(&lectura.indexer, &ficha));
        Ok(Self { fila: fila.numero, ficha, clave, indices })
    }
}

pub async fn lote(corrida: &mut Corrida, tx: &mut Tx, leidas: Vec<Leida<Candidato>>) -> Result<Salida, Problem> {
    let mut salida = Salida::default();
    let candidatos = salida.apartar(leidas);
    let claves: Vec<Vec<u8>> = candidatos.iter().map(|one| one.clave.clone()).collect();
    let por_clave = store::claves(tx, "tutor", &claves).await?;
    let ids: Vec<TutorId> = por_clave.values().copied().map(TutorId).collect();
    let indices: Vec<Indices> = candidatos.iter().map(|one| one.indices.clone()).collect();
    let conocidos = pacientes::tutores_conocidos(tx, &ids, &indices).await?;
    let mut nuevos = Vec::new();
    for candidato in candidatos {
        match decidir(corrida, &candidato, &por_clave, &conocidos) {
            Decision::Nuevo(id) => {
                salida.nueva(Registro::new(candidato.fila, "tutor", id, "creado", Some(candidato.clave.clone())));
                nuevos.push((id, candidato));
            }
            Decision::Mala(errores) => salida.mala(candidato.fila, errores),
            Decision::Conocido { id, clave_nueva, quien } => {
                let clave = clave_nueva.then(|| candidato.clave.clone());
                conocido(corrida, tx, &mut salida, &candidato, (id, clave, quien)).await?;
            }
        }
    }
    if !corrida.probar {
        let fichas: Vec<(TutorId, &FichaTutor)> = nuevos.iter().map(|(id, candidato)| (*id, &candidato.ficha)).collect();
        pacientes::traer_tutores(tx, &fichas).await?;
    }
    Ok(salida)
}

/// A row as the API would get it from a person.
fn leer(lectura: &Lectura, fila: &Fila) -> Result<FichaTutor, Vec<ErrorDeFila>> {
    let lector = &lectura.lector;
    let get = |campo: &str| lector.get(fila, campo);
    let mut errores = Vec::new();
    let (mut nombres, mut apellidos) = (get("nombres").map(str::to_owned), get("apellidos").map(str::to_owned));
    let documento = get("documento").and_then(|numero| match valores::documento(get("documento_tipo"), numero) {
        Ok(tipo) => Some(json!({ "tipo": tipo, "numero": numero })),
        Err(detail) => {
            errores.push(lector.error(if get("documento_tipo").is_some() { "documento_tipo" } else { "documento" }, detail));
            None
        }
    });
    let empresa = documento
        .as_ref()
        .is_some_and(|documento| documento["tipo"] == "ruc" && !documento["numero"].as_str().unwrap_or_default().starts_with("10"));
    if let (None, Some(full)) = (&nombres, get("nombre_completo")) {
        (nombres, apellidos) = match valores::nombres_apellidos(full) {
            _ if empresa => (Some(full.to_owned()), None),
            (nombres, split) => (Some(nombres), apellidos.or(split)),
        };
    }
    let mut datos = json!({
        "apellidos": apellidos, "documento": documento, "telefono": get("telefono"), "correo": get("correo"),
        "direccion": get("direccion"), "ubigeo": get("ubigeo"), "notas": get("notas"),
    });
    if let Some(nombres) = nombres {
        datos["nombres"] = json!(nombres);
    }
    let split = lector.has("nombre_completo") && !lector.has("nombres");
    match pacientes::revisar_tutor(datos) {
        Ok(ficha) if errores.is_empty() => Ok(ficha),
        Ok(_) => Err(errores),
        Err(errors) => {
            errores.extend(lector.errores(errors, |pointer| campo(pointer, split)));
            Err(errores)
        }
    }
}

fn campo(pointer: &str, split: bool) -> &'static str {
    match pointer {
        "/nombres" | "/apellidos" if split => "nombre_completo",
        "/nombres" => "nombres",
        "/apellidos" => "apellidos",
        "/documento/tipo" => "documento_tipo",
        "/documento" | "/documento/numero" => "documento",
        "/telefono" => "telefono",
        "/correo" => "correo",
        "/direccion" => "direccion",
        "/ubigeo" => "ubigeo",
        "/notas" => "notas",
        _ => "",
    }
}

enum Decision<'a> {
    Nuevo(TutorId),
    Conocido { id: TutorId, clave_nueva: bool, quien: Option<&'a TutorConocido> },
    Mala(Vec<ErrorDeFila>),
}

/// Whether this is somebody new. The file's key says it, else the document, else a phone or address together with the name.
fn decidir<'a>(
    corrida: &mut Corrida,
    candidato: &Candidato,
    por_clave: &HashMap<Vec<u8>, Uuid>,
    conocidos: &'a [TutorConocido],
) -> Decision<'a> {
    let (indices, nombre) = (&candidato.indices, candidato.ficha.nombre());
    if let Some(id) = por_clave.get(&candidato.clave) {
        let quien = conocidos.iter().find(|one| one.de.0 == *id);
        return Decision::Conocido { id: quien.map_or(TutorId(*id), |one| one.id), clave_nueva: false, quien };
    }
    if let Some(id) = corrida.memoria.get(&candidato.clave) {
        return Decision::Conocido { id: TutorId(*id), clave_nueva: false, quien: None };
    }
    let propias: Vec<Vec<u8>> = personas(indices, &nombre).collect();
    let clave_nueva = |corrida: &mut Corrida, id: TutorId| {
        let keys = propias.iter().chain(&indices.documento).chain([&candidato.clave]);
        for key in keys {
            corrida.memoria.entry(key.clone()).or_insert(id.0);
        }
    };
    let por_documento = conocidos.iter().find(|one| indices.documento.is_some() && one.documento == indices.documento);
    if let Some(quien) = por_documento {
        if quien.anonimo || !comparten(&quien.nombre, &nombre) {
            return Decision::Mala(vec![corrida.error("documento", "ya es de otra persona de la cadena")]);
        }
        clave_nueva(corrida, quien.id);
        return Decision::Conocido { id: quien.id, clave_nueva: true, quien: Some(quien) };
    }
    let contacto = |one: &&TutorConocido| {
        let alike =
            indices.telefono.is_some() && one.telefono == indices.telefono || indices.correo.is_some() && one.correo == indices.correo;
        alike && (one.documento.is_none() || indices.documento.is_none()) && pacientes::mismo_nombre(&one.nombre, &nombre)
    };
    if let Some(quien) = conocidos.iter().find(contacto) {
        clave_nueva(corrida, quien.id);
        return Decision::Conocido { id: quien.id, clave_nueva: true, quien: Some(quien) };
    }
    let by_document = indices.documento.as_ref().and_then(|key| corrida.memoria.get(key));
    if by_document.and_then(|id| corrida.nombres.get(id)).is_some_and(|known| !comparten(known, &nombre)) {
        return Decision::Mala(vec![corrida.error("documento", "ya es de otra persona del archivo")]);
    }
    let by_contact = propias.iter().filter(|_| indices.documento.is_none()).find_map(|key| corrida.memoria.get(key));
    if let Some(id) = by_document.or(by_contact).copied().map(TutorId) {
        clave_nueva(corrida, id);
        return Decision::Conocido { id, clave_nueva: true, quien: None };
    }
    let id = TutorId::new();
    clave_nueva(corrida, id);
    if indices.documento.is_some() {
        corrida.nombres.insert(id.0, nombre);
    }
    Decision::Nuevo(id)
}

/// A phone or address together with the name.
fn personas(indices: &Indices, nombre: &str) -> impl Iterator<Item = Vec<u8>> {
    let mut words = text::words(nombre);
    words.sort_unstable();
    let name = words.join(" ").into_bytes();
    [&indices.telefono, &indices.correo]
        .into_iter()
        .flatten()
        .map(|index| [index.as_slice(), &name].concat())
        .collect::<Vec<_>>()
        .into_iter()
}

/// One word in common: a document whose number was mistyped belongs to somebody else altogether.
fn comparten(one: &str, other: &str) -> bool {
    let words = text::words(one);
    text::words(other).iter().any(|word| words.contains(word))
}

/// Somebody who is there already, whose file may fill what is missing.
async fn conocido(
    corrida: &mut Corrida,
    tx: &mut Tx,
    salida: &mut Salida,
    candidato: &Candidato,
    (id, clave, quien): (TutorId, Option<Vec<u8>>, Option<&TutorConocido>),
) -> Result<(), Problem> {
    let completes = corrida.importacion().opciones.existentes == Existentes::Completar;
    let lacks = completes && quien.is_some_and(|quien| !quien.anonimo && pacientes::le_falta(quien, &candidato.ficha));
    let once = || [b"completado".as_slice(), id.0.as_bytes()].concat();
    if lacks && corrida.memoria.insert(once(), id.0).is_none() {
        let mut registro = Registro::new(candidato.fila, "tutor", id, "completado", clave.clone());
        if corrida.probar {
            salida.actualizada(registro);
            return Ok(());
        }
        if let Some((campos, version)) = pacientes::completar_tutor(tx, id, &candidato.ficha).await? {
            registro.campos = campos.into_iter().map(str::to_owned).collect();
            registro.version = version;
            salida.actualizada(registro);
            return Ok(());
        }
    }
    salida.omitida(clave.map(|clave| Registro::new(candidato.fila, "tutor", id, "conocido", Some(clave))));
    Ok(())
}
